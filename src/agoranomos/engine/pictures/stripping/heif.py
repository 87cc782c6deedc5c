"""HEIC and AVIF (ISO/IEC 23008-12): the file keeps its length; what is no picture is overwritten in its place.

Items lie anywhere in the file, and others point to them by their place, so that nothing can be taken out without
rewriting all. Bytes that no picture refers to become zeros, and boxes with metadata become free space.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from agoranomos.engine.pictures.stripping.parts import PARTS_MAX, Broken, Removed

_PICTURES: Final = frozenset((b"hvc1", b"hev1", b"av01", b"jpeg", b"grid", b"iden", b"iovl", b"tmap"))
_TOP: Final = frozenset((b"ftyp", b"meta", b"mdat", b"free", b"skip"))
_IN_META: Final = frozenset((b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"dinf", b"grpl"))
_PROPERTIES: Final = frozenset(
    (b"ispe", b"pixi", b"hvcC", b"av1C", b"jpgC", b"irot", b"imir", b"clap", b"pasp", b"colr", b"auxC", b"lsel",
     b"a1op", b"a1lx", b"clli", b"mdcv", b"cclv", b"free")
)  # fmt: skip
_NO_EXIF: Final = bytes(4) + b"MM\0*\0\0\0\x08" + bytes(6)
"""What stands in the place of EXIF: that there is none. Readers refuse a file in which there are zeros."""
_ITEMS_MAX: Final = 20_000


class Box(msgspec.Struct, frozen=True):
    """A box: its kind, where it begins, where its content begins, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def strip(data: bytes, removed: Removed) -> bytes:
    """The file without metadata; how it is turned is a property of the picture and stays. Raises Broken."""
    try:
        return _strip(data, removed)
    except (struct.error, IndexError) as error:
        raise Broken("the file is cut off") from error


def _strip(data: bytes, removed: Removed) -> bytes:
    out = bytearray(data)
    top = list(_boxes(data, 0, len(data)))
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1 or any(box.kind in (b"moov", b"moof") for box in top):
        raise Broken("not one still picture")
    inner = list(_boxes(data, metas[0].body + 4, metas[0].end))
    strangers = [box for box in top if box.kind not in _TOP] + [box for box in inner if box.kind not in _IN_META]
    for box in strangers:
        removed.add("other")
        _free(out, box)
    for box in (each for each in inner if each.kind == b"iprp"):
        _properties(data, out, box, removed)
    one = {box.kind: box for box in inner}
    if len(one) != len(inner) or b"iloc" not in one or b"iinf" not in one:
        raise Broken("no items")
    kinds = dict(_items(data, one[b"iinf"]))
    parts = list(_extents(data, one[b"iloc"], one.get(b"idat")))
    shown = [(start, end) for item, start, end in parts if kinds.get(item) in _PICTURES]
    if not shown:
        raise Broken("no picture")
    for item, start, end in parts:
        if kinds.get(item) not in _PICTURES:
            shown += _overwritten(out, kinds.get(item), start, end, shown, removed)
    holders = [box for box in top if box.kind != b"meta"] + [box for box in inner if box.kind == b"idat"]
    for box in holders:
        if box.kind in (b"mdat", b"idat", b"free", b"skip"):
            _blank(out, box, shown, removed)
    return bytes(out)


def _overwritten(
    out: bytearray, kind: bytes | None, start: int, end: int, pictures: list[tuple[int, int]], removed: Removed
) -> list[tuple[int, int]]:
    """Nothing, in the place of an item that is no picture; where that now lies."""
    if any(start < right and left < end for left, right in pictures):
        raise Broken("an item within a picture")
    nothing = _NO_EXIF if kind == b"Exif" and end - start >= len(_NO_EXIF) else b""
    fresh = nothing + bytes(end - start - len(nothing))
    if out[start:end] != fresh:
        removed.add({b"Exif": "exif", b"mime": "xmp"}.get(kind or b"", "other"))
        out[start:end] = fresh
    return [(start, start + len(nothing))]


def _properties(data: bytes, out: bytearray, box: Box, removed: Removed) -> None:
    """What is said of the pictures; each is known by its number, so that one that goes leaves its place."""
    for container in _boxes(data, box.body, box.end):
        if container.kind != b"ipco":
            continue
        for one in _boxes(data, container.body, container.end):
            profile = one.kind == b"colr" and data[one.body : one.body + 4] in (b"prof", b"rICC")
            if profile or one.kind not in _PROPERTIES:
                removed.add("colour profile" if profile else "other")
                _free(out, one)


def _blank(out: bytearray, box: Box, kept: list[tuple[int, int]], removed: Removed) -> None:
    """Zeros wherever no picture lies in the box."""
    at = box.body
    for start, end in sorted(kept):
        if end <= at or start >= box.end:
            continue
        _zero(out, at, max(at, start), removed)
        at = max(at, end)
    _zero(out, at, box.end, removed)


def _zero(out: bytearray, start: int, end: int, removed: Removed) -> None:
    if any(out[start:end]):
        removed.add("data behind the picture")
        out[start:end] = bytes(end - start)


def _free(out: bytearray, box: Box) -> None:
    out[box.start + 4 : box.start + 8] = b"free"
    out[box.body : box.end] = bytes(box.end - box.body)


def _boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    for _ in range(PARTS_MAX):
        if at == end:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            body = at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            raise Broken("a box is cut off")
        yield Box(kind, at, body, at + size)
        at += size
    raise Broken("too many boxes")


def _items(data: bytes, box: Box) -> Iterator[tuple[int, bytes]]:
    """(id, kind) of each item."""
    version = data[box.body]
    count_size = 2 if version == 0 else 4
    for entry in _boxes(data, box.body + 4 + count_size, box.end):
        if entry.kind != b"infe" or data[entry.body] not in (2, 3):
            raise Broken("an item of an old form")
        form = ">H2x4s" if data[entry.body] == 2 else ">I2x4s"
        yield struct.unpack_from(form, data, entry.body + 4)


def _extents(data: bytes, box: Box, idat: Box | None) -> Iterator[tuple[int, int, int]]:
    """(item, where a part of it begins, where it ends)."""
    version = data[box.body]
    sizes = int.from_bytes(data[box.body + 4 : box.body + 6], "big")
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    id_size = 2 if version < 2 else 4
    reader = _Reader(data, box.body + 6, box.end)
    for _ in range(min(reader.number(id_size), _ITEMS_MAX)):
        item = reader.number(id_size)
        method = reader.number(2) & 15 if version in (1, 2) else 0
        reader.number(2)
        base = reader.number(base_size)
        for _ in range(reader.number(2)):
            if version in (1, 2):
                reader.number(index_size)
            start, length = base + reader.number(offset_size), reader.number(length_size)
            if method == 1:
                start += idat.body if idat else len(data)
            if method > 1 or start + length > len(data):
                raise Broken("an item lies elsewhere")
            yield item, start, start + length if length else len(data)


class _Reader:
    """Numbers one after another."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def number(self, size: int) -> int:
        """The next number of `size` bytes; 0 when it has none."""
        at, self._at = self._at, self._at + size
        if self._at > self._end:
            raise Broken("a list is cut off")
        return int.from_bytes(self._data[at : self._at], "big")
