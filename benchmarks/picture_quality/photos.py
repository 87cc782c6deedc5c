"""Public photos in two halves: one to develop with, one to judge with. Copies of one photo never stand in both.

Many of the shoe photos are turned and mirrored copies of one photo. They are grouped by PDQ of the picture and of its
middle, turned in steps of 15 degrees and mirrored, which shares nothing with the kernel; a pair within a group is
neither a right nor a wrong match. A partner in a collage counts for its own group as well.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
from PIL import Image, ImageOps

Half = Literal["development", "judging"]
_SAME_BITS: Final = 80
"""Of 256. Generous: photos of one object in one place may be taken as one; different ones differ in about 128."""


class Photo(msgspec.Struct, frozen=True):
    """A photo and the number of its group."""

    path: Path
    group: int


def listed(shared: Path) -> list[Path]:
    """All photos below the folder of shared data, in a stable order."""
    return sorted((shared / "pictures").glob("**/*.jpg"))


def forms(path: Path) -> Any:
    """PDQ of the whole picture in its eight turned and mirrored forms, and of its middle in 48: uint8 (56, 32).

    The first is that of the picture as it is, the ninth that of its middle as it is.
    """
    import pdqhash

    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    vectors, _ = pdqhash.compute_dihedral(np.asarray(picture))
    small = picture.resize((160, 160), Image.Resampling.BOX)
    for sheet in (small, ImageOps.mirror(small)):
        for degrees in range(0, 360, 15):
            middle = sheet.rotate(degrees, Image.Resampling.BILINEAR).crop((28, 28, 132, 132))
            vectors.append(pdqhash.compute(np.asarray(middle))[0])
    return np.packbits(np.array(vectors, np.uint8), axis=1)


def grouped(paths: list[Path]) -> list[Photo]:
    """The photos with their groups."""
    made = np.stack([forms(path) for path in paths])
    parent = list(range(len(paths)))

    def root(k: int) -> int:
        while parent[k] != k:
            k = parent[k]
        return k

    for plain, others in ((made[:, 0], made[:, :8]), (made[:, 8], made[:, 8:])):
        known = plain.copy().view(np.uint64)
        for k in range(len(paths)):
            own = others[k].copy().view(np.uint64)
            apart = np.bitwise_count(known[:, None] ^ own[None]).sum(2, dtype=np.int32).min(1)
            for other in np.flatnonzero(apart <= _SAME_BITS):
                first, second = sorted((root(k), root(int(other))))
                parent[second] = first
    return [Photo(path, root(k)) for k, path in enumerate(paths)]


def half(photos: list[Photo], which: Half) -> list[Photo]:
    """One half, shuffled by a hash of the name: a group stands in one of them."""

    def drawn(text: str) -> int:
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")

    names = {photo.group: str(photo.path.name) for photo in reversed(photos)}
    kept = [each for each in photos if (drawn(names[each.group]) % 2 == 0) == (which == "development")]
    return sorted(kept, key=lambda each: drawn(f"order {each.path.name}"))
