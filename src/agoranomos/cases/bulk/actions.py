"""The verbs of bulk decisions, given an open transaction: decide many, undo them as a whole.

More cases than one person may decide alone wait for a second person who agrees to exactly these. What people ask for
goes out case by case under the brake of `enforcement`, so that each action rests on its case, and the surplus waits as
one. Undone, everything that was upheld is overturned, and all of them are open again for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record, record_all
from agoranomos.audit.model import SALT_BYTES, Entry, seal
from agoranomos.cases.bulk import queries
from agoranomos.cases.bulk.queries import Bulk
from agoranomos.cases.desk import deciding
from agoranomos.cases.desk import queries as cases
from agoranomos.cases.desk.deciding import AGAIN, Ruling
from agoranomos.cases.desk.model import Case, Decided, Outcome
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.quality import actions as quality
from agoranomos.cases.quality.queries import is_seed
from agoranomos.enforcement.model import Want
from agoranomos.intake.actions import hold_log
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived
from agoranomos.staff import approving

DECIDE: Final = "case.bulk"


class BulkRuling(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about many cases. `actions`: kinds such as listing.remove, asked for about every member of that kind
    (`listing`), of a store about its store, of a seller about its seller.
    """

    outcome: Outcome
    clause: str
    reason: str
    actions: tuple[str, ...] = ()


def decide_many(
    connection: sa.Connection, tools: Tools, case_ids: Sequence[str], ruling: BulkRuling, *, by: Actor, now: datetime,
    approval_id: str | None = None,
) -> Bulk | Approval:  # fmt: skip
    """Decides cases together; an approval to ask for when they are too many for one person. The same again changes
    nothing. Raises NotFound, Invalid, Conflict when one of them cannot be decided: then none is.
    """
    if by.kind != "person":
        raise Forbidden("only people decide cases")
    ids = sorted(set(case_ids))
    if not 1 <= len(ids) <= tools.policy.bulk.most:
        raise Invalid(f"decide 1 to {tools.policy.bulk.most:,} cases together", pointer="/case_ids")
    bulk_id = derived("b", ruling.outcome, ruling.clause, *ids)
    hold_log(connection)
    known = queries.find(connection, bulk_id)
    if known is not None and known.undone_at is None:
        return known
    found = cases.many(connection, ids)
    if known is not None or len(found) < len(ids):
        raise NotFound("some of these cases are not there, or were decided together and undone")
    rulings = {case.case_id: _single(tools, case, ruling, str(by), now) for case in found.values()}
    if len(ids) > tools.policy.bulk.alone_max:
        wanted = _wanted(bulk_id, ruling, len(ids))
        if approval_id is None:
            return approving.request(connection, wanted, by=by, now=now)
        approving.spend(connection, approval_id, wanted, by=by, now=now)
    bulk = Bulk(bulk_id=bulk_id, outcome=ruling.outcome, clause=ruling.clause, by=str(by), at=now, case_ids=tuple(ids))
    queries.add(connection, bulk)
    _decide_all(connection, tools, bulk, found, rulings, by, now)
    params = {"cases": len(ids), "outcome": ruling.outcome, "clause": ruling.clause}
    entry = Entry(at=now, actor=by, verb=DECIDE, subject_kind="bulk", subject_id=bulk_id, params=params)
    record(connection, entry, {"reason": seal(ruling.reason, tools.draw(SALT_BYTES))})
    return bulk


def undo(connection: sa.Connection, tools: Tools, bulk_id: str, *, by: Actor, now: datetime) -> Bulk:
    """Undoes what was decided together, as a whole: what was upheld and still stands is overturned, and each case is
    open again. A repeat changes nothing. Raises NotFound.
    """
    hold_log(connection)
    bulk = queries.get(connection, bulk_id)
    if bulk.undone_at is not None:
        return bulk
    found = cases.many(connection, bulk.case_ids)
    found = {name: case for name, case in found.items() if not is_seed(connection, name)}
    undoing = derived("bu", bulk_id)
    queries.mark_undone(connection, bulk_id, str(by), now)
    for case in found.values():
        if case.decision is not None and case.decision.outcome == "upheld":
            name = derived("cu", undoing, case.case_id)
            deciding.tell_overturned(connection, tools, case, by_case=name, now=now)
    tools.follow(connection, now)
    for case_id in found:
        case = cases.get(connection, case_id)
        if case.decision is not None and case.decision.outcome == "upheld":
            standing = [part.case_id for part in case.decision.parts]
            deciding.mark_overturned(connection, case, standing, derived("cu", undoing, case_id))
        deciding.opened_anew(connection, tools, case, by=by, now=now)
    params = {"cases": len(found)}
    record(
        connection,
        Entry(at=now, actor=by, verb="case.bulk_undo", subject_kind="bulk", subject_id=bulk_id, params=params),
    )
    return queries.get(connection, bulk_id)


def _decide_all(
    connection: sa.Connection, tools: Tools, bulk: Bulk, found: dict[str, Case], rulings: dict[str, Ruling], by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    decided = {}
    known = {case_id for case_id in found if is_seed(connection, case_id)}
    for case in found.values():
        parts = deciding.parts_of(connection, case, rulings[case.case_id])
        decided[case.case_id] = parts
        for part in parts if case.case_id not in known else ():
            deciding.tell(connection, tools, part, bulk.outcome, bulk.clause, now)
    tools.follow(connection, now)
    trail: list[Entry] = []
    for case in found.values():
        ruling, parts = rulings[case.case_id], decided[case.case_id]
        heard = case.case_id not in known
        asked = deciding.ask(connection, tools, case, ruling, parts, by, now) if heard else ()
        decision = Decided(
            outcome=bulk.outcome, clause=bulk.clause, by=str(by), at=now, parts=parts, actions=asked,
            bulk_id=bulk.bulk_id,
        )  # fmt: skip
        ended = deciding.ended(connection, tools, case, decision, ruling.reason, by=by, now=now, trail=trail)
        if heard:
            quality.ask_second(connection, tools, ended)
        else:
            quality.decided_seed(connection, ended, decision, now)
    record_all(connection, trail)


def _single(tools: Tools, case: Case, ruling: BulkRuling, by: str, now: datetime) -> Ruling:
    """The ruling about one of the cases. Raises Conflict, Invalid."""
    case.require_open()
    if case.held_at(now) not in (None, by):
        raise Conflict("somebody holds one of these cases; leave it out, or assign it")
    if case.kind in AGAIN or ruling.outcome == "overturned":
        raise Invalid("appeals and second looks are decided one by one", pointer="/outcome")
    wants: dict[tuple[str, Subject], Want] = {}
    for kind in ruling.actions:
        about = kind.partition(".")[0]
        whom = [each for each in case.members if each.kind == about]
        if about == "store" and case.store_id:
            whom.append(Subject("store", case.store_id))
        if about == "seller" and case.seller_id:
            whom.append(Subject("seller", case.seller_id))
        wants |= {(kind, each): Want(kind, each) for each in whom}
    single = Ruling(
        outcome=ruling.outcome, clause=ruling.clause, reason=ruling.reason, wants=tuple(wants.values())
    )  # fmt: skip
    deciding.checked(tools, case, single)
    return single


def _wanted(bulk_id: str, ruling: BulkRuling, count: int) -> Wanted:
    params = {
        "cases": count, "outcome": ruling.outcome, "clause": ruling.clause, "actions": sorted(ruling.actions),
        "reason": derived("r", ruling.reason),
    }  # fmt: skip
    return Wanted(kind=DECIDE, subject_kind="bulk", subject_id=bulk_id, params=params)
