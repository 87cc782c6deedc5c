"""How a case is decided, whatever it is: on findings, again, or known; and who looks at it a second time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from agoranomos.cases.desk import again, deciding, queries
from agoranomos.cases.desk.deciding import AGAIN, Ruling
from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.quality import actions as quality
from agoranomos.cases.quality.queries import is_seed
from agoranomos.kernel.actors import Actor


def rule(connection: sa.Connection, tools: Tools, case_id: str, ruling: Ruling, *, by: Actor, now: datetime) -> Case:
    """Decides a case. Nothing follows from what is decided about a known one; whoever decides it cannot tell. Raises
    NotFound, Conflict, Forbidden, Invalid.
    """
    found = queries.find(connection, case_id)
    if is_seed(connection, case_id):
        case = deciding.decide(connection, tools, case_id, ruling, by=by, now=now, known=True)
        assert case.decision is not None, "it was decided just now"
        quality.decided_seed(connection, case, case.decision, now)
        return case
    verb = again.decide_again if found is not None and found.kind in AGAIN else deciding.decide
    case = verb(connection, tools, case_id, ruling, by=by, now=now)
    quality.ask_second(connection, tools, case)
    return case
