"""Known pictures ready to be searched: an index in a folder, brought up to what the store says."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.matching import Match
from agoranomos.engine.pictures.signature import VERSION, Signature
from agoranomos.goods.pictures.model import Reference, Resembled
from agoranomos.kernel.errors import Invalid

MATCHES_MAX: Final = 16
_INDEX, _KNOWN = "index", "known.msgpack"
_AT_A_TIME: Final = 20_000


class Shelf(msgspec.Struct, frozen=True, eq=False):
    """An index and what its names stand for."""

    index: Index
    known: dict[str, Reference]


class _Kept(msgspec.Struct, frozen=True):
    """What the index in a folder was made of: the state of the store, the version of signatures, the references."""

    state: tuple[int, int]
    version: int
    known: list[Reference]


class References:
    """Known pictures. Not for several threads at once."""

    def __init__(self, shelves: Sequence[Shelf], state: tuple[int, int] = (0, 0)) -> None:
        self._shelves = tuple(shelves)
        self.state = state
        self._known: dict[str, Reference] = {}
        for shelf in shelves:
            self._known.update(shelf.known)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def number(self) -> int:
        """The number of the newest that came from the store."""
        return self.state[1]

    @property
    def known(self) -> Mapping[str, Reference]:
        """All of them by their key."""
        return self._known

    def search(self, asked: Signature) -> tuple[Resembled, ...]:
        """The known pictures that the asked one shows, surest first."""
        matches = [match for shelf in self._shelves for match in shelf.index.search(asked, MATCHES_MAX)]
        found = [self._resembled(match) for match in matches]
        found.sort(key=lambda each: (-each.score, -each.marks, each.role, each.name, each.content))
        return tuple(found[:MATCHES_MAX])

    def _resembled(self, match: Match) -> Resembled:
        reference = self._known[match.name]
        return Resembled(
            role=reference.role, name=reference.name, content=reference.content, brand_id=reference.brand_id,
            score=match.score, marks=match.marks, share=match.share, how=match.words,
        )  # fmt: skip

    def later_than(self, number: int) -> References:
        """Those that came after `number`, and those that did not come from the store."""
        shelves = []
        for shelf in self._shelves:
            earlier = {key for key, each in shelf.known.items() if 0 < each.number <= number}
            known = {key: each for key, each in shelf.known.items() if key not in earlier}
            shelves.append(Shelf(shelf.index.without(earlier), known))
        return References(shelves, self.state)

    def and_also(self, others: Iterable[tuple[Reference, Signature]]) -> References:
        """With these as well; who is known already stays as it is."""
        more = {each.key: (each, signature) for each, signature in others if each.key not in self._known}
        if not more:
            return self
        index = Index.build((key, signature) for key, (_, signature) in sorted(more.items()))
        return References([*self._shelves, Shelf(index, {key: each for key, (each, _) in more.items()})], self.state)

    def save(self, folder: Path) -> None:
        """Writes everything below a new folder, for other processes."""
        for number, shelf in enumerate(self._shelves):
            shelf.index.save(folder / str(number) / _INDEX)
            _write(folder / str(number), _Kept(self.state, VERSION, list(shelf.known.values())))

    @staticmethod
    def open(folder: Path) -> References:
        """Opens what `save` wrote."""
        parts = sorted((each for each in folder.iterdir() if each.name.isdigit()), key=lambda each: int(each.name))
        kept = [(_read(part), Index.open(part / _INDEX)) for part in parts]
        shelves = [Shelf(index, _by_key(each.known)) for each, index in kept if each is not None]
        return References(shelves, kept[0][0].state if kept and kept[0][0] is not None else (0, 0))


class Source(msgspec.Struct, frozen=True):
    """What the store has, for `current`: its state, and the references after a number with their packed signatures."""

    state: tuple[int, int]
    references: Sequence[Reference]


def current(
    folder: Path, source: Source, packed_after: Iterable[tuple[Reference, bytes]] | None = None
) -> References | int:
    """The references as `source` has them, from the index kept in `folder`.

    When that lacks some, the number after which: then call again with `packed_after` that number, which brings the
    index up to date. One process at a time does so; an index that is damaged or of another version is made anew.
    """
    with _locked(folder):
        kept, index = _read(folder), _opened(folder / _INDEX)
        if kept is None or kept.version != VERSION or index is None:
            shutil.rmtree(folder / _INDEX, ignore_errors=True)
            kept, index = _Kept((0, 0), VERSION, []), Index()
        if kept.state != source.state:
            there = {each.key for each in source.references}
            if packed_after is None and there - _by_key(kept.known).keys():
                return kept.state[1]
            index = index.without(_by_key(kept.known).keys() - there)
            for part in _unpacked(packed_after or (), index.names()):
                index = index.added(part)
            index.save(folder / _INDEX)
            _write(folder, _Kept(source.state, VERSION, list(source.references)))
        return References([Shelf(index, _by_key(source.references))], source.state)


def _unpacked(packed: Iterable[tuple[Reference, bytes]], there: set[str]) -> Iterator[list[tuple[str, Signature]]]:
    part: list[tuple[str, Signature]] = []
    for reference, data in packed:
        signature = Signature.unpacked(data)
        if signature is None:
            raise Invalid("Known pictures were added by another version. Remove them, and add the files again.")
        if reference.key not in there:
            part.append((reference.key, signature))
        if len(part) >= _AT_A_TIME:
            yield part
            part = []
    if part:
        yield part


def _by_key(references: Iterable[Reference]) -> dict[str, Reference]:
    return {each.key: each for each in references}


def _opened(folder: Path) -> Index | None:
    try:
        return Index.open(folder)
    except Invalid:
        return None


def _read(folder: Path) -> _Kept | None:
    try:
        return msgspec.msgpack.decode((folder / _KNOWN).read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None


def _write(folder: Path, kept: _Kept) -> None:
    draft = folder / f"{_KNOWN}.draft"
    draft.write_bytes(msgspec.msgpack.encode(kept))
    draft.replace(folder / _KNOWN)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
