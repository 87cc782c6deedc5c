"""Words in the pictures of doubtful listings, read within a budget of time: the most doubtful first.

Reading takes a second or more a picture, so it is done where it pays: where the words of a listing leave a doubt, or
its pictures are known or hold a code. What was read once is kept by content, and counts in the check as well.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.decoding import Grey
from agoranomos.engine.pictures.files import read_bounded
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.places import placed
from agoranomos.engine.pictures.words import Reader
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.units import plan
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.pictures.book import Book
from agoranomos.goods.pictures.eyes import Caches

DOUBT: Final = 0.1
"""The score of a listing's words from which its pictures are worth reading."""
WANTED_MAX: Final = 5_000
SECONDS_MAX: Final = 120.0
"""The budget of a night, unless another is given."""
_KNOWN: Final = 0.3
"""How doubtful a picture is that is known, or holds a code, whatever the words say."""


class Words(msgspec.Struct, frozen=True):
    """What came of reading: pictures read just now, and how many were wanted and are left."""

    read: int = 0
    left: int = 0


def wanted(sources: Sequence[Source], judge: TextJudge, book: Book) -> list[str]:
    """The contents that are worth reading, the most doubtful first; `judge` reports from DOUBT."""
    doubts: dict[str, float] = dict.fromkeys(book.telling(WANTED_MAX), _KNOWN)
    for content, score in _by_words(sources, judge, book):
        if len(doubts) >= 4 * WANTED_MAX and content not in doubts:
            doubts = dict(heapq.nsmallest(WANTED_MAX, doubts.items(), key=_order))
        doubts[content] = max(score, doubts.get(content, 0.0))
    return [content for content, _ in heapq.nsmallest(WANTED_MAX, doubts.items(), key=_order)]


def _order(doubt: tuple[str, float]) -> tuple[float, str]:
    return -doubt[1], doubt[0]


def _by_words(sources: Sequence[Source], judge: TextJudge, book: Book) -> Iterator[tuple[str, float]]:
    for unit in plan([(source, inspect(source)) for source in sources]):
        for slab in read_unit(unit, Tally()):
            verdicts = judge.assess_batch(slab.batch)
            doubtful = [(row, each.score) for row, each in zip(verdicts.rows, verdicts.assessments, strict=True)]
            named = {row: slab.batch["picture_paths"][row].as_py() for row, score in doubtful if score >= DOUBT}
            seen = book.seen(path for paths in named.values() for path in paths)
            for row, score in doubtful:
                for path in named.get(row, ()):
                    if seen[path][0].skipped is None:
                        yield seen[path][0].content, score


def read_words(
    contents: Sequence[str],
    book: Book,
    root: Path,
    caches: Caches,
    reader: Reader,
    *,
    seconds_max: float,
    at_once: int,
    clock: Callable[[], float] = monotonic,
) -> Words:
    """Reads these contents until the time is over, so many at once; those that were read before cost nothing."""
    with caches.kept() as kept:
        known = {digest.hex(): text for digest, text in kept.words(map(bytes.fromhex, contents)).items()}
        book.read(known)
        rest = iter([content for content in contents if content not in known])
        left = len(contents) - len(known)
        begun, done = clock(), 0
        with Guard() as guard, ThreadPoolExecutor(at_once, "words") as hands:
            while clock() - begun < seconds_max and (part := list(islice(rest, at_once))):
                greys = _greys(part, book, str(root.resolve()), guard)
                texts = dict(zip(greys, hands.map(reader.read, greys.values()), strict=True))
                # What cannot be read today (too slow, gone) has no words tomorrow either, until its bytes change.
                found = {content: texts.get(content) or "" for content in part}
                kept.keep_words({bytes.fromhex(content): text for content, text in found.items()})
                book.read(found)
                done += len(part)
    return Words(done, left - done)


def _greys(contents: Sequence[str], book: Book, root: str, guard: Guard) -> dict[str, Grey]:
    limits = Limits()
    files: dict[str, bytes] = {}
    for content in contents:
        there = placed(root, book.path_of(content))
        data = there if isinstance(there, str) else read_bounded(there, limits.bytes_max)
        if isinstance(data, bytes):
            files[content] = data
    made = zip(files, guard.greys(list(files.values())), strict=True)
    return {content: grey for content, grey in made if not isinstance(grey, Skip)}
