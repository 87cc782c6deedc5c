"""JPEG (ITU-T T.81): segments are copied or left out; what is between them, the picture, is copied to the byte."""

from __future__ import annotations

import re
from typing import Final

from agoranomos.engine.pictures.stripping.parts import PARTS_MAX, Broken, Removed, exif_of, orientation_of

_KEPT: Final = frozenset(
    (0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDA, 0xDB, 0xDC, 0xDD)
)
"""Frames, tables, scans, number of lines, restart interval. Everything else tells about the picture."""
_BARE: Final = frozenset((0x01, *range(0xD0, 0xD8)))
_SCAN, _BEGIN, _END = 0xDA, 0xD8, 0xD9
_JFIF, _EXIF, _COLOURS = 0xE0, 0xE1, 0xEE
_JFIF_BYTES: Final = 14
_NEXT_MARKER: Final = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_NAMES: Final = (
    (0xE0, b"JFXX", "thumbnail"), (0xE1, b"Exif", "exif"), (0xE1, b"http://ns.adobe.com/x", "xmp"),
    (0xE2, b"ICC_PROFILE", "colour profile"), (0xE2, b"MPF", "further pictures"), (0xED, b"Photoshop", "iptc"),
    (0xFE, b"", "comment"),
)  # fmt: skip


def strip(data: bytes, removed: Removed) -> bytes:
    """The file without metadata. How it is turned stays. Raises Broken."""
    kept: list[bytes] = []
    turned, at = 1, 2
    for _ in range(PARTS_MAX):
        marker, at = _marker(data, at)
        if marker == _END:
            if at < len(data):
                removed.add("trailing data")
            return _put_together(kept, turned)
        if marker in _BARE:
            continue
        segment, at = _segment(data, at)
        fresh = _cleaned(marker, segment, removed)
        if fresh is not None:
            kept.append(_whole(marker, fresh))
        elif marker == _EXIF and segment.startswith(b"Exif"):
            turned = orientation_of(segment[6:])
        if marker == _SCAN:
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                raise Broken("no end")
            kept.append(data[at : found.start()])
            at = found.start()
    raise Broken("too many segments")


def _cleaned(marker: int, segment: bytes, removed: Removed) -> bytes | None:
    """What is left of a segment; None when all of it goes."""
    if marker == _BEGIN:
        raise Broken("a picture within a picture")
    if marker in _KEPT:
        return segment
    if marker == _COLOURS and segment.startswith(b"Adobe"):
        return segment[:12]  # how colours are stored: without it they are wrong
    if marker == _JFIF and segment.startswith(b"JFIF\0"):
        if len(segment) > _JFIF_BYTES:
            removed.add("thumbnail")
        return (segment[: _JFIF_BYTES - 2] + b"\0\0").ljust(_JFIF_BYTES, b"\0")
    removed.add(_name(marker, segment))
    return None


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at `at`, and where what follows it begins."""
    if data[at : at + 1] != b"\xff":
        raise Broken("no marker")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data) or data[at] == 0:
        raise Broken("no marker")
    return data[at], at + 1


def _segment(data: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[at : at + 2], "big")
    if length < 2 or at + length > len(data):
        raise Broken("a segment is cut off")
    return data[at + 2 : at + length], at + length


def _whole(marker: int, segment: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(segment) + 2).to_bytes(2, "big") + segment


def _put_together(kept: list[bytes], turned: int) -> bytes:
    if not any(each.startswith(b"\xff\xda") for each in kept):
        raise Broken("no picture")
    exif = [_whole(_EXIF, b"Exif\0\0" + exif_of(turned))] if turned != 1 else []
    return b"".join((b"\xff\xd8", *exif, *kept, b"\xff\xd9"))


def _name(marker: int, segment: bytes) -> str:
    return next(
        (name for code, begin, name in _NAMES if code == marker and segment.startswith(begin)),
        f"app{marker - 0xE0}" if 0xE0 <= marker <= 0xEF else f"segment {marker:02x}",
    )
