"""Files of brands in all their forms; what is refused is counted and placed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from agoranomos.goods.brands import queries
from agoranomos.goods.brands.formats import Parsed, read_brands
from agoranomos.goods.brands.importing import import_brands
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.nsi import is_nsi
from agoranomos.goods.brands.registry_file import read_registry
from agoranomos.goods.brands.snapshot import load_snapshot
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_brand, make_event, make_lines, make_money


def read(folder: Path, content: bytes) -> Parsed:
    path = folder / "brands.txt"
    path.write_bytes(content)
    return read_brands(path)


def test_events_become_brands_in_the_order_of_their_time(tmp_path: Path) -> None:
    band = {"low": {"amount": 100, "currency": "CNY"}, "high": {"amount": 200, "currency": "CNY"}}
    data = {
        "brand_id": "nike",
        "names": ["Nike"],
        "authorised_store_ids": ["s1"],
        "price_bands": [band],
        "features": {"stitching": "even"},
    }
    late = make_event(id="e2", time="2026-05-02T00:00:00Z", data=data)
    parsed = read(tmp_path, make_lines([late, make_event(), make_event("listing.submitted", id="e3"), late]))
    assert [brand.sold for brand in parsed.brands] == ["open", "selective"]
    last = parsed.brands[-1]
    assert last.authorised_store_ids == ("s1",)
    assert last.features == {"stitching": "even"}
    assert last.price_bands[0].provenance == "stated by brand-portal"
    assert last.price_bands[0].at == "2026-05-02T00:00:00Z"
    assert parsed.skipped == 1
    assert parsed.rejects == []


def test_bad_rows_are_placed_and_not_repeated(tmp_path: Path) -> None:
    rows: list[Any] = [
        {"names": ["Good"]},
        {"names": []},
        b"{broken SECRET",
        {"names": ["SECRET\u0000"]},
        b"",
        {"brand_id": "x", "names": ["X"], "floors": {"shoes": {"amount": 1, "currency": "SECRET"}}},
        make_event("brand.registered", data={"brand_id": "y"}),
        [1],
        {"names": ["Z"], "status": "merged_into"},
        {"names": ["B"], "price_bands": [{"low": _yuan(2), "high": _yuan(1)}]},
    ]
    parsed = read(tmp_path, make_lines(rows))
    assert [brand.brand_id for brand in parsed.brands] == ["good"]
    assert [(reject.line, reject.pointer) for reject in parsed.rejects] == [
        (2, "/names"),
        (3, ""),
        (4, "/names/0"),
        (6, "/floors/shoes"),
        (7, "/data/names"),
        (8, ""),
        (9, "/merged_into"),
        (10, "/price_bands/0"),
    ]
    assert "SECRET" not in str(parsed.rejects)


def test_a_json_array_is_read_too(tmp_path: Path) -> None:
    parsed = read(tmp_path, msgspec.json.encode([{"names": ["A"]}, {"names": 3}]))
    assert [brand.brand_id for brand in parsed.brands] == ["a"]
    assert [reject.pointer for reject in parsed.rejects] == ["/1/names"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_tables_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    table = (
        "brand_id,names,aliases,floors,price_bands,authorised_store_ids,unverified,sold\n"
        "anta,安踏|ANTA,An Ta,shoes=99.5 CNY,shoes=99..1500 CNY|=1..2 JPY,s1|s2,An Ta,selective\n"
        ",李宁,,,,-,,\n"
        "x,X,,shoes=cheap,,,,\n"
        "y,Y,,shoes=1.234 CNY,,,,\n"
        "z,Z,,,,,,somewhere\n"
        "w,W,,,,,,,,too many\n"
    )
    parsed = read(tmp_path, table.encode(encoding))
    anta, lining = parsed.brands
    assert anta.names == ("安踏", "ANTA")
    assert anta.floors == {"shoes": make_money(9950)}
    assert [(b.category, b.low, b.high) for b in anta.price_bands] == [
        ("shoes", make_money(9900), make_money(150000)),
        (None, make_money(1, "JPY"), make_money(2, "JPY")),
    ]
    assert anta.authorised_store_ids == ("s1", "s2")
    assert anta.unverified == ("An Ta",)
    assert lining.brand_id.startswith("brand_")
    assert lining.authorised_store_ids == ()
    assert [(reject.line, reject.pointer) for reject in parsed.rejects] == [
        (4, "/floors"),
        (5, "/floors"),
        (6, "/sold"),
        (7, ""),
    ]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    lines = make_lines([{"names": ["A"]}])
    assert read(tmp_path, gzip.compress(lines)).brands[0].brand_id == "a"
    assert read(tmp_path, zstandard.compress(lines)).brands[0].brand_id == "a"


@pytest.mark.parametrize("content", [b"just,a,table\n1,2,3\n", b"", b"\x1f\x8b\x08broken", b"\xff\xfe\x00"])
def test_what_is_no_list_of_brands(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        read(tmp_path, content)


def test_name_suggestion_index(tmp_path: Path) -> None:
    shoes = _index(
        "brands/shop/shoes",
        [
            {
                "displayName": "ABCマート",
                "matchNames": ["abc mart"],
                "tags": {
                    "brand": "ABCマート",
                    "brand:en": "ABC-Mart",
                    "brand:zh": "ABC鞋店",
                    "name": "ABC",
                },
            },
            {"displayName": "Aldo (UK)", "tags": {"shop": "shoes"}},
            {"displayName": 7},
            {"templateSource": "brands/shop/bag"},
        ],
    )
    bags = _index("brands/shop/bag", [{"displayName": "Aldo", "tags": {"brand": "Aldo"}}])
    banks = _index("brands/amenity/bank", [{"displayName": "Bank", "tags": {"brand": "Bank"}}])
    for name, document in {"shoes": shoes, "bags": bags, "banks": banks}.items():
        (tmp_path / f"{name}.json").write_bytes(msgspec.json.encode(document))
    assert is_nsi(shoes)
    parsed = read_brands(tmp_path)
    brands = {brand.main_name: brand for brand in parsed.brands}
    assert set(brands) == {"ABCマート", "Aldo"}
    assert set(brands["Aldo"].categories) == {"shoes", "bags"}
    assert brands["ABCマート"].names == ("ABCマート", "ABC-Mart", "ABC鞋店")
    assert brands["ABCマート"].aliases == ("ABC",)
    assert brands["ABCマート"].ordinary == ("ABC",)
    assert brands["Aldo"].unchecked
    assert parsed.skipped == 2
    assert [(reject.file, reject.pointer) for reject in parsed.rejects] == [("shoes.json", "/items/2")]


def test_an_import_is_idempotent(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "brands.jsonl"
    path.write_bytes(make_lines([{"names": ["A"]}, {"names": ["B"]}, {"names": []}]))
    with store.transaction() as connection:
        report = import_brands(connection, [path], NOW)
        assert (report.added, report.changed, report.unchanged, report.rejected) == (2, 0, 0, 1)
    path.write_bytes(make_lines([{"names": ["A"]}, {"names": ["B"], "aliases": ["Bee"]}]))
    with store.transaction() as connection:
        report = import_brands(connection, [path], NOW)
        assert (report.added, report.changed, report.unchanged, report.rejected) == (0, 1, 1, 0)
    with store.reading() as connection:
        assert queries.ids_by_name(connection, "bee") == ["b"]


def test_a_broken_file_imports_nothing_at_all(store: Store, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.bin"
    good.write_bytes(make_lines([{"names": ["A"]}]))
    bad.write_bytes(b"nothing of the kind")
    with pytest.raises(Invalid, match="bad"), store.transaction() as connection:
        import_brands(connection, [good, bad], NOW)
    with store.reading() as connection:
        assert queries.all_brands(connection) == []


def test_what_is_exported_is_read_again(tmp_path: Path) -> None:
    brands = [make_brand("a", floors={"shoes": make_money(1)}), make_brand("b", names=["乙", "B"])]
    path = tmp_path / "registry.jsonl"
    path.write_bytes(make_lines(brands))
    assert read_registry(path) == (brands, [])


@pytest.mark.slow
def test_the_whole_name_suggestion_index(store: Store, shared_data: Path) -> None:
    folder = shared_data / "brands" / "name_suggestion_index"
    with store.transaction() as connection:
        first = import_brands(connection, [folder], NOW)
        again = import_brands(connection, [folder], NOW)
        registry = load_snapshot(connection)
    assert first.added > 6_000
    assert first.rejected == 0
    assert (again.added, again.changed, again.unchanged) == (0, 0, first.added)
    assert any("shoes" in registry.get(key).categories for key in registry.by_name["allbirds"])


def _yuan(yuan: int) -> dict[str, Any]:
    return {"amount": yuan * 100, "currency": "CNY"}


def _index(path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"properties": {"path": path}, "items": items}


def test_nothing_but_brands_comes_out(tmp_path: Path) -> None:
    parsed = read(tmp_path, make_lines([{"names": ["A", " A ", "A"], "unknown": 1}]))
    assert parsed.brands == [Brand(brand_id="a", names=("A",))]


@pytest.mark.parametrize(
    "lines",
    [
        b'{"names": ["A"]}\n{"names": ["B"], "names": ["C"]}\n',
        b'[{"names": ["A"]},\n{"names": ["B"], "names": ["C"]}]',
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, lines: bytes) -> None:
    parsed = read(tmp_path, lines)
    assert [brand.main_name for brand in parsed.brands] == ["A"]
    assert [(one.line, one.pointer[-6:]) for one in parsed.rejects] == [(2, "/names")]
