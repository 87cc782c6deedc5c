"""What all kinds of files have in common here: what is left out has a name, and a picture may be turned."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

PARTS_MAX: Final = 100_000
"""Of a file with more parts than that, nobody wants to know any more."""
_ORIENTATION: Final = 0x0112
_ENTRIES_MAX: Final = 200


class Broken(Exception):
    """The file is cut off, damaged, or not built as its kind is."""


class Stripped(msgspec.Struct, frozen=True, eq=False):
    """The file without metadata, and what was left out of it, in the order of first appearance."""

    data: bytes
    kind: str
    removed: tuple[str, ...]


class Removed:
    """Names of what is left out, each once."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def add(self, name: str) -> None:
        """Something called `name` is left out."""
        self._names[name] = None

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of first appearance."""
        return tuple(self._names)


def orientation_of(exif: bytes) -> int:
    """How the picture is turned, 1 to 8, by EXIF (a TIFF structure); 1 when it does not say, or cannot be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for number in range(min(count, _ENTRIES_MAX)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, at + 2 + 12 * number)
            if (tag, kind) == (_ORIENTATION, 3):
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def exif_of(orientation: int) -> bytes:
    """EXIF that says how the picture is turned, and nothing else."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
