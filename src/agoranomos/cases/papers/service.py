"""One request, one transaction: what HTTP and commands share of attachments."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.papers import actions
from agoranomos.cases.papers.queries import Paper
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class PaperService:
    """The store, what the verbs work with, and the clock."""

    store: Store
    tools: Tools
    clock: Clock

    def attach(self, case_id: str, name: str, content: bytes, *, by: Actor) -> Paper:
        """See `actions.attach`."""
        with self.store.transaction() as connection:
            return actions.attach(connection, self.tools, case_id, name, content, by=by, now=self.clock())

    def open(self, case_id: str, paper_id: str, purpose: str, *, by: Actor) -> tuple[Paper, bytes]:
        """See `actions.open_paper`."""
        with self.store.transaction() as connection:
            return actions.open_paper(connection, self.tools, case_id, paper_id, purpose, by=by, now=self.clock())
