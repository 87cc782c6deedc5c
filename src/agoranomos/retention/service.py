"""One request, one transaction: what HTTP, commands and the daily job do with holds and runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.retention import actions
from agoranomos.retention.actions import Tools
from agoranomos.retention.model import Hold, HoldKind, Run
from agoranomos.vault.subjects import Whom


@dataclass(frozen=True)
class RetentionService:
    """The store, the tools of the verbs, the clock."""

    store: Store
    tools: Tools
    clock: Clock

    def place(
        self, kind: HoldKind, subject_id: str, *, why: str, note: str = "", until: datetime | None = None, by: Actor
    ) -> Hold:
        """See `actions.place`."""
        with self.store.transaction() as connection:
            return actions.place(
                connection, self.tools, kind, subject_id, why=why, note=note, until=until, by=by, now=self.clock()
            )

    def ask_to_lift(self, hold_id: str, *, by: Actor) -> Approval:
        """See `actions.ask_to_lift`."""
        with self.store.transaction() as connection:
            return actions.ask_to_lift(connection, hold_id, by=by, now=self.clock())

    def lift(self, hold_id: str, approval_id: str, *, by: Actor) -> Hold:
        """See `actions.lift`."""
        with self.store.transaction() as connection:
            return actions.lift(connection, hold_id, approval_id, by=by, now=self.clock())

    def dry_run(self, *, by: Actor) -> Run:
        """What a run would do now; changes nothing."""
        with self.store.reading() as connection:
            return actions.planned(connection, self.tools, by=by, now=self.clock(), dry=True)

    def run(self, *, by: Actor = SYSTEM, told: Callable[[Run], None] | None = None) -> Run:
        """Does a run to its end, or the rest of one that was interrupted; `told` hears after each step."""
        with self.store.transaction() as connection:
            run = actions.begin(connection, self.tools, by=by, now=self.clock())
        while run.ended_at is None:
            with self.store.transaction() as connection:
                run = actions.step(connection, self.tools, run.run_id, by=by, now=self.clock())
            if told is not None:
                told(run)
        return run

    def held(self, connection: sa.Connection, about: Whom) -> str | None:
        """Why the data of somebody must stay for now; None when it need not. For the vault."""
        return actions.why_held(connection, self.tools, about.kind, about.id, self.clock())

    def forget(self, connection: sa.Connection, about: Whom) -> int:
        """See `actions.forget`. For the vault."""
        return actions.forget(connection, self.tools, about)
