"""One request, one transaction: what HTTP and commands do with permits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store
from agoranomos.vault import queries as vault_queries
from agoranomos.vault.keys import Vault
from agoranomos.vault.queries import Reveal
from agoranomos.vault.revealing import actions, budgets, queries
from agoranomos.vault.revealing.budgets import Left
from agoranomos.vault.revealing.model import Found, Permit, Refused, Revealed, Wish
from agoranomos.vault.revealing.policy import Policy
from agoranomos.vault.subjects import Whom
from agoranomos.vault.tokens import Kind


@dataclass(frozen=True, slots=True)
class RevealService:
    """The store, the vault, the policy and the clock."""

    store: Store
    vault: Vault
    policy: Policy
    clock: Clock

    def ask(self, wish: Wish, *, by: Actor) -> Permit:
        """See `actions.ask`."""
        with self._trying("", by) as (connection, now):
            return actions.ask(connection, self.policy, wish, by=by, now=now)

    def end(self, permit_id: str, *, by: Actor) -> Permit:
        """See `actions.end`."""
        with self.store.transaction() as connection:
            return actions.end(connection, permit_id, by=by, now=self.clock())

    def reveal(
        self, permit_id: str, subjects: Iterable[Whom] = (), kinds: Iterable[Kind] = (), *, by: Actor
    ) -> list[Revealed]:
        """See `actions.reveal`: committed before anything is returned."""
        with self._trying(permit_id, by) as (connection, now):
            return actions.reveal(connection, self.vault, self.policy, permit_id, subjects, kinds, by=by, now=now)

    def search(self, kind: Kind, value: str, *, case_id: str, purpose: str, by: Actor) -> Found:
        """See `actions.search`: committed before anything is returned."""
        with self._trying("", by) as (connection, now):
            return actions.search(
                connection, self.vault, self.policy, kind, value, case_id=case_id, purpose=purpose, by=by, now=now
            )

    def left(self, *, by: Actor) -> Left:
        """See `budgets.left`."""
        with self.store.reading() as connection:
            return budgets.left(connection, self.policy, by, self.clock())

    def permits(self, *, actor: str | None = None, after: Place | None = None, limit: int) -> list[Permit]:
        """Newest first, behind `after`."""
        with self.store.reading() as connection:
            return queries.listed(connection, actor=actor, after=after, limit=limit)

    def permit(self, permit_id: str) -> Permit:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return queries.get(connection, permit_id)

    def reveals(self, *, after: Place | None, limit: int) -> list[Reveal]:
        """Who read what, newest first, behind `after`."""
        with self.store.reading() as connection:
            return vault_queries.reveals(connection, after=after, limit=limit)

    @contextmanager
    def _trying(self, permit_id: str, by: Actor) -> Iterator[tuple[sa.Connection, datetime]]:
        """A transaction; when somebody is refused, that they tried is recorded in another one."""
        now = self.clock()
        try:
            with self.store.transaction() as connection:
                yield connection, now
        except Refused as refused:
            with self.store.transaction() as connection:
                actions.note_refusal(connection, permit_id or "none", refused, by=by, now=now)
            raise
