"""Which files are scanned, and how they are cut into units."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan import units
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.repeats import repeated
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.scan.units import plan
from agoranomos.engine.scan.work import work
from agoranomos.kernel.errors import Invalid, NotFound
from tests.engine.scan.builders import make_listing, make_listings, write
from tests.engine.scan.judges import findings_for


def test_files_folders_and_globs_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.csv", "a.jsonl.gz", "deep/c.parquet"):
        write(folder / name, make_listings(1))
    for name in ("_SUCCESS", ".hidden.csv"):
        (folder / name).touch()
    (folder / "out").mkdir()
    (folder / "out" / "findings.parquet").touch()
    names = ["a.jsonl.gz", "b.csv", "c.parquet"]
    found = expand([folder], skip=folder / "out")
    assert [Path(each.path).name for each in found] == names
    twice = expand([folder / "b.csv", str(folder / "*.csv"), str(folder / "**" / "*.parquet")],
                   skip=folder / "out")  # fmt: skip
    assert [Path(each.path).name for each in twice][:2] == ["b.csv", "c.parquet"]


def test_what_is_not_there_or_not_known(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file or folder"):
        expand([tmp_path / "a.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match=r"the folder .* holds no listings"):
        expand([tmp_path / "empty"])
    with pytest.raises(NotFound, match="matches no file"):
        expand([str(tmp_path / "*.csv")])
    for name in ("a.xlsx", "a.parquet.gz", "a"):
        (tmp_path / name).touch()
        with pytest.raises(Invalid, match=r"it reads \.parquet, \.csv"):
            expand([tmp_path / name])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_units_cover_every_row_once(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_TEXT_BYTES", 5_000)
    monkeypatch.setattr(units, "_GROUP_ROWS", 300)
    monkeypatch.setattr(units, "_SLICE_ROWS", 90)
    listings = make_listings(1_000)
    for each in listings[::3]:
        each["title"] = 'a "quoted"\r\ntitle, ' * 3
    options = {"row_group_size": 250} if name == "a.parquet" else {}
    path = write(tmp_path / name, listings, **options)
    source = expand([path])[0]
    cut = list(plan([(source, inspect(source))]))
    assert len(cut) > 8
    assert len({unit.key for unit in cut}) == len(cut)
    seen = []
    for unit in cut:
        for slab in read_unit(unit, Tally()):
            assert not len(slab.rejects)
            seen += slab.batch.column("listing_id").to_pylist()
    assert seen == [each["listing_id"] for each in listings]


def test_a_splitter_in_junk_agrees_with_one_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listings = make_listings(600)
    titles = ['5" wide', *["fine"] * 6]
    lines = [f"{each['listing_id']},S1,{titles[row % 7]},1,CNY" for row, each in enumerate(listings)]
    lines[100] = 'L,S,"never closed,1,CNY'
    lines[101] = 'L,S,"closed" badly,1,CNY'
    text = "listing_id,store_id,title,price_amount,currency\n" + "\n".join(lines)
    path = tmp_path / "a.csv"
    path.write_text(text)
    source = expand([path])[0]
    layout = inspect(source)

    def outcome() -> tuple[list[str], list[tuple[int, str]]]:
        ids, rejects, base = [], [], 0
        for unit in plan([(source, layout)]):
            tally = Tally()
            for slab in read_unit(unit, tally):
                ids += slab.batch.column("listing_id").to_pylist()
                rejects += [(base + row["row"], row["reason"]) for row in slab.rejects.batch().to_pylist()]
            base += tally.rows
        return ids, rejects

    whole = outcome()
    assert [reason for _, reason in whole[1]] == ["broken_quote", "broken_quote"]
    for size in (700, 1_900, 6_000):
        monkeypatch.setattr(units, "_TEXT_BYTES", size)
        assert outcome() == whole


def test_a_table_without_rows_is_no_unit(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([make_listing(1)])
    with pq.ParquetWriter(tmp_path / "a.parquet", table.schema) as file:
        file.write_table(table.slice(0, 0))  # a row group of no rows
    with pq.ParquetFile(tmp_path / "a.parquet") as written:
        assert written.metadata.num_row_groups == 1
    source = expand([tmp_path / "a.parquet"])[0]
    assert list(plan([(source, inspect(source))])) == []


@pytest.mark.parametrize("pass_ids", [10**9, 500, 70])
def test_repeats_are_the_same_in_one_pass_or_many(
    tmp_path: Path, pass_ids: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "_GROUP_ROWS", 100)
    ids = [number % 400 if number % 3 else number for number in range(1_000)]
    table = pa.Table.from_pylist([make_listing(number) for number in ids])
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=100)
    source = expand([tmp_path / "a.parquet"])[0]
    done = [work(unit, findings_for, tmp_path, lambda _: None) for unit in plan([(source, inspect(source))])]
    again = repeated(done, tmp_path, pass_ids=pass_ids)
    first = sum(each.rejected for each in done)
    assert first + sum(bits.count for bits in again.values()) == 1_000 - len(set(ids))
