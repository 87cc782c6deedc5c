"""What a file says it is, from its first bytes: kind, size, frames. Nothing is decoded; the name is not looked at."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

_START_OF_FRAME: Final = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_BARE: Final = frozenset((0x01, *range(0xD0, 0xD9)))
_MARKERS_MAX: Final = 2_000
_UNREAD: Final = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


class Header(msgspec.Struct, frozen=True):
    """`width` and `height` are 0 when the file does not say; `bits` per sample; `scans` of a JPEG."""

    kind: str
    width: int = 0
    height: int = 0
    bits: int = 8
    scans: int = 1


def header(data: bytes) -> Header | None:
    """The header, or None when the beginning is that of no known kind. Never raises."""
    try:
        return _header(data)
    except (struct.error, IndexError):
        return Header("cut off")


def _header(data: bytes) -> Header | None:
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        width, height, bits = struct.unpack_from(">IIB", data, 16)
        return Header("png", width, height, bits)
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return _gif(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[:2] == b"BM" and len(data) > 26 and data[14] >= 40:
        width, height = struct.unpack_from("<ii", data, 18)
        return Header("bmp", abs(width), abs(height))
    if data[4:8] == b"ftyp":
        return Header("heic" if data[8:12] in _UNREAD else "video")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and b"<svg" in data[:4096].lower():
        return Header("svg")
    if head.startswith((b"<!doctype html", b"<html")):
        return Header("html")
    if data[:4] in {b"II*\0", b"MM\0*"}:
        return Header("tiff")
    return Header("pdf") if data[:5] == b"%PDF-" else None


def _jpeg(data: bytes) -> Header:
    at = 2
    for _ in range(_MARKERS_MAX):
        while data[at] != 0xFF:
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _BARE:
            continue
        if marker in _START_OF_FRAME:
            bits, height, width = struct.unpack_from(">BHH", data, at + 2)
            return Header("jpeg", width, height, bits, data.count(b"\xff\xda", at))
        if marker in {0xD9, 0xDA}:
            break
        at += struct.unpack_from(">H", data, at)[0]
    return Header("jpeg")


def _gif(data: bytes) -> Header:
    """The larger of the screen and of the first frame, which alone is read."""
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)
    for _ in range(_MARKERS_MAX):
        if data[at] == 0x2C:
            left, top, wide, tall = struct.unpack_from("<HHHH", data, at + 1)
            return Header("gif", max(width, left + wide), max(height, top + tall))
        if data[at] != 0x21:
            break
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    return Header("gif", width, height)


def _webp(data: bytes) -> Header:
    chunk = data[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header("webp", width, height)
    if chunk == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        return Header("webp", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return Header("webp", width & 0x3FFF, height & 0x3FFF)
