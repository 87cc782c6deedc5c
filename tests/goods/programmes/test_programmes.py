"""The way back: milestones lift, a relapse restores at once, an overturned one is as if it had not been."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.enforcement.queries import About
from agoranomos.enforcement.queries import listed as actions_listed
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.programmes import queries
from agoranomos.goods.programmes.model import Enrolment, Fact, standing
from agoranomos.goods.programmes.monitor import ProgrammeMonitor
from agoranomos.goods.programmes.policy import load_policy, parse_policy
from agoranomos.goods.programmes.service import ProgrammeService
from agoranomos.goods.programmes.telling import IMPOSE, LIFT, RELAPSED
from agoranomos.judgements.queries import About as Findings
from agoranomos.judgements.queries import list_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from tests.builders import NOW
from tests.goods.testbuys.builders import ANA, BEN, Desk

POLICY = load_policy()
BRAND = POLICY.programme("original_brand")
ALL = frozenset(BRAND.restrictions)
HISTORY = (
    (0, "enrolled", "e"), (1, "milestone", "factory_registered@1"), (2, "milestone", "own_brand_registered@2"),
    (20, "genuine", "t1"), (100, "genuine", "t2"), (101, "genuine", "t3"),
)  # fmt: skip


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def facts(*rows: tuple[float, Any, str]) -> list[Fact]:
    return [Fact(kind, name, day(number)) for number, kind, name in rows]


def in_force(until: float, *rows: tuple[float, Any, str]) -> frozenset[str]:
    found = standing(facts(*rows), BRAND, day(until))
    assert found is not None
    return found.in_force


def test_all_is_in_force_from_enrolment_on() -> None:
    assert in_force(0, *HISTORY) == ALL
    assert standing(facts(*HISTORY[1:]), BRAND, day(10)) is None


def test_milestones_lift_in_their_order() -> None:
    assert ALL - in_force(5, *HISTORY) == {"listings_limited"}
    assert ALL - in_force(90, *HISTORY) == {"listings_limited", "search_demoted"}
    assert ALL - in_force(179, *HISTORY) == {"listings_limited", "search_demoted"}
    assert in_force(181, *HISTORY) == {"branded_categories_barred"}


def test_a_step_told_too_early_counts_when_its_turn_comes() -> None:
    early = ((0, "enrolled", "e"), (1, "milestone", "own_brand_registered@1"))
    assert in_force(5, *early) == ALL
    assert "listings_limited" not in in_force(7, *early, (6, "milestone", "factory_registered@6"))


def test_time_alone_says_when_to_look_again() -> None:
    found = standing(facts(*HISTORY), BRAND, day(120))
    assert found is not None
    assert found.due_at == day(180)
    waiting = standing(facts(*HISTORY[:3]), BRAND, day(120))
    assert waiting is not None
    assert waiting.due_at is None  # for a genuine article


def test_a_relapse_restores_everything_at_once_and_the_clock_begins_anew() -> None:
    relapsed = (*HISTORY, (185, "relapse", "case-1"))
    assert in_force(185, *relapsed) == ALL
    assert in_force(185 + 29.9, *relapsed) == ALL
    assert in_force(185 + 30, *relapsed) == ALL - {"listings_limited"}  # the factory and the brand are still there
    assert in_force(184.99, *relapsed) == {"branded_categories_barred"}
    again = ((190, "genuine", "t9"), *relapsed)
    assert "search_demoted" in in_force(185 + 89, *again)
    assert "search_demoted" not in in_force(185 + 90, *again)


def test_too_many_relapses_end_it() -> None:
    rows = [*HISTORY, *((200 + number, "relapse", f"case-{number}") for number in range(BRAND.relapses_max + 1))]
    found = standing(facts(*rows), BRAND, day(2_000))
    assert found is not None
    assert (found.state, found.in_force) == ("expelled", ALL)


def test_who_arrives_is_watched_for_a_time() -> None:
    rows = (*HISTORY, (300, "genuine", "t4"), (301, "genuine", "t5"), (302, "milestone", "graduated@302"))
    arrived = standing(facts(*rows), BRAND, day(400))
    assert arrived is not None
    assert (arrived.state, arrived.in_force, arrived.completed_at) == ("completed", frozenset(), day(365))
    assert in_force(731, *rows, (729, "relapse", "case-1")) == ALL
    assert in_force(731, *rows, (730.5, "relapse", "case-1")) == frozenset()


def test_who_leaves_has_all_restrictions_back() -> None:
    found = standing(facts(*HISTORY, (185, "left", "e")), BRAND, day(600))
    assert found is not None
    assert (found.state, found.in_force) == ("left", ALL)


KINDS = st.sampled_from(["milestone", "genuine", "relapse"])
ROWS = st.lists(st.tuples(st.integers(0, 800), KINDS, st.integers(0, 4)), max_size=14)


@given(ROWS, st.integers(0, 900), st.randoms(use_true_random=False))
def test_where_somebody_stands_follows_from_the_facts_alone(
    rows: list[tuple[int, Any, int]], until: int, chance: random.Random
) -> None:
    """Neither the order of arrival nor how often somebody looked matters, and an overturned fact leaves no trace."""
    made = [Fact("enrolled", "e", day(0))]
    for number, (at, kind, which) in enumerate(rows):
        name = f"{BRAND.milestones[which].code}@{number}" if kind == "milestone" else f"f{number}"
        made.append(Fact(kind, name, day(at)))
    found = standing(made, BRAND, day(until))
    assert standing(chance.sample(made, len(made)), BRAND, day(until)) == found
    noise = [Fact("relapse", f"x{number}", day(number), overturned=True) for number in range(3)]
    assert standing([*made, *noise], BRAND, day(until)) == found
    assert found is not None
    assert found.in_force <= ALL
    lifted = {code for step in BRAND.milestones[: len(found.reached)] for code in step.lifts}
    if found.state in ("active", "completed"):
        assert found.in_force == ALL - lifted
    if found.due_at is not None:
        assert found.due_at > day(until)


# As events tell it, live and over a history


def event(kind: str, number: float, **data: Any) -> dict[str, Any]:
    identity = f"{kind}-{number}-{sorted(map(str, data.values()))}"[:128]
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "gov",
        "type": kind,
        "time": rfc3339(day(number)),
        "data": data,
    }


def verdict(number: float, testbuy: str, said: str) -> dict[str, Any]:
    cost = {"amount": 100, "currency": "CNY"}
    return event("testbuy.appraised", number, testbuy_id=testbuy, listing_id="l1", store_id="s1", verdict=said,
                 appraiser_id="ap", cost=cost)  # fmt: skip


def case(number: float, name: str, outcome: str, **more: str) -> dict[str, Any]:
    return event("case.decided", number, case_id=name, subject={"kind": "store", "id": "s1"}, outcome=outcome,
                 clause="g1", store_id="s1", **more)  # fmt: skip


def told(number: float, name: str) -> dict[str, Any]:
    return event("programme.milestone", number, seller_id="u1", milestone=name)


OPENED = event("store.opened", -9, store_id="s1", seller_id="u1")
STORY = [
    told(1, "factory_registered"), told(2, "own_brand_registered"), verdict(20, "t1", "genuine"),
    verdict(60, "t2", "inconclusive"), case(95, "c1", "upheld"), case(98, "c2", "overturned", overturns="c1"),
    verdict(110, "t3", "counterfeit"),
]  # fmt: skip


def said_of(outputs: list[Output]) -> list[tuple[str, str]]:
    return [(each.kind, each.params["restriction"]) for each in outputs if isinstance(each, Action)]


class Seen:
    """What was asked for, in the order of events, by a monitor over the history."""

    def __init__(self) -> None:
        self.monitor = ProgrammeMonitor(POLICY, lambda *_: False)
        self.run = Run([self.monitor])

    def hear(self, *events: dict[str, Any]) -> list[Output]:
        return self.run.feed([parse_event(each) for each in events])


def test_over_a_history() -> None:
    seen = Seen()
    assert said_of(seen.hear(OPENED, told(0, "enrolled:original_brand"))) == [(IMPOSE, name) for name in sorted(ALL)]
    assert said_of(seen.hear(*STORY[:2])) == [(LIFT, "listings_limited")]
    assert said_of(seen.hear(*STORY[2:4])) == []
    relapsed = seen.hear(STORY[4])
    assert said_of(relapsed) == [  # day 90 came before day 95
        (LIFT, "search_demoted"), (IMPOSE, "listings_limited"), (IMPOSE, "search_demoted"),
    ]  # fmt: skip
    [finding] = [each for each in relapsed if isinstance(each, Finding)]
    assert (finding.code, finding.subject.id, finding.reasons[0].evidence["cause"]) == (RELAPSED, "u1", "c1")
    assert said_of(seen.hear(STORY[5])) == [(LIFT, "listings_limited"), (LIFT, "search_demoted")]
    assert said_of(seen.hear(STORY[6])) == [(IMPOSE, "listings_limited"), (IMPOSE, "search_demoted")]
    assert seen.hear(told(120, "enrolled:unheard_of"), event("store.opened", 121, store_id="s2", seller_id="u2")) == []


def test_a_monitor_goes_on_where_it_stopped() -> None:
    events = [OPENED, told(0, "enrolled:original_brand"), *STORY, told(700, "graduated")]
    whole = Seen().hear(*events)
    for cut in range(1, len(events)):
        first, second = Seen(), Seen()
        said = first.hear(*events[:cut])
        second.monitor.resume(first.monitor.state())
        second.run = Run([second.monitor], now=first.run.now)
        assert said + second.hear(*events[cut:]) == whole


class Office:
    """The store with people who enrol and approve."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.desk = Desk(store, folder)
        self.store, self.clock = store, self.desk.clock
        self.service = ProgrammeService(store, POLICY, load_action_policy(), self.clock)

    def enrolled(self) -> Enrolment:
        asked = self.service.ask("u1", "original_brand", by=ANA)
        with self.store.transaction() as connection:
            approving.approve(connection, asked.approval_id, by=BEN, now=self.clock())
        self.service.settle()
        return self.service.show(asked.enrolment_id).enrolment

    def hear(self, raw: dict[str, Any]) -> None:
        self.clock.now = parse_event(raw).time
        self.desk.take(raw)
        self.service.settle()

    def asked_for(self) -> list[tuple[str, str]]:
        with self.store.reading() as connection:
            found = actions_listed(connection, About(subject_kind="seller", subject_id="u1"), after=None, limit=500)
        return sorted((each.kind, each.params["restriction"]) for each in found)


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path)


