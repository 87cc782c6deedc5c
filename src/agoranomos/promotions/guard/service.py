"""One request, one transaction: what HTTP, commands and background work share of the guard."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.actions import keep_decisions
from agoranomos.judgements.queries import get_decision_as
from agoranomos.kernel.behind import WriteBehind
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.schema.promotions import CouponMoved
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.promotions.breaker.policy import Alarm, Standing
from agoranomos.promotions.budgets import leases, queries
from agoranomos.promotions.budgets.model import Asked, Verdict, asked_of
from agoranomos.promotions.budgets.telling import CLAIM, REDEEM, Check, CouponDecision, decided, with_reservation
from agoranomos.promotions.guard import standing
from agoranomos.promotions.guard.following import Follower
from agoranomos.promotions.guard.seeing import Sight
from agoranomos.promotions.guard.store_desk import StoreDesk
from agoranomos.promotions.guard.till import Keyed, Till
from agoranomos.promotions.tries import queries as tries

SETTLED_AT_ONCE: Final = 64
"""Transactions that write claims of rushes as rows, before the log is heard again."""
ANSWERS_KEPT = timedelta(days=30)


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a budget. `unit`: coupons, or a currency of which all is in minor units. `out`: in blocks that
    processes hold; what was given from those is in `out` until they are closed.
    """

    period: str
    unit: str
    declared: int
    left: int
    out: int
    given: int


class CampaignGuarded(msgspec.Struct, frozen=True, kw_only=True):
    """How a campaign stands, and its budget."""

    campaign_id: str
    standing: Standing
    alarms: list[Alarm]
    claims: int
    redeemed: int
    given: int
    budget: list[Portion]


