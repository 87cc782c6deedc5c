"""PNG (ISO/IEC 15948): chunks are copied or left out, and what is hidden behind the picture in its own data is cut."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from agoranomos.engine.pictures.stripping.parts import PARTS_MAX, Broken, Removed, exif_of, orientation_of

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset(
    (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"cICP", b"acTL", b"fcTL",
     b"fdAT")
)  # fmt: skip
_NAMES: Final = {
    b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"eXIf": "exif", b"tIME": "time", b"iCCP": "colour profile",
    b"pHYs": "resolution",
}  # fmt: skip
_AT_ONCE: Final = 1 << 20
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def strip(data: bytes, removed: Removed) -> bytes:
    """The file without metadata. How it is turned stays. Raises Broken."""
    kept, turned = [_SIGNATURE], 1
    chunks = _chunks(data)
    kind, head, end = next(chunks)
    if kind != b"IHDR":
        raise Broken("no header")
    kept.append(_chunk(kind, head))
    stream = _Stream(_raw_size(head))
    for kind, body, behind in chunks:
        if kind == b"IDAT":
            left = stream.feed(body)
            if left < len(body):
                removed.add("data behind the picture")
            if left:
                kept.append(_chunk(kind, body[:left]))
        elif kind == b"IEND":
            end = behind
            break
        elif kind in _KEPT:
            kept.append(_chunk(kind, body))
        elif kind[:1].isupper():
            raise Broken("a part that is not known and cannot be left out")
        else:
            removed.add(_NAMES.get(kind, "other"))
            turned = orientation_of(body) if kind == b"eXIf" else turned
    if not stream.done:
        raise Broken("no end")
    if end < len(data):
        removed.add("trailing data")
    exif = [_chunk(b"eXIf", exif_of(turned))] if turned != 1 else []
    return b"".join((*kept[:2], *exif, *kept[2:], _chunk(b"IEND", b"")))


class _Stream:
    """The picture's own data as it is unpacked: how far it goes. Nothing of it is kept."""

    def __init__(self, size_max: int) -> None:
        self._left = size_max
        self._unpack = zlib.decompressobj()

    @property
    def done(self) -> bool:
        """Whether the data came to its end."""
        return self._unpack.eof

    def feed(self, body: bytes) -> int:
        """How many of the next bytes belong to the picture. Raises Broken for more than its size says."""
        if self.done:
            return 0
        rest = body
        while rest and not self.done:
            try:
                self._left -= len(self._unpack.decompress(rest, _AT_ONCE))
            except zlib.error as error:
                raise Broken("the data does not unpack") from error
            if self._left < 0:
                raise Broken("more data than the picture has")
            rest = self._unpack.unconsumed_tail
        return len(body) - len(self._unpack.unused_data)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """(kind, body, where it ends) of each chunk whose checksum holds."""
    at = len(_SIGNATURE)
    for _ in range(PARTS_MAX):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or not kind.isalpha():
            raise Broken("a chunk is cut off")
        body = data[at + 8 : end - 4]
        if zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise Broken("a checksum does not hold")
        yield kind, body, end
        at = end
    raise Broken("too many chunks")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _raw_size(head: bytes) -> int:
    """Bytes of the unpacked picture at most: with interlacing there are more rows, each with a byte of its own."""
    if len(head) != 13 or head[9] not in _SAMPLES:
        raise Broken("the header is not one")
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    row = (width * head[8] * _SAMPLES[head[9]] + 7) // 8 + 1
    return (row + 8) * (height + 8) * (2 if head[12] else 1)
