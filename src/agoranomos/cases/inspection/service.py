"""What HTTP and commands share of inspections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import SigningKey
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.inspection import actions, forms, queries, redress
from agoranomos.cases.inspection.model import Form, Inspection, Maker, Report
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.ids import derived
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store


@dataclass(frozen=True)
class InspectionService:
    """The store, what verbs of cases work with, the clock, what brings batches up to date, and the key of packages."""

    store: Store
    tools: Callable[[], Tools]
    clock: Clock
    follow: Callable[[], None]
    key: Callable[[], SigningKey]

    def receive(self, reports: Sequence[Report], *, by: Actor) -> list[Inspection]:
        """All of `reports`, or none; see `actions.receive`."""
        tools, now = self.tools(), self.clock()
        with self.store.transaction() as connection:
            return [actions.receive(connection, tools, each, by=by, now=now) for each in reports]

    def listed(self, *, after: Place | None, limit: int) -> list[Inspection]:
        """See `queries.listed`."""
        with self.store.reading() as connection:
            return queries.listed(connection, after=after, limit=limit)

    def form(self, maker: Maker, name: str, *, by: Actor) -> Form:
        """See `forms.form_of`; that somebody has asked for it is recorded."""
        self.follow()
        with self.store.transaction() as connection:
            form = forms.form_of(connection, maker, name)
            self._asked(connection, form, by)
        return form

    def package(self, maker: Maker, name: str, out: Path, *, by: Actor) -> Form:
        """The form as a package in `out`. Raises NotFound."""
        form = self.form(maker, name, by=by)
        forms.write(form, out, self.key(), rfc3339(self.clock()))
        return form

    def redress(self, kind: redress.From, name: str) -> redress.Shown:
        """See `redress.shown`."""
        with self.store.reading() as connection:
            return redress.shown(connection, kind, name)

    def _asked(self, connection: sa.Connection, form: Form, by: Actor) -> None:
        entry = Entry(
            at=self.clock(), actor=by, verb="inspection.form", subject_kind=form.maker,
            subject_id=derived("mk", form.maker, form.id),
            params={"batches": len(form.batches), "stores": len(form.stores)},
        )  # fmt: skip
        record(connection, entry)
