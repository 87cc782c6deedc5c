"""One request, one transaction: what HTTP and commands do with exposure, exports and canaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.access import following
from agoranomos.access.canaries import actions as canary_actions
from agoranomos.access.canaries import queries as canary_queries
from agoranomos.access.canaries.queries import Canary
from agoranomos.access.exports import actions as export_actions
from agoranomos.access.exports import queries as export_queries
from agoranomos.access.exports.actions import Accept, Wish
from agoranomos.access.exports.model import Export, barred, by_agreement
from agoranomos.access.exposure import actions, queries
from agoranomos.access.exposure.bars import bars_of
from agoranomos.access.exposure.deciding import CHECK, ReadDecision
from agoranomos.access.exposure.model import HOURS, Contract, Limits, Own, Reader, within
from agoranomos.access.exposure.policy import Policy
from agoranomos.access.harvest.judging import counts_of
from agoranomos.intake.actions import Hearers
from agoranomos.intake.actions import accept as take_in
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import day_of, hour_of
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.events import Event
from agoranomos.kernel.lists import Place
from agoranomos.kernel.schema.access import DataRead
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault

T = TypeVar("T")


class Window(msgspec.Struct, frozen=True):
    """What a reader was shown on so many days: reads, different people, and strangers among them."""

    days: int
    reads: int
    people: int
    strangers: int


class ReaderShown(msgspec.Struct, frozen=True, kw_only=True):
    """A reader: what it may be shown, and what it was shown."""

    principal_id: str
    kind: str
    store_ids: tuple[str, ...]
    contract: Contract | None
    limits: Limits
    own: Own | None
    people_this_hour: int
    windows: list[Window]


class ExportShown(msgspec.Struct, frozen=True, kw_only=True):
    """An export and what became of it: `state`, until when it may be read, how many have to agree."""

    export: Export
    state: str
    until: datetime | None
    approvers: int


@dataclass(frozen=True, slots=True)
class AccessService:
    """The store, the vault and the hearers of the log, the policy, the clock, the rules of checks."""

    store: Store
    vault: Callable[[], Vault]
    hearers: Hearers
    policy: Policy
    clock: Clock
    rules: Callable[[], Consultant] = lambda: NO_RULES

    def check(self, event: Event, key: str | None) -> ReadDecision:
        """See `actions.check`."""
        actions.require_read(event, key)
        body = event.body
        assert isinstance(body, DataRead)
        rules = self.rules().beforehand(CHECK, event)
        with self.store.transaction() as connection:
            standing = bars_of(connection, body.principal_id, event.time)
            agreed = by_agreement(body)
            exports = export_queries.of_principal(connection, body.principal_id) if agreed else []
            unapproved = barred(body, exports, event.time, self.policy)
            return actions.check(
                connection, event, self.policy, [*standing, *unapproved], agreed=agreed and not unapproved, key=key,
                now=self.clock(), rules=rules,
            )  # fmt: skip

    def full_decision(self, connection: sa.Connection, decision_id: str) -> ReadDecision:
        """See `actions.full_decision`."""
        return actions.full_decision(connection, decision_id)

    def follow(self) -> None:
        """Hears all of the log, a part in each transaction."""
        while not self._done(lambda connection: following.follow(connection, self.policy)):
            pass

    def prune(self) -> None:
        """Forgets what no window reaches."""
        days = max(self.policy.business_days, self.policy.contact_days)
        while not self._done(lambda connection: queries.prune(connection, day_of(self.clock()), days)):
            pass

    def reader(self, principal_id: str, *, as_of: datetime | None = None) -> ReaderShown:
        """As of a moment (None: now) of the last thirty days that it read on. Raises NotFound."""
        with self.store.reading() as connection:
            return self._shown(principal_id, queries.get(connection, principal_id), as_of)

    def readers(self, *, after: str = "", limit: int = 100, as_of: datetime | None = None) -> list[ReaderShown]:
        """In the order of ids, behind `after`."""
        with self.store.reading() as connection:
            found = queries.listed(connection, after=after, limit=limit)
            return [self._shown(principal_id, reader, as_of) for principal_id, reader in found]

    def allow(self, principal_id: str, limits: Limits | None, until: datetime | None, *, by: Actor) -> ReaderShown:
        """See `actions.allow`."""
        with self.store.transaction() as connection:
            reader = actions.allow(connection, principal_id, limits, until, by=by, now=self.clock())
            return self._shown(principal_id, reader)

    def ask(self, wish: Wish, *, by: Actor) -> ExportShown:
        """See `exports.actions.ask`."""
        return self._export(
            lambda connection, now: export_actions.ask(connection, wish, self._accept(now), by=by, now=now)
        )

    def agree(self, export_id: str, *, by: Actor) -> ExportShown:
        """See `exports.actions.agree`."""
        return self._export(
            lambda connection, now: export_actions.agree(
                connection, export_id, self._accept(now), self.policy, by=by, now=now
            )
        )

    def refuse(self, export_id: str, *, by: Actor) -> ExportShown:
        """See `exports.actions.refuse`."""
        return self._export(
            lambda connection, now: export_actions.refuse(connection, export_id, self.policy, by=by, now=now)
        )

    def export(self, export_id: str) -> ExportShown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return self._told(export_queries.get(connection, export_id), self.clock())

    def exports(self, *, after: Place | None = None, limit: int = 100) -> list[ExportShown]:
        """Newest first."""
        with self.store.reading() as connection:
            now = self.clock()
            return [self._told(each, now) for each in export_queries.listed(connection, after=after, limit=limit)]

    def plant(self, kind: canary_actions.Kind, values: Sequence[str], *, by: Actor) -> list[Canary]:
        """See `canaries.actions.plant`."""
        now = self.clock()
        return self._done(
            lambda connection: canary_actions.plant(connection, kind, values, self._accept(now), by=by, now=now)
        )

    def assign(self, export_id: str, *, by: Actor) -> list[Canary]:
        """See `canaries.actions.assign`."""
        now = self.clock()
        return self._done(
            lambda connection: canary_actions.assign(connection, export_id, self._accept(now), by=by, now=now)
        )

    def canaries(self, *, after: str = "", limit: int = 100) -> list[Canary]:
        """In the order of ids."""
        with self.store.reading() as connection:
            return canary_queries.listed(connection, after=after, limit=limit)

    def _accept(self, now: datetime) -> Accept:
        def accept(connection: sa.Connection, events: Sequence[Event]) -> object:
            return take_in(connection, self.vault(), events, now=now, hearers=self.hearers)

        return accept

    def _export(self, verb: Callable[[sa.Connection, datetime], Export]) -> ExportShown:
        now = self.clock()
        return self._told(self._done(lambda connection: verb(connection, now)), now)

    def _done(self, verb: Callable[[sa.Connection], T]) -> T:
        with self.store.transaction() as connection:
            return verb(connection)

    def _told(self, export: Export, now: datetime) -> ExportShown:
        return ExportShown(
            export=export, state=export.state(self.policy, now), until=export.until(self.policy),
            approvers=self.policy.approvers(export.region),
        )  # fmt: skip

    def _shown(self, principal_id: str, reader: Reader, as_of: datetime | None = None) -> ReaderShown:
        now = as_of or self.clock()
        hour = hour_of(now)
        counts = counts_of(reader, hour // HOURS * HOURS + HOURS - 1)
        return ReaderShown(
            principal_id=principal_id, kind=reader.kind, store_ids=reader.owners(now), contract=reader.contract,
            limits=reader.limits(self.policy.kinds, now), own=reader.own,
            people_this_hour=within(reader.people, hour, hour),
            windows=[Window(each.days, each.reads, each.people, each.strangers) for each in counts],
        )  # fmt: skip
