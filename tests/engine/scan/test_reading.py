"""What a judge gets from each format, and every kind of wrong input."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan.schema import TEXT_BYTES_MAX
from agoranomos.kernel.errors import Invalid
from tests.engine.scan.builders import (
    Listing,
    csv_bytes,
    jsonl_bytes,
    make_listing,
    make_listings,
    notes,
    read,
    write,
)

FORMATS = ["a.parquet", "a.csv", "a.tsv", "a.jsonl", "a.csv.gz", "a.csv.zst", "a.jsonl.gz"]


@pytest.mark.parametrize("name", FORMATS)
def test_formats_give_the_same(tmp_path: Path, name: str) -> None:
    given = make_listings(300)
    given[7]["title"] = 'with "quotes",\nlines and 正品'
    listings, rejects, repaired = read(write(tmp_path / name, given))
    assert (rejects, repaired) == ([], 0)
    assert [each["title"] for each in listings] == [each["title"] for each in given]
    absent = {"seller_id": None, "listed_at": None, "description": "", "category": ""}
    assert listings[3] == given[3] | absent


WRONG: list[tuple[Listing, str, str]] = [
    ({"listing_id": ""}, "listing_id", "missing"),
    ({"listing_id": None}, "listing_id", "missing"),
    ({"listing_id": "x" * 129}, "listing_id", "id_too_long"),
    ({"listing_id": "a\x07b"}, "listing_id", "id_not_printable"),
    ({"store_id": " "}, "store_id", "missing"),
    ({"title": ""}, "title", "missing"),
    ({"title": " \u3000"}, "title", "missing"),
    ({"price_amount": -1}, "price_amount", "negative"),
    ({"price_amount": 10**15 + 1}, "price_amount", "too_large"),
    ({"price_amount": None}, "price_amount", "missing"),
    ({"currency": "RMB"}, "currency", "unknown_currency"),
    ({"currency": ""}, "currency", "missing"),
    ({"currency": None}, "currency", "missing"),
]


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl"])
@pytest.mark.parametrize(("change", "column", "reason"), WRONG)
def test_a_wrong_row_is_rejected_and_the_rest_goes_on(
    tmp_path: Path, name: str, change: Listing, column: str, reason: str
) -> None:
    given = [make_listing(1), make_listing(2, **change), make_listing(3)]
    listings, rejects, _ = read(write(tmp_path / name, given))
    assert [each["listing_id"] for each in listings] == ["L000001", "L000003"]
    line = None if name == "a.parquet" else 1
    shown = None if column == "listing_id" else "L000002"
    assert rejects == [(1, line, column, reason, shown)]


@pytest.mark.parametrize(
    ("price", "outcome"),
    [
        ("1999.0", 1999),
        (" 1999 ", 1999),
        ("+5", 5),
        ("19.99", "not_an_integer"),
        ("0x10", "not_an_integer"),
        ("1e3", "not_an_integer"),
        ("1,999", "not_an_integer"),
        ("9" * 25, "too_large"),
    ],
)
def test_prices_as_text(tmp_path: Path, price: str, outcome: int | str) -> None:
    for name in ("a.csv", "a.parquet", "a.jsonl"):
        given = [make_listing(1, price_amount="7"), make_listing(2, price_amount=price)]
        listings, rejects, _ = read(write(tmp_path / name, given))
        if isinstance(outcome, int):
            assert [each["price_amount"] for each in listings] == [7, outcome]
        else:
            assert [each[3] for each in rejects] == [outcome]


EIGHT = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
TYPES: list[tuple[str, pa.Array, list[Any]]] = [
    ("listing_id", pa.array([1, 2]), ["1", "2"]),
    ("listing_id", pa.array([1.0, 2.0]), ["1", "2"]),
    ("listing_id", pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
    ("listing_id", pa.array(["a", "b"], pa.string_view()), ["a", "b"]),
    ("listing_id", pa.array([b"a", b"b"]), ["a", "b"]),
    ("title", pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
    ("price_amount", pa.array([1999.0, 5.0]), [1999, 5]),
    ("price_amount", pa.array([5, 7], pa.uint64()), [5, 7]),
    ("price_amount", pa.array([decimal.Decimal("5"), decimal.Decimal("7")]), [5, 7]),
    ("price_amount", pa.array(["1999.0", "5"]), [1999, 5]),
    ("description", pa.nulls(2), ["", ""]),
    ("picture_paths", pa.array(["a|b", None]), [["a", "b"], []]),
    ("picture_paths", pa.array([["a", None, ""], None]), [["a"], []]),
    ("picture_paths", pa.array([["a"], ["b", "c"]], pa.large_list(pa.large_string())),
     [["a"], ["b", "c"]]),
    ("picture_paths", pa.nulls(2), [[], []]),
    ("listed_at", pa.array([EIGHT, None], pa.timestamp("us", "Asia/Shanghai")),
     ["2026-05-01T08:00:00Z", None]),
    ("listed_at", pa.array([dt.date(2026, 5, 1), None]), ["2026-05-01T00:00:00Z", None]),
    ("listed_at", pa.array(["2026-05-01T08:00:00+08:00", ""]), ["2026-05-01T08:00:00+08:00", None]),
    ("seller_id", pa.array([7, None]), ["7", None]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "array", "expected"), TYPES)
def test_parquet_types_without_loss(tmp_path: Path, column: str, array: pa.Array, expected: list[Any]) -> None:
    table = pa.Table.from_pylist(make_listings(2))
    table = table.drop_columns([column]) if column in table.column_names else table
    pq.write_table(table.append_column(f" {column.upper()} ", array), tmp_path / "a.parquet")
    listings, rejects, _ = read(tmp_path / "a.parquet")
    assert rejects == []
    assert [each[column] for each in listings] == expected


LOSSY: list[tuple[str, pa.Array, str]] = [
    ("listing_id", pa.array([1.5, 2.0]), "id_not_exact"),
    ("price_amount", pa.array([19.99, 5.0]), "not_an_integer"),
    ("price_amount", pa.array([decimal.Decimal("19.995"), decimal.Decimal("7")]), "not_an_integer"),
    ("price_amount", pa.array(["1999.00", "5"]), "not_an_integer"),
    ("price_amount", pa.array([float("nan"), 5.0]), "missing"),
    ("price_amount", pa.array([float("inf"), 5.0]), "too_large"),
    ("price_amount", pa.array([2**64 - 1, 5], pa.uint64()), "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "array", "reason"), LOSSY)
def test_parquet_values_that_would_lose_something(tmp_path: Path, column: str, array: pa.Array, reason: str) -> None:
    table = pa.Table.from_pylist(make_listings(2)).drop_columns([column])
    pq.write_table(table.append_column(column, array), tmp_path / "a.parquet")
    listings, rejects, _ = read(tmp_path / "a.parquet")
    assert len(listings) == 1
    assert [(each[0], each[2], each[3]) for each in rejects] == [(0, column, reason)]


def test_a_decimal_column_with_two_places_is_in_whole_units_and_refused(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(make_listings(2)).drop_columns(["price_amount"])
    prices = pa.array([decimal.Decimal("5.00"), decimal.Decimal("7.00")])
    pq.write_table(table.append_column("price_amount", prices), tmp_path / "a.parquet")
    listings, rejects, _ = read(tmp_path / "a.parquet")
    assert listings == []
    assert {each[3] for each in rejects} == {"not_an_integer"}


def test_a_type_that_says_nothing_is_invalid(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", [make_listing(1, title=True)])
    with pytest.raises(Invalid, match="title has the type bool"):
        read(tmp_path / "a.parquet")


def test_repairs_are_counted(tmp_path: Path) -> None:
    long = "鞋" * (TEXT_BYTES_MAX // 3 + 10)
    given = [
        make_listing(1, title="a\0b", description=""),
        make_listing(2, description=long),
        make_listing(3),
        make_listing(4, title="c\0d", description=long),
    ]
    for name in ("a.parquet", "a.csv", "a.jsonl"):
        given = [{**each, "description": each.get("description", "")} for each in given]
        listings, rejects, repaired = read(write(tmp_path / name, given))
        assert (rejects, repaired) == ([], 3)
        assert [each["title"] for each in listings][0::3] == ["a b", "c d"]
        assert len(listings[1]["description"].encode()) == TEXT_BYTES_MAX - 1


def test_lone_surrogates_become_replacement_characters(tmp_path: Path) -> None:
    lines = [json.dumps(make_listing(1)), json.dumps(make_listing(2, title="x\ud800y 鞋"))]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    listings, rejects, repaired = read(tmp_path / "a.jsonl")
    assert (rejects, repaired, listings[1]["title"]) == ([], 1, "x\ufffdy 鞋")

    table = pa.Table.from_pylist(make_listings(3)).drop_columns(["title"])
    raw = pa.array([b"fine", b"x\xed\xa0\x80y", b"\xff\xfe"])
    pq.write_table(table.append_column("title", raw), tmp_path / "a.parquet")
    listings, rejects, repaired = read(tmp_path / "a.parquet")
    assert [each["title"] for each in listings] == ["fine", "x\ufffdy"]
    assert repaired == 1
    assert [(each[0], each[2], each[3]) for each in rejects] == [(2, "title", "not_utf8")]


def test_wrong_lines_of_csv(tmp_path: Path) -> None:
    head = b"listing_id,store_id,title,price_amount,currency\n"
    body = b"\n".join(
        [
            "L1,S,鞋,1,CNY".encode(),
            b"L2,S,two,1",
            b"",
            b'L3,S,"open,1,CNY',
            b'L4,S,"fo\nur",1,CNY',
            b"L5,S,fi\xffve,1,CNY",
            b"L6,S,six,1,CNY,more",
            b"L7,S,seven,-1,CNY",
            "L8,S,鞋,1,CNY".encode(),
        ]
    )
    (tmp_path / "a.csv").write_bytes(head + body)
    listings, rejects, _ = read(tmp_path / "a.csv")
    assert [each["listing_id"] for each in listings] == ["L1", "L4", "L8"]
    assert rejects == [
        (1, 1, None, "ragged_row", None),
        (2, 3, None, "broken_quote", None),
        (4, 6, None, "not_utf8", None),
        (5, 7, None, "ragged_row", None),
        (6, 8, "price_amount", "negative", "L7"),
    ]


def test_wrong_lines_of_jsonl(tmp_path: Path) -> None:
    good = jsonl_bytes([make_listing(1)]).strip()
    lines = [
        good,
        b"{broken",
        b"",
        b"[1]",
        b'{"title": NaN}',
        b"[" * 100_000,
        b"\xff" + good,
        jsonl_bytes([make_listing(2, title=["list"])]).strip(),
        jsonl_bytes([make_listing(3, price_amount=True)]).strip(),
        jsonl_bytes([make_listing(4, price_amount=10**30)]).strip(),
        jsonl_bytes([{k.upper(): v for k, v in make_listing(5, title=12).items()}]).strip(),
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    listings, rejects, _ = read(tmp_path / "a.jsonl")
    assert [(each["listing_id"], each["title"]) for each in listings][1:] == [("L000005", "12")]
    assert [(row, line, reason) for row, line, _, reason, _ in rejects] == [
        (1, 1, "broken_json"),
        (2, 3, "not_an_object"),
        (3, 4, "broken_json"),
        (4, 5, "broken_json"),
        (5, 6, "not_utf8"),
        (6, 7, "not_text"),
        (7, 8, "not_an_integer"),
        (8, 9, "too_large"),
    ]


def test_a_line_over_the_limit(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl"):
        given = make_listings(3)
        given[1]["title"] = "x" * (9 << 20)
        listings, rejects, _ = read(write(tmp_path / name, given))
        assert [each["listing_id"] for each in listings] == ["L000001", "L000003"]
        assert [(each[0], each[1], each[3]) for each in rejects] == [(1, 1, "line_too_long")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig", "utf-16-be-bom"])
@pytest.mark.parametrize("make", [csv_bytes, jsonl_bytes])
def test_encodings_are_found_and_said(tmp_path: Path, encoding: str, make: Any) -> None:
    given = make_listings(40)
    given[3]["title"] = "鞋\nline"
    text = make(given).decode()
    data = b"\xfe\xff" + text.encode("utf-16-be") if "bom" in encoding else text.encode(encoding)
    path = tmp_path / ("a.csv" if make is csv_bytes else "a.jsonl")
    path.write_bytes(data)
    listings, rejects, _ = read(path)
    assert rejects == []
    assert [each["title"] for each in listings] == [each["title"] for each in given]
    said = notes(path)
    assert said == () if encoding == "utf-8-sig" else said[0].startswith("read as ")


def test_mixed_encodings_become_rejects(tmp_path: Path) -> None:
    lines = csv_bytes(make_listings(40)).split(b"\n")
    lines[5] = lines[5].decode().encode("gb18030")
    (tmp_path / "a.csv").write_bytes(b"\n".join(lines))
    listings, rejects, _ = read(tmp_path / "a.csv")
    assert len(listings) == 39
    assert rejects == [(4, 4, None, "not_utf8", None)]


def test_files_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    cases = {
        "a.csv": (b"L1,S1,shoes,12,CNY\n", "no header line"),
        "b.csv": (b"listing_id,title\nL1,shoes\n", "no column store_id; its columns are"),
        "c.csv": (b"a\rb\r", "CR alone"),
        "d.jsonl": (b'[{"listing_id": "1"}]', "one JSON array"),
        "e.jsonl": (b'{"listing_id": "1"}\n', "no column store_id"),
        "f.parquet": (b"no parquet", "is no Parquet file"),
        "g.csv.gz": (b"no gzip", "is no gz file"),
        "h.csv": (b"title,Title,listing_id\n", "column title twice"),
    }
    for name, (data, words) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Invalid, match=words):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"])
def test_an_empty_file_is_no_rows_and_a_note(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert read(tmp_path / name) == ([], [], 0)
    assert notes(tmp_path / name) == ("empty, no rows",)


def test_other_delimiters(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_bytes(make_listings(3), ";"))
    assert len(read(tmp_path / "a.csv")[0]) == 3
    assert notes(tmp_path / "a.csv") == ("columns separated by ';'",)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.zst"])
@pytest.mark.slow
def test_a_damaged_stream_keeps_what_was_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, make_listings(60_000))
    path.write_bytes(path.read_bytes()[:-30_000])
    listings, rejects, _ = read(path)
    assert 0 < len(listings) < 60_000
    assert rejects[-1][3] == "unreadable"


def test_a_damaged_parquet_page(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", make_listings(20_000), row_group_size=5_000)
    data = bytearray(path.read_bytes())
    data[1000:3000] = b"\xff" * 2000
    path.write_bytes(data)
    listings, rejects, _ = read(path)
    assert len(listings) <= 15_000
    assert "unreadable" in [each[3] for each in rejects]


@pytest.mark.slow
def test_one_long_value_in_every_row_does_not_burst_memory(tmp_path: Path) -> None:
    rows = 3_000
    table = pa.Table.from_pylist(make_listings(rows)).append_column(
        "description", pa.DictionaryArray.from_arrays(pa.array([0] * rows), ["x" * 500_000])
    )
    pq.write_table(table, tmp_path / "a.parquet")
    from agoranomos.engine.scan.layout import inspect
    from agoranomos.engine.scan.raw import Tally
    from agoranomos.engine.scan.reading import read_unit
    from agoranomos.engine.scan.sources import expand
    from agoranomos.engine.scan.units import plan

    seen = 0
    source = expand([tmp_path / "a.parquet"])[0]
    for unit in plan([(source, inspect(source))]):
        for slab in read_unit(unit, Tally()):
            seen += slab.batch.num_rows
            assert slab.batch.nbytes < 40 << 20
    assert seen == rows
