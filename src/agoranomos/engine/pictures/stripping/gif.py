"""GIF (89a): blocks are copied or left out."""

from __future__ import annotations

from typing import Final

from agoranomos.engine.pictures.stripping.parts import PARTS_MAX, Broken, Removed

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _COMMENT, _APPLICATION = 0xF9, 0xFE, 0xFF
_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip(data: bytes, removed: Removed) -> bytes:
    """The file without metadata. Raises Broken."""
    try:
        return _strip(data, removed)
    except IndexError as error:
        raise Broken("the file is cut off") from error


def _strip(data: bytes, removed: Removed) -> bytes:
    at = 13 + _colours(data[10])
    kept, pictures = [data[:at]], 0
    for _ in range(PARTS_MAX):
        begin, what = at, data[at]
        if what == _TRAILER:
            if at + 1 < len(data):
                removed.add("trailing data")
            if not pictures:
                raise Broken("no picture")
            return b"".join((*kept, b"\x3b"))
        if what == _IMAGE:
            at = _behind_blocks(data, at + 11 + _colours(data[at + 9]))
            pictures += 1
        elif what == _EXTENSION:
            at = _behind_blocks(data, at + 2)
            if data[begin + 1] == _APPLICATION and data[begin + 3 : begin + 14] in _LOOPS:
                kept.append(data[begin : begin + 14] + b"\x03\x01" + data[begin + 16 : begin + 18] + b"\0")
                continue
            if data[begin + 1] != _CONTROL:
                removed.add("comment" if data[begin + 1] == _COMMENT else "other")
                continue
        else:
            raise Broken("no block")
        kept.append(data[begin:at])
    raise Broken("too many blocks")


def _colours(packed: int) -> int:
    """Bytes of the table of colours that `packed` announces."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    """Where the sub-blocks that begin at `at` have ended."""
    while data[at]:
        at += 1 + data[at]
    return at + 1
