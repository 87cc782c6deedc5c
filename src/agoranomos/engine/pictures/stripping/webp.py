"""WebP (RFC 9649): chunks are copied or left out; those of frames likewise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agoranomos.engine.pictures.stripping.parts import PARTS_MAX, Broken, Removed, exif_of, orientation_of

_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ANIM"))
_IN_FRAME: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_NAMES: Final = {b"EXIF": "exif", b"XMP ": "xmp", b"ICCP": "colour profile"}
_HAS_ICC, _HAS_EXIF, _HAS_XMP = 0x20, 0x08, 0x04
_FRAME_HEAD: Final = 16


def strip(data: bytes, removed: Removed) -> bytes:
    """The file without metadata. How it is turned stays. Raises Broken."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Broken("the file is cut off")
    if end < len(data):
        removed.add("trailing data")
    kept: list[tuple[bytes, bytes]] = []
    turned = 1
    for kind, body in _chunks(data, 12, end):
        if kind == b"EXIF":
            turned = orientation_of(body.removeprefix(b"Exif\0\0"))
        if kind in _KEPT or kind == b"VP8X":
            kept.append((kind, body))
        elif kind == b"ANMF":
            kept.append((kind, _frame(body, removed)))
        else:
            removed.add(_NAMES.get(kind, "other"))
    return _put_together(kept, turned)


def _frame(body: bytes, removed: Removed) -> bytes:
    """A frame of an animation."""
    if len(body) < _FRAME_HEAD:
        raise Broken("a frame is cut off")
    parts = [body[:_FRAME_HEAD]]
    for kind, part in _chunks(body, _FRAME_HEAD, len(body)):
        if kind in _IN_FRAME:
            parts.append(_chunk(kind, part))
        else:
            removed.add("other")
    return b"".join(parts)


def _put_together(kept: list[tuple[bytes, bytes]], turned: int) -> bytes:
    if not any(kind in (b"VP8 ", b"VP8L", b"ANMF") for kind, _ in kept):
        raise Broken("no picture")
    parts = []
    extended = False
    for kind, body in kept:
        if kind == b"VP8X":
            if len(body) < 10 or extended:
                raise Broken("the header is not one")
            extended = True
            flags = body[0] & ~(_HAS_ICC | _HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if turned != 1 else 0)
            parts.append(_chunk(kind, bytes((flags, 0, 0, 0)) + body[4:10]))
        else:
            parts.append(_chunk(kind, body))
    if turned != 1 and extended:
        parts.append(_chunk(b"EXIF", exif_of(turned)))
    whole = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    for _ in range(PARTS_MAX):
        if at == end:
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise Broken("a chunk is cut off")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at = min(end, at + 8 + size + size % 2)
    raise Broken("too many chunks")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
