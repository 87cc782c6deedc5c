"""Names fold as people expect, and ids made from names are ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.brands.model import clean_name, fold_name, slug
from agoranomos.kernel.ids import is_id
from tests.builders import make_brand


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Häagen-Dazs", "haagen dazs"),
        ("ＮＩＫＥ", "nike"),
        ("L'Oréal", "LOREAL"),
        ("Dr. Martens", "dr martens"),
        ("Straße", "STRASSE"),
        ("耐 克", "耐克"),
    ],
)
def test_spellings_that_are_the_same(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(("one", "other"), [("ガス", "カス"), ("耐克", "耐刻"), ("?!", "!"), ("A", "B")])
def test_spellings_that_are_not(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text())
def test_folding_is_final(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@given(st.text(min_size=1))
def test_a_slug_is_an_id(name: str) -> None:
    assert is_id(slug(name))


def test_slugs() -> None:
    assert slug("Eternal Gandhi") == "eternal-gandhi"
    assert slug("Häagen-Dazs") == "haagen-dazs"
    assert slug("听雨轩").startswith("brand_")
    assert slug("听雨轩") == slug("听 雨轩")


def test_clean_names() -> None:
    assert clean_name("  Under\tArmour ") == "Under Armour"
    assert clean_name(" ") is None
    assert clean_name("a\u0000b") is None
    assert clean_name("x" * 201) is None


def test_called_gives_each_name_once_and_the_main_one_first() -> None:
    brand = make_brand(names=["Nike", "耐克"], aliases=("耐克", "Nike Inc"), nicknames=("Swoosh",))
    assert brand.called() == ("Nike", "耐克", "Nike Inc", "Swoosh")
    assert brand.main_name == "Nike"
