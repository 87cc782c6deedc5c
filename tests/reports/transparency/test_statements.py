"""Statements of reasons fit the transparency database; what it would refuse is told and kept apart."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.reports.model import Window
from agoranomos.reports.transparency.gathering import Ready, Scope, gathered
from agoranomos.reports.transparency.schema import FIELDS, LENGTHS, fitted, problems, restricted
from agoranomos.reports.transparency.writing import PER_CALL, Written, write
from tests.builders import NOW
from tests.cases.office import Office, make_finding

DOCUMENTED: dict[str, Any] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"],
    "decision_monetary": "DECISION_MONETARY_TERMINATION",
    "end_date_monetary_restriction": "2023-08-08",
    "decision_provision": "DECISION_PROVISION_TOTAL_SUSPENSION",
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "account_type": "ACCOUNT_TYPE_BUSINESS",
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "content_type": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_AUDIO", "CONTENT_TYPE_SYNTHETIC_MEDIA"],
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
    "incompatible_content_ground": "incompatible content grounds",
    "incompatible_content_explanation": "incompatible content explanation",
    "incompatible_content_illegal": "Yes",
    "territorial_scope": ["PT", "ES", "DE"],
    "content_language": "EN",
    "content_date": "2023-08-08",
    "application_date": "2023-08-08",
    "decision_facts": "facts about the decision",
    "source_type": "SOURCE_TRUSTED_FLAGGER",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "puid": "TK421",
}
"""The example of the database's own documentation, less what a marketplace never sends."""


def test_the_documented_example_is_taken() -> None:
    assert problems(DOCUMENTED) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"puid": None}, "puid is missing"), ({"puid": "a b"}, "puid is made of"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "illegal_content_legal_ground is missing"),
        ({"category": "STATEMENT_CATEGORY_FAKES"}, "category cannot be"),
        ({"content_type": []}, "content_type is missing"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other is missing"),
        ({"content_type": "CONTENT_TYPE_TEXT"}, "content_type is a list"),
        ({"category": ["STATEMENT_CATEGORY_SELF_HARM"]}, "category is one value"),
        ({"territorial_scope": ["US"]}, "territorial_scope cannot be"),
        ({"content_language": "en"}, "content_language is"),
        ({"content_date": "1999-12-31"}, "content_date is no day"),
        ({"application_date": "soon"}, "application_date is a day"),
        ({"end_date_monetary_restriction": "2039-01-01"}, "no day that the database takes"),
        ({"decision_facts": "x" * 5_001}, "longer than 5,000"), ({"colour": "red"}, "colour is no field"),
        ({"automated_decision": "No"}, "automated_decision cannot be"),
    ],
)  # fmt: skip
def test_what_would_be_refused_is_told(change: dict[str, Any], said: str) -> None:
    assert any(said in each for each in problems({**DOCUMENTED, **change}))


def test_without_a_restriction_no_statement_is_due() -> None:
    bare = {name: value for name, value in DOCUMENTED.items() if not name.startswith("decision_") or "ground" in name}
    assert not restricted(bare)
    assert any("nothing is restricted" in each for each in problems(bare))


def test_texts_are_cut_and_own_finds_name_no_source() -> None:
    long = {**DOCUMENTED, "decision_facts": "字" * 9_000, "source_type": "SOURCE_VOLUNTARY", "source_identity": "x"}
    sent = fitted(long)
    assert len(sent["decision_facts"]) == LENGTHS["decision_facts"]
    assert "source_identity" not in sent
    assert problems(sent) == []


def ready(number: int, **change: Any) -> Ready:
    data = {**DOCUMENTED, "puid": f"st_{number}", **change}
    return Ready(at=NOW, data=data, problems=problems(data))


def test_files_hold_as_many_as_one_call_takes(tmp_path: Path) -> None:
    all_of_them = [ready(n) for n in range(PER_CALL + 3)]
    found = write(tmp_path, [*all_of_them, ready(999, category="x", decision_facts="=1+1")])
    assert found == Written(PER_CALL + 3, 1)
    first, second = (json.loads((tmp_path / name).read_bytes()) for name in ("statements.json", "statements-2.json"))
    assert first["statements"] == [each.data for each in all_of_them[:PER_CALL]]
    assert len(second["statements"]) == 3
    with (tmp_path / "statements.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == FIELDS
    assert len(lines) == PER_CALL + 3
    assert json.loads(lines[0]["territorial_scope"]) == ["PT", "ES", "DE"]
    with (tmp_path / "statements-refused.csv").open(encoding="utf-8", newline="") as file:
        assert [line["puid"] for line in csv.DictReader(file)] == ["st_999"]


def test_decided_cases_become_statements_that_are_taken(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.find(make_finding("l1"))
    office.decide(office.next(), wants=[("listing.remove", Subject("listing", "l1"))])
    day = timedelta(days=1)
    with store.reading() as connection:
        tools = office.cases.tools
        scope = Scope(territories=("FR", "DE"), language="ZH")
        (one,) = gathered(connection, tools, Window(NOW - day, office.clock() + day), scope)
        assert list(gathered(connection, tools, Window(NOW - 9 * day, NOW - 8 * day), scope)) == []
    assert one.problems == []
    assert one.data["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert one.data["territorial_scope"] == ["DE", "FR"]
    assert one.data["content_language"] == "ZH"
    assert datetime.fromisoformat(one.data["content_date"]).date() <= NOW.date()
    assert "s1" not in json.dumps(one.data["decision_facts"])
