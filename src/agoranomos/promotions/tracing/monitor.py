"""Watches sign-ups and coupons: who was registered as one of many, and who takes coupons together with whom.

Minutes after something that more than two accounts share has come to be shared by one more, those around it are looked
at. All claims are looked at when a tenth of them is new, or a week has passed: lockstep has no such moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from sys import intern
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import after, waking
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.promotions.registration.farms import Farms
from agoranomos.promotions.registration.farms import State as FarmState
from agoranomos.promotions.registration.guessing import Guessing
from agoranomos.promotions.registration.guessing import State as GuessingState
from agoranomos.promotions.registration.policy import Policy as SignUpPolicy
from agoranomos.promotions.tracing.conduct import Crowds
from agoranomos.promotions.tracing.judging import Suspects, rings
from agoranomos.promotions.tracing.memory import COUPON_EVENTS, HEARS, Memory
from agoranomos.promotions.tracing.model import Claim, Coupon, Ring
from agoranomos.promotions.tracing.neighbours import Neighbours
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.telling import MODEL, VERSION, ring_id, told, void

NAME: Final = "promotions.rings"
SOON: Final = timedelta(minutes=10)
DAILY: Final = timedelta(days=1)
WEEKLY: Final = timedelta(days=7)
TAKING: Final = ("coupon.claimed", "coupon.redeemed")
NEW_SHARE: Final = 0.1
NEW_MIN: Final = 200


class _State(msgspec.Struct):
    memory: Memory
    farms: FarmState
    guessing: GuessingState
    neighbours: Neighbours
    said: dict[str, tuple[int, list[str]]]
    """Ring → how often it was said, and with whom."""
    asked: set[str]
    due: datetime | None = None
    touched: set[str] = set()
    """Accounts of whom something telling grew since they were looked at."""
    soon: datetime | None = None
    looked_at: datetime | None = None
    taken: int = 0
    """Coupons taken since all were looked at."""
    crowds: Crowds = msgspec.field(default_factory=Crowds)


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
        nobody = Neighbours({}, {}, {}, {})
        self._known = _State(
            Memory({}, {}, {}), self._farms.known, self._guessing.known, nobody, {}, set(), touched=set()
        )

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Sign-ups, coupons, the orders that they pay for, and who the accounts are."""
        known = self._known
        if event.type == "account.registered":
            out.say(*self._farms.hear(event))
        elif event.type == "coupon.claimed":
            self._guessed(event, out)
        taken = event.type in TAKING and self._first_taken(event)
        account = known.memory.hear(event)
        if event.type == "coupon.issued":
            known.neighbours.given(intern(event.data["account_id"]), intern(event.data["coupon_id"]))
        if account is None:
            return
        if event.type in COUPON_EVENTS:
            known.neighbours.given(account, intern(event.data["coupon_id"]))
            known.taken += event.type == "coupon.claimed"
            known.due = known.due or waking(event.time, DAILY)
        grew = known.neighbours.acted(account, event.data, self._policy)
        together = taken and known.neighbours.together(account, event.data["campaign_id"], event.time, self._policy)
        if grew or together:
            known.touched.add(account)
            known.soon = known.soon or waking(event.time, SOON)

    def _first_taken(self, event: Event) -> bool:
        """Whether a coupon is taken that nobody had taken."""
        coupon = self._known.memory.coupons.get(event.data["coupon_id"])
        if coupon is not None and coupon.at is not None:
            return False
        self._known.crowds.took(event.data["campaign_id"], event.time)
        return True

    def due(self) -> datetime | None:
        """Some minutes after a tie grew, or a day after a coupon was taken."""
        known = self._known
        return min(known.soon, known.due) if known.soon and known.due else known.soon or known.due

    def wake(self, now: datetime, out: Out) -> None:
        """Looks at what grew, or at all claims of the window; says what is new of rings."""
        known = self._known
        if known.soon is not None and known.soon <= now:
            around = known.neighbours.around(known.touched, self._policy)
            known.touched, known.soon = set(), None
            self._look([known.memory.coupons[each] for each in self._coupons(around)], now, out, whole=False)
        if known.due is not None and known.due <= now:
            known.due = None
            if self._worth_a_look(now):
                known.looked_at, known.taken = now, 0
                self._forget(now)
                self._look(list(known.memory.coupons.values()), now, out, whole=True)
            else:
                known.due = waking(now, DAILY)

    def _worth_a_look(self, now: datetime) -> bool:
        known = self._known
        if known.looked_at is None or now - known.looked_at >= WEEKLY:
            return True
        return known.taken >= max(NEW_MIN, NEW_SHARE * len(known.memory.coupons))

    def _coupons(self, accounts: Iterable[str]) -> list[str]:
        of = self._known.neighbours.coupons_of
        return sorted({each for account in accounts for each in of(account)})

    def _forget(self, now: datetime) -> None:
        """Lets go of what is over; of those who share something telling, later than of others."""
        known, policy = self._known, self._policy
        before = after(now, -timedelta(days=policy.window_days))
        earlier = after(now, -timedelta(days=policy.sharing_days))
        known.memory.forget(before, earlier, known.neighbours.sharing(policy))
        known.neighbours.forget(known.memory.coupons.values())
        known.crowds.forget(earlier)

    def _look(self, coupons: Sequence[Coupon], now: datetime, out: Out, *, whole: bool) -> None:
        known = self._known
        since = after(now, -timedelta(days=self._policy.window_days))
        claims, earlier = list[Claim](), list[Claim]()
        for claim in known.memory.claims(coupons=coupons):
            (claims if claim.at >= since else earlier).append(claim)
        suspects = Suspects(known.farms.farm_of, whole, known.crowds, earlier)
        for ring in rings(claims, known.memory.people, self._policy, suspects):
            self._say(ring, now, out)

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._known.memory.share()
        self._known.neighbours.share()
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

    def _say(self, ring: Ring, now: datetime, out: Out) -> None:
        name, members = ring_id(ring), [each.account_id for each in ring.members if each.score >= 0.5 or each.victim]
        revision, before = self._known.said.get(name, (0, []))
        unused = self._unused(ring)
        grown = not set(members) <= set(before)
        if not grown and not unused:
            return
        found = told(ring, rfc3339(now), revision + grown, self._policy)
        if grown:
            self._known.said[name] = (revision + 1, members)
            out.say(*found)
        actions = void(unused, found, rfc3339(now), self._needs)
        self._known.asked |= {action.subject.id for action in actions}
        out.say(*actions)

    def _unused(self, ring: Ring) -> list[Coupon]:
        """Coupons of its members that can still be used, and that nobody has asked to void."""
        guilty = {each.account_id for each in ring.members if not each.victim}
        return [
            each for coupon_id in self._coupons(guilty)
            if (each := self._known.memory.coupons[coupon_id]).account_id in guilty
            and each.redeemed_at is None and each.voided_at is None and coupon_id not in self._known.asked
        ]  # fmt: skip