def test_live_says_what_the_history_says(office: Office) -> None:
    office.desk.take(OPENED)
    enrolment = office.enrolled()
    assert enrolment.state == "active"
    assert set(enrolment.in_force) == ALL
    seen = Seen()
    said = said_of(seen.hear(OPENED, told(0, "enrolled:original_brand")))
    for raw in STORY:
        for moment in (89.9, 90.0, 90.1):  # somebody looks every few seconds
            if parse_event(raw).time > day(moment) > office.clock():
                office.clock.now = day(moment)
                office.service.settle()
        office.hear(raw)
        said += said_of(seen.hear(raw))
        assert office.asked_for() == sorted(said)
    with office.store.reading() as connection:
        kept = list_findings(connection, Findings(code=RELAPSED), after=None, limit=10)
    assert sorted(each.reasons[0].evidence["cause"] for each in kept) == ["c1", "t3"]
    found = office.service.show(enrolment.enrolment_id)
    assert (found.enrolment.state, found.enrolment.relapses) == ("active", 1)
    assert [each.overturned for each in found.facts if each.fact_id == "c1"] == [True]


def test_nobody_is_enrolled_on_one_word(office: Office) -> None:
    asked = office.service.ask("u1", "original_brand", by=ANA)
    office.service.settle()
    assert office.service.show(asked.enrolment_id).enrolment.state == "asked"
    with office.store.transaction() as connection, pytest.raises(Forbidden):
        approving.approve(connection, asked.approval_id, by=ANA, now=office.clock())
    with pytest.raises(Conflict, match="asked already"):
        office.service.ask("u1", "original_brand", by=BEN)
    office.desk.take(told(0, "enrolled:original_brand"))
    office.service.settle()
    assert office.asked_for() == []
    with office.store.transaction() as connection:
        approving.refuse(connection, asked.approval_id, by=BEN, now=office.clock())
    office.service.settle()
    assert office.service.show(asked.enrolment_id).enrolment.state == "refused"
    office.clock.forward(hours=1)
    assert office.service.ask("u1", "original_brand", by=ANA).state == "asked"


