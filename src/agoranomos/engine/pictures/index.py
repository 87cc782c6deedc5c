"""The index of known pictures: which of them does a picture show?"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from agoranomos.engine.pictures import verifying
from agoranomos.engine.pictures.matching import Match, match_of
from agoranomos.engine.pictures.segment import Segment
from agoranomos.engine.pictures.signature import Signature
from agoranomos.kernel.errors import Conflict, Invalid

COMPARED: Final = 20
"""Known pictures, of each segment, that a query is compared with in full."""
VOTES: Final = 2
"""Marks that a known picture must share with the asked one to be compared."""
_TOUCHED: Final = 1 << 17
_MERGE_SHARE: Final = 4


class Index:
    """Known pictures by name. `added` and `without` give a new index; the old one stays as it was.

    Not for several threads at once: a search counts in memory of the segments.
    """

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._segments = tuple(segments)
        self._chosen = np.empty(COMPARED, np.int32)
        self._touched = np.empty(_TOUCHED, np.int32)
        self._found = np.zeros(verifying.FOUND, np.float32)

    @staticmethod
    def build(pictures: Iterable[tuple[str, Signature]]) -> Index:
        """An index of (name, signature). Raises Conflict when a name stands twice."""
        return Index().added(pictures)

    def __len__(self) -> int:
        return sum(len(each) - int(each.gone.sum()) for each in self._segments)

    @property
    def bytes(self) -> int:
        """Memory of the arrays; of a saved index, what is mapped from disk."""
        return sum(each.bytes for each in self._segments)

    def names(self) -> set[str]:
        """The names of all known pictures."""
        return {name for each in self._segments for name, gone in zip(each.names, each.gone, strict=True) if not gone}

    def added(self, pictures: Iterable[tuple[str, Signature]]) -> Index:
        """An index with these as well. Small segments are merged, so that there are few."""
        given = list(pictures)
        names = [name for name, _ in given]
        again = self.names().intersection(names)
        again |= {name for name, times in Counter(names).items() if times > 1}
        if again:
            name = min(again)
            raise Conflict(f"The picture {name!r} is in the index already. Take it out first, or name it otherwise.")
        if not given:
            return self
        segments = [*self._segments, Segment.of(names, [each for _, each in given])]
        while len(segments) > 1 and len(segments[-2]) < _MERGE_SHARE * len(segments[-1]):
            last = segments.pop()
            segments[-1] = segments[-1].joined(last)
        return Index(segments)

    def without(self, names: Iterable[str]) -> Index:
        """An index in which these are not found. Names that are not in it are passed over."""
        out = set(names)
        segments = []
        for each in self._segments:
            gone = each.gone | np.array([name in out for name in each.names], np.bool_)
            if gone.all():
                continue
            arrays = {name: getattr(each, name) for name in Segment.ARRAYS}
            segments.append(Segment(each.names, arrays, gone, each.home))
        return Index(segments)

    def search(self, asked: Signature, limit: int = 8) -> list[Match]:
        """The known pictures that the asked one shows, most probable first, then by name."""
        matches: list[Match] = []
        size = np.array(asked.size, np.float32)
        for segment in self._segments:
            proposed = segment.candidates(asked, VOTES, self._chosen, self._touched)
            proposed = verifying.worth_comparing(asked.words, segment.words, segment.ends, self._chosen, proposed)
            for picture in self._chosen[:proposed].tolist():
                match = self._compare(asked, size, segment, picture)
                if match is not None:
                    matches.append(match)
        matches.sort(key=lambda each: (-each.score, -each.marks, each.name))
        return matches[:limit]

    def _compare(self, asked: Signature, size: Any, segment: Segment, picture: int) -> Match | None:
        if not verifying.compare(asked.words, asked.places, asked.flags, size, *segment.known(picture), self._found):
            return None
        return match_of(self._found, segment.names[picture])

    def save(self, folder: Path) -> None:
        """Writes the index as `folder`/index.json and one folder a segment; a reader sees the old or the new one.

        Segments that stand there already are not written again; those of no more use are deleted.
        """
        folder.mkdir(parents=True, exist_ok=True)
        taken = {each.name for each in folder.glob("segment-*")}
        listed = []
        for each in self._segments:
            if each.home is None or each.home.parent != folder or each.home.name not in taken:
                number = next(number for number in count() if f"segment-{number}" not in taken)
                each.save(folder / f"segment-{number}")
                taken.add(f"segment-{number}")
            assert each.home is not None, "a saved segment knows where"
            listed.append(_Kept(each.home.name, np.flatnonzero(each.gone).tolist()))
        unfinished = folder / "index.json.unfinished"
        unfinished.write_bytes(msgspec.json.encode(_Listing(listed)))
        unfinished.replace(folder / "index.json")
        for name in taken - {each.folder for each in listed}:
            shutil.rmtree(folder / name, ignore_errors=True)

    @staticmethod
    def open(folder: Path) -> Index:
        """Opens a saved index, empty when there is none. Raises Invalid when it is damaged."""
        listing = folder / "index.json"
        if not listing.exists():
            return Index()
        try:
            listed = msgspec.json.decode(listing.read_bytes(), type=_Listing).segments
        except msgspec.DecodeError as error:
            raise Invalid("The index of pictures is damaged. Add the pictures again.") from error
        segments = []
        for each in listed:
            segment = Segment.open(folder / each.folder)
            segment.gone[each.gone] = True
            segments.append(segment)
        return Index(segments)


class _Kept(msgspec.Struct, frozen=True):
    folder: str
    gone: list[int]


class _Listing(msgspec.Struct, frozen=True):
    segments: list[_Kept]
