"""Barcodes and text in pictures."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from agoranomos.engine.pictures.barcodes import Barcode, barcodes, qr_codes
from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.decoding import Grey, decode
from agoranomos.engine.pictures.signature import DECODED
from agoranomos.engine.pictures.words import NotThere, Tesseract, Words, words_in, words_within
from tests.engine.pictures.drawing import drawn, file_of, file_with_code


def test_a_qr_code_is_read_from_a_picture() -> None:
    assert barcodes(file_with_code("weixin://dl/chat?shop88")) == [Barcode("QR Code", "weixin://dl/chat?shop88")]


def test_a_quick_look_reads_a_code_of_a_sixth_of_the_width() -> None:
    for side in (67, 100):
        grey = decode(file_with_code("weixin://dl/chat?shop88", side, (400, 500)), DECODED)
        assert not isinstance(grey, Skip)
        assert qr_codes(grey) == [Barcode("QR Code", "weixin://dl/chat?shop88")]


def test_where_no_code_is_none_is_read() -> None:
    assert barcodes(file_of(drawn(2))) == []
    assert barcodes(b"") == Skip("empty")


class _Fake:
    """An engine that reads what it is told."""

    def why_not(self) -> str | None:
        return None

    def read(self, grey: Grey) -> str | None:
        return None if grey.shape[0] < 100 else f"{grey.shape[1]} x {grey.shape[0]}"


PICTURE = file_of(drawn(3, (200, 150)))


def test_text_is_read_through_the_port() -> None:
    assert words_in(PICTURE, _Fake()) == Words("200 x 150")
    assert words_in(b"text", _Fake()) == Skip("not_a_picture")
    assert words_in(file_of(drawn(3, (200, 50))), _Fake()) == Skip("too_slow")


def test_without_the_program_it_says_what_to_install() -> None:
    found = words_in(PICTURE, Tesseract(program="no-such-program"))
    assert isinstance(found, NotThere)
    assert "tesseract-ocr-chi-sim" in found.why


def test_the_budget_ends_the_reading() -> None:
    ticks = iter([0.0, 0.0, 4.0, 9.9, 10.0])
    read = words_within([(str(k), PICTURE) for k in range(9)], _Fake(), 10, clock=lambda: next(ticks))
    assert [name for name, _ in read] == ["0", "1", "2"]


def test_tesseract_reads_words() -> None:
    reader = Tesseract(languages=("eng",))
    why = reader.why_not()
    if why is not None:
        pytest.skip(why)
    sheet = Image.new("RGB", (600, 160), "white")
    ImageDraw.Draw(sheet).text((20, 40), "WECHAT shop88", "black", ImageFont.load_default(64))
    found = words_in(file_of(sheet), reader)
    assert isinstance(found, Words)
    assert "shop88" in found.text.replace(" ", "").lower()


def test_missing_languages_are_named() -> None:
    reader = Tesseract(languages=("eng", "xx_none"))
    why = reader.why_not()
    assert why is not None
    assert "xx_none" in why or "Install Tesseract" in why
