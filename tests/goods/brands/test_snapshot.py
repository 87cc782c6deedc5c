"""Seed, store and registry file become one registry."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from agoranomos.goods.brands import actions
from agoranomos.goods.brands.model import CATEGORIES, Brand, PriceBand, fold_name
from agoranomos.goods.brands.seed import read_seed, seed_brands
from agoranomos.goods.brands.snapshot import RegistrySnapshot, layered, load_snapshot
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_brand, make_lines, make_money


def test_what_the_user_says_wins_and_names_are_united() -> None:
    seed = make_brand(
        aliases=("Nike Inc",),
        lines=("Air Max",),
        floors={"shoes": make_money(30000), "bags": make_money(10000)},
        sold="selective",
        categories=("shoes",),
    )
    mine = make_brand(
        names=["NIKE", "耐克"],
        aliases=("Swoosh",),
        floors={"shoes": make_money(40000)},
        authorised_store_ids=("s1",),
    )
    (brand,) = layered([seed], [mine]).brands
    assert brand.names == ("NIKE", "耐克", "Nike")
    assert brand.aliases == ("Swoosh", "Nike Inc")
    assert brand.lines == ("Air Max",)
    assert brand.floors == {"shoes": make_money(40000), "bags": make_money(10000)}
    assert (brand.sold, brand.authorised_store_ids) == ("open", ("s1",))
    assert brand.categories == ("shoes",)


def test_entries_with_one_main_name_are_one_brand_under_the_users_id() -> None:
    snapshot = layered([make_brand("nike")], [make_brand("B-17", names=["ＮＩＫＥ"])])
    assert [brand.brand_id for brand in snapshot.brands] == ["B-17"]
    assert snapshot.by_name["nike"] == ("B-17",)


def test_an_unchecked_entry_only_adds_its_names() -> None:
    seed = make_brand(sold="selective", floors={"shoes": make_money(1)})
    web = make_brand(
        names=["Nike", "Найк"],
        ordinary=("Nike",),
        unverified=("Nike", "Найк"),
        categories=("food",),
    )
    (brand,) = layered([seed], [web]).brands
    assert brand.aliases == ("Найк",)
    assert (brand.unverified, brand.ordinary) == (("Найк",), ())
    assert (brand.sold, brand.categories, brand.floors) == ("selective", (), seed.floors)


def test_a_checked_entry_confirms_names() -> None:
    seed = make_brand(aliases=("Найк", "Nyke"), unverified=("Найк", "Nyke"))
    (brand,) = layered([seed], [make_brand(aliases=("Найк",))]).brands
    assert brand.unverified == ("Nyke",)


def test_proposed_rejected_and_merged_entries_are_not_in_the_registry() -> None:
    stored = [
        make_brand("a", status="proposed"),
        make_brand("b", status="rejected"),
        make_brand("c", status="merged_into", merged_into="d"),
    ]
    seed = [make_brand("b"), make_brand("c"), make_brand("d")]
    assert [brand.brand_id for brand in layered(seed, stored).brands] == ["d"]


def test_the_version_depends_on_content_alone() -> None:
    brands = [make_brand("a"), make_brand("b", aliases=("x",))]
    version = RegistrySnapshot(brands).version
    assert RegistrySnapshot(reversed(brands)).version == version
    assert RegistrySnapshot(brands[:1]).version != version
    assert len(version) == 32


def test_names_of_several_brands_name_them_all() -> None:
    snapshot = RegistrySnapshot([make_brand("dove-soap", names=["Dove"]), make_brand("dove")])
    assert snapshot.by_name["dove"] == ("dove", "dove-soap")


def test_an_unknown_brand_is_not_found() -> None:
    with pytest.raises(NotFound, match="agora brands list"):
        RegistrySnapshot([]).get("nike")


def test_the_snapshot_of_a_store(store: Store) -> None:
    band = PriceBand(low=make_money(1000), high=make_money(2000), category="shoes", n=30)
    with store.transaction() as connection:
        actions.register(connection, [make_brand("my-brand")], NOW)
        actions.record_bands(connection, {"my-brand": [band], "unheard-of": [band]}, NOW)
    with store.reading() as connection:
        one, two = load_snapshot(connection), load_snapshot(connection, [make_brand("extra")])
    learned = one.get("my-brand").price_bands[0]
    assert (learned.low, learned.n, learned.at) == (make_money(1000), 30, "2026-05-01T08:00:00Z")
    assert len(one.brands) == len(load_snapshot().brands) + 1
    assert two.get("extra")
    assert one.version != two.version


def test_seed_files_are_read_and_broken_ones_named(tmp_path: Path) -> None:
    line = {"brand_id": "x", "names": ["X"], "floor": {"shoes": 300}, "unverified": ["X"]}
    (tmp_path / "a.jsonl").write_bytes(make_lines([line, b""]))
    (tmp_path / "readme.txt").write_text("not a seed")
    (brand,) = read_seed(tmp_path)
    assert brand == Brand(
        brand_id="x",
        names=("X",),
        much_copied=False,
        floors={"shoes": make_money(30000)},
        unverified=("X",),
        source="seed",
    )
    (tmp_path / "b.jsonl").write_bytes(make_lines([line, {"brand_id": "y", "names": []}]))
    with pytest.raises(Invalid, match=r"b\.jsonl:2"):
        read_seed(tmp_path)


def test_the_shipped_seed_keeps_its_form() -> None:
    brands = seed_brands()
    assert seed_brands() is brands
    ids = [brand.brand_id for brand in brands]
    assert ids == sorted(set(ids))
    for brand in brands:
        called = {fold_name(name) for name in brand.called()}
        assert set(brand.categories) | set(brand.floors) <= set(CATEGORIES), brand.brand_id
        assert {fold_name(name) for name in brand.ordinary} <= called, brand.brand_id
        assert all(floor.amount > 0 for floor in brand.floors.values()), brand.brand_id
    assert msgspec.json.decode(msgspec.json.encode(brands), type=tuple[Brand, ...]) == brands
