"""The pictures of a catalogue, looked at before its listings are judged.

The listings are read once for the names of their pictures; processes look at each file once, and what was found in a
content in an earlier night comes from the caches. Then contents are tied to one another, since only the whole
catalogue shows who uses whose pictures. What was seen is a file that every judge opens (`book`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec
import pyarrow as pa

from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature
from agoranomos.engine.pictures.words import Reader
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.summary import PictureCounts
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.scan.units import plan
from agoranomos.goods.listings.catalogue import CatalogueJudge
from agoranomos.goods.listings.engines import Engine
from agoranomos.goods.pictures.away import Away
from agoranomos.goods.pictures.book import Book, Shown
from agoranomos.goods.pictures.catalogue import SeeingCatalogueJudge, owners_of
from agoranomos.goods.pictures.crew import Crew, Equipment, Task
from agoranomos.goods.pictures.detectors import picture_shared
from agoranomos.goods.pictures.eyes import FILES_AT_A_TIME, Caches
from agoranomos.goods.pictures.groups import Rings, Tie
from agoranomos.goods.pictures.hashes import Hashes, hash_in, ties_of
from agoranomos.goods.pictures.reading import DOUBT, Words, read_words, wanted
from agoranomos.kernel.errors import Conflict

FOLDER: Final = ".pictures"
COMPARED_MAX: Final = 200_000
"""Different contents that are compared with each other; 3.8 KB each are mapped from disk. Beyond them only files that
are the same to the byte are found in several stores."""
_TIED_AT_A_TIME: Final = 64
_INDEXED_AT_A_TIME: Final = 5_000
_TELL_EVERY_S: Final = 10.0


class Catalogue(msgspec.Struct, frozen=True):
    """What is looked at, and with what. `engine`: by whose processes; `absent`: pictures that brands name and that are
    not at hand; `words_seconds_max`: the time for `reader` to read words in pictures; `own_hashes`: `phash:` of brands.
    """

    sources: Sequence[Source]
    root: Path
    references: Path
    beside: str
    absent: int
    caches: Caches
    engine: Engine
    reader: Reader
    words_seconds_max: float
    own_hashes: Sequence[str] = ()

    @property
    def workers(self) -> int:
        """Processes of this machine."""
        return self.engine.workers if self.engine.session is None else os.cpu_count() or 1


class Looked(msgspec.Struct, frozen=True):
    """The judge that knows what was seen, and what there was, in figures."""

    judge: SeeingCatalogueJudge
    counts: PictureCounts


@contextmanager
def scratch(out: Path) -> Iterator[Path]:
    """The folder for what is needed until the listings are judged; removed at the end, also after a failure: caches
    keep what took time. Raises Conflict while another process uses it."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"Another scan writes into {out}; wait for it or choose another") from error
        try:
            for each in folder.iterdir():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
            yield folder
        except sqlite3.Error as error:
            raise ScanStopped(
                f"What was seen in pictures could not be kept: {error}. Calling again goes on."
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def look(catalogue: Catalogue, words: CatalogueJudge, folder: Path, tell: Callable[[str], None]) -> Looked:
    """Looks at all pictures that the listings name; `folder` is for scratch, `tell` hears how far that is."""
    begun = monotonic()
    book = Book(folder / "book.sqlite")
    equipment = Equipment(catalogue.root, catalogue.references, catalogue.beside, catalogue.caches)
    notes: list[str] = []
    with _crew(catalogue, equipment, folder) as crew:
        decoded = _look_at_all(catalogue, book, crew, tell)
        rings, compared, left = _tied(catalogue, book, crew, folder, tell)
    book.tie(rings)
    _tie_hashes(book, catalogue.own_hashes)
    words_read = _read(catalogue, book, words, notes)
    digest = book.done()
    named, contents = book.totals()
    skips = book.skips()
    book.close()
    if catalogue.absent:
        notes.append(f"{catalogue.absent:,} reference pictures that brands name are not at hand")
    if left:
        notes.append(
            f"{left:,} of {compared + left:,} different pictures were compared with the others by their bytes alone"
        )
    counts = PictureCounts(
        named=named,
        looked_at=named - skips.total(),
        skipped=dict(sorted(skips.items())),
        contents=contents,
        decoded=decoded,
        seconds=round(monotonic() - begun, 3),
        words_read=words_read.read,
        words_left=words_read.left,
        notes=notes,
    )
    return Looked(SeeingCatalogueJudge(words, book.path, digest), counts)


def _crew(catalogue: Catalogue, equipment: Equipment, folder: Path) -> Crew | Away:
    engine = catalogue.engine
    if engine.session is None:
        return Crew(equipment, engine.workers)
    return Away(engine.session, equipment, folder / "away", places=engine.workers, crew=catalogue.workers)


def _read(catalogue: Catalogue, book: Book, words: CatalogueJudge, notes: list[str]) -> Words:
    """Has words read where that pays; says when nothing can read."""
    if catalogue.words_seconds_max <= 0 or not book.totals()[1]:
        return Words()
    if (why_not := catalogue.reader.why_not()) is not None:
        notes.append(f"words in pictures were not read. {why_not}")
        return Words()
    contents = wanted(catalogue.sources, words.judge(DOUBT)[0], book)
    read = read_words(
        contents, book, catalogue.root, catalogue.caches, catalogue.reader,
        seconds_max=catalogue.words_seconds_max, at_once=catalogue.workers,
    )  # fmt: skip
    if read.left:
        notes.append(f"no time was left to read the words in {read.left:,} of {len(contents):,} doubtful pictures")
    return read


def _look_at_all(catalogue: Catalogue, book: Book, crew: Crew | Away, tell: Callable[[str], None]) -> int:
    """Has every file looked at; how many were decoded."""
    decoded = done = 0
    begun = said = monotonic()
    for task, made in crew.work(_looking(_shown(catalogue.sources), book)):
        book.keep(made.seen)
        decoded += made.decoded
        done += len(task.names)
        if monotonic() - said >= _TELL_EVERY_S:
            said = monotonic()
            tell(f"{done:,} pictures looked at ({done / (said - begun):,.0f}/s), {decoded:,} of them new")
    return decoded


def _shown(sources: Sequence[Source]) -> Iterator[list[Shown]]:
    """Who shows which pictures, a batch of listings at a time."""
    for unit in plan([(source, inspect(source)) for source in sources]):
        for slab in read_unit(unit, Tally()):
            yield _shown_in(slab.batch)


def _shown_in(batch: pa.RecordBatch) -> list[Shown]:
    named: list[list[str]] = batch["picture_paths"].to_pylist()
    stores, listings = batch["store_id"].to_pylist(), batch["listing_id"].to_pylist()
    return [
        Shown(path, owner, store, listing)
        for paths, owner, store, listing in zip(named, owners_of(batch), stores, listings, strict=True)
        for path in paths
    ]


def _looking(batches: Iterable[list[Shown]], book: Book) -> Iterator[Task]:
    for shown in batches:
        rest = iter(book.note(shown))
        while part := tuple(islice(rest, FILES_AT_A_TIME)):
            yield Task("look", part)


def _tied(
    catalogue: Catalogue, book: Book, crew: Crew | Away, folder: Path, tell: Callable[[str], None]
) -> tuple[Rings, int, int]:
    """The contents that are the same picture, how many were compared, and how many were too many for that."""
    wanted = list(book.contents(picture_shared.DETECTOR.settings.marks_min))
    compared, left = wanted[:COMPARED_MAX], len(wanted[COMPARED_MAX:])
    if len(compared) < 2:
        return Rings(), len(compared), left
    _index_of(compared, catalogue.caches).save(folder / "all")
    ties: set[Tie] = set()
    rest = iter(compared)
    tasks = (Task("tie", part, folder / "all") for part in iter(lambda: tuple(islice(rest, _TIED_AT_A_TIME)), ()))
    done, said = 0, monotonic()
    for task, made in crew.work(tasks):
        ties.update(made.ties)
        done += len(task.names)
        if monotonic() - said >= _TELL_EVERY_S:
            said = monotonic()
            tell(f"{done:,} of {len(compared):,} different pictures compared with each other")
    return Rings(ties), len(compared), left


def _tie_hashes(book: Book, own: Sequence[str]) -> None:
    """Ties hashes that listings name to one another, and leaves out those that are as a brand's own."""
    given = book.hashes()
    rings = Rings(ties_of(given[:COMPARED_MAX]))
    known = Hashes((each, value) for each in own if (value := hash_in(each)) is not None)
    values = {each: hash_in(each) for each in given} if len(known) else {}
    brands = {rings.of(each) for each, value in values.items() if value is not None and known.nearest(value)}
    book.tie_hashes(rings, brands)


def _index_of(contents: Sequence[str], caches: Caches) -> Index:
    index = Index()
    with caches.signatures() as signatures:
        for begin in range(0, len(contents), _INDEXED_AT_A_TIME):
            part = contents[begin : begin + _INDEXED_AT_A_TIME]
            found = signatures.get(bytes.fromhex(each) for each in part)
            index = index.added(
                (digest.hex(), each) for digest, each in sorted(found.items()) if isinstance(each, Signature)
            )  # fmt: skip
    return index
