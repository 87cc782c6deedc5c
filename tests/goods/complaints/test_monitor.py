"""Who is spoken of as a seller of fakes, and who only looks like it."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.engine.stream.run import Run
from agoranomos.goods.complaints import monitor as complaint_monitor
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.complaints.telling import CODE
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_after
from agoranomos.judgements import tables
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.rules.keeping import keep_outputs
from tests.builders import NOW, make_vault

FAKE = "假货，用了头皮痒，电话13812345678退钱"
FINE = "很好，是正品"
CNY = {"amount": 9900, "currency": "CNY"}


def raw(kind: str, identity: str, hours: float, **data: Any) -> dict[str, Any]:
    at = rfc3339(NOW + timedelta(hours=hours))
    return {"specversion": "1.0", "id": identity, "source": "shop", "type": kind, "time": at, "data": data}


def ordered(number: int, hours: float, listing: str = "l1", store: str = "s1", buyer: str = "") -> dict[str, Any]:
    lines = [{"listing_id": listing, "quantity": 1, "price": CNY}]
    return raw(
        "order.placed", f"o-{listing}-{number}", hours,
        order_id=f"o-{listing}-{number}", buyer_id=buyer or f"b{number}", store_id=store, lines=lines, paid=CNY,
    )  # fmt: skip


def reviewed(
    number: int, hours: float, text: str = FAKE, listing: str = "l1", store: str = "s1", buyer: str = ""
) -> dict[str, Any]:
    return raw(
        "review.posted", f"r-{listing}-{number}", hours,
        review_id=f"r-{listing}-{number}", author_id=buyer or f"b{number}", store_id=store, listing_id=listing,
        rating=1, text=text,
    )  # fmt: skip


def sold(count: int, listing: str = "l1", store: str = "s1") -> list[dict[str, Any]]:
    return [ordered(number, number * 0.1, listing, store) for number in range(count)]


def heard(*events: dict[str, Any], watching: ComplaintMonitor | None = None) -> list[Finding]:
    outputs = Run([watching or ComplaintMonitor()]).feed([parse_event(event) for event in events])
    return [each for each in outputs if isinstance(each, Finding)]


def on(findings: list[Finding], kind: str) -> list[Finding]:
    return [each for each in findings if each.subject.kind == kind]


def test_several_buyers_of_one_listing() -> None:
    findings = heard(*sold(100), *(reviewed(number, 24 + number) for number in range(6)))
    listing = on(findings, "listing")
    assert {each.code for each in findings} == {CODE}
    assert [each.revision for each in listing] == list(range(1, len(listing) + 1))
    assert len({each.id for each in listing}) == 1
    assert listing[-1].score > 0.9
    assert listing[-1].event_ids[-1] == "r-l1-5"
    assert [(one.kind, one.id, one.role) for one in listing[-1].related] == [("store", "s1", "tie")]
    store = on(findings, "store")[-1]
    assert [(one.kind, one.id, one.role) for one in store.related] == [("listing", "l1", "member")]


def test_the_reasons_say_the_rate_and_quote_without_personal_data() -> None:
    last = on(heard(*sold(100), *(reviewed(number, 24) for number in range(4))), "listing")[-1]
    rate, *others = last.reasons
    assert rate.code == "goods.complaints_rate"
    assert rate.evidence["buyers"] == 4
    assert rate.evidence["orders"] == 100
    assert rate.message.startswith("4 buyers say or suspect that the goods are fake, on 100 orders;")
    quoted = [reason for reason in others if reason.code == "goods.complaint_says_fake"]
    assert len(quoted) == 4
    assert "“假货，用了头皮痒，电话[…]退钱”" in quoted[0].message
    assert b"13812345678" not in msgspec.json.encode(last)


def test_a_big_store_with_many_orders_is_left_alone() -> None:
    """Three voices on thousands of orders are what honest sellers hear too."""
    assert heard(*sold(4_000), *(reviewed(number, 450) for number in range(3))) == []


def test_one_angry_buyer_is_one_buyer() -> None:
    angry = [
        *(reviewed(number, 24 + number, buyer="b1") for number in range(10)),
        *(
            raw("complaint.filed", f"c{number}", 40, complaint_id=f"c{number}", channel="chat", text=FAKE,
                buyer_id="b1", listing_id="l1", store_id="s1")
            for number in range(5)
        ),
        raw("return.requested", "t1", 50, return_id="t1", order_id="o-l1-1", reason_code="suspected_fake"),
    ]  # fmt: skip
    assert heard(*sold(60), *angry) == []
    assert heard(*sold(60), *angry, reviewed(2, 60), reviewed(3, 61)) != []


def test_returns_are_laid_to_what_was_ordered() -> None:
    returns = [
        raw("return.requested", f"t{number}", 30, return_id=f"t{number}", order_id=f"o-l1-{number}",
            reason_code="suspected_fake")
        for number in range(5)
    ]  # fmt: skip
    last = on(heard(*sold(50), *returns), "listing")[-1]
    assert last.subject.id == "l1"
    assert [reason.message for reason in last.reasons][-1] == "A return gives a suspected fake as its reason."
    unknown = [
        raw("return.requested", f"t{number}", 30, return_id=f"t{number}", order_id=f"x{number}", reason_code="other",
            text=FAKE)
        for number in range(5)
    ]  # fmt: skip
    assert heard(*unknown) == [], "nobody knows what was ordered"


def test_other_complaints_are_no_voices() -> None:
    bad = [reviewed(number, 24, "质量太差，开胶了，要求退款") for number in range(20)]
    assert heard(*sold(60), *bad) == []
    assert heard(*sold(60), *(reviewed(number, 24, FINE) for number in range(20))) == []


def test_a_seller_who_turns_to_fakes_is_dated() -> None:
    honest = [ordered(number, number * 0.5) for number in range(4_000)]
    findings = heard(*honest, *(reviewed(number, 1_900 + 8 * number) for number in range(10)))
    last = on(findings, "listing")[-1]
    since = next(reason for reason in last.reasons if reason.code == "goods.complaints_burst")
    assert since.evidence["since"] == "2026-07-19"
    assert since.evidence["buyers"] == 10
    assert last.score > 0.9


def test_an_episode_ends_when_the_voices_are_old() -> None:
    first = [*sold(100), *(reviewed(number, 24) for number in range(5))]
    months_later = 24 * 150
    again = [ordered(number, months_later + number * 0.1) for number in range(200, 300)]
    later = [reviewed(number, months_later + 24) for number in range(200, 205)]
    listing = on(heard(*first, *again, *later), "listing")
    assert len({each.id for each in listing}) == 2
    assert listing[-1].revision < 5
    assert listing[-1].reasons[0].evidence["buyers"] == 5, "the old ones are forgotten"


def test_a_category_full_of_suspicion_asks_for_more() -> None:
    def listed(listing: str, category: str) -> dict[str, Any]:
        return raw(
            "listing.submitted", f"s-{listing}", 0,
            listing_id=listing, store_id=f"s-{listing}", title="x", price=CNY, category=category,
        )  # fmt: skip

    others = [f"x{number}" for number in range(12)]
    told: list[dict[str, Any]] = [*(listed(each, "shampoo") for each in others), listed("l1", "shampoo")]
    for each in others:
        told += sold(200, each, f"s-{each}")
        told += [reviewed(number, 23, listing=each, store=f"s-{each}") for number in range(2)]
    told += sold(200, "l1", "s-l1")
    voices = [reviewed(number, 60, store="s-l1") for number in range(3)]
    watching = ComplaintMonitor()
    ordinary = on(heard(*sold(200, "l1", "s-l1"), *voices), "listing")[-1].score
    told.sort(key=lambda event: event["time"])
    suspicious = [each.score for each in on(heard(*told, *voices, watching=watching), "listing")]
    assert max([0.0, *suspicious]) < ordinary
    assert watching._known.usual["shampoo"].share > 0.005


def test_only_so_many_orders_are_remembered(monkeypatch: Any) -> None:
    monkeypatch.setattr(complaint_monitor, "ORDERS_KEPT_MAX", 10)
    watching = ComplaintMonitor()
    heard(*sold(30), watching=watching)
    assert [*watching._known.orders] == [f"o-l1-{number}" for number in range(20, 30)]


def test_what_was_never_spoken_of_again_is_forgotten() -> None:
    watching = ComplaintMonitor()
    run = Run([watching])
    run.feed([parse_event(event) for event in sold(3)])
    run.pass_until(NOW + timedelta(days=200))
    assert watching._known.listings == {}
    assert watching._known.stores == {}


def test_what_was_sold_long_ago_is_forgotten_as_soon() -> None:
    """Whatever the clock says: a source without one tells of the year 1."""
    watching = ComplaintMonitor()
    run = Run([watching])
    run.feed([parse_event(ordered(1, -24 * 365 * 150))])
    run.pass_until(NOW - timedelta(days=365 * 150 - 200))
    assert watching._known.listings == {}
    assert watching.due() is None


def stream(seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    events = [ordered(number, draw.uniform(0, 400), f"l{number % 4}", f"s{number % 2}") for number in range(300)]
    events += [
        reviewed(number, draw.uniform(24, 500), draw.choice([FAKE, FINE]), f"l{number % 4}", f"s{number % 2}")
        for number in range(120)
    ]
    return sorted(events, key=lambda event: (event["time"], event["id"]))


def test_resumed_anywhere_it_says_the_same() -> None:
    events = [parse_event(event) for event in stream(3)]
    together: list[Output] = Run([ComplaintMonitor()]).feed(events)
    assert together
    first = Run([one := ComplaintMonitor()])
    outputs = first.feed(events[:200])
    other = ComplaintMonitor()
    other.resume(one.state())
    assert other.state() == one.state()
    assert outputs + Run([other], now=first.now).feed(events[200:]) == together


@pytest.mark.slow
def test_a_replay_and_the_live_stream_say_the_same(store: Store, tmp_path: Path) -> None:
    told = stream(5)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in told))
    replay(event_files([path]), lambda: [ComplaintMonitor()], tmp_path / "out", progress=Progress(lambda _: None))
    received = NOW + timedelta(hours=501)
    with store.transaction() as connection:
        accept(connection, make_vault(), [parse_event(each) for each in told], now=received)
    follower = Live(
        store, ComplaintMonitor, read_after=lambda c, position, limit: read_after(c, position, limit=limit),
        keep=partial(keep_outputs, policy=load_action_policy()), mine=lambda _: None,
    )  # fmt: skip
    while not follower.step(received + LATENESS).idle:
        pass
    with store.reading() as connection:
        rows = connection.execute(sa.select(tables.findings.c.document)).scalars()
        live = {row["id"]: row for row in rows}
    lines = (tmp_path / "out" / "findings.jsonl").read_bytes().splitlines()
    assert live == {row["id"]: row for row in map(json.loads, lines)}, "of findings the last revision"
    assert live
