"""The shipped brands: that the files keep their form, and that no string points two ways."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from agoranomos.goods.brands.model import CATEGORIES, NAME_KINDS, clean_name, fold_name
from agoranomos.goods.brands.seed import FIELDS, read_seed, seed_brands
from agoranomos.kernel.errors import Invalid

FILES = ("everything_else.jsonl", "fashion_beauty.jsonl", "further.jsonl")
SHARED: frozenset[str] = frozenset()
"""Folded strings that two brands own although neither is an everyday word."""
HAN = re.compile("[\u4e00-\u9fff]")
KANA = re.compile("[\u3040-\u30ff]")
ASIAN = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
COPIED = {
    "louis-vuitton": ("bags", "shoes", "clothing", "watches", "jewellery", "eyewear"),
    "chanel": ("bags", "shoes", "clothing", "watches", "jewellery", "eyewear"),
    "gucci": ("bags", "shoes", "clothing", "watches", "jewellery", "eyewear"),
    "dior": ("bags", "shoes", "clothing", "watches", "jewellery", "eyewear"),
    "hermes": ("bags", "shoes", "clothing", "watches", "jewellery"),
    "prada": ("bags", "shoes", "clothing", "eyewear"),
    "cartier": ("watches", "jewellery", "bags", "eyewear"),
    "rolex": ("watches",),
    "omega": ("watches",),
    "tissot": ("watches",),
    "casio": ("watches",),
    "apple": ("phones", "audio"),
}
"""Brands that are copied most, with what they sell: a price must be able to give a copy away."""


def _lines() -> list[tuple[str, dict[str, Any]]]:
    folder = resources.files("agoranomos.goods.brands") / "data" / "seed"
    return [
        (f"{file}:{number}", json.loads(line))
        for file in FILES
        for number, line in enumerate((folder / file).read_text("utf-8").splitlines(), start=1)
    ]


LINES = _lines()


def _called(entry: dict[str, Any]) -> list[str]:
    return [name for kind in NAME_KINDS for name in entry.get(kind, ())]


def _is_chinese(name: str) -> bool:
    return bool(HAN.search(name)) and not KANA.search(name)


def test_there_are_many_brands_and_no_id_twice() -> None:
    counts = Counter(entry["brand_id"] for _, entry in LINES)
    assert len(LINES) >= 1700
    assert [brand_id for brand_id, count in counts.items() if count > 1] == []
    assert len(seed_brands()) == len(LINES)


def test_keys_are_known_filled_and_in_the_documented_order() -> None:
    for place, entry in LINES:
        assert list(entry) == [key for key in FIELDS if key in entry], place
        assert all(entry.values()), place
        assert {"brand_id", "names"} <= set(entry), place


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"brand_id": "x"}', "a.jsonl:1: Object missing required field `names`"),
        (b'{"brand_id": "x", "names": []}', "a.jsonl:1: a brand has at least one name"),
        (b'{"brand_id": "x", "names": ["X"], "floor": {"bags": 9.5}}', "a.jsonl:1: Expected `int`"),
        (b'{"brand_id": "x", "names": ["X"], "status": "rejected"}', "a.jsonl:1: a seed file has no field status"),
        (b"{", "a.jsonl:1: Input data was truncated"),
    ],
)
def test_a_line_of_another_form_is_refused(tmp_path: Path, line: bytes, said: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(line)
    with pytest.raises(Invalid) as caught:
        read_seed(tmp_path)
    assert caught.value.message.startswith(said)


def test_strings_are_trimmed_printable_and_said_once() -> None:
    for place, entry in LINES:
        strings = _called(entry)
        assert [s for s in strings if s != clean_name(s) or not fold_name(s)] == [], place
        assert [s for s, count in Counter(strings).items() if count > 1] == [], place


def test_ordinary_and_unverified_speak_of_the_entrys_own_strings() -> None:
    for place, entry in LINES:
        strings = set(_called(entry))
        for key in ("ordinary", "unverified"):
            assert set(entry.get(key, ())) <= strings, (place, key)


def test_categories_are_known_and_floors_are_positive_and_of_a_category_sold() -> None:
    for place, entry in LINES:
        categories = entry.get("categories", [])
        assert set(categories) <= set(CATEGORIES), place
        assert len(set(categories)) == len(categories), place
        floors = entry.get("floor", {})
        assert set(floors) <= set(categories), place
        assert all(isinstance(yuan, int) and yuan > 0 for yuan in floors.values()), place


def test_no_string_points_to_two_brands_unless_it_is_an_everyday_word() -> None:
    owners: dict[str, dict[str, bool]] = defaultdict(dict)
    for _, entry in LINES:
        for name in _called(entry):
            brands = owners[fold_name(name)]
            brand_id = entry["brand_id"]
            brands[brand_id] = brands.get(brand_id, True) and name in entry.get("ordinary", ())
    torn = {
        name: sorted(brands)
        for name, brands in owners.items()
        if len(brands) > 1 and not all(brands.values()) and name not in SHARED
    }
    assert torn == {}


def test_brands_of_asian_interest_have_a_chinese_name() -> None:
    """Of Asian interest is a brand that the registry writes in Chinese, Japanese or Korean, or
    that sells what Chinese copyists make most: shoes, bags, watches, jewellery, cosmetics,
    perfume, phones, audio.
    """
    trade = {"shoes", "bags", "watches", "jewellery", "cosmetics", "perfume", "phones", "audio"}
    of_interest = [
        entry
        for _, entry in LINES
        if trade & set(entry.get("categories", ())) or any(ASIAN.search(name) for name in _called(entry))
    ]
    named = [
        entry
        for entry in of_interest
        if any(_is_chinese(name) for key in ("names", "aliases") for name in entry.get(key, ()))
    ]
    assert len(of_interest) > 1300
    assert len(named) / len(of_interest) >= 0.85


@pytest.mark.parametrize("brand_id", COPIED)
def test_the_most_copied_have_least_prices_for_what_they_sell(brand_id: str) -> None:
    (brand,) = (brand for brand in seed_brands() if brand.brand_id == brand_id)
    assert set(COPIED[brand_id]) <= set(brand.floors)


def test_proper_names_are_no_everyday_words_and_everyday_words_are() -> None:
    ordinary = {name for brand in seed_brands() for name in brand.ordinary}
    assert not ordinary & {"Hublot", "Breguet", "Longchamp", "Lacoste", "茅台", "欧米茄", "Armani"}
    assert ordinary >= {"Apple", "COACH", "GUESS", "GAP", "Diesel", "苹果", "小米", "回力"}


def test_shapes_and_styles_that_others_sell_too_are_no_lines() -> None:
    strings = {name for brand in seed_brands() for name in brand.called()}
    shapes = {"Wayfarer", "Aviator", "袜子鞋", "贝壳头", "马鞍包", "饺子包", "小香", "UNO"}
    assert not strings & shapes
