"""The pages of rules: the editor that says what is wrong, shadow, the wish to go live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.staff.roles import Role
from tests.console.desk import EVIL, Desk
from tests.staff.house import Client, hidden
from tests.stores import make_store

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "rules"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    yield Desk(store)
    store.close()


@pytest.fixture
def analyst(desk: Desk) -> Client:
    return desk.reader(Role.ANALYST)


def send(analyst: Client, step: str, text: str, features: str = "", **more: str) -> str:
    form = hidden(analyst.get("/rules/new").text) | {"text": text, "features": features, "step": step, **more}
    answer = analyst.post("/rules/new", data=form)
    assert answer.status_code == 200, answer.text
    return answer.text


def rule(score: float = 0.7) -> tuple[str, str]:
    """A rule without lists, and its features."""
    text = (EXAMPLES / "rules.yaml").read_text(encoding="utf-8").split("- id: ")[2]
    return "- id: " + text.replace("score: 0.6", f"score: {score}"), (EXAMPLES / "features.yaml").read_text("utf-8")


def test_a_mistake_is_said_with_its_place(analyst: Client) -> None:
    text, features = rule()
    page = send(analyst, "check", text.replace("price.amount <", "prize.amount <"), features)
    assert "rules:" in page
    assert "Not yet:" in page
    assert "nothing is written" in send(analyst, "propose", "")
    hostile = send(analyst, "check", f"- id: {EVIL!r}\n")
    assert EVIL not in hostile


def test_a_rule_goes_its_way(desk: Desk, analyst: Client) -> None:
    text, features = rule()
    assert "Fine: 1 rules can be proposed." in send(analyst, "check", text, features)
    page = send(analyst, "propose", text, features, shadow="1")
    assert "goods.flood_of_listings" in page
    assert "In shadow v1" in page
    assert "goods.flood_of_listings" in analyst.get("/rules").text
    form = hidden(page[: page.index("</form>", page.index("/rules/promotion"))])
    asked = analyst.post("/rules/promotion", data=form)
    assert "Asked for; a second person decides." in asked.text
    assert "rule.promote" in analyst.get("/approvals").text
    ended = analyst.post("/rules/end", data=form)
    assert ended.status_code == 200
    assert "expire" in ended.text
    again = analyst.post("/rules/promotion", data=form)
    assert again.status_code == 409
    assert 'role="alert"' in again.text
    assert analyst.get("/rules?id=none").status_code == 404


def test_who_only_reads_writes_nothing(desk: Desk) -> None:
    auditor = desk.reader(Role.AUDITOR)
    assert "There is no rule yet" in auditor.get("/rules").text
    assert "Write a rule" not in auditor.get("/rules").text
    assert auditor.get("/rules/new").status_code == 403