@dataclass(frozen=True)
class GuardService:
    """The store and the desk; `writer` makes the writer of claims."""

    store: Store
    desk: StoreDesk
    follower: Follower
    clock: Clock
    make_writer: Callable[[], GroupWriter]

    @cached_property
    def till(self) -> Till:
        """Made with the first claim: it has threads."""
        return Till(self.desk, self.make_writer(), self.clock, self._answered)

    @cached_property
    def _behind(self) -> WriteBehind[Decision]:
        """Decisions a moment after they were answered: the claim itself is kept before."""
        writer = GroupWriter(self.store)
        return WriteBehind(writer, lambda connection, made: keep_decisions(connection, made, now=self.clock()))

    def claim(self, event: Event, key: str | None) -> Future[CouponDecision]:
        """The check of a claim: reserved, and on disk. Raises Invalid; the future Conflict for a key that was used for
        another coupon.
        """
        asked, keyed = self._asked(event, "coupon.claimed", key)
        answer: Future[CouponDecision] = Future()
        self.till.submit(asked, keyed).add_done_callback(partial(self._tell, answer, asked, key))
        return answer

    def redeem(self, event: Event, key: str | None) -> CouponDecision:
        """The check of a use: for its order alone until the reservation ends. Raises as `claim`."""
        asked, keyed = self._asked(event, "coupon.redeemed", key)
        now = self.clock()
        until = now + timedelta(seconds=self.desk.rules.policies.budgets.reserved_s)

        def verb(connection: sa.Connection) -> tuple[CouponDecision, Sight | None]:
            if keyed is not None and (known := queries.answers(connection, [keyed.key]).get(keyed.key)) is not None:
                if known[0] != keyed.digest:
                    raise Conflict("this idempotency key was used for another coupon; draw a new key for each")
                return msgspec.convert(known[1], CouponDecision), None
            verdict, sight = self.desk.redeem(connection, asked, event.data, until=until, now=now)
            made = self._made(REDEEM, asked, verdict, key)
            keep_decisions(connection, [made], now=now)
            if keyed is not None:
                row = {"idempotency_key": keyed.key, "digest": keyed.digest, "answer": made, "decided_at": now}
                queries.put_answers(connection, [row])
            return made, sight

        made: CouponDecision = self.till.write(verb)
        return made

    def show(self, campaign_id: str) -> CampaignGuarded:
        """How a campaign stands. Raises NotFound for one that nobody has declared."""
        with self.store.reading() as connection:
            declared = self.desk.declared(connection, campaign_id) if is_id(campaign_id) else None
            if declared is None:
                raise NotFound("no such campaign was declared; see `agora promotions list`")
            guarded = standing.found(connection, campaign_id)
            terms, watch = self.desk.rules.terms(declared.campaign), guarded.watch if guarded else None
            purses = leases.balances(connection, terms, self.clock())
        return CampaignGuarded(
            campaign_id=campaign_id, standing=watch.standing if watch else "running",
            alarms=watch.alarms if watch else [], claims=watch.claims if watch else 0,
            redeemed=watch.redeemed if watch else 0, given=watch.given if watch else 0,
            budget=[Portion(period=each.period, unit=each.unit, declared=each.limit, left=left, out=out,
                            given=each.limit - left - out) for each, left, out in purses],
        )  # fmt: skip

    def follow(self) -> None:
        """Hears all of the log, then gives back what is over."""
        before = self.clock()
        for _ in range(SETTLED_AT_ONCE):
            if self._in_a_transaction(self.follower.settle):
                break
        at_end = False
        while not at_end:
            at_end = self._in_a_transaction(self.follower.step)
        while not self._in_a_transaction(lambda connection, _: self.follower.sweep(connection, before)):
            pass

    def full_decision(self, connection: sa.Connection, decision_id: str) -> CouponDecision:
        """A decision of these checks as it was answered. Raises NotFound."""
        return get_decision_as(connection, decision_id, CouponDecision)

    def prune(self) -> None:
        """Forgets answers, and misses, of long ago."""
        self._in_a_transaction(lambda connection, now: queries.forget_answers(connection, now - ANSWERS_KEPT))
        quiet = timedelta(minutes=self.desk.rules.policies.budgets.tries.window_minutes)
        self._in_a_transaction(lambda connection, now: tries.forget(connection, now - quiet))

    def settle(self) -> None:
        """Waits until decisions that were answered are in the store."""
        if "_behind" in self.__dict__:
            self._behind.settle()

    def close(self) -> None:
        """Keeps what waits and gives blocks back."""
        if "_behind" in self.__dict__:
            self._behind.close()
        if "till" in self.__dict__:
            self.till.close()

    def _asked(self, event: Event, kind: str, key: str | None) -> tuple[Asked, Keyed | None]:
        if event.type != kind or not isinstance(event.body, CouponMoved):
            raise Invalid(f"this check judges {kind}", pointer="/type")
        if key is None:
            return asked_of(event), None
        if not is_id(key):
            raise Invalid("an idempotency key is a printable string of 1 to 128 characters")
        digest = derived("q", kind, msgspec.json.encode(event.data, order="sorted").decode())
        return asked_of(event), Keyed(key, digest)

    def _made(self, check: Check, asked: Asked, verdict: Verdict, key: str | None) -> CouponDecision:
        apart = key or (verdict.reservation_id if verdict.coupon else None) or self.clock().isoformat()
        version = self.desk.rules.policies.version
        return with_reservation(decided(check, asked, verdict, version, told_apart=apart), verdict)

    def _answered(self, asked: Asked, keyed: Keyed, verdict: Verdict) -> CouponDecision:
        return self._made(CLAIM, asked, verdict, keyed.key)

    def _tell(
        self, answer: Future[CouponDecision], asked: Asked, key: str | None, done: Future[tuple[Verdict, Any]]
    ) -> None:
        error = done.exception()
        if error is not None:
            answer.set_exception(error)
            return
        verdict, kept = done.result()
        made = msgspec.convert(kept, CouponDecision) if kept is not None else self._made(CLAIM, asked, verdict, key)
        self._behind.add(made)
        answer.set_result(made)

    def _in_a_transaction(self, step: Callable[[sa.Connection, datetime], Any]) -> Any:
        with self.store.transaction() as connection:
            return step(connection, self.clock())
