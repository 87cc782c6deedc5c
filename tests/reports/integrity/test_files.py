"""The folder of a report: the same bytes each time, nothing from outside in it, every row in a table."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.reports.integrity import files, lettering
from agoranomos.reports.integrity.figures import FIGURES
from agoranomos.reports.integrity.making import Report
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.integrity.showing import change
from agoranomos.reports.integrity.wording import MEANINGS, NAMES
from agoranomos.reports.transparency.gathering import Scope
from tests.console.desk import EVIL
from tests.reports.integrity.year import Year
from tests.staff.house import House
from tests.stores import make_store

PERIOD = Period(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Path, Report]:
    folder = tmp_path_factory.mktemp("report")
    store = make_store(folder)
    Year(seed=5, count=80).fill(store)
    return store, folder / "out", write(store, folder / "out")


def write(store: Store, folder: Path) -> Report:
    tools = House(store).cases.tools
    with store.reading() as connection:
        return files.write(connection, PERIOD, folder, tools=tools, scope=Scope(), version="1")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_store_gives_the_same_bytes(written: tuple[Store, Path, Report], tmp_path: Path) -> None:
    store, folder, _ = written
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "statements-2.json").write_text("of an earlier report")
    write(store, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def test_every_row_stands_in_a_table(written: tuple[Store, Path, Report]) -> None:
    store, folder, report = written
    with store.reading() as connection:
        for figure in FIGURES:
            lines = table(folder / "rows" / f"{figure.name}.csv")
            for period, window in (("this", PERIOD.window), ("before", PERIOD.before.window)):
                ids = [row.id for row in figure.measure.all_rows(connection, window)]
                assert [line["id"] for line in lines if line["period"] == period] == ids, figure.name
            assert report.figure(figure.name).rows == sum(line["period"] == "this" for line in lines)


def test_tables_say_what_the_report_says(written: tuple[Store, Path, Report]) -> None:
    _, folder, report = written
    assert msgspec.json.decode((folder / "summary.json").read_bytes(), type=Report) == report
    lines = table(folder / "figures.csv")
    assert {line["figure"] for line in lines} == set(NAMES)
    for line in lines:
        figure = report.figure(line["figure"])
        reading = figure.now if line["period"] == "this" else figure.before
        assert line["count"] == str(reading.count)
        if line["currency"]:
            assert int(line["amount"]) == reading.money[line["currency"]]
    months = table(folder / "months.csv")
    for figure in report.figures:
        if figure.unit in ("count", "per_10k", "share"):
            mine = [line for line in months if line["figure"] == figure.name]
            assert len(mine) == 12
            assert sum(int(line["count"]) for line in mine) == figure.now.count


def test_the_page_needs_nothing_else(written: tuple[Store, Path, Report]) -> None:
    page = (written[1] / "report.html").read_text("utf-8")
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\bsrc=|https?://", page)
    assert set(re.findall(r'href="([^"]*)"', page)) == {f"#{lang}-{name}" for lang in ("en", "zh") for name in NAMES}
    for name in NAMES:
        assert page.count(f'id="en-{name}"') == 1
        for words in (*NAMES[name], *MEANINGS[name]):
            assert words.replace("'", "&#39;") in page, words
    assert "@media print" in page
    assert page.count("<svg") >= 20


def test_the_paper_is_one(written: tuple[Store, Path, Report]) -> None:
    raw = (written[1] / "report.pdf").read_bytes()
    assert raw.startswith(b"%PDF-")
    assert (b"/FontFile2" if lettering.found(lettering.FOLDERS) else b"STSong-Light") in raw
    assert len(re.findall(rb"/Type /Page\b", raw)) >= 4
    assert len(raw) < 200_000


def test_what_outsiders_wrote_is_text(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    year = Year(seed=5, count=3)
    year.fill(store)
    with store.transaction() as connection:
        from agoranomos.judgements.tables import findings

        connection.execute(findings.update().values(subject_id=f"=cmd|{EVIL}", code="goods.x", score=0.9, status="live",
                                                    subject_kind="listing", at=PERIOD.window.begin))  # fmt: skip
    write(store, tmp_path / "out")
    assert "<script>" not in (tmp_path / "out" / "report.html").read_text("utf-8")
    (line,) = table(tmp_path / "out" / "rows" / "found_ourselves.csv")
    assert line["subject_id"].startswith("'=cmd")
    store.close()


def test_a_folder_that_cannot_be_written(written: tuple[Store, Path, Report], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Invalid, match="choose another folder"):
        write(written[0], tmp_path / "file")


def test_changes_say_what_is_better(written: tuple[Store, Path, Report]) -> None:
    report = written[2]
    for figure in report.figures:
        said, tone = change(figure, "en")
        assert (tone != "") <= (said != "" and figure.better != "")
    stores = report.figure("stores_closed")
    swapped = msgspec.structs.replace(stores, now=stores.before, before=stores.now)
    assert change(stores, "en")[0].replace("+", "") == change(swapped, "en")[0].replace("−", "")
