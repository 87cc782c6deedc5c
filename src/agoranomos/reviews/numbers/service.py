"""What HTTP and commands do with virtual numbers: a transaction, the provider, a transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement import queries as enforced
from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.intake.actions import Hearers
from agoranomos.intake.actions import accept as take_in
from agoranomos.intake.model import Counts as Accepted
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import AgoranomosError, Conflict
from agoranomos.kernel.events import Event
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store
from agoranomos.reviews.numbers import actions, queries
from agoranomos.reviews.numbers.actions import Rung
from agoranomos.reviews.numbers.model import Binding, Caller, Ending
from agoranomos.reviews.numbers.policy import Policy
from agoranomos.reviews.numbers.provider import Provider, Wish
from agoranomos.reviews.numbers.telling import EXPIRE, reported
from agoranomos.vault.keys import Vault

T = TypeVar("T")
SWEPT_AT_ONCE: Final = 200
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""Whoever asked has given up by then."""
_LOOKED_BACK: Final = timedelta(days=2)
Keep = Callable[[sa.Connection, Sequence[Output], datetime], None]
_log = logging.getLogger(__name__)


class Reported(msgspec.Struct, frozen=True):
    """What a report has brought about: the actions that protect the buyer."""

    report_id: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class NumberService:
    """The store, the vault and the hearers of the log, who gives out numbers, the policies, the clock; `keep` keeps
    what is said."""

    store: Store
    vault: Callable[[], Vault]
    hearers: Hearers
    provider: Provider
    policy: Policy
    needs: Needs
    keep: Keep
    clock: Clock

    def bind(
        self, order_id: str, store_id: str, account_id: str, *, until: datetime | None = None, by: Actor
    ) -> Binding:
        """A number for an order; again gives the same. Raises as `actions.ask`, and Conflict when none can be had."""
        now = self.clock()
        ends = until or after(now, timedelta(days=self.policy.life_days))
        wanted = self._done(
            lambda connection: actions.ask(
                connection, order_id, store_id, account_id, until=ends, policy=self.policy, by=by, now=now
            )
        )
        return self._given(wanted, by)

    def rotate(self, order_id: str, *, by: Actor, without_store: bool = False) -> Binding:
        """Another number in the place of the one that the order has, until the same moment. Raises NotFound, Conflict
        for an order whose number has ended.
        """
        now = self.clock()

        def verb(connection: sa.Connection) -> tuple[Binding, Binding]:
            old = queries.get(connection, order_id)
            if not old.lives(now):
                raise Conflict("the number of this order does not live any more; bind a new one")
            ending: Ending = "harassment" if without_store else "rotated"
            ended = actions.end(connection, old, ending, self._accept(now), by=by, now=now)
            parties = tuple(each for each in old.parties if each != "store" or not without_store)
            wanted = actions.ask(
                connection, order_id, old.store_id, old.account_id, until=old.expires_at, policy=self.policy, by=by,
                now=now, parties=parties,
            )  # fmt: skip
            return ended, wanted

        ended, wanted = self._done(verb)
        self._tell(ended)
        return self._given(wanted, by)

    def end(self, order_id: str, *, by: Actor) -> Binding:
        """Nobody is put through any more. Raises NotFound."""
        now = self.clock()

        def verb(connection: sa.Connection) -> Binding:
            binding = queries.get(connection, order_id)
            return actions.end(connection, binding, "wish", self._accept(now), by=by, now=now)

        ended = self._done(verb)
        self._tell(ended)
        return self.get(order_id)

    def ring(
        self, number: str, caller: Caller, call_id: str, *, store_id: str | None = None,
        duration_s: float | None = None,
    ) -> Rung:  # fmt: skip
        """See `actions.ring`."""
        now = self.clock()
        return self._done(
            lambda connection: actions.ring(
                connection,
                number,
                caller,
                call_id,
                self._accept(now),
                now=now,
                store_id=store_id,
                duration_s=duration_s,
            )
        )

    def report(
        self, buyer_id: str, store_id: str, *, review_id: str | None = None, text: str | None = None, by: Actor
    ) -> Reported:
        """A buyer reports harassment: kept, and protected from the store at once. Again on the same day is the same."""
        now = self.clock()
        event = actions.report_event(buyer_id, store_id, review_id, text, now)

        def verb(connection: sa.Connection) -> tuple[list[Any], list[Binding]]:
            if not self._accept(now)(connection, [event]).accepted:
                return [], []
            live = queries.between(connection, store_id, buyer_id, now)
            said = reported(event, [each.order_id for each in live], self.policy, self.needs)
            self.keep(connection, said, now)
            actions.record_report(connection, event, by, now)
            return said, live

        said, live = self._done(verb)
        for binding in live:  # the store's calls are refused by now, whatever the provider says
            self._later(partial(self.rotate, binding.order_id, by=SYSTEM, without_store=True))
        return Reported(event.data["report_id"], tuple(each for each in said if isinstance(each, Action)))

    def sweep(self) -> int:
        """Finishes what was begun, ends what reports have ended, tells the provider what is over; how many that was.

        Whoever cannot be told is tried again with the next sweep.
        """
        now = self.clock()
        with self.store.reading() as connection:
            unfinished = queries.unfinished(connection, now - ASKED_AGAIN_AFTER, SWEPT_AT_ONCE)
            over = queries.untold(connection, now, SWEPT_AT_ONCE)
            ended = [
                binding for each in _recent(connection, now)
                if (binding := queries.of_order(connection, each.subject.id)) is not None
                and binding.lives(now) and "store" in binding.parties
            ]  # fmt: skip
        for binding in unfinished:
            self._later(partial(self._given, binding, SYSTEM))
        for binding in ended:
            self._later(partial(self.rotate, binding.order_id, by=SYSTEM, without_store=True))
        for binding in over:
            self._tell(binding)
        return len(unfinished) + len(ended) + len(over)

    def get(self, order_id: str) -> Binding:
        """The newest number of an order. Raises NotFound."""
        with self.store.reading() as connection:
            return queries.get(connection, order_id)

    def listed(self, *, after: Place | None = None, limit: int = 100) -> list[Binding]:
        """Newest first."""
        with self.store.reading() as connection:
            return queries.listed(connection, after=after, limit=limit)

    def _given(self, wanted: Binding, by: Actor) -> Binding:
        """What was asked for, with its number."""
        if wanted.state != "asked":
            return wanted
        b = tuple(wanted.store_id if each == "store" else each for each in wanted.parties)
        wish = Wish(binding_id=wanted.binding_id, a=wanted.account_id, b=b, expires_at=wanted.expires_at)
        number, now = self.provider.bind(wish, self.clock()), self.clock()
        return self._done(
            lambda connection: actions.bound(connection, wanted.binding_id, number, self._accept(now), by=by, now=now)
        )

    def _tell(self, ended: Binding) -> None:
        """Tells the provider, or leaves that to the next sweep."""
        if ended.told_at is not None:
            return
        now = self.clock()

        def tell() -> None:
            self.provider.expire(ended.binding_id, now)
            self._done(lambda connection: actions.told(connection, ended.binding_id, now))

        self._later(tell)

    def _later(self, try_now: Callable[[], object]) -> None:
        """Does something now, or leaves it to the next sweep; what the provider says holds up nothing else."""
        try:
            try_now()
        except AgoranomosError as error:
            _log.warning("the next sweep tries again: %s", error.message)

    def _accept(self, now: datetime) -> actions.Accept:
        def accept(connection: sa.Connection, events: Sequence[Event]) -> Accepted:
            return take_in(connection, self.vault(), events, now=now, hearers=self.hearers)

        return accept

    def _done(self, verb: Callable[[sa.Connection], T]) -> T:
        with self.store.transaction() as connection:
            return verb(connection)


def _recent(connection: sa.Connection, now: datetime) -> list[Action]:
    """The newest actions that end the number of an order, whoever asked for them."""
    about = enforced.About(kind=EXPIRE, subject_kind="order")
    found = enforced.listed(connection, about, after=None, limit=SWEPT_AT_ONCE)
    since = now - _LOOKED_BACK
    return [each for each in found if each.status in ("pending", "done") and datetime.fromisoformat(each.at) > since]
