"""Watches sign-ups and coupons: who was registered as one of many, and who takes coupons together with whom.

Claims are looked at as a whole, and that costs; so it happens some minutes after something that more than two accounts
share has come to be shared by one more, or once a day while coupons are taken at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.promotions.registration.farms import Farms
from agoranomos.promotions.registration.farms import State as FarmState
from agoranomos.promotions.registration.guessing import Guessing
from agoranomos.promotions.registration.guessing import State as GuessingState
from agoranomos.promotions.registration.policy import Policy as SignUpPolicy
from agoranomos.promotions.tracing.judging import Suspects, rings
from agoranomos.promotions.tracing.memory import COUPON_EVENTS, HEARS, Memory
from agoranomos.promotions.tracing.model import Coupon, Ring
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.telling import MODEL, VERSION, ring_id, told, void

NAME: Final = "promotions.rings"
SOON: Final = timedelta(minutes=10)
DAILY: Final = timedelta(days=1)


class _State(msgspec.Struct):
    memory: Memory
    farms: FarmState
    guessing: GuessingState
    holders: dict[str, set[str]]
    """Accounts by device, payee or payer, each with its kind before it."""
    said: dict[str, tuple[int, list[str]]]
    """Ring → how often it was said, and with whom."""
    asked: set[str]
    due: datetime | None = None
    looked_at: datetime | None = None


class RingMonitor:
    """See `engine.stream.Monitor`. `needs` says which actions wait for a second person."""

    def __init__(self, policy: Policy, sign_ups: SignUpPolicy, needs: Needs) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}:{sign_ups.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._needs = needs
        self._farms = Farms(sign_ups)
        self._guessing = Guessing(sign_ups)
        self._known = _State(Memory({}, {}, {}), self._farms.known, self._guessing.known, {}, {}, set())

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Sign-ups, coupons, the orders that they pay for, and who the accounts are."""
        known = self._known
        if event.type == "account.registered":
            out.say(*self._farms.hear(event))
        elif event.type == "coupon.claimed":
            self._guessed(event, out)
        account = known.memory.hear(event)
        if account is None:
            return
        soon = self._shares(event, account) if known.memory.coupons else False
        wanted = event.time + (SOON if soon else DAILY)
        if event.type in COUPON_EVENTS or soon:
            known.due = wanted if known.due is None else min(known.due, wanted)

    def due(self) -> datetime | None:
        """Some minutes after a tie grew, or a day after a coupon was taken."""
        return self._known.due

    def wake(self, now: datetime, out: Out) -> None:
        """Looks at all claims of the window; says what is new of rings."""
        known = self._known
        known.due, known.looked_at = None, now
        known.memory.forget(now - timedelta(days=self._policy.window_days))
        claims = list(known.memory.claims(now - timedelta(days=self._policy.window_days)))
        for ring in rings(claims, known.memory.people, self._policy, Suspects(known.farms.farm_of)):
            self._say(ring, now, out)

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._farms.known = self._known.farms
        self._guessing.known = self._known.guessing

    def _guessed(self, event: Event, out: Out) -> None:
        coupon = self._known.memory.coupons.get(event.data["coupon_id"])
        if coupon is None or coupon.issued_at is None or coupon.account_id == event.data["account_id"]:
            return
        for finding in self._guessing.hear(event, coupon.account_id):
            slow = {"campaign_id": coupon.campaign_id}
            out.say(
                finding,
                ask("principal.throttle", Subject("principal", finding.subject.id), slow, finding.id, by=MODEL,
                    at=finding.at, needs=self._needs),
            )  # fmt: skip

    def _shares(self, event: Event, account: str) -> bool:
        """Whether something that at least two others share has one holder more."""
        data, grew = event.data, False
        for kind, field in (("device", "device_id"), ("payee", "payee_id"), ("payer", "payer_token")):
            if not (key := data.get(field)):
                continue
            holders = self._known.holders.setdefault(f"{kind}:{key}", set())
            if account not in holders:
                holders.add(account)
                grew |= len(holders) >= self._policy.accounts_min
        return grew

    def _say(self, ring: Ring, now: datetime, out: Out) -> None:
        name, members = ring_id(ring), [each.account_id for each in ring.members if each.score >= 0.5 or each.victim]
        revision, before = self._known.said.get(name, (0, []))
        unused = self._unused(ring)
        if before == members and not unused:
            return
        found = told(ring, rfc3339(now), revision + (before != members), self._policy)
        if before != members:
            self._known.said[name] = (revision + 1, members)
            out.say(*found)
        actions = void(unused, found, rfc3339(now), self._needs)
        self._known.asked |= {action.subject.id for action in actions}
        out.say(*actions)

    def _unused(self, ring: Ring) -> list[Coupon]:
        """Coupons of its members that can still be used, and that nobody has asked to void."""
        guilty = {each.account_id for each in ring.members if not each.victim}
        return [
            each for each in self._known.memory.coupons.values()
            if each.account_id in guilty and each.redeemed_at is None and each.voided_at is None
            and each.coupon_id not in self._known.asked
        ]  # fmt: skip
