"""What is read, what is skipped and why; nothing raises."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from agoranomos.engine.pictures.bounds import REASONS, Limits, Skip
from agoranomos.engine.pictures.decoding import decode
from agoranomos.engine.pictures.headers import Header, header
from agoranomos.engine.pictures.matching import compared
from agoranomos.engine.pictures.signature import signature
from tests.engine.pictures.drawing import drawn, file_of, png_that_claims, signed

PICTURE = drawn(1)
JPEG = file_of(PICTURE)
GREY16 = Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 256)
TURNED = [PICTURE.rotate(9), PICTURE.rotate(18)]

READ = {
    "jpeg": JPEG,
    "progressive": file_of(PICTURE, progressive=True),
    "cmyk": file_of(PICTURE.convert("CMYK")),
    "grey": file_of(PICTURE.convert("L")),
    "png": file_of(PICTURE, "PNG"),
    "png with a palette": file_of(PICTURE.convert("P"), "PNG"),
    "png with transparency": file_of(PICTURE.convert("RGBA"), "PNG"),
    "png of 16 bits": file_of(GREY16, "PNG"),
    "animated png": file_of(PICTURE, "PNG", save_all=True, append_images=TURNED),
    "gif": file_of(PICTURE, "GIF"),
    "animated gif": file_of(PICTURE, "GIF", save_all=True, append_images=TURNED),
    "webp": file_of(PICTURE, "WEBP"),
    "lossless webp": file_of(PICTURE, "WEBP", lossless=True),
    "animated webp": file_of(PICTURE, "WEBP", save_all=True, append_images=TURNED),
    "bmp": file_of(PICTURE, "BMP"),
}

SKIPPED = {
    "no bytes": (b"", "empty"),
    "text": (b"hello, world", "not_a_picture"),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "kind_not_read"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(200), "kind_not_read"),
    "avif": (b"\0\0\0\x18ftypavif" + bytes(200), "kind_not_read"),
    "a page": (b"<!DOCTYPE html><html><body>404</body></html>", "kind_not_read"),
    "tiff": (file_of(PICTURE, "TIFF"), "kind_not_read"),
    "20,000 x 20,000": (png_that_claims(20_000, 20_000), "too_large"),
    "less than it claims": (png_that_claims(2_000, 2_000), "broken"),
    "8 x 8": (file_of(PICTURE.resize((8, 8)), "PNG"), "too_small"),
    "a strip": (file_of(PICTURE.resize((4_000, 16)), "PNG"), "too_small"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], "broken"),
    "a jpeg's head": (JPEG[:200], "broken"),
    "two bytes of a jpeg": (JPEG[:2], "broken"),
    "half a png": (READ["png"][:9_000], "broken"),
    "half a gif": (READ["gif"][:20], "broken"),
    "half a webp": (READ["webp"][:400], "broken"),
    "many passes": (JPEG[:-2] + b"\xff\xda" * 100 + JPEG[-2:], "too_many_scans"),
}


@pytest.mark.parametrize("name", READ)
def test_every_kind_shows_the_same_picture(name: str) -> None:
    match = compared(signed(READ[name]), signed(JPEG))
    assert match is not None
    assert match.score > 0.9
    assert match.words == "the whole picture"


@pytest.mark.parametrize("name", SKIPPED)
def test_what_is_not_read_is_skipped_with_a_reason(name: str) -> None:
    data, reason = SKIPPED[name]
    found = signature(data)
    assert found == Skip(reason)
    assert isinstance(found, Skip)
    assert found.message == REASONS[reason]


def test_bytes_are_bounded() -> None:
    assert signature(JPEG, Limits(bytes_max=1_000)) == Skip("too_many_bytes")


def test_a_jpeg_is_decoded_small() -> None:
    grey = decode(file_of(drawn(2, (1_600, 1_600))), 36_000)
    assert not isinstance(grey, Skip)
    assert grey.shape == (200, 200)


def test_a_plain_picture_has_no_marks() -> None:
    assert len(signed(Image.new("RGB", (400, 300), "white"))) == 0


def test_the_header_says_how_large_it_is() -> None:
    for name, data in READ.items():
        head = header(data)
        assert head is not None, name
        assert (head.width, head.height) == PICTURE.size, name
    assert header(READ["png of 16 bits"]) == Header("png", *PICTURE.size, bits=16)


@pytest.mark.slow
def test_damaged_bytes_never_raise() -> None:
    chance = random.Random(3)
    small = {kind: file_of(drawn(4, (96, 80)), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP")}
    outcomes = set()
    for data in small.values():
        for _ in range(40):
            broken = bytearray(data)
            for _ in range(chance.choice((1, 4, 16))):
                broken[chance.randrange(chance.choice((48, len(broken))))] = chance.randrange(256)
            found = signature(bytes(broken[: chance.randrange(1, len(broken))] if chance.random() < 0.2 else broken))
            outcomes.add(found.reason if isinstance(found, Skip) else "read")
    assert {"read", "broken"} <= outcomes <= {"read", *REASONS}
