"""Certification: small regions are drawn to the usual rate, and who needs an appointment is told why."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from agoranomos.engine.stream.monitor import Out
from agoranomos.judgements import queries as judged
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.sellers.certification.advising import REQUIRED, CertificationMonitor, Daily
from agoranomos.sellers.certification.judging import Judging
from agoranomos.sellers.certification.model import Tally, concentration, load_policy
from agoranomos.sellers.certification.service import CertificationService
from tests.sellers.conduct.builders import Market, case, on, opened, told

ADA = Actor("person", "ada")
POLICY = load_policy()


def applied(region: str | None, at: datetime) -> Event:
    day = (at - on(0)) / timedelta(days=1)
    more = {"region": region} if region is not None else {}
    return told(
        "seller.applied", f"app-{day}", day, application_id="app-1", seller_id="new", legal_name="n",
        id_kind="passport", id_number="E1", **more,
    )  # fmt: skip


def test_a_region_with_one_seller_is_not_the_worst() -> None:
    tallies = {f"r{number}": Tally(1_000, 20) for number in range(10)}
    found = {
        each.region: each for each in concentration({**tallies, "hot": Tally(1_000, 200), "tiny": Tally(1, 1)}, POLICY)
    }
    assert found["hot"].rate > found["tiny"].rate
    assert found["tiny"].raw == 1.0
    assert (found["hot"].required, found["tiny"].required, found["r0"].required) == (True, False, False)
    assert found["hot"].low < found["hot"].rate < found["hot"].high
    assert found["tiny"].high - found["tiny"].low > found["hot"].high - found["hot"].low


def test_without_differences_nobody_stands_out() -> None:
    draw = random.Random(5)
    tallies = {f"r{number}": Tally(300, sum(draw.random() < 0.05 for _ in range(300))) for number in range(40)}
    found = concentration(tallies, POLICY)
    assert not any(each.required for each in found), "chance alone makes no region certify"
    raw, shrunk = (max(values) - min(values) for values in ([e.raw for e in found], [e.rate for e in found]))
    assert shrunk < raw / 2
    assert concentration({}, POLICY) == []
    assert concentration({"all": Tally(3, 3)}, POLICY)[0].required is False


def test_required_booked_held(store: Store) -> None:
    events = [opened(f"s{n}", f"u{n}", region="Putian" if n < 12 else "Elsewhere") for n in range(60)]
    events += [case(f"c{n}", n, seller=f"u{n}", store=f"s{n}") for n in range(9)]
    market = Market(store).take(*events)
    office = CertificationService(store, POLICY, lambda: market.now)
    judging = Judging(POLICY, lambda: market.now, Daily(POLICY))
    assert [(each.region, each.offenders, each.required) for each in office.regions()] == [
        ("Putian", 9, True), ("Elsewhere", 0, False),
    ]  # fmt: skip

    def required(region: str | None = "Putian") -> list[str]:
        with store.reading() as connection:
            return [each.code for each in judging.judged(connection, applied(region, market.now))]

    assert required() == [REQUIRED]
    assert required("Elsewhere") == required(None) == []
    booked = office.book("new", "Putian", on(40), by=ADA)
    assert office.book("new", "Putian", on(40), by=ADA) == booked
    with pytest.raises(Conflict, match="cancel"):
        office.book("new", "Putian", on(41), by=ADA)
    with pytest.raises(Invalid):
        office.book("new", "Putian", on(-40), by=ADA)
    office.cancel(booked.appointment_id, by=ADA)
    again = office.book("new", "Putian", on(41), by=ADA)
    held = told("certification.held", "h1", 41, seller_id="new", region="Putian", outcome="failed")
    market.take(held)
    assert required(), "it was not passed"
    assert [each.state for each in office.appointments(region="Putian") if each == again] == []
    with pytest.raises(Conflict, match="was held"):
        office.cancel(again.appointment_id, by=ADA)
    with pytest.raises(NotFound):
        office.cancel("cp_none", by=ADA)
    market.take(told("certification.held", "h2", 42, seller_id="new", region="Putian", outcome="passed"))
    assert not required()
    market.now = on(42 + 731)
    assert required(), "it does not last for ever"
    market.take(applied("Putian", market.now))
    with store.reading() as connection:
        found = judged.list_findings(connection, judged.About(code=REQUIRED), after=None, limit=10)
    assert [(each.subject.kind, each.subject.id) for each in found] == [("application", "app-1")]
    replay = CertificationMonitor(POLICY, lambda: [f"u{n}" for n in range(9)])
    for event in (*events, held):
        if event.type in replay.hears:
            replay.hear(event, Out())
    assert [each.code for each in replay.judged(applied("Putian", on(43)))] == [REQUIRED]
    assert replay.judged(applied("Elsewhere", on(43))) == ()
    replay.hear(told("certification.held", "h3", 44, seller_id="new", region="Putian", outcome="passed"), Out())
    assert replay.judged(applied("Putian", on(45))) == ()
    again_known = CertificationMonitor(POLICY, list)
    again_known.resume(replay.state())
    assert again_known.judged(applied("Putian", on(46))) == (), "without offenders nothing concentrates"
