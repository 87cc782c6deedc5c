"""A small catalogue with pictures: known ones, edited ones, shared ones, and files that no one can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageOps

from tests.engine.pictures.drawing import drawn, file_of, jpeg_that_claims, png_that_claims

FAKE, OTHER_FAKE, THIRD_FAKE, GENUINE, COMMON, OWN = 1, 13, 12, 2, 3, 4
"""What the pictures show, as seeds of `drawn`."""
WORDS = "casual shoes, new"


def known_folders(folder: Path) -> tuple[Path, Path]:
    """A folder of fakes, and one of a brand's own pictures."""
    fakes, genuine = folder / "fakes", folder / "genuine"
    for where, name, seed in (
        (fakes, "fake-7", FAKE), (fakes, "fake-8", OTHER_FAKE), (fakes, "fake-9", THIRD_FAKE),
        (genuine, "air-front", GENUINE),
    ):  # fmt: skip
        where.mkdir(parents=True, exist_ok=True)
        (where / f"{name}.jpg").write_bytes(file_of(drawn(seed), quality=90))
    return fakes, genuine


def qr_over(picture: Image.Image, text: str) -> Image.Image:
    """The picture with a QR code in a corner."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    image = Image.fromarray(cv2.resize(np.array(code.to_image()), (160, 160), interpolation=cv2.INTER_NEAREST))
    made = picture.copy()
    made.paste(ImageOps.expand(image, 10, 255), (8, 8))
    return made


def pictures(root: Path) -> None:
    """Everything that the listings show, under `root`, and a file outside of it."""
    root.mkdir(parents=True)
    files: dict[str, bytes] = {
        "mirrored.jpg": file_of(ImageOps.mirror(drawn(FAKE)), quality=60),
        "cropped.png": file_of(drawn(OTHER_FAKE).crop((40, 30, 460, 380)), "PNG"),
        "brand.jpg": file_of(drawn(GENUINE).resize((300, 250)), quality=80),
        "mine.jpg": file_of(drawn(OWN), quality=85),
        "common-1.jpg": file_of(drawn(COMMON), quality=85),
        "common-2.jpg": file_of(ImageOps.expand(drawn(COMMON), 20, "white"), quality=70),
        "qr.jpg": file_of(qr_over(drawn(5), "https://u.wechat.com/kExample"), quality=90),
        "empty.jpg": b"",
        "cut.jpg": file_of(drawn(6))[:2_000],
        "text.jpg": b"no picture at all",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"/>',
        "photo.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
        "huge.png": png_that_claims(20_000, 20_000),
        "huge.jpg": jpeg_that_claims(20_000, 20_000),
        "wrong-ending.gif": file_of(drawn(THIRD_FAKE), quality=80),
        "cmyk.jpg": file_of(drawn(THIRD_FAKE).convert("CMYK"), quality=80),
        "progressive.jpg": file_of(drawn(THIRD_FAKE), quality=80, progressive=True),
        "moving.gif": file_of(drawn(THIRD_FAKE), "GIF", save_all=True, append_images=[drawn(11)]),
        "deep.png": file_of(drawn(THIRD_FAKE).convert("I").point(lambda value: value * 256).convert("I;16"), "PNG"),
    }  # fmt: skip
    for name, data in files.items():
        (root / name).write_bytes(data)
    (root.parent / "outside.jpg").write_bytes(files["mine.jpg"])
    (root / "link.jpg").symlink_to(root.parent / "outside.jpg")
    (root / "folder.jpg").mkdir()


READABLE = ("wrong-ending.gif", "cmyk.jpg", "progressive.jpg", "moving.gif", "deep.png")
LISTINGS: tuple[tuple[str, str, str, Sequence[str]], ...] = (
    ("mirrored", "s1", "", ["mine.jpg", "mirrored.jpg"]),
    ("cropped", "s2", "", ["cropped.png"]),
    ("branded", "s3", "", ["brand.jpg"]),
    ("branded-too", "s4", "", ["brand.jpg"]),
    ("shared-1", "s5", "", ["common-1.jpg"]),
    ("shared-2", "s6", "seller-6", ["common-2.jpg"]),
    ("shared-3", "s7", "seller-6", ["common-2.jpg"]),
    ("mine-1", "s1", "", ["mine.jpg"]),
    ("coded", "s8", "", ["qr.jpg"]),
    ("hostile", "s9", "", ["empty.jpg", "cut.jpg", "text.jpg", "drawing.svg", "photo.heic", "huge.png", "folder.jpg",
        "huge.jpg",
    ]),
    ("elsewhere", "s9", "", [
        "https://example.com/a.jpg", "phash:0123456789abcdef", "../outside.jpg", "link.jpg", "no-such.jpg",
        "a\0b.jpg", "/etc/hostname",
    ]),
    *((name, "s9", "", [name]) for name in READABLE),
    ("hashed-1", "s11", "", ["phash:0f1e2d3c4b5a6978"]),
    ("hashed-2", "s12", "", ["phash:0F1E2D3C4B5A697B"]),
    ("plain", "s10", "", []),
)  # fmt: skip
SKIPPED = {
    "empty": 1, "broken": 1, "not_a_picture": 1, "kind_not_read": 2, "too_large": 2, "unreadable": 1,
    "not_at_hand": 1, "hash_only": 3, "outside_root": 3, "missing": 2,
}  # fmt: skip
"""What is not looked at, by reason."""
BAD_INPUT: dict[str, tuple[str, str | None]] = {
    "empty.jpg": ("no bytes", "empty"),
    "cut.jpg": ("a JPEG that is cut off", "broken"),
    "text.jpg": ("text that is called a JPEG", "not_a_picture"),
    "drawing.svg": ("SVG", "kind_not_read"),
    "photo.heic": ("HEIC", "kind_not_read"),
    "huge.png": ("PNG, 20,000 x 20,000 pixels", "too_large"),
    "huge.jpg": ("JPEG, 20,000 x 20,000 pixels", "too_large"),
    "folder.jpg": ("a folder", "unreadable"),
    "wrong-ending.gif": ("a JPEG that is called GIF", None),
    "cmyk.jpg": ("JPEG in CMYK", None),
    "progressive.jpg": ("progressive JPEG", None),
    "moving.gif": ("animated GIF", None),
    "deep.png": ("PNG of 16 bits", None),
}
"""File of the catalogue → what it is, and why it is skipped; None: it is read, and shows a known fake."""


def rows() -> list[dict[str, Any]]:
    """The listings as rows of a catalogue."""
    return [
        {
            "listing_id": listing, "store_id": store, "seller_id": seller or None, "title": WORDS,
            "price_amount": 19_900, "currency": "CNY", "picture_paths": list(paths),
        }
        for listing, store, seller, paths in LISTINGS
    ]  # fmt: skip


def write(path: Path) -> Path:
    """The catalogue as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows()), "utf-8")
    return path
