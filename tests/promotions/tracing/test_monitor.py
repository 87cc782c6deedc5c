"""The monitor over events: rings are told minutes after they act, once, with what is asked for, also after a stop."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Final

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.tracing.monitor import RingMonitor
from tests.builders import NOW
from tests.promotions.tracing.events import RING, told, used

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


def given(number: int, to: str, minutes: float) -> Event:
    money = {"amount": 500, "currency": "CNY"}
    who = {"coupon_id": f"code{number}", "campaign_id": "c2", "account_id": to}
    return told("coupon.issued", f"g{number}", minutes, **who, face_value=money)


def tried(number: int, by: str, minutes: float) -> Event:
    return told(
        "coupon.claimed", f"t{number}", minutes, coupon_id=f"code{number}", campaign_id="c2", account_id=by,
        device_id=f"of-{by}",
    )  # fmt: skip


def test_who_takes_what_many_others_were_given_guesses_codes_and_is_slowed() -> None:
    codes = [given(number, f"a{number}", 0) for number in range(12)]
    said = heard(*codes, *[tried(number, "thief", 10 + number) for number in range(8)], LATER)
    (found,) = [each for each in said if isinstance(each, Finding)]
    assert (found.code, found.subject.id, found.score) == ("promotions.code_guessing", "thief", 0.9)
    assert {each.id for each in found.related if each.role == "victim"} == {f"a{number}" for number in range(5)}
    (slowed,) = [each for each in said if isinstance(each, Action)]
    assert (slowed.kind, slowed.subject.kind, slowed.subject.id) == ("principal.throttle", "principal", "thief")


def test_coupons_that_are_passed_on_are_not_guessed() -> None:
    codes = [given(number, "aunt" if number < 8 else f"a{number}", 0) for number in range(12)]
    mine = [tried(number, "niece", 10 + number) for number in range(8)]
    friends = [tried(number, "friend", 120 * number) for number in range(8, 12)]
    assert heard(*codes, *mine, *friends) == []


def test_what_it_knows_survives_a_stop() -> None:
    whole = heard(*RING, LATER)
    for cut in (5, len(RING) // 2, len(RING) - 1):
        first, second = monitor(), monitor()
        said = Run([first]).feed(RING[:cut])
        second.resume(first.state())
        said += Run([second], now=RING[cut - 1].time).feed([*RING[cut:], LATER])
        assert [(each.id, each.at) for each in said] == [(each.id, each.at) for each in whole]


DAY: Final = 24 * 60


def taken(account: str, campaign: int, minutes: float, **ties: str) -> Event:
    return told(
        "coupon.claimed", f"{account}-{campaign}", minutes, coupon_id=f"{account}-{campaign}",
        campaign_id=f"c{campaign}", account_id=account, device_id=f"own-{account}", **ties,
    )  # fmt: skip


def test_a_ring_that_acts_once_in_a_season_is_told_within_minutes_of_the_third_time() -> None:
    random = Random(9)
    seasons = [100 * DAY * number for number in range(3)]
    crowd = [
        taken(f"x{number}", campaign, begins + random.uniform(-20, 20) * DAY)
        for campaign, begins in enumerate(seasons)
        for number in range(250)
    ]
    ring = [
        taken(f"r{number}", campaign, begins + random.uniform(0, 60), payee_id="p")
        for campaign, begins in enumerate(seasons)
        for number in range(9)
    ]
    log = sorted([*crowd, *ring], key=lambda event: event.time)
    found = [each for each in heard(*log) if isinstance(each, Finding)]
    assert {each.subject.id for each in found} == {f"r{number}" for number in range(9)}
    assert {reason.code for each in found for reason in each.reasons} >= {"promotions.conduct", "promotions.payee"}
    last = max(event.time for event in ring)
    assert min(each.at for each in found) <= rfc3339(last + timedelta(minutes=10))
