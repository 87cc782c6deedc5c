"""Rules in the stream: what they find over a history, and live, through kills and changes of the book."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.engine.stream.run import Run
from agoranomos.intake.queries import read_after
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import Consultant, scores_of, with_rules
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, loading, queries
from agoranomos.rules.book import Book
from agoranomos.rules.hits import compare
from agoranomos.rules.loading import Preparing
from agoranomos.rules.model import Proposal, Snooze
from agoranomos.rules.monitor import EPISODE_GAP, Consulting, RuleMonitor
from tests.builders import NOW
from tests.judgements.test_judgements import make_decision
from tests.rules.builders import ADA, MANY
from tests.rules.written_rules import (
    arrive,
    begin,
    book_of,
    claim,
    claims_rule,
    go_live,
    into_shadow,
    keep,
    listing,
    listings_rule,
    service_of,
)


def said(monitor: Any, events: Iterable[Event]) -> list[Any]:
    return list(Run([monitor]).feed(list(events)))


def live_of(store: Store, now: datetime = NOW, make: Any = RuleMonitor) -> Live:
    return Live(
        store, make, read_after=lambda connection, position, limit: read_after(connection, position, limit=limit),
        keep=keep, mine=mine, prepare=Preparing(lambda: now),
    )  # fmt: skip


def mine(connection: sa.Connection) -> None:
    """Nobody else wants it."""


def run_to_end(live: Live, now: datetime = NOW) -> None:
    while not live.step(now).idle:
        pass


def found_in(store: Store, **about: Any) -> list[Finding]:
    with store.reading() as connection:
        return list_findings(connection, About(**about), after=None, limit=500)[::-1]


def test_a_rule_says_a_finding_and_revises_it() -> None:
    found = said(
        RuleMonitor(book_of(claims_rule(3))),
        [claim(n, n / 2, paid={"amount": 5_00, "currency": "CNY"}) for n in range(6)],
    )
    assert [each.revision for each in found] == [1, 2, 3]
    assert len({each.id for each in found}) == 1
    last = found[-1]
    assert (last.code, last.subject, last.score, last.status) == (MANY, Subject("device", "d1"), 0.7, "live")
    assert last.reasons[0].message == "6 coupons on one device."
    assert last.reasons[0].evidence["values"]["claims_10m(device_id)"] == 6
    assert last.reasons[0].evidence["exposure"] == {"amount": 15_00, "currency": "CNY"}
    assert last.event_ids == ("c3", "c4", "c5")
    assert (last.detector, last.version) == ("rule:promotions.many_claims", "1")


def test_after_a_long_quiet_a_new_episode_begins() -> None:
    first, gap = 10, EPISODE_GAP / timedelta(minutes=1)
    times = [first, first + gap, first + 2 * gap + 1]
    events = [claim(n, minutes) for n, minutes in enumerate(times)]
    found = said(RuleMonitor(book_of(claims_rule(0))), events)
    assert [each.revision for each in found] == [1, 2, 1]
    assert found[0].id == found[1].id != found[2].id


def test_live_and_candidate_do_not_revise_each_other() -> None:
    live, shadow = book_of(claims_rule(3)), book_of(claims_rule(1), standing="shadow")
    used = [*live.used, msgspec.structs.replace(shadow.used[0], version=2)]
    found = said(RuleMonitor(Book(used)), [claim(n, n / 2) for n in range(5)])
    assert {(each.status, each.version) for each in found} == {("live", "1"), ("shadow", "2")}
    ids = {status: {each.id for each in found if each.status == status} for status in ("live", "shadow")}
    assert len(ids["live"]) == len(ids["shadow"]) == 1
    assert not ids["live"] & ids["shadow"]


def test_one_name_may_mean_two_features_in_two_versions() -> None:
    from tests.rules import written_rules

    day = written_rules.FEATURES.replace("by: [device_id], window: 10m", "by: [device_id], window: 1d")
    from agoranomos.rules.book import Used
    from agoranomos.rules.written import read_rules

    [other] = read_rules([("features", day), ("rule", claims_rule(1))], written_rules.LISTS)
    book = Book([*book_of(claims_rule(1)).used, Used(written=other, version=2, standing="shadow")])
    assert len(book.features) == 2
    found = said(RuleMonitor(book), [claim(0, 0), claim(1, 30)])
    assert [each.version for each in found] == ["2"]  # 30 minutes apart: only within the day


def test_rules_of_a_check_that_no_desk_makes_say_findings() -> None:
    book = book_of(claims_rule(2).replace("listens: coupon.claimed", "listens: coupon-claim"))
    events = [claim(n, n / 2) for n in range(4)]
    assert said(RuleMonitor(book), events) == []
    found = said(RuleMonitor(book, checks=["coupon-claim"]), events)
    assert [each.event_ids[-1] for each in found] == ["c2", "c3"]


def test_who_runs_out_fires_no_more() -> None:
    text = claims_rule(0).replace("  owner: risk", "  owner: risk\n  expires_at: 2026-05-01T08:05:00Z")
    found = said(RuleMonitor(book_of(text)), [claim(0, 4.9), claim(1, 5)])
    assert [each.event_ids for each in found] == [("c0",)]


def test_lists_are_looked_up_as_of_the_event() -> None:
    lists = {"family_devices": {"d1": NOW + timedelta(minutes=2), "d2": None}}
    events = [claim(0, 1), claim(1, 2), claim(2, 3, device="d2")]
    found = said(RuleMonitor(book_of(claims_rule(0), lists=lists)), events)
    assert [each.event_ids for each in found] == [("c1",)]


@pytest.mark.parametrize("cut", [0, 7, 30, 59])
def test_state_resumes_to_the_byte(cut: int) -> None:
    draw = random.Random(5)
    events = [claim(n, n * 0.7, device=f"d{draw.randrange(3)}") for n in range(60)]
    book = book_of(claims_rule(3), claims_rule(20, "claims_1d", "promotions.many_a_day"))
    whole = RuleMonitor(book)
    expected = said(whole, events)
    first, second = RuleMonitor(book), RuleMonitor(book)
    begun = said(first, events[:cut])
    second.resume(first.state())
    assert begun + said(second, events[cut:]) == expected
    assert second.state() == whole.state()
    assert len(expected) > 20


def test_a_check_takes_the_strongest_outcome_and_shadow_does_not_count() -> None:
    hits = (
        Hit("goods.a", Outcome.DECLINE, 0.99, "shadow"),
        Hit("goods.b", Outcome.HOLD, 0.6, "live"),
        Hit("goods.c", Outcome.DECLINE, 0.9, "snoozed"),
    )
    from agoranomos.kernel.consulting import Consulted

    decision = make_decision(1, outcome=Outcome.WARN, score=0.5)
    made = with_rules(decision, Consulted(hits, (), "rules@7"))
    assert (made.outcome, made.score, made.policy_version) == (Outcome.HOLD, 0.6, "p1;rules@7")
    assert made.hits == (*decision.hits, *hits)
    assert with_rules(decision, Consulted()) == decision


class Desk:
    """A desk whose check approves everything unless a rule says otherwise."""

    def __init__(self, rules: Consultant) -> None:
        self.name, self.version, self.hears = "desk", "1", ("listing.submitted",)
        self.rules = rules
        self.foreseen = 0

    def foresee(self, events: Sequence[Event]) -> None:
        assert {each.type for each in events} <= {"listing.submitted"}

    def hear(self, event: Event, out: Out) -> None:
        assert event.type == "listing.submitted"
        decision = make_decision(0, id=f"d-{event.id}", outcome=Outcome.APPROVE, hits=())
        out.say(with_rules(decision, self.rules.ask("listing", event, scores_of(decision))))

    def due(self) -> datetime | None:
        return None

    def wake(self, now: datetime, out: Out) -> None:
        raise AssertionError(now, out)

    def state(self) -> bytes:
        return b""

    def resume(self, state: bytes) -> None:
        assert state == b""


def outcomes(made: Iterable[Decision]) -> list[str]:
    return [each.outcome.value for each in made]


def test_a_desk_asks_with_the_event_counted() -> None:
    events = [listing(n, n) for n in range(4)] + [listing(9, 4, store_id="s2")]
    made = said(Consulting(Desk, "listing", book_of(listings_rule(2))), events)
    assert outcomes(made) == ["approve", "approve", "hold", "hold", "approve"]
    assert made[2].hits[0].values["values"] == {"listings_1d(store_id)": 3, "store_id": "s1"}
    assert made[2].reasons[-1].message == "3 listings in a day."


def test_snoozed_in_a_check_it_matches_and_does_not_count() -> None:
    quiet = Snooze(
        snooze_id="sn", code="goods.flood", subject=Subject("store", "s1"), reason="a bookshop", by="person:ada",
        at=NOW, until=NOW + timedelta(minutes=3),
    )  # fmt: skip
    made = said(Consulting(Desk, "listing", book_of(listings_rule(0), snoozes=[quiet])), [listing(1, 2), listing(2, 3)])
    assert outcomes(made) == ["approve", "hold"]
    assert [each.hits[0].status for each in made] == ["snoozed", "live"]
    [why] = made[0].reasons
    assert (why.code, why.message) == (
        "rules.snoozed", f"goods.flood does not count: it is snoozed for this store until {rfc3339(quiet.until)}.",
    )  # fmt: skip
    assert why.evidence["snooze_id"] == "sn"


def test_live_rules_come_from_the_store_and_change_while_it_follows(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(3))
    live = live_of(store)
    arrive(store, [claim(n, n / 2) for n in range(5)])
    run_to_end(live, NOW + LATENESS)
    assert [each.revision for each in found_in(store)] == [2]
    go_live(store, claims_rule(1))
    arrive(store, [claim(5, 3, device="d2"), claim(6, 3.5, device="d2")], NOW + LATENESS)
    run_to_end(live, NOW + 2 * LATENESS)
    assert [(each.subject.id, each.version) for each in found_in(store)] == [("d1", "1"), ("d2", "2")]
    with store.transaction() as connection:
        actions.expire(connection, MANY, by=ADA, now=NOW)
    arrive(store, [claim(7, 4, device="d2")], NOW + 2 * LATENESS)
    run_to_end(live, NOW + 3 * LATENESS)
    assert len(found_in(store)) == 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.slow
def test_a_new_feature_is_filled_from_the_log_to_the_event(store: Store, seed: int, monkeypatch: Any) -> None:
    """Whoever has a feature from the beginning and whoever gets it later say the same from then on."""
    monkeypatch.setattr(loading, "page", _small_page)
    draw = random.Random(seed)
    minutes = sorted(draw.uniform(0, 120) for _ in range(80))
    events = [claim(n, at, device=f"d{draw.randrange(2)}") for n, at in enumerate(minutes)]
    arrival = sorted(events, key=lambda each: each.time + timedelta(minutes=draw.uniform(0, 15)))
    begin(store)
    live = live_of(store)
    for each in arrival[:50]:
        arrive(store, [each], each.time)
        live.step(each.time)
    go_live(store, claims_rule(2), claims_rule(9, "claims_1d", "promotions.many_a_day"))
    for each in arrival[50:]:
        arrive(store, [each], each.time)
        live.step(each.time)
    run_to_end(live, NOW + timedelta(days=1))

    book = book_of(claims_rule(2), claims_rule(9, "claims_1d", "promotions.many_a_day"))
    heard = _values(found_in(store))
    expected = _values(_as_heard(book, arrival))
    assert heard
    assert heard.items() <= expected.items()


def _small_page(*args: Any) -> Sequence[Event]:
    from agoranomos.intake.queries import history

    connection, types, since, until, position, after = args
    return history(connection, types, since=since, until=until, position=position, after=after, limit=7)


def _as_heard(book: Book, arrival: Sequence[Event]) -> list[Finding]:
    """What a monitor with the rules from the start says of the same arrivals."""
    from agoranomos.engine.stream.ordering import Reorderer

    order, run, found = Reorderer(), Run([RuleMonitor(book)]), list[Output]()
    for position, each in enumerate(arrival, start=1):
        found += run.feed(order.let_go() if order.arrive(position, each) else [each])
    found += run.feed(order.let_go(NOW + timedelta(days=1)))
    return [each for each in found if isinstance(each, Finding)]


def _values(found: Iterable[Finding]) -> dict[tuple[str, str], Any]:
    """What each rule had counted at the last event of each finding."""
    return {(each.code, each.event_ids[-1]): each.reasons[0].evidence["values"] for each in found}


def test_a_kill_repeats_work_and_no_effect(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(3), claims_rule(5, "claims_1d", "promotions.many_a_day"))
    events = [claim(n, n / 3, device=f"d{n % 2}") for n in range(40)]
    for start in range(0, 40, 10):
        arrive(store, events[start : start + 10], NOW + timedelta(minutes=start / 3))
        live = live_of(store)  # as after a kill: from the last checkpoint
        live.step(NOW + timedelta(minutes=start / 3))
        if start == 20:
            live.checkpoint(NOW + timedelta(minutes=start / 3))
    run_to_end(live_of(store), NOW + timedelta(days=1))
    book = book_of(claims_rule(3), claims_rule(5, "claims_1d", "promotions.many_a_day"))
    expected = {each.id: each for each in said(RuleMonitor(book), events)}
    assert {each.id: each for each in found_in(store)} == expected


def test_a_rule_that_can_no_longer_be_read_stops_nobody_else(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(0))
    with store.transaction() as connection:
        broken = Proposal(rule_id="goods.broken", owner="risk", document={"when": "(((("})
        actions.propose(connection, [broken], by=ADA, now=NOW)
        actions.put_into_shadow(connection, "goods.broken", by=ADA, now=NOW)
    arrive(store, [claim(0, 0)])
    run_to_end(live_of(store), NOW + timedelta(days=1))
    assert [each.code for each in found_in(store)] == [MANY]


def test_live_and_candidate_are_compared_over_the_same_time(store: Store) -> None:
    begin(store)
    go_live(store, claims_rule(3))
    live = live_of(store)
    arrive(store, [claim(n, -100 + n / 2) for n in range(5)], NOW - timedelta(minutes=100))
    run_to_end(live, NOW - timedelta(minutes=80))
    with pytest.raises(Conflict, match="nothing to compare"), store.reading() as connection:
        compare(connection, MANY, since=None, until=None, now=NOW)
    into_shadow(store, claims_rule(1))
    later = [claim(10 + n, 1 + n / 2) for n in range(5)] + [claim(20 + n, 2 + n / 2, device="d2") for n in range(3)]
    arrive(store, later)
    run_to_end(live, NOW + timedelta(days=1))
    with store.reading() as connection:
        found = compare(connection, MANY, since=None, until=None, now=NOW + timedelta(days=1))
        versions = queries.hits_of(connection, MANY, 1, since=NOW - timedelta(days=9), until=NOW, limit=9)
    assert len(versions) == 2  # before the candidate ran: not compared
    assert (found.live_version, found.shadow_version) == (1, 2)
    assert (found.live_hits, found.shadow_hits, found.both_hits) == (2, 6, 2)
    assert (found.live_subjects, found.shadow_subjects, found.both_subjects) == (1, 2, 1)
    assert [each.event_id for each in found.only_shadow] == ["c11", "c12", "c21", "c22"]
    assert found.only_live == []
    assert found.both[0].facts["claims_10m(device_id)"] == 4
    assert found.complete
    assert service_of(store, NOW + timedelta(days=1)).compare(MANY, None, None) == found


def test_hits_are_forgotten_after_their_time(store: Store) -> None:
    from agoranomos.rules.hits import keep_hits, prune
    from agoranomos.rules.tables import rule_hits

    found = said(RuleMonitor(book_of(claims_rule(0))), [claim(0, 0), claim(1, 10)])
    with store.transaction() as connection:
        assert keep_hits(connection, found) == 2
        assert keep_hits(connection, found) == 0
        assert prune(connection, NOW + timedelta(minutes=5)) == 1
        assert connection.execute(sa.select(rule_hits.c.event_id)).scalars().all() == ["c1"]
