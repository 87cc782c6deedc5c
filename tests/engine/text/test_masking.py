"""Names of which something is left to be guessed: which variants there are, and what a text must show."""

from __future__ import annotations

import pytest

from agoranomos.engine.text.folding import BROKEN
from agoranomos.engine.text.masking import is_masked, masked, skeleton


def test_a_character_inside_a_chinese_name_may_be_left_to_be_guessed() -> None:
    texts = {variant.text for variant in masked("路易威登")}
    assert {"路*威登", "路易*登", "路某威登", "路x威登"} <= texts
    assert not any(text.startswith("*") or text.endswith("*") for text in texts), "at an edge a sign is an ornament"
    assert {variant.text for variant in masked("普拉达")} == {"普*达", "普x达", "普某达"}, "口 may be a word's own"
    assert all(variant.how == BROKEN for variant in masked("路易威登"))


@pytest.mark.parametrize("name", ["", "耐克", "L家包", "Nike"])
def test_too_little_would_be_left_of_others(name: str) -> None:
    assert list(masked(name)) == []


@pytest.mark.parametrize(
    ("written", "guessed"),
    [
        ("路*威登", True), ("路××威登", True), ("新○伦", True), ("美💎莲", True), ("爱❤️仕", True),
        ("路 威登", False), ("路、威登", False), ("路-威登", False), ("路威登", False), ("路***威登", False),
    ],
)  # fmt: skip
def test_signs_of_omission_and_one_picture_stand_for_a_character(written: str, *, guessed: bool) -> None:
    assert is_masked("路*威登", written) is guessed
    assert is_masked("路某威登", written), "other variants need no sign"


@pytest.mark.parametrize(
    ("name", "left"), [("Breitling", "Brtlng"), ("New Balance", "Nw Blnc"), ("Michael Kors", "Mchl Krs")]
)
def test_a_name_is_known_without_its_vowels(name: str, left: str) -> None:
    variant = skeleton(name)
    assert variant is not None
    assert variant.text == left


@pytest.mark.parametrize("name", ["Nike", "Gucci", "Swatch", "H&M", "香奈儿", ""])
def test_where_little_is_left_or_little_was_dropped_it_is_not(name: str) -> None:
    assert skeleton(name) is None
