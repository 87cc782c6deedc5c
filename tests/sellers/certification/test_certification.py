"""Certification: small regions are drawn to the usual rate, and who needs an appointment is told why."""

from __future__ import annotations

import random

import pytest

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.sellers.certification.model import Tally, concentration, load_policy
from agoranomos.sellers.certification.service import CertificationService
from tests.sellers.conduct.builders import Market, case, on, opened, told

ADA = Actor("person", "ada")
POLICY = load_policy()


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


def applied(seller_id: str, region: str) -> Event:
    data = {
        "application_id": "a1", "seller_id": seller_id, "legal_name": "t:x", "id_kind": "business", "id_number": "t:y",
        "region": region,
    }  # fmt: skip
    event = {"specversion": "1.0", "id": "e-a1", "source": "test", "type": "seller.applied", "time": rfc3339(on(39))}
    return parse_event({**event, "data": data})


def test_required_booked_held(store: Store) -> None:
    events = [opened(f"s{n}", f"u{n}", region="Putian" if n < 12 else "Elsewhere") for n in range(60)]
    events += [case(f"c{n}", n, seller=f"u{n}", store=f"s{n}") for n in range(9)]
    market = Market(store).take(*events)
    office = CertificationService(store, POLICY, lambda: market.now)
    assert [(each.region, each.offenders, each.required) for each in office.regions()] == [
        ("Putian", 9, True), ("Elsewhere", 0, False),
    ]  # fmt: skip
    reason = office.required("new", "Putian")
    assert reason is not None
    assert reason.code == "sellers.certification_required"
    assert office.required("new", "Elsewhere") is None
    assert office.required("new", None) is None
    with store.reading() as connection:
        (told_to,) = office.judged(connection, applied("new", "Putian"))
        assert office.judged(connection, applied("new", "Elsewhere")) == []
    assert (told_to.code, told_to.score, told_to.reasons) == (reason.code, 0.0, (reason,))
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
    assert office.required("new", "Putian") is not None, "it was not passed"
    assert [each.state for each in office.appointments(region="Putian") if each == again] == []
    with pytest.raises(Conflict, match="was held"):
        office.cancel(again.appointment_id, by=ADA)
    with pytest.raises(NotFound):
        office.cancel("cp_none", by=ADA)
    market.take(told("certification.held", "h2", 42, seller_id="new", region="Putian", outcome="passed"))
    assert office.required("new", "Putian") is None
    market.now = on(42 + 731)
    assert office.required("new", "Putian") is not None, "it does not last for ever"
