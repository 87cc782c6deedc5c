"""Backtests that are asked for over HTTP, done by a worker, and looked up by their id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.store import Store
from agoranomos.rules.backtest import asked
from agoranomos.rules.backtest.asked import KEPT, KIND, WAITING_MAX, Wanted
from agoranomos.rules.backtest.doing import do
from agoranomos.staff.roles import Role
from tests.builders import NOW
from tests.goods.listings.market import START
from tests.rules.builders import ADA, verbs
from tests.rules.written_rules import FEATURES, arrive, begin, claim, claims_rule, go_live, into_shadow, service_of
from tests.staff.house import Client, House

ADDRESS = "/v1/backtests"


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


@pytest.fixture
def ada(house: House) -> Iterator[Client]:
    with house.browser_of(house.add("ada", Role.ANALYST)) as client:
        yield client


def work(store: Store, folder: Path, **options: Any) -> int:
    """Does what waits, as a worker; returns how many."""
    with store.transaction() as connection:
        jobs = queue.lease(connection, [KIND], "worker", now=START + timedelta(days=1), lease_s=60, n=9)
    for job in jobs:
        effect = do(service_of(store), folder, job, **options)
        with store.transaction() as connection:
            queue.done(connection, job, now=START + timedelta(days=1))
            effect(connection)
    return len(jobs)


@pytest.mark.slow
def test_asked_done_and_looked_up(store: Store, ada: Client, tmp_path: Path) -> None:
    begin(store)
    go_live(store, claims_rule(5))
    arrive(store, [claim(n, n / 2) for n in range(8)])
    days = {"first": NOW.date().isoformat(), "last": NOW.date().isoformat()}
    answer = ada.post(ADDRESS, json={"text": claims_rule(3), "features": FEATURES, "samples": 1, **days})
    assert answer.status_code == 202, answer.text
    made = answer.json()
    assert (made["state"], made["first"]) == ("waiting", days["first"])
    assert ada.get(f"{ADDRESS}/{made['backtest_id']}").json()["report"] is None
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert work(store, scratch) == 1
    shown = ada.get(f"{ADDRESS}/{made['backtest_id']}").json()
    assert shown["state"] == "done"
    rules = {(each["rule_id"], each["standing"]): each for each in shown["report"]["rules"]}
    candidate = rules["promotions.many_claims", "shadow"]
    assert (candidate["looked_at"], candidate["hits"]) == (8, 5)
    assert rules["promotions.many_claims", "live"]["hits"] == 3
    assert len(candidate["samples"]) == 1
    listed = ada.get(ADDRESS).json()["items"]
    assert [each["backtest_id"] for each in listed] == [made["backtest_id"]]
    assert "report" not in listed[0]
    assert list(scratch.iterdir()) == [], "the scratch database is gone"
    assert "rule.backtest" in verbs(store)


def test_days_before_the_first_are_counted_and_not_hit(store: Store, tmp_path: Path) -> None:
    begin(store)
    into_shadow(store, claims_rule(2, feature="claims_1d"))
    midnight = 8 * 60  # minutes from NOW to midnight by the calendar of Shanghai
    arrive(store, [claim(1, midnight - 9), claim(2, midnight - 8), claim(3, midnight), claim(4, midnight + 1)])
    day = (NOW + timedelta(days=1)).date()
    with store.transaction() as connection:
        made = asked.ask(connection, Wanted(first=day, last=day), by=ADA, now=NOW)
        assert asked.ask(connection, Wanted(first=day, last=day), by=ADA, now=NOW) == made
    assert made.since == NOW + timedelta(minutes=midnight)
    assert work(store, tmp_path) == 1
    with store.reading() as connection:
        [rule] = asked.report_of(connection, made.backtest_id)["rules"]
    assert (rule["looked_at"], rule["hits"]) == (2, 2)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": claims_rule().replace("claims_10m(", "claim_10m(")}, "/text"),
        ({"features": FEATURES}, "/features"),
        ({"first": "2026-05-02", "last": "2026-05-01"}, "/first"),
        ({"first": "2020-05-02", "last": "2026-05-01"}, "/first"),
        ({"samples": 21}, "/samples"),
        ({"first": "yesterday"}, "/first"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_once(store: Store, ada: Client, body: dict[str, Any], pointer: str) -> None:
    begin(store)
    answer = ada.post(ADDRESS, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json().get("pointer", "") == pointer
    assert ada.get(ADDRESS).json()["items"] == []


def test_who_may(house: House, ada: Client) -> None:
    eve = house.browser_of(house.add("eve", Role.CUSTOMER_SERVICE))
    assert eve.post(ADDRESS, json={}).status_code == 403
    assert eve.get(ADDRESS).status_code == 403
    assert ada.get(f"{ADDRESS}/bt_none").status_code == 404


def test_nobody_has_more_than_a_few_waiting(store: Store) -> None:
    begin(store)
    with store.transaction() as connection:
        for number in range(WAITING_MAX):
            asked.ask(connection, Wanted(samples=number), by=ADA, now=NOW)
        with pytest.raises(Conflict, match="wait already"):
            asked.ask(connection, Wanted(samples=9), by=ADA, now=NOW)


def test_why_there_is_no_report(store: Store, tmp_path: Path) -> None:
    begin(store)
    with store.transaction() as connection:
        empty = asked.ask(connection, Wanted(), by=ADA, now=NOW)
    work(store, tmp_path)
    into_shadow(store, claims_rule(3))
    arrive(store, [claim(1, 1)])
    with store.transaction() as connection:
        slow = asked.ask(connection, Wanted(samples=1), by=ADA, now=NOW)
    work(store, tmp_path, seconds_max=0.0)
    with store.transaction() as connection:
        broken = asked.ask(connection, Wanted(samples=2), by=ADA, now=NOW)
    work(store, tmp_path / "missing")
    with store.reading() as connection:
        found = [asked.get(connection, each.backtest_id) for each in (empty, slow, broken)]
    assert {each.state for each in found} == {"failed"}
    reasons = [str(each.reason) for each in found]
    assert "there is no rule to test" in reasons[0]
    assert "took longer than 0 seconds" in reasons[1]
    assert "lies with the server" in reasons[2]


def test_they_are_kept_for_a_while(store: Store, tmp_path: Path) -> None:
    with store.transaction() as connection:
        made = asked.ask(connection, Wanted(), by=ADA, now=NOW)
    work(store, tmp_path)
    with store.transaction() as connection:
        assert asked.prune(connection, NOW) == 0
        assert asked.prune(connection, NOW + KEPT) == 1
        with pytest.raises(NotFound, match="30 days"):
            asked.get(connection, made.backtest_id)
