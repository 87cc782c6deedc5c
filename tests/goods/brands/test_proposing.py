"""Names that behave like brands are proposed; words, known names and decided ones are not."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from agoranomos.goods.brands import sightings
from agoranomos.goods.brands.model import Proposal, fold_name
from agoranomos.goods.brands.proposing import Settings, propose
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from tests.builders import make_batch, make_brand

NOBODY = RegistrySnapshot([])
WESTERN = [
    "Lumivexa Printed Cotton Shirt",
    "Lumivexa Slim Jeans for Men",
    "Lumivexa Women's Printed Kurta",
    "Bengal Blooms Rose Artificial Plant",
    "Bengal Blooms Lily Pot",
    "Bengal Blooms Tulip Bunch",
    "Printed Cotton Bedsheet, Double",
    "Printed Wall Sticker, Large",
    "Cotton Printed Cushion",
    "Shirt, Printed, Rose",
]
CHINESE = [
    "尼凡（Nifan）简约商务休闲手提电脑包",
    "尼凡（Nifan）女士单肩包大容量",
    "咔咔鱼笔记本电脑贴膜",
    "咔咔鱼键盘膜透明轻薄",
    "【限时促销】咔咔鱼屏幕保护膜",
    "适用咔咔鱼的贴膜收纳包",
    "笔记本电脑支架铝合金",
    "笔记本加厚学生用",
    "笔记本外壳保护",
]


def names(proposals: list[Proposal]) -> list[str]:
    return [proposal.name for proposal in proposals]


def test_brands_at_the_head_of_western_titles() -> None:
    assert set(names(propose([make_batch(title=WESTERN)], NOBODY))) == {"Lumivexa", "Bengal Blooms"}


def test_brands_at_the_head_of_chinese_titles() -> None:
    found = {p.name: p for p in propose([make_batch(title=CHINESE)], NOBODY)}
    assert set(found) == {"尼凡", "咔咔鱼"}
    assert found["尼凡"].aliases == ("Nifan",)
    assert found["尼凡"].brand_id == "nifan"
    assert found["咔咔鱼"].listings == 3
    assert found["咔咔鱼"].examples[0] == CHINESE[2]


def test_the_brand_column_counts_unless_it_says_none() -> None:
    batch = make_batch(
        title=["a shirt", "a blouse", "a skirt", "a coat", "a hat"],
        brand=["Zemvo", "ZEMVO", "无品牌", "Generic", "N/A"],
    )
    (proposal,) = propose([batch], NOBODY)
    assert (proposal.name, proposal.found_in, proposal.listings) == ("Zemvo", ("brand",), 2)


def test_brackets() -> None:
    titles = [
        "【奇砚】毛笔 兼毫",
        "【奇砚】宣纸 六尺",
        "奇砚墨锭 油烟",
        "【包邮】毛笔架",
        "【包邮】砚台",
    ]
    titles += ["【年末盛典】墨水 红", "【年末盛典】墨水 蓝", "【年末盛典】墨水 黑"]
    assert names(propose([make_batch(title=titles)], NOBODY)) == ["奇砚"]


def test_known_and_decided_names_are_left_out() -> None:
    batch = make_batch(title=WESTERN)
    registry = RegistrySnapshot([make_brand("x", aliases=("LUMIVEXA",))])
    assert names(propose([batch], registry)) == ["Bengal Blooms"]
    assert names(propose([batch], NOBODY, {"bengalblooms"})) == ["Lumivexa"]
    plain = RegistrySnapshot([make_brand("bengal", ordinary=("Bengal",))])
    assert "Bengal Blooms" in names(propose([batch], plain))
    assert "Bengal Blooms" not in names(propose([batch], RegistrySnapshot([make_brand("bengal")])))


def test_a_model_number_makes_no_new_brand() -> None:
    batch = make_batch(title=["oppoR15手机壳", "oppoR15钢化膜", "oppoR15支架", "oppoR15充电器"])
    assert names(propose([batch], NOBODY)) == ["oppoR15"]
    registry = RegistrySnapshot([make_brand("oppo", ordinary=("Oppo",))])
    assert propose([batch], registry) == []


def test_many_stores_speak_for_a_name() -> None:
    titles = [f"{name} lamp {n}" for name in ("Zemvo", "Qirlo") for n in range(4)]
    stores = ["s1"] * 4 + ["s1", "s2", "s3", "s4"]
    first, second = propose([make_batch(title=titles, store_id=stores)], NOBODY)
    assert (first.name, first.stores, second.stores) == ("Qirlo", 4, 1)
    only = propose([make_batch(title=titles, store_id=stores)], NOBODY, settings=Settings(stores_min=2))
    assert names(only) == ["Qirlo"]


def test_the_same_listings_in_any_cut_give_the_same_proposals() -> None:
    whole = propose([make_batch(title=WESTERN + CHINESE)], NOBODY)
    assert whole == propose([make_batch(title=[title]) for title in WESTERN + CHINESE], NOBODY)


def test_nothing_is_proposed_of_nothing() -> None:
    assert propose([], NOBODY) == []
    assert propose([make_batch(title=["", " ", "【】", "!!!", None])], NOBODY) == []


def test_rare_names_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "NAMES_MAX", 50)
    titles = [f"Word{chr(97 + n % 26)}{chr(97 + n // 26)} thing" for n in range(600)]
    batches = [make_batch(title=[*titles[n : n + 20], f"Lumivexa {n} lamp"]) for n in range(0, 600, 20)]
    seen = sightings.Sightings().read(batches)
    assert len(seen.heads) <= 50 + 3 * 21
    assert "Lumivexa" in names(propose(batches, NOBODY))


@pytest.mark.slow
def test_real_titles_with_the_brand_column_hidden(shared_data: Path) -> None:
    path = shared_data / "listings" / "flipkart" / "flipkart_price_brand.csv"
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file))
    proposals = propose([make_batch(title=[row["product_name"] for row in rows])], NOBODY)
    # The column is empty in 29 % of the rows, also for real brands: only where a name heads a
    # title with a filled column can the column contradict it.
    filled = Counter(fold_name(row["brand"]) for row in rows if row["brand"])
    heads = {
        fold_name(" ".join(row["product_name"].split()[:count])) for row in rows if row["brand"] for count in (1, 2, 3)
    }
    judged = [fold_name(name) in filled for name in names(proposals) if fold_name(name) in heads]
    assert sum(judged[:100]) >= 85
    found = {fold_name(name) for name in names(proposals)}
    heading: Counter[str] = Counter()
    for title in {row["product_name"] for row in rows}:
        heading.update({fold_name(" ".join(title.split()[:count])) for count in (1, 2, 3)})
    often = [brand for brand in filled if heading[brand] >= 10]
    assert sum(brand in found for brand in often) / len(often) >= 0.75
