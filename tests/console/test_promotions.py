"""The pages of campaigns: the receipt before launch, the gauges, an incident and its remedies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.staff.roles import Role
from tests.console.desk import EVIL, Desk
from tests.promotions.remedies.scene import history, take
from tests.promotions.scenes import campaign
from tests.promotions.tracing.events import told
from tests.staff.house import Client, hidden
from tests.stores import make_store

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "campaigns-2019.yaml"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


@pytest.fixture
def manager(desk: Desk) -> Client:
    return desk.reader(Role.PROMOTION_MANAGER)


def lint(manager: Client, entries: str, **more: str) -> str:
    """The page that answers a form with `entries`."""
    form = hidden(manager.get("/promotions/lint").text) | {"entries": entries, **more}
    return manager.post("/promotions/lint", data=form).text


def test_nothing_declared_is_told(manager: Client) -> None:
    assert "No campaign was declared" in manager.get("/promotions").text
    assert "there is no campaign to look at" in manager.get("/promotions/lint?live=1").text


def test_the_receipt_of_2019(manager: Client) -> None:
    page = lint(manager, EXAMPLE.read_text(encoding="utf-8"))
    assert "1 of 2 campaigns are refused." in page
    assert "pay 0.40 for 100.00 CNY" in page
    assert "Proven: nothing is lower." in page
    chinese = manager.get("/promotions/lint?lang=zh").text
    assert "上线前检查" in chinese


def test_a_mistake_in_a_file_is_said_and_the_file_kept(manager: Client) -> None:
    page = lint(manager, f"- id: 7\n  name: {EVIL!r}\n")
    assert 'role="alert"' in page
    assert EVIL not in page
    assert "- id: 7" in page


def test_campaigns_with_their_gauges(desk: Desk, manager: Client) -> None:
    desk.told(told("campaign.declared", "e1", 0, campaign=campaign("c1", budget={"count": 100})))
    page = manager.get("/promotions").text
    assert "c1" in page
    assert "0 / 100" in page
    one = manager.get("/promotions/campaign?id=c1").text
    assert "Nothing has left what was declared." in one
    assert manager.get("/promotions/campaign?id=c9").status_code == 404


def test_an_incident_leads_to_remedies_that_wait(desk: Desk, manager: Client) -> None:
    take(desk.house.store, history())
    desk.house.promotions.traces.follow()
    page = manager.get("/promotions/incident?id=c1").text
    assert "good faith" in page
    form = hidden(page)
    asked = manager.post("/promotions/incident", data=form)
    assert asked.status_code == 200
    assert "Asked for. What waits for a second person" in asked.text
    assert manager.get("/v1/approvals").json()["items"]
    stale = manager.post("/promotions/incident", data=form | {"plan_id": "another"})
    assert stale.status_code == 409
    only_sees = desk.reader(Role.AUDITOR)
    assert "Ask for these remedies" not in only_sees.get("/promotions/incident?id=c1").text
    assert only_sees.get("/promotions/incident?id=none").status_code == 404
