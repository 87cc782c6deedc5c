"""Reports by HTTP, by command and in the console: asked for, made, fetched, forgotten."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from agoranomos.audit.queries import entries
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.tables import jobs
from agoranomos.main import cli
from agoranomos.reports import asked
from agoranomos.staff.roles import Role
from agoranomos.wiring import Wiring
from tests.console.desk import Desk
from tests.staff.house import Client, House, hidden
from tests.stores import make_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    desk = Desk(store)
    desk.found("f_1")
    yield desk
    store.close()


@pytest.fixture
def head(desk: Desk) -> Client:
    return desk.reader(Role.HEAD_OF_GOVERNANCE)


def work(house: House) -> None:
    """What a worker does with all reports that wait."""
    with house.store.reading() as connection:
        waiting = [row.key for row in connection.execute(sa.select(jobs).where(jobs.c.kind == asked.KIND))]
    for key in waiting:
        effect = house.reports.do(_job(key))
        with house.store.transaction() as connection:
            effect(connection)


def _job(key: str) -> Job:
    job: Any = type("Leased", (), {"key": key})
    return job  # type: ignore[no-any-return]


def test_a_report_is_asked_for_made_and_fetched(desk: Desk) -> None:
    maker = desk.house.program("reports.make", "reports.read")
    answer = maker.post("/v1/reports", json={"first": "2026-04-01", "last": "2026-04-30", "territories": ["DE"]})
    assert answer.status_code == 202, answer.text
    waiting = answer.json()
    assert (waiting["state"], waiting["first"], waiting["last"]) == ("waiting", "2026-04-01", "2026-04-30")
    path = f"/v1/reports/{waiting['report_id']}"
    assert maker.get(path).json()["report"] is None
    assert maker.get(f"{path}/file?name=report.html").status_code == 409
    work(desk.house)
    shown = maker.get(path).json()
    assert shown["state"] == "done"
    assert {each["name"]: each["now"]["count"] for each in shown["report"]["figures"]}["found_ourselves"] == 0
    assert {"report.html", "report.pdf", "rows/found_ourselves.csv", "statements.json"} <= set(shown["files"])
    page = maker.get(f"{path}/file?name=report.html")
    assert page.headers["content-disposition"].startswith("attachment")
    assert "Integrity report" in page.text
    for name in ("../agora.db", "rows", "none.csv", "/etc/passwd"):
        assert maker.get(f"{path}/file", params={"name": name}).status_code == 404, name
    assert [each["report_id"] for each in maker.get("/v1/reports").json()["items"]] == [waiting["report_id"]]
    with desk.house.store.reading() as connection:
        (entry,) = [each for each in entries(connection, 0, 100) if b"report.make" in each.leaf]
    assert entry.subject_id == waiting["report_id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"first": "2026-04-30", "last": "2026-04-01"}, 422), ({"first": "1950-01-01", "last": "1950-02-01"}, 422),
        ({"first": "yesterday"}, 422), ({"territories": ["Germany"]}, 422), ({"other": 1}, 400), ({}, 202),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(desk: Desk, body: dict[str, Any], status: int) -> None:
    assert desk.house.program("reports.make").post("/v1/reports", json=body).status_code == status


def test_nobody_asks_for_too_many(desk: Desk) -> None:
    maker = desk.house.program("reports.make")
    answers = [maker.post("/v1/reports", json={"last": f"2026-04-0{day}", "first": "2026-04-01"}) for day in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [202, 202, 409]


def test_who_may(desk: Desk, head: Client) -> None:
    analyst, auditor = desk.reader(Role.ANALYST), desk.reader(Role.AUDITOR)
    assert [each.get("/report").status_code for each in (head, auditor, analyst)] == [200, 200, 403]
    assert "Make a report" in head.get("/report").text
    assert "Make a report" not in auditor.get("/report").text
    form = hidden(head.get("/report").text) | {"first": "2026-04-01", "last": "2026-04-30"}
    auditor.get("/report")
    assert auditor.post("/report", data=hidden(auditor.get("/account").text) | form).status_code == 403
    assert desk.house.program("reports.read").post("/v1/reports", json={}).status_code == 403
    assert desk.house.program("findings.read").get("/v1/reports").status_code == 403


def test_the_page_makes_one_and_shows_it(desk: Desk, head: Client) -> None:
    assert "No report has been made yet" in head.get("/report").text
    form = hidden(head.get("/report").text)
    wrong = head.post("/report", data=form | {"first": "2026-05-01", "last": "2026-04-01"})
    assert wrong.status_code == 422
    assert "ends before it begins" in wrong.text
    assert 'value="2026-05-01"' in wrong.text
    made = head.post("/report", data=form | {"first": "2026-04-01", "last": "2026-05-31"})
    assert "is being made" in made.text
    work(desk.house)
    for language, words in (("en", "Listings that we found first"), ("zh", "主动发现的商品")):
        page = head.get(f"/report?lang={language}").text
        assert words in page
        assert "<svg" in page
    assert "rows%2Ffound_ourselves.csv" in page
    report_id = page.split("/report?id=")[1].split('"')[0].split("&")[0]
    rows = head.get("/report/file", params={"id": report_id, "name": "rows/found_ourselves.csv"})
    assert rows.text.count("\n") == 2


def test_what_fails_is_told(desk: Desk, head: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.house.program("reports.make").post("/v1/reports", json={})
    desk.house.reports.home.chmod(0o700)
    (desk.house.reports.home / "reports").write_text("in the way")
    work(desk.house)
    with desk.house.store.reading() as connection:
        (found,) = asked.listed(connection, after=None, limit=5)
    assert found.state == "failed"
    assert "cannot be written" in str(found.reason)
    assert "could not be made" in head.get(f"/report?id={found.report_id}").text


def test_old_reports_go_with_their_files(desk: Desk) -> None:
    maker = desk.house.program("reports.make", "reports.read")
    report_id = maker.post("/v1/reports", json={}).json()["report_id"]
    work(desk.house)
    folder = desk.house.reports.home / "reports" / report_id
    assert folder.is_dir()
    desk.house.reports.prune()
    assert folder.is_dir()
    desk.house.clock.now += asked.KEPT + timedelta(days=2)
    desk.house.reports.prune()
    assert not folder.exists()
    assert maker.get(f"/v1/reports/{report_id}").status_code == 404


def test_files_of_another_machine_are_missed_politely(desk: Desk, head: Client) -> None:
    maker = desk.house.program("reports.make", "reports.read")
    report_id = maker.post("/v1/reports", json={}).json()["report_id"]
    work(desk.house)
    shutil.rmtree(desk.house.reports.home / "reports" / report_id)
    assert maker.get(f"/v1/reports/{report_id}").json()["files"] == []
    assert "make it again" in head.get(f"/report?id={report_id}").text


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path / "home"))
    out = str(tmp_path / "out")
    days = ["report", "--from", "2026-01-01", "--to", "2026-03-31", "--out", out]
    said = CliRunner().invoke(cli, days)
    assert said.exit_code == 0, said.output
    assert "2026-01-01 to 2026-03-31, against 2025-10-01 to 2025-12-31" in said.output
    assert "Stores closed for violations" in said.output
    told = json.loads(CliRunner().invoke(cli, [*days, "--json"]).output)
    assert told["zone"] == "Asia/Shanghai"
    assert told == json.loads((tmp_path / "out" / "summary.json").read_bytes())
    wrong = CliRunner().invoke(cli, ["report", "--from", "2026-03-31", "--to", "2026-01-01", "--out", out])
    assert wrong.exit_code == 2
    assert "ends before it begins" in wrong.stderr
    assert CliRunner().invoke(cli, ["report", "--to", "2026-01-01", "--out", out]).exit_code == 2
    Wiring(tmp_path / "home").store().close()
