"""Pictures drawn by chance, and files made of them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.signature import Signature, signature


def drawn(seed: int, size: tuple[int, int] = (480, 400)) -> Image.Image:
    """A picture of many shapes."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, _colour(chance))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = chance.uniform(0, size[0]), chance.uniform(0, size[1])
        wide, tall = chance.uniform(10, size[0] / 4), chance.uniform(10, size[1] / 4)
        shape = chance.choice((draw.ellipse, draw.rectangle))
        shape((x, y, x + wide, y + tall), fill=_colour(chance))
        draw.text((x, y), str(chance.randrange(1000)), fill=_colour(chance), font_size=chance.randint(12, 40))
    return picture


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def file_of(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def signed(picture: Image.Image | bytes) -> Signature:
    """The signature of a picture that has one."""
    found = signature(picture if isinstance(picture, bytes) else file_of(picture, quality=85))
    assert not isinstance(found, Skip), found.message
    return found


def file_with_code(text: str, side: int = 160, size: tuple[int, int] = (600, 500)) -> bytes:
    """A picture with a QR code of `side` pixels in its midst."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    code = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(made, scale=-side)))
    picture = drawn(1, size)
    picture.paste(code.convert("RGB"), (size[0] // 2, size[1] * 2 // 5))
    return file_of(picture, quality=80)


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose header claims any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A JPEG whose header claims any size."""
    made = file_of(drawn(1))
    at = made.index(b"\xff\xc0") + 5
    return made[:at] + struct.pack(">HH", height, width) + made[at + 4 :]
