"""One request, one transaction: what HTTP and commands share of second opinions and known cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from agoranomos.cases.desk.model import Case, Outcome
from agoranomos.cases.quality import actions, queries
from agoranomos.cases.quality.queries import Opinion
from agoranomos.cases.quality.report import QualityReport, report
from agoranomos.cases.service import CaseService, CaseView
from agoranomos.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class QualityService:
    """Cases, with their store, tools and clock."""

    cases: CaseService

    def take(self, *, by: Actor) -> CaseView:
        """The next case that `by` is to look at, as it was before it was decided. Raises NotFound, Forbidden."""
        with self.cases.store.transaction() as connection:
            found = actions.take_second(connection, self.cases.tools, by=by, now=self.cases.clock())
        return blind(self.cases.view(found.case_id))

    def give(self, case_id: str, outcome: Outcome, clause: str, *, by: Actor) -> Opinion:
        """See `actions.give_second`; what the first one said is told afterwards."""
        with self.cases.store.transaction() as connection:
            return actions.give_second(
                connection, self.cases.tools, case_id, outcome, clause, by=by, now=self.cases.clock()
            )  # fmt: skip

    def plant(self, from_case: str, *, by: Actor) -> Case:
        """See `actions.plant`."""
        with self.cases.store.transaction() as connection:
            return actions.plant(connection, self.cases.tools, from_case, by=by, now=self.cases.clock())

    def report(self, days: int) -> QualityReport:
        """How good decisions were in so many days."""
        since = self.cases.clock() - timedelta(days=days)
        with self.cases.store.reading() as connection:
            return report(
                since, queries.count_waiting(connection), queries.opinions_since(connection, since),
                queries.seeds_since(connection, since),
            )  # fmt: skip


def blind(view: CaseView) -> CaseView:
    """A decided case as it was before: without the decision, what led to it, what came after, and who it was."""
    decided = next((each for each in view.steps if each.verb == "decide"), None)
    before = [each for each in view.steps if decided is None or each.number < decided.number]
    case = msgspec.structs.replace(
        view.case, state="open", decision=None, holder=None, claim_id=None, claimed_at=None, claim_until=None,
        steps=len(before),
    )  # fmt: skip
    return msgspec.structs.replace(
        view, case=case, steps=[each for each in before if each.verb in ("open", "join", "grow", "overdue")],
        texts=[each for each in view.texts if each.name == "report"], claims=[],
        history=[each for each in view.history if case.case_id not in (each.about, each.earlier)],
    )  # fmt: skip
