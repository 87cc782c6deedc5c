"""Appeals and second looks: cases about cases, which leave what was decided or overturn it.

An appeal is filed and kept by the sellers desk, with its own deadline; here it becomes a case that somebody else has to
look at. Granting tells `case.decided` with `overturned`, and the desks take back what rested on the case, as they do
when the marketplace tells it; nothing is taken back a second time here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.cases.desk import queries
from agoranomos.cases.desk.deciding import AGAIN, Ruling, checked, ended, held, mark_overturned, opened_anew, overturn
from agoranomos.cases.desk.gathering import open_case
from agoranomos.cases.desk.model import Case, Decided, Outcome
from agoranomos.cases.desk.tools import Tools
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.schema.cases import CaseDecided
from agoranomos.sellers.appeals import actions as appealing
from agoranomos.sellers.appeals import queries as appeals
from agoranomos.sellers.appeals.model import Appeal
from agoranomos.sellers.points.actions import Verbs

APPEAL: Final = "appeal:"
SECOND: Final = "second:"
_PAGE: Final = 500


def decide_again(
    connection: sa.Connection, tools: Tools, case_id: str, ruling: Ruling, *, by: Actor, now: datetime
) -> Case:  # fmt: skip
    """Decides an appeal or a second look: `rejected` leaves what was decided, `overturned` takes it back.

    Raises like `deciding.decide`, and Conflict when there is nothing left to take back.
    """
    case = held(connection, case_id, ruling, by, now)
    if case.kind not in AGAIN or ruling.outcome == "upheld":
        raise Invalid("an appeal or second look ends as rejected or overturned", pointer="/outcome")
    if ruling.subjects is not None:
        raise Invalid("what was decided stands or falls as a whole", pointer="/subjects")
    checked(tools, case, ruling)
    if case.about is not None:
        queries.get(connection, case.about)  # held from here on, before anything is written that others wait for
    if case.kind == "appeal":
        _rule_on_appeal(connection, tools, case, ruling.outcome, by, now)
    elif ruling.outcome == "overturned":
        _correct(connection, tools, case, by, now)
    decision = Decided(outcome=ruling.outcome, clause=ruling.clause, by=str(by), at=now)
    case = queries.get(connection, case_id)
    return ended(connection, tools, case, decision, ruling.reason, by=by, now=now)


def take_appeals(connection: sa.Connection, tools: Tools, now: datetime) -> int:
    """Opens a case for each appeal that was filed, and ends those of appeals that were decided elsewhere; how many."""
    changed = 0
    for case in queries.open_appeals(connection):
        appeal = _appeal_of(connection, case)
        if appeal is not None and appeal.state != "filed":
            _decided_elsewhere(connection, tools, case, appeal, now)
            changed += 1
    after = None
    while True:
        found = appeals.listed(connection, state="filed", after=after, limit=_PAGE)
        for appeal in found:
            changed += _open_appeal(connection, tools, appeal, now)
        if len(found) < _PAGE:
            return changed
        after = (found[-1].filed_at, found[-1].appeal_id)


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:  # noqa: ARG001 - a hearer's signature
    """Somebody says that a case of ours does not stand: it is marked, whoever says so."""
    body = event.body
    assert isinstance(body, CaseDecided), "only case.decided is heard"
    if body.outcome != "overturned" or body.overturns is None:
        return
    case = _with_part(connection, body.overturns)
    if case is not None and case.decision is not None:
        mark_overturned(connection, case, [body.overturns], body.case_id)


def _rule_on_appeal(
    connection: sa.Connection, tools: Tools, case: Case, outcome: Outcome, by: Actor, now: datetime
) -> None:  # fmt: skip
    appeal = _appeal_of(connection, case)
    if appeal is None:
        raise NotFound("nobody filed this appeal any more; release the case")
    verbs = Verbs(tools.vault, tools.hearers, tools.follow)
    about = queries.find(connection, case.about) if case.about else None
    if outcome == "overturned" and about is not None:
        if about.decision is None or not about.decision.stands:
            raise Conflict("what the appeal is about does not stand any more; reject it")
        overturn(connection, tools, about, by_case=case.case_id, by=by, now=max(now, appeal.filed_at))
        return
    ruling: appealing.Ruling = "granted" if outcome == "overturned" else "rejected"
    appealing.decide(connection, verbs, tools.actions, appeal.appeal_id, ruling, by=by, now=now)


def _correct(connection: sa.Connection, tools: Tools, case: Case, by: Actor, now: datetime) -> None:
    """The second opinion was right: what was upheld is taken back, what was rejected is decided anew."""
    assert case.about is not None, "a second look is about a case"
    about = queries.get(connection, case.about)
    if about.decision is not None and about.decision.outcome == "upheld":
        overturn(connection, tools, about, by_case=case.case_id, by=by, now=now)
    else:
        opened_anew(connection, tools, about, by=by, now=now)


def _open_appeal(connection: sa.Connection, tools: Tools, appeal: Appeal, now: datetime) -> bool:
    ref = f"{APPEAL}{appeal.appeal_id}"
    if queries.by_ref(connection, ref) is not None:
        return False
    about = _with_part(connection, appeal.case_id) if appeal.case_id else None
    decider = [about.decision.by] if about is not None and about.decision is not None else []
    subject = about.subject if about is not None else Subject("staff", "appeals")
    open_case(
        connection, tools, "appeal", ref, subject, by=SYSTEM, now=now, about=about, due_at=appeal.decide_by,
        harm=about.priority if about is not None else None, not_by=decider,
    )  # fmt: skip
    return True


def _decided_elsewhere(connection: sa.Connection, tools: Tools, case: Case, appeal: Appeal, now: datetime) -> None:
    outcome: Outcome = "overturned" if appeal.state == "granted" else "rejected"
    about = queries.find(connection, case.about) if case.about else None
    clause = about.decision.clause if about is not None and about.decision is not None else "elsewhere"
    decision = Decided(outcome=outcome, clause=clause, by=str(SYSTEM), at=now)
    ended(connection, tools, case, decision, "The appeal was decided elsewhere.", by=SYSTEM, now=now)


def _appeal_of(connection: sa.Connection, case: Case) -> Appeal | None:
    assert case.ref is not None, "the case of an appeal comes from it"
    try:
        return appeals.get(connection, case.ref.removeprefix(APPEAL))
    except NotFound:
        return None


def _with_part(connection: sa.Connection, part: str) -> Case | None:
    """The case that decided what is told under `part`."""
    found = queries.find(connection, part)
    return found if found is not None else queries.of_part(connection, part)
