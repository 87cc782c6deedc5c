"""A part of the index: pictures with the tables of their keys, made once and kept as plain arrays in a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from agoranomos.engine.pictures import probing
from agoranomos.engine.pictures.codes import KEY_BITS, TABLES
from agoranomos.engine.pictures.signature import VERSION, Signature, rounded, unrounded
from agoranomos.kernel.errors import Invalid

_BITS_MIN: Final = 20
"""With shorter keys chance alone would give each of few pictures many votes."""
KEYED: Final = 64
"""Marks of a known picture, its strongest, under which it can be looked up. All its marks are compared."""


class Segment:
    """`words` uint64 (marks, 2), `places` uint16 (marks, 4), `flags` bool (marks); `ends` int64 (pictures + 1): the
    marks of picture i are `ends[i]:ends[i + 1]`; `sizes` float32 (pictures, 2); `starts`, `postings`: see `probing`;
    `gone` bool (pictures): taken out; `home`: where it is saved."""

    ARRAYS: Final = ("words", "places", "flags", "ends", "sizes", "starts", "postings")

    def __init__(
        self, names: Sequence[str], arrays: dict[str, Any], gone: Any = None, home: Path | None = None
    ) -> None:
        self.names = list(names)
        self.words, self.places, self.flags = arrays["words"], arrays["places"], arrays["flags"]
        self.ends, self.sizes = arrays["ends"], arrays["sizes"]
        self.starts, self.postings = arrays["starts"], arrays["postings"]
        self.bits = (self.starts.shape[1] - 1).bit_length() - 1
        self.gone = np.zeros(len(self.names), np.bool_) if gone is None else gone
        self.home = home
        self.tally = np.zeros(len(self.names), np.uint16)

    @staticmethod
    def of(names: Sequence[str], signatures: Sequence[Signature]) -> Segment:
        """A segment of these pictures, in this order."""
        counts = [len(each) for each in signatures]
        ends = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=ends[1:])
        words = np.empty((ends[-1], 2), np.uint64)
        places = np.empty((ends[-1], 4), np.uint16)
        flags = np.empty(ends[-1], np.bool_)
        for k, each in enumerate(signatures):
            own = slice(ends[k], ends[k + 1])
            words[own], places[own], flags[own] = each.words, rounded(each.places), each.flags
        sizes = np.array([each.size for each in signatures], np.float32).reshape(-1, 2)
        return Segment.of_arrays(names, words, places, flags, ends, sizes)

    @staticmethod
    def of_arrays(names: Sequence[str], words: Any, places: Any, flags: Any, ends: Any, sizes: Any) -> Segment:
        """A segment of what is already in arrays; makes the tables."""
        counts = np.minimum(np.diff(ends), KEYED)
        pictures = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        first = np.repeat(np.asarray(ends[:-1]) - (np.cumsum(counts) - counts), counts)
        chosen = np.ascontiguousarray(words[first + np.arange(len(pictures))])
        bits = min(KEY_BITS, max(_BITS_MIN, len(pictures).bit_length()))
        starts = np.empty((TABLES, (1 << bits) + 1), np.uint32)
        postings = np.empty((TABLES, len(pictures)), np.int32)
        for table in range(TABLES):
            probing.fill(chosen, pictures, table, bits, starts[table], postings[table])
        arrays = dict(zip(Segment.ARRAYS, (words, places, flags, ends, sizes, starts, postings), strict=True))
        return Segment(names, arrays)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def bytes(self) -> int:
        """Memory of the arrays."""
        return sum(int(getattr(self, name).nbytes) for name in Segment.ARRAYS) + self.gone.nbytes + self.tally.nbytes

    def joined(self, other: Segment) -> Segment:
        """One segment of both, without the pictures that are gone."""
        names: list[str] = []
        parts: list[tuple[Any, ...]] = []
        counts: list[Any] = []
        for each in (self, other):
            kept = np.flatnonzero(~each.gone)
            names += [each.names[k] for k in kept]
            own = np.diff(each.ends)
            marks = np.repeat(~each.gone, own)
            parts.append((each.words[marks], each.places[marks], each.flags[marks], each.sizes[kept]))
            counts.append(own[kept])
        words, places, flags, sizes = (np.concatenate(pair) for pair in zip(*parts, strict=True))
        ends = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        return Segment.of_arrays(names, words, places, flags, ends, sizes)

    def candidates(self, asked: Signature, least: int, chosen: Any, touched: Any) -> int:
        """Puts pictures that share marks with the asked one into `chosen`, most shared first; their number."""
        seen = probing.vote(asked.words, asked.doubts, self.bits, self.starts, self.postings, self.tally, touched)
        return probing.most_voted(self.tally, touched, seen, least, self.gone, chosen)  # type: ignore[no-any-return]

    def known(self, picture: int) -> tuple[Any, Any, Any, Any]:
        """Words, places, flags and size of a picture."""
        own = slice(int(self.ends[picture]), int(self.ends[picture + 1]))
        return self.words[own], unrounded(self.places[own]), self.flags[own], self.sizes[picture]

    def save(self, folder: Path) -> None:
        """Writes the arrays below a new folder, whole or not at all; names and a checksum beside them."""
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name in Segment.ARRAYS:
            if self.home is None or not _linked(self.home / f"{name}.npy", unfinished):
                np.save(unfinished / f"{name}.npy", getattr(self, name))
        names = msgspec.json.encode(self.names)
        (unfinished / "names.json").write_bytes(names)
        note = {"version": VERSION, "names": hashlib.sha256(names).hexdigest()}
        (unfinished / "note.json").write_bytes(msgspec.json.encode(note))
        unfinished.rename(folder)
        self.home = folder

    @staticmethod
    def open(folder: Path) -> Segment:
        """Opens a saved segment; its arrays are mapped, so that processes share them. Raises Invalid."""
        try:
            note = msgspec.json.decode((folder / "note.json").read_bytes())
            names = (folder / "names.json").read_bytes()
            if note.get("version") != VERSION:
                raise Invalid("The index of pictures was made by another version. Add the pictures again.")
            if note.get("names") != hashlib.sha256(names).hexdigest():
                raise ValueError
            arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in Segment.ARRAYS}
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise Invalid("The index of pictures is damaged. Add the pictures again.") from error
        return Segment(msgspec.json.decode(names, type=list[str]), arrays, home=folder)


def _linked(file: Path, folder: Path) -> bool:
    """Makes `file` stand in `folder` as well, without copying it; False where that cannot be."""
    try:
        os.link(file, folder / file.name)
    except OSError:
        return False
    return True
