"""Snoozes: it goes on matching, is recorded, and nobody acts on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.judgements.queries import About, list_findings, simulated
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.findings import Related, Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import snoozing
from agoranomos.rules.model import Snooze
from agoranomos.rules.snoozing import NewSnooze
from agoranomos.rules.tables import rule_snoozes
from tests.builders import NOW
from tests.judgements.test_judgements import make_finding
from tests.rules import written_rules
from tests.rules.builders import ADA, BOB, draw, verbs

LISTING = Subject("listing", "l1")


def snooze(store: Store, **fields: Any) -> Snooze:
    given = {
        "code": "goods.brand_disguised", "subject": LISTING, "reason": "the brand's own store",
        "until": NOW + timedelta(days=30), **fields,
    }  # fmt: skip
    with store.transaction() as connection:
        return snoozing.snooze(connection, NewSnooze(**given), by=ADA, now=NOW, draw=draw)


def test_what_is_snoozed_is_kept_and_does_not_count(store: Store) -> None:
    made = snooze(store, case_id="case-7")
    keep = [make_finding(1), make_finding(2), make_finding(4, code="goods.copy_offered")]
    with store.transaction() as connection:
        written_rules.keep(connection, keep, NOW)
    with store.reading() as connection:
        assert [each.id for each in list_findings(connection, About(status="live"), after=None, limit=9)] == [
            "f004", "f002",
        ]  # fmt: skip
        [quiet] = list_findings(connection, About(status="shadow"), after=None, limit=9)
        assert simulated(connection, ["f001", "f002"]) == {"f001"}  # no action may rest on it
    why = quiet.reasons[-1]
    assert why.code == "rules.snoozed"
    assert "snoozed for this listing until" in why.message
    assert {**why.evidence, "message_zh": ""} == {
        "code": "goods.brand_disguised", "snooze_id": made.snooze_id, "until": rfc3339(made.until), "case_id": "case-7",
        "message_zh": "",
    }  # fmt: skip
    with store.transaction() as connection:
        snoozing.end(connection, made.snooze_id, by=BOB, now=NOW)
        written_rules.keep(connection, [make_finding(1, revision=2)], NOW)
    with store.reading() as connection:
        assert simulated(connection, ["f001"]) == set()
    assert verbs(store) == ["rule.snooze", "rule.unsnooze"]


def test_what_is_snoozed_for_a_store_is_snoozed_for_what_it_sells(store: Store) -> None:
    snooze(store, subject=Subject("store", "s1"))
    tied = [Related("store", "s1", "tie")], [Related("store", "s2", "tie")], [Related("store", "s1", "victim")]
    keep = [make_finding(n, related=tuple(related)) for n, related in enumerate(tied, start=1)]
    with store.transaction() as connection:
        written_rules.keep(connection, keep, NOW)
    with store.reading() as connection:
        assert simulated(connection, ["f001", "f002", "f003"]) == {"f001"}


def test_it_ends_by_itself(store: Store) -> None:
    made = snooze(store)
    assert made.holds(made.until - timedelta(seconds=1))
    with store.reading() as connection:
        assert snoozing.listed(connection, made.until) == []
        assert snoozing.listed(connection, made.until, over=True) == [made]
        assert snoozing.holding(connection, ["goods.brand_disguised"], made.until) == []
        assert snoozing.holding(connection, ["goods.brand_disguised"], NOW) == [made]
    with pytest.raises(Conflict), store.transaction() as connection:
        snoozing.end(connection, made.snooze_id, by=BOB, now=made.until)


def test_half_a_year_is_the_longest(store: Store) -> None:
    snooze(store, until=NOW + timedelta(days=180))
    for wrong in (timedelta(days=180, seconds=1), timedelta(0), timedelta(days=-1)):
        with pytest.raises(Invalid, match="180 days"):
            snooze(store, until=NOW + wrong)
    longer = sa.update(rule_snoozes).values(until=NOW + timedelta(days=181))
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
        connection.execute(longer)


@pytest.mark.parametrize(
    "fields",
    [
        {"code": ""}, {"code": "two words"}, {"code": "a@b"}, {"reason": ""}, {"reason": "x" * 1001},
        {"subject": Subject("listing", "")}, {"case_id": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_snoozed(store: Store, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        snooze(store, **fields)


def test_asking_twice_at_one_moment_is_asking_once(store: Store) -> None:
    assert snooze(store) == snooze(store)
    assert verbs(store) == ["rule.snooze"]
    for missing in ("sn_none", "a\0b"):
        with pytest.raises(NotFound), store.reading() as connection:
            snoozing.get(connection, missing)
