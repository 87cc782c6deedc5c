"""Rings that praise are found by two kinds of ties; families, crowds, campuses and heavy reviewers are not."""

from __future__ import annotations

from random import Random

import pytest

from agoranomos.kernel.events import Event
from agoranomos.reviews.praise.monitor import PraiseMonitor
from agoranomos.reviews.praise.policy import load_policy
from agoranomos.reviews.praise.speech import Speech, needed
from tests.reviews.events import newest, paid, planted, review, said, session

POLICY = load_policy()
LONG = "收到货以后真的惊艳到了，摸上去手感特别扎实，闺蜜看了马上问我要链接，第二件已经在路上，还会再来"
WORDS = ("质量很好", "物流很快", "和描述一致", "穿着舒服", "性价比高", "包装完好", "客服态度好", "颜色很正")


def monitor() -> PraiseMonitor:
    return PraiseMonitor(POLICY)


def ordinary(many: int = 900, stores: int = 40) -> list[Event]:
    """Reviews by people who have nothing to do with each other, each at home."""
    random, events = Random(3), []
    for number in range(many):
        author, days = f"u{number % 300}", random.uniform(0, 12)
        events.append(session(author, days - 0.01, f"d-{author}", ip=f"10.0.{number % 300}.1"))
        text = "，".join(random.sample(WORDS, 3))
        store = f"s{random.randrange(stores)}"
        events.append(review(f"v{number}", author, store, random.choice((3, 4, 5, 5)), days, text=text))
    return events


def ring(
    many: int = 8, stores: int = 4, *, apart_h: float = 3, device: int = 0, text: str = "", name: str = "r"
) -> list[Event]:
    """Accounts that praise the same stores within so many hours; `device`: so many devices."""
    random, events = Random(name), []
    for account in range(many):
        own = f"{name}{account}"
        used = f"{name}-d{account % device}" if device else f"d-{own}"
        for store in range(stores):
            days = 14 + 3 * store + random.uniform(0, apart_h / 24)
            events.append(session(own, days - 0.01, used))
            words = text or "，".join(random.sample(WORDS, 3))
            events.append(review(f"{own}-{store}", own, f"t{store}", 5, days, text=words))
    return events


TIED: dict[str, list[Event]] = {
    "in lockstep, on three devices": ring(device=3),
    "in lockstep, with one text": ring(text=LONG),
    "days apart, with one text, on three devices": ring(apart_h=200, text=LONG, device=3),
    "in lockstep, paid by one store": [*ring(), *(paid("t3", f"r{number}", 23.5) for number in range(8))],
}


@pytest.mark.parametrize("name", TIED)
def test_two_kinds_of_ties_make_a_ring(name: str) -> None:
    found = newest(said(monitor(), *ordinary(), *TIED[name]))
    assert {subject for kind, subject in found if kind == "account"} == {f"r{number}" for number in range(8)}
    reviews = {subject for kind, subject in found if kind == "review"}
    assert len(reviews) == 32
    assert all(each.startswith("r") for each in reviews)
    assert len({each.ring_id for each in found.values()}) == 1
    one = found["account", "r1"]
    assert one.code == "reviews.bought_praise"
    assert {each.id for each in one.related if each.role == "reference"} == {"t0", "t1", "t2", "t3"}
    assert len([each for each in one.related if (each.kind, each.role) == ("account", "member")]) == 7
    assert LONG not in str(one)


HONEST: dict[str, list[Event]] = {
    "nobody else": [],
    "in lockstep alone": ring(),
    "with one text alone, each in his own days": ring(apart_h=200, text=LONG),
    "a family on one device that orders together": ring(many=4, device=1),
    "a village on one device": ring(many=30, stores=3, apart_h=2_000, device=1),
    "a campus in lockstep with a bargain": ring(many=250, stores=2, device=1),
    "friends who are paid by a store for a late parcel": [
        *ring(many=3, stores=1), *(paid("t0", f"r{number}", 15) for number in range(3))
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_others_are_left_alone(name: str) -> None:
    assert said(monitor(), *ordinary(), *HONEST[name]) == []


def test_camouflage_is_not_held_against_the_stores_that_it_praises() -> None:
    alone = [review(f"c{number}", f"r{number}", f"s{number}", 5, 18 + number / 7) for number in range(8)]
    found = newest(said(monitor(), *ordinary(), *ring(text=LONG), *alone))
    assert ("account", "r1") in found
    assert not [each for each in found if each[0] == "review" and each[1].startswith("c")]


def test_the_order_of_a_moment_and_a_stop_between_change_nothing() -> None:
    events = sorted([*ordinary(), *ring(device=3)], key=lambda each: (each.time, each.id))
    half, again = monitor(), monitor()
    first = said(half, *events[:1900], until=0)
    again.resume(half.state())
    assert first + said(again, *events[1900:]) == said(monitor(), *events)


def test_a_text_is_worth_what_it_surprises() -> None:
    speech, random = Speech(), Random(1)
    for _ in range(600):
        speech.read("，".join(random.sample(WORDS, 3)))
    common = speech.read("，".join(WORDS[:3]))
    assert 0 < common.bits < 30
    first, second, third = speech.read(LONG), speech.read(LONG.replace("，", "！ ")), speech.read(LONG + "哦")
    assert first.band == second.band == third.band
    assert second.bits == third.bits > 150
    assert speech.read("好").band == speech.read("").band == 0
    assert needed(100_000, 20) > 50


def test_a_made_market() -> None:
    market = planted()
    found = newest(said(monitor(), *market.events, until=16))
    accounts = {each for each in found if each[0] == "account"}
    ring_accounts = market.who("bought-praise", "ring")
    assert accounts <= ring_accounts
    assert len(accounts) >= 0.6 * len(ring_accounts)