def test_who_leaves_and_what_cannot_be_asked(office: Office) -> None:
    enrolment = office.enrolled()
    assert office.service.leave(enrolment.enrolment_id, by=ANA).state == "left"
    assert office.service.leave(enrolment.enrolment_id, by=ANA).state == "left"
    with pytest.raises(NotFound, match="original_brand"):
        office.service.ask("u2", "unheard_of", by=ANA)
    with pytest.raises(Invalid, match="spaces"):
        office.service.ask("Li Hua", "original_brand", by=ANA)
    with pytest.raises(NotFound):
        office.service.show("none")
    asked = office.service.ask("u3", "original_brand", by=ANA)
    with pytest.raises(Conflict, match="under way"):
        office.service.leave(asked.enrolment_id, by=ANA)
    with office.store.reading() as connection:
        assert [each.seller_id for each in queries.listed(connection, state="left")] == ["u1"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'lifts = ["listings_limited"]', b"lifts = []", "every restriction once"),
        (b'lifts = ["listings_limited"]', b'lifts = ["unheard_of"]', "no restriction"),
        (b'code = "graduated"', b'code = "half_year_clean"', "twice"),
        (b"told = true\nlasting = true\nlifts = []", b"lifts = []", "asks nothing"),
        (b"relapses_max", b"relapse_max", "cannot be used"),
    ],
)
def test_a_policy_that_cannot_be_used(old: bytes, new: bytes, words: str) -> None:
    raw = (resources.files("agoranomos.goods.programmes") / "data" / "policy.toml").read_bytes()
    assert old in raw
    with pytest.raises(Invalid, match=words):
        parse_policy(raw.replace(old, new, 1))
