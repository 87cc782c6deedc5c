"""Harvests are found by whom they read; honest readers of every kind are left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache

import msgspec
import pytest

from agoranomos.access.exposure.policy import load_policy as load_exposure
from agoranomos.access.harvest.monitor import HEARS, HarvestMonitor
from agoranomos.access.harvest.policy import load_policy
from agoranomos.access.harvest.visits import Visits
from agoranomos.enforcement.asking import needs_of
from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event as Happened
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from tests.access.builders import ACTIONS, DAY0, contract, order, people, read, told

POLICY = load_policy()
EXPOSURE = load_exposure()
PLOTS = ("partner-harvest", "sharded-crawler")


def monitor(*, decides: bool = False) -> HarvestMonitor:
    return HarvestMonitor(POLICY, EXPOSURE, needs_of(ACTIONS), decides=decides)


def said(*events: Event, decides: bool = False) -> list[Output]:
    return Run([monitor(decides=decides)]).feed(sorted(events, key=lambda each: each.time))


def found(*events: Event) -> list[Finding]:
    return [each for each in said(*events) if isinstance(each, Finding)]


CUSTOMERS = [order(each) for each in people(0, 400)]


def test_a_partner_who_reads_strangers_is_found_before_he_has_many() -> None:
    reads = [read("p1", people(1000 + 20 * number, 1020 + 20 * number), number / 100) for number in range(20)]
    outputs = said(*CUSTOMERS, contract(), *reads)
    first = next(each for each in outputs if isinstance(each, Finding))
    assert first.code == "access.harvest"
    assert first.reasons[0].evidence["strangers"] <= 200
    acts = [each for each in outputs if isinstance(each, Action)]
    assert [(each.kind, each.subject.id, each.because) for each in acts] == [("principal.throttle", "p1", (first.id,))]
    assert len({each.id for each in outputs if isinstance(each, Finding)}) == 1, "one episode, more revisions"


HONEST: dict[str, list[Event]] = {
    "reads its own, again and again": [read("p1", people(0, 400), number / 10) for number in range(40)],
    "has some whom nobody told of": [read("p1", [*people(0, 380), *people(900, 930)], number) for number in range(9)],
    "is large": [read("p1", people(first, first + 40), first / 50) for first in range(0, 400, 40)],
    "a merchant of a store": [
        read("m1", people(first, first + 40), first / 50, kind="merchant", store_id="s1") for first in range(0, 400, 40)
    ],
    "a few strangers": [read("p1", people(900, 960))],
    "was shown nothing": [read("p1", people(900 + n * 50, 950 + n * 50), n, status=403) for n in range(20)],
    "a buyer among few": [read("b1", people(n * 50, n * 50 + 50), n, kind="buyer") for n in range(20)],
}


@pytest.mark.parametrize("name", HONEST)
def test_the_honest_are_left_alone(name: str) -> None:
    assert found(*CUSTOMERS, contract(), *HONEST[name]) == []


def test_without_orders_going_through_everybody_is_worth_a_look() -> None:
    through = [read("x1", people(n * 100, n * 100 + 100), n, kind="other") for n in range(30)]
    first = found(*through)[0]
    assert first.reasons[0].code == "access.goes_through"
    again = [read("x1", people(n % 10 * 100, n % 10 * 100 + 100), n, kind="other") for n in range(60)]
    assert found(*again) == []


def test_whoever_touches_a_canary_is_suspended_with_others_of_that_client_named() -> None:
    planted = told("canary.planted", "k", -1, canary_id="k1", kind="record", subject_id="trap")
    others = [read(f"b{n}", ["a1"], n / 10, kind="buyer", user_agent="Bot/1") for n in range(3)]
    outputs = said(planted, *others, read("b9", ["a1", "trap"], 1, kind="buyer", user_agent="Bot/1"))
    finding = next(each for each in outputs if isinstance(each, Finding))
    assert (finding.code, finding.subject.id, finding.score) == ("access.canary_touched", "b9", POLICY.canary_score)
    assert [(each.id, each.role) for each in finding.related] == [(f"b{n}", "tie") for n in range(3)]
    assert "trap" not in msgspec.json.encode(finding).decode()
    assert [each.kind for each in outputs if isinstance(each, Action)] == ["principal.suspend"]


def test_a_call_of_a_planted_number_names_the_login() -> None:
    planted = told("canary.planted", "k", -2, canary_id="k1", kind="number", number="170", principal_id="p7")
    called = told("number.called", "c", 0, virtual_number="170", **{"from": "unknown"})
    assert [(each.code, each.subject.id) for each in found(planted, called)] == [("access.canary_called", "p7")]
    plain = told("canary.planted", "k", -2, canary_id="k1", kind="number", number="170")
    bound = told(
        "number.bound", "b", -1, virtual_number="170", order_id="o1", expires_at=DAY0.isoformat(), store_id="s9"
    )
    assert [(each.subject.kind, each.subject.id) for each in found(plain, bound, called)] == [("store", "s9")]
    run = Run([monitor()])
    assert run.feed([plain, called]) == []
    assert [each.reason for each in run.refused()] == ["a planted number was called that was given to nobody"]


def export(hours: float, *, by: str = "w1", region: str = "CN", name: str = "e1") -> Event:
    data = {
        "export_id": name,
        "principal_id": by,
        "purpose": "audit",
        "fields": ["phone"],
        "destination_region": region,
    }
    return told("export.requested", f"q{name}", hours, **data)


def agreed(hours: float, staff: str, name: str = "e1") -> Event:
    return told("export.approved", f"g{name}{staff}", hours, export_id=name, staff_id=staff)


FILE = read("w1", 900, 0, kind="staff", export=True, purpose="audit")


@pytest.mark.parametrize(
    ("before", "fine"),
    [
        ([], False),
        ([export(-2)], False),
        ([export(-2), agreed(-1, "w1")], False),
        ([export(-2), agreed(-1, "w2")], True),
        ([export(-24 * 9), agreed(-24 * 8, "w2")], False),
        ([export(-2, region="US"), agreed(-1, "w2")], False),
        ([export(-2, region="US"), agreed(-1, "w2"), agreed(-1, "w3")], True),
        ([export(-2, by="w9"), agreed(-1, "w2")], False),
    ],
    ids=["nobody asked", "nobody agreed", "oneself", "another", "expired", "abroad takes two", "two", "another's"],
)
def test_files_leave_with_the_consent_of_others(before: list[Event], fine: bool) -> None:
    outputs = said(*before, FILE, decides=True)
    codes = [each.code for each in outputs if isinstance(each, Finding)]
    assert codes == ([] if fine else ["access.export_unapproved"])
    decision = next(each for each in outputs if isinstance(each, Decision))
    assert decision.outcome.value == ("approve" if fine else "decline")


def test_a_contract_that_is_left_behind_is_told_once() -> None:
    reads = [read("p1", ["a1"], number, fields=["phone", "address"]) for number in range(5)]
    assert [each.code for each in found(*CUSTOMERS, contract(), *reads)] == ["access.outside_contract"]


def test_a_throttle_is_felt_in_a_replay_until_it_ends() -> None:
    reads = [read("p1", people(1000 + 20 * number, 1020 + 20 * number), number / 100) for number in range(20)]
    later = [read("p1", ["a1"], 12), read("p1", ["a1"], 48)]
    made = [each for each in said(*CUSTOMERS, contract(), *reads, *later, decides=True) if isinstance(each, Decision)]
    assert made[-2].reasons[0].code == "access.throttled"
    assert made[-1].outcome.value == "approve", "a customer, after the throttle"


@cache
def market() -> tuple[list[Event], dict[str, Truth]]:
    settings = Settings(seed=11, start=date(2026, 1, 1), days=6, sellers=40, buyers=1_500)
    plots = chosen(("partner-harvest:day=2,days=2", "sharded-crawler:days=4,shards=24"), SHIPPED)
    events, truth = [], {}
    for each in generate(settings, plots):
        if isinstance(each, Truth):
            if each.subject_kind == "principal" and each.kind == "plot":
                truth[each.subject_id] = each
        elif isinstance(each, Happened) and each.type in HEARS:
            events.append(parse_event(each.raw()))
    return events, truth


def first_findings(outputs: Iterable[Output]) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for each in outputs:
        if isinstance(each, Finding):
            found.setdefault(each.subject.id, each)
    return found


@pytest.mark.slow
def test_a_made_market_is_told_from_its_plots() -> None:
    events, truth = market()
    first = first_findings(Run([monitor(decides=True)]).feed(events))
    assert set(first) - set(truth) == set(), "nobody honest"
    shards = {name for name, each in truth.items() if each.role == "shard"}
    assert len(shards & set(first)) >= 0.9 * len(shards)
    for name, each in truth.items():
        if name in first:
            began = datetime.fromtimestamp(each.started_at / 1000, parse_rfc3339(first[name].at).tzinfo)
            allowed = timedelta(hours=1) if each.role == "harvester" else timedelta(days=7)
            assert parse_rfc3339(first[name].at) - began <= allowed
    assert len({first[name].ring_id for name in shards & set(first)} - {None}) >= 1


@pytest.mark.slow
def test_who_resumes_says_what_he_would_have_said() -> None:
    events, _ = market()
    whole = Run([monitor()]).feed(events)
    half = len(events) // 2
    first = Run([monitor()])
    parts = first.feed(events[:half])
    second = monitor()
    second.resume(first.monitors[0].state())
    assert second.state() == first.monitors[0].state()
    parts += Run([second], now=first.now).feed(events[half:])
    assert parts == whole


def sampled(pairs: int) -> Iterator[int]:
    visits = Visits(200)
    for number in range(pairs):
        visits.note(f"b{number % 40}", (f"a{number}",), "Agent", DAY0)
        yield len(visits)


def test_memory_is_bounded_by_a_sample_of_people() -> None:
    held = list(sampled(2_000))
    assert max(held) <= 201
    assert held[-1] > 50


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_stop_nothing(when: str) -> None:
    names = [f"b{number}" for number in range(40)]
    events = [
        export(0),
        agreed(1, "w2"),
        FILE,
        told("canary.planted", "k", 0, canary_id="k", kind="record", subject_id="a5"),
    ]
    events += [read(name, people(0, 30), kind="buyer", name=name) for name in names]
    events += [contract(), read("p1", people(0, 900)), read("p1", 40_000, name="many")]
    moment = parse_rfc3339(when)
    outputs = Run([monitor(decides=True)]).feed([msgspec.structs.replace(each, time=moment) for each in events])
    assert {each.code for each in outputs if isinstance(each, Finding)} >= {"access.canary_touched"}
    assert any(isinstance(each, Decision) and each.outcome.value == "decline" for each in outputs)


def test_a_policy_is_read_strictly(tmp_path: object) -> None:
    from importlib import resources
    from pathlib import Path

    text = (resources.files("agoranomos.access.harvest") / "data" / "policy.toml").read_text("utf-8")
    path = Path(str(tmp_path)) / "harvest.toml"
    path.write_text(text.replace("act_line = 0.9", "act_lines = 0.9"))
    with pytest.raises(Invalid, match="act_lines"):
        load_policy(path)
