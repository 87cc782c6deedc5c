"""One request, one transaction: what HTTP and commands share of frozen money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store
from agoranomos.sellers.freeze import actions, queries
from agoranomos.sellers.freeze.actions import Verbs
from agoranomos.sellers.freeze.model import Freeze, Part, Release, Scope, State
from agoranomos.sellers.freeze.queries import StoreCabinet
from agoranomos.sellers.freeze.telling import CHECK


class FreezeShown(msgspec.Struct, frozen=True, kw_only=True):
    """A freeze with the parts of orders that it holds, and what was asked to be released."""

    freeze: Freeze
    parts: list[Part]
    releases: list[Release]


@dataclass(frozen=True, slots=True)
class FreezeService:
    """The store, what the verbs work with, the clock, and what lets the rooms hear the log: `follow` in a transaction,
    `hear` step by step. `rules` are asked about payouts.
    """

    store: Store
    verbs: Verbs
    clock: Clock
    follow: Callable[[sa.Connection, datetime], None]
    hear: Callable[[], None]
    rules: Callable[[], Consultant] = lambda: NO_RULES

    def freeze(self, scope: Scope, scope_id: str, store_id: str, *, because: str, by: Actor) -> Freeze:
        """See `actions.freeze`; what the log tells of orders is heard first."""
        with self.store.transaction() as connection:
            now = self.clock()
            self.follow(connection, now)
            return actions.freeze(
                connection, self.verbs, scope, scope_id, store_id, because=because, by=by, now=now
            )  # fmt: skip

    def release(
        self, freeze_id: str, *, currency: str, amount: int | None, because: str, by: Actor, lifts: bool = False
    ) -> Release:
        """See `actions.release`."""
        with self.store.transaction() as connection:
            return actions.release(
                connection, self.verbs, freeze_id, currency=currency, amount=amount, because=because, by=by,
                now=self.clock(), lifts=lifts,
            )  # fmt: skip

    def settle(self) -> None:
        """See `actions.settle`; all of it, a part in each transaction."""
        after = ""
        while True:
            with self.store.transaction() as connection:
                after = actions.settle(connection, self.verbs, self.clock(), after=after)
            if not after:
                return

    def prune(self) -> None:
        """Forgets orders that are no longer followed."""
        done = False
        while not done:
            with self.store.transaction() as connection:
                done = queries.prune(connection, self.clock() - self.verbs.policy.followed)

    def show(self, freeze_id: str) -> FreezeShown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            cabinet = StoreCabinet(connection)
            return FreezeShown(
                freeze=queries.get(connection, freeze_id), parts=cabinet.parts_held(freeze_id)[:1_000],
                releases=cabinet.releases(freeze_id),
            )  # fmt: skip

    def listed(
        self, *, state: State | None = None, store_id: str | None = None, after: Place | None = None, limit: int = 100
    ) -> list[Freeze]:
        """See `queries.listed`."""
        with self.store.reading() as connection:
            return queries.listed(connection, state=state, store_id=store_id, after=after, limit=limit)

    def check(self, event: Event, key: str | None) -> Decision:
        """See `actions.check`; what the log tells of orders and doubts is heard first."""
        if (known := self._answered(event, key)) is not None:
            return known
        self.hear()
        rules = self.rules().beforehand(CHECK, event)
        with self.store.transaction() as connection:
            return actions.check(
                connection, self.verbs, event, key=key, now=self.clock(), rules=rules
            )  # fmt: skip

    def _answered(self, event: Event, key: str | None) -> Decision | None:
        with self.store.reading() as connection:
            return actions.answered(connection, event, key)
