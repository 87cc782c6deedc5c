"""The statements of a case, with what was asked for because of it, by desks and people."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.cases.desk import queries
from agoranomos.cases.desk.deciding import TELL
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.statements.making import Statement, statements
from agoranomos.enforcement.joining import resting_on
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.findings import Subject


def statements_of(connection: sa.Connection, tools: Tools, case_id: str) -> list[Statement]:
    """One for each party. Raises NotFound, Conflict while nothing is decided, or when it was decided elsewhere."""
    case = queries.get(connection, case_id)
    reason = next((said.text for said in queries.texts(connection, case_id) if said.name == "decision"), "")
    if case.decision is not None and case.decision.clause not in tools.policy.clauses:
        raise Conflict("this was decided elsewhere, or by a clause that the policy no longer has")
    clause = tools.policy.clause(case.decision.clause) if case.decision else next(iter(tools.policy.clauses.values()))
    measures: dict[Subject, set[str]] = {}
    for part in case.decision.parts if case.decision else ():
        for action in resting_on(connection, part.case_id):
            if action.kind != TELL and action.status not in ("refused", "failed") and action.reverses is None:
                measures.setdefault(action.subject, set()).add(action.kind)
    return statements(case, clause, reason, measures)
