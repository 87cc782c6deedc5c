"""The monitor over events: rings are told minutes after they act, once, with what is asked for, also after a stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.tracing.monitor import RingMonitor
from tests.builders import NOW


def told(kind: str, name: str, minutes: float, **data: Any) -> Event:
    raw = {"id": name, "source": "shop", "type": kind, "time": rfc3339(NOW + timedelta(minutes=minutes)), "data": data}
    return parse_event(raw)


def used(account: str, turn: int, minutes: float, redeemed: bool = True, **ties: Any) -> list[Event]:
    """A coupon from its issue to its use."""
    who = {"coupon_id": f"k-{account}-{turn}", "campaign_id": "c1", "account_id": account}
    money = {"amount": 9_960, "currency": "CNY"}
    events = [
        told("coupon.issued", f"i-{account}-{turn}", minutes, **who, face_value=money),
        told("coupon.claimed", f"c-{account}-{turn}", minutes + 0.1, **who, **ties),
    ]
    if redeemed:
        spent = {"order_id": f"o-{account}-{turn}", "payee_id": "p", "paid": {"amount": 40, "currency": "CNY"}}
        events.append(told("coupon.redeemed", f"r-{account}-{turn}", minutes + 0.2, **who, **ties, **spent))
    return events


RING = sorted(
    [
        event for place in range(8) for turn in range(3)
        for event in used(f"r{place}", turn, 60 + turn + place / 10, redeemed=turn < 2, device_id=f"d{place % 2}")
    ],
    key=lambda event: event.time,
)  # fmt: skip
LATER = told("session.started", "end", 600, account_id="x", principal_kind="buyer")


def monitor() -> RingMonitor:
    return RingMonitor(*ring_policies(()), needs_of(load_actions()))


def heard(*events: Event) -> list[Output]:
    return Run([monitor()]).feed(events)


def test_each_member_has_a_finding_of_one_ring_minutes_after_it_acts() -> None:
    found = [each for each in heard(*RING, LATER) if isinstance(each, Finding)]
    assert {each.subject.id for each in found} == {f"r{place}" for place in range(8)}
    assert len({each.ring_id for each in found}) == 1
    assert all(each.code == "promotions.coupon_ring" for each in found)
    assert all(each.score >= 0.9 for each in found)
    assert min(each.at for each in found) <= rfc3339(NOW + timedelta(minutes=75))
    last = found[-1]
    assert {each.role for each in last.related} == {"tie", "member", "reference"}
    assert all(reason.evidence["message_zh"] for reason in last.reasons)
    assert set(last.event_ids) <= {event.id for event in RING}


def test_nothing_is_said_twice_and_what_is_new_has_a_higher_revision() -> None:
    more = [event for turn in range(2) for event in used("r8", turn, 300 + turn, device_id="d0")]
    found = [each for each in heard(*RING, *more, LATER) if isinstance(each, Finding)]
    revisions: dict[str, list[int]] = {}
    for each in found:
        revisions.setdefault(each.id, []).append(each.revision)
    assert len(revisions) == 9
    assert all(each == sorted(set(each)) for each in revisions.values())
    assert len({each.ring_id for each in found}) == 1, "the ring keeps its name while it grows"


def test_unused_coupons_of_the_ring_are_asked_to_be_void_once() -> None:
    actions = [each for each in heard(*RING, LATER) if isinstance(each, Action)]
    assert {(each.kind, each.subject.kind, each.subject.id) for each in actions} == {
        ("coupon.void", "coupon", f"k-r{place}-2") for place in range(8)
    }
    assert len(actions) == 8
    assert all(each.params["campaign_id"] == "c1" for each in actions)


def test_ordinary_days_say_nothing() -> None:
    crowd = [
        event for number in range(60)
        for event in used(f"a{number}", 0, 5 * number, device_id=f"own{number}", ip=f"10.0.{number % 4}.1")
    ]  # fmt: skip
    payees = [event for event in crowd if event.type != "coupon.redeemed"]
    assert heard(*payees, LATER) == []


def test_what_it_knows_survives_a_stop() -> None:
    whole = heard(*RING, LATER)
    for cut in (5, len(RING) // 2, len(RING) - 1):
        first, second = monitor(), monitor()
        said = Run([first]).feed(RING[:cut])
        second.resume(first.state())
        said += Run([second], now=RING[cut - 1].time).feed([*RING[cut:], LATER])
        assert [(each.id, each.at) for each in said] == [(each.id, each.at) for each in whole]
