"""QR codes and other barcodes in a picture (zxing-cpp): links and numbers that a listing's text does not show."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import zxingcpp

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.decoding import Grey, decode, halved
from agoranomos.engine.pictures.signature import DECODED

_AREA: Final = 640_000
"""Pixels that are looked at: a code filling a tenth of the picture still has several pixels a module."""
_QR: Final[dict[str, Any]] = {"formats": zxingcpp.BarcodeFormat.QRCode, "try_downscale": False}
"""Looking again at half the scale finds none more in so few pixels, and costs a fifth."""
_TEXT_MAX: Final = 2_000
_CODES_MAX: Final = 16


class Barcode(msgspec.Struct, frozen=True):
    """`kind` (`QR Code`, `EAN-13`, …), `text` as it reads, at most 2,000 characters."""

    kind: str
    text: str


def barcodes(data: bytes, limits: Limits | None = None) -> list[Barcode] | Skip:
    """The codes of all kinds in the picture, in the order of their texts; at most 16."""
    grey = decode(data, _AREA, limits or Limits())
    return grey if isinstance(grey, Skip) else _ordered(zxingcpp.read_barcodes(grey))


def qr_codes(grey: Grey) -> list[Barcode]:
    """The QR codes in a decoded picture: a sixteenth of the time. Of 160,000 pixels and more, one of a sixth of the
    picture's width is read."""
    return _ordered(zxingcpp.read_barcodes(halved(grey, DECODED), **_QR))


def _ordered(found: Any) -> list[Barcode]:
    seen = {(str(each.format), each.text[:_TEXT_MAX]) for each in found if each.text}
    return [Barcode(kind, text) for kind, text in sorted(seen, key=lambda each: (each[1], each[0]))[:_CODES_MAX]]
