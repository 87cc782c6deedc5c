"""Campaigns, coupons and crowds for tests of the guard: events as a marketplace tells them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.guard.model import Policies
from agoranomos.promotions.guard.monitor import GuardMonitor
from agoranomos.promotions.policies import guard_policies
from tests.builders import NOW

POLICIES: Policies = guard_policies(())


def cny(amount: int) -> dict[str, Any]:
    """So many fen."""
    return {"amount": amount, "currency": "CNY"}


def at(minutes: float) -> datetime:
    """So many minutes after the campaign begins."""
    return NOW + timedelta(minutes=minutes)


def campaign(campaign_id: str = "c1", **fields: Any) -> dict[str, Any]:
    """Ten yuan off, for everybody, within a month."""
    return {
        "id": campaign_id,
        "benefit": {"kind": "fixed", "value": cny(1_000)},
        "starts_at": rfc3339(NOW),
        "ends_at": rfc3339(NOW + timedelta(days=30)),
        **fields,
    }


class Scene:
    """Events in the order of their making; ids are numbers."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, kind: str, moment: datetime, **data: Any) -> Event:
        """An event."""
        raw = {"id": f"e{len(self.events)}", "source": "shop", "type": kind, "time": rfc3339(moment), "data": data}
        self.events.append(parse_event(raw))
        return self.events[-1]

    def declare(self, entry: dict[str, Any], moment: datetime = NOW) -> None:
        """`campaign.declared`."""
        self.tell("campaign.declared", moment, campaign=entry)

    def claim(self, coupon: str, account: str, minutes: float = 1, campaign: str = "c1", **fields: Any) -> None:
        """`coupon.claimed`."""
        self.tell(
            "coupon.claimed", at(minutes), coupon_id=coupon, campaign_id=campaign, account_id=account, **fields
        )  # fmt: skip

    def redeem(self, coupon: str, account: str, minutes: float = 2, campaign: str = "c1", **fields: Any) -> None:
        """`coupon.redeemed`."""
        data = {"order_id": f"o-{coupon}", **fields}
        self.tell("coupon.redeemed", at(minutes), coupon_id=coupon, campaign_id=campaign, account_id=account, **data)

    def use(self, coupon: str, account: str, minutes: float, paid: int, campaign: str = "c1", **fields: Any) -> None:
        """Claimed and redeemed within seconds."""
        told = {name: fields.pop(name) for name in ("device_id", "ip") if name in fields}
        self.claim(coupon, account, minutes, campaign, **told)
        self.redeem(coupon, account, minutes + 0.01, campaign, paid=cny(paid), **told, **fields)

    def played(self) -> list[Output]:
        """What the guard says, over all of it in the order of time."""
        events = sorted(self.events, key=lambda event: event.time)
        return Run([GuardMonitor(POLICIES, needs_of(load_actions()))]).feed(events)


def outcomes(said: Iterable[Output], check: str = "coupon-claim") -> list[str]:
    """What was decided, in order: the outcome, or what was hit."""
    return [
        each.hits[0].code.removeprefix("promotions.") if each.hits else each.outcome.value
        for each in said
        if isinstance(each, Decision) and each.check == check
    ]


def codes(said: Iterable[Output]) -> list[str]:
    """The codes of findings, each once, in the order of their first mention."""
    return list(dict.fromkeys(each.code.removeprefix("promotions.") for each in said if isinstance(each, Finding)))


def kinds(said: Iterable[Output]) -> list[str]:
    """The kinds of actions, each once."""
    return list(dict.fromkeys(each.kind for each in said if isinstance(each, Action)))


def actions(said: Iterable[Output], kind: str) -> Sequence[Action]:
    """All actions of a kind."""
    return [each for each in said if isinstance(each, Action) and each.kind == kind]


def crowd(scene: Scene, seed: int, *, people: int, per_minute: float, new_share: float = 0.0, ratio: float = 0.75,
          network: str | None = None) -> None:  # fmt: skip
    """`people` who claim and redeem at that speed; orders pay about `ratio` of their list price."""
    draw, minutes = random.Random(seed), 1.0
    for number in range(people):
        account = f"a{seed}-{number}"
        if draw.random() < new_share:
            scene.tell("account.registered", at(minutes) - timedelta(hours=draw.random() * 20), account_id=account)
        face = 1_000 / max(0.01, 1 - min(0.95, max(0.4, draw.gauss(ratio, 0.08))))
        place = network or f"10.{draw.randrange(200)}.{draw.randrange(250)}.{draw.randrange(250)}"
        scene.use(f"k{seed}-{number}", account, minutes, int(face) - 1_000, ip=place, payee_id=account)
        minutes += draw.expovariate(per_minute)
