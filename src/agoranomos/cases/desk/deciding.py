"""The verbs of a decision, given an open transaction: decide a case, and overturn what was decided.

A decision is told as `case.decided` and heard at once by every desk, exactly as one that the marketplace tells; what
people add goes through `enforcement` with its brake and second persons. So everything that follows rests on the id of
the case, and overturning takes back exactly that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.model import Entry
from agoranomos.cases.desk import queries
from agoranomos.cases.desk.model import Case, Decided, Outcome, Part, case_id, part_id
from agoranomos.cases.desk.tools import Tools, say, stepped, whose
from agoranomos.cases.queue.actions import end_claim
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.model import Want
from agoranomos.intake.actions import accept, hold_log
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived

SOURCE: Final = "agoranomos/cases"
TELL: Final = "case.tell"
"""The action that tells a party what was decided; its statement has the words."""
AGAIN: Final = ("appeal", "second")
"""Kinds of cases that look at an earlier one again."""


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to be taken. `subjects`: the members that it is about (None: all that are shown); `wants`: what is to
    be done beside what desks do by themselves; `revision`: the one that was looked at (None: whatever there is).
    """

    outcome: Outcome
    clause: str
    reason: str
    subjects: tuple[Subject, ...] | None = None
    wants: tuple[Want, ...] = ()
    revision: int | None = None


def decide(
    connection: sa.Connection, tools: Tools, case_id_: str, ruling: Ruling, *, by: Actor, now: datetime,
    known: bool = False,
) -> Case:  # fmt: skip
    """Decides a case that comes from findings, reports or inspections; of a `known` one nobody is told. Raises
    NotFound, Conflict when something came in since it was looked at, Forbidden for who does not hold it, Invalid.
    """
    case = held(connection, case_id_, ruling, by, now)
    if case.kind in AGAIN or ruling.outcome == "overturned":
        raise Invalid("this kind of case ends as upheld or rejected", pointer="/outcome")
    checked(tools, case, ruling)
    parts = parts_of(connection, case, ruling)
    decision = Decided(outcome=ruling.outcome, clause=ruling.clause, by=str(by), at=now, parts=parts)
    if known:
        return ended(connection, tools, case, decision, ruling.reason, by=by, now=now)
    for part in parts:
        tell(connection, tools, part, ruling.outcome, ruling.clause, now)
    tools.follow(connection, now)
    asked = ask(connection, tools, case, ruling, parts, by, now)
    decision = msgspec.structs.replace(decision, actions=asked)
    return ended(connection, tools, case, decision, ruling.reason, by=by, now=now)


def held(connection: sa.Connection, case_id_: str, ruling: Ruling, by: Actor, now: datetime) -> Case:
    """The case, held by `by` and as it was when they looked at it. Raises NotFound, Conflict, Forbidden.

    Whoever decides tells the log, and whoever takes an event in may look for a case: in this order, so that neither
    waits for the other.
    """
    hold_log(connection)
    case = queries.get(connection, case_id_)
    if by.kind != "person":
        raise Forbidden("only people decide cases")
    case.require_held(str(by), now)
    if ruling.revision is not None and ruling.revision != case.revision:
        raise Conflict(f"more was found meanwhile: this is revision {case.revision}; look at it again")
    return case


def checked(tools: Tools, case: Case, ruling: Ruling) -> None:
    """Raises Invalid for a clause, a subject or an action that does not go with the case."""
    clause = tools.policy.clause(ruling.clause)
    if not ruling.reason.strip():
        raise Invalid("say why, in a sentence; the party reads it", pointer="/reason")
    strangers = set(ruling.subjects or ()) - set(case.members)
    if strangers or ruling.subjects == ():
        raise Invalid("decide about subjects that are in the case", pointer="/subjects")
    if ruling.wants and ruling.outcome != "upheld":
        raise Invalid("measures follow from a case that is upheld", pointer="/actions")
    for want in ruling.wants:
        if want.kind not in clause.actions:
            known = ", ".join(clause.actions)
            raise Invalid(f"by this clause may follow: {known or 'nothing'}", pointer="/actions")


def ended(
    connection: sa.Connection, tools: Tools, case: Case, decision: Decided, reason: str, *, by: Actor, now: datetime,
    trail: list[Entry] | None = None,
) -> Case:  # fmt: skip
    """Keeps how a case ended, and why; `trail`: see `tools.stepped`."""
    kept = say(connection, case, "decision", reason, by=by, now=now)
    case = end_claim(connection, case, "decided", now)
    case = msgspec.structs.replace(
        case, state="decided", decision=decision, due_at=None, wait_until=None, waits_for=None, left_s=None
    )
    queries.put_parts(connection, case)
    params: dict[str, Any] = {
        "outcome": decision.outcome, "clause": decision.clause, "parts": len(decision.parts),
        "actions": len(decision.actions),
    }  # fmt: skip
    if decision.bulk_id is not None:
        params["bulk_id"] = decision.bulk_id
    return stepped(connection, case, "decide", by=by, now=now, params=params, reason=kept, draw=tools.draw, trail=trail)


def tell(
    connection: sa.Connection, tools: Tools, part: Part, outcome: Outcome, clause: str, now: datetime, *,
    overturns: str | None = None, by_case: str | None = None,
) -> None:  # fmt: skip
    """Puts `case.decided` about a part into the log; the desks hear it when `tools.follow` is called."""
    data: dict[str, Any] = {
        "case_id": by_case or part.case_id, "subject": {"kind": part.subject.kind, "id": part.subject.id},
        "outcome": outcome, "clause": clause, "seller_id": part.seller_id, "store_id": part.store_id,
        "overturns": overturns,
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": derived("e", data["case_id"], outcome, overturns or ""), "source": SOURCE,
        "type": "case.decided", "time": rfc3339(now),
        "data": {name: value for name, value in data.items() if value is not None},
    }  # fmt: skip
    accept(connection, tools.vault, [parse_event(event)], now=now, hearers=tools.hearers)


def overturn(
    connection: sa.Connection, tools: Tools, case: Case, *, by_case: str, by: Actor, now: datetime
) -> Case:  # fmt: skip
    """Says, for the case `by_case`, that what was upheld in `case` does not stand; everything that rested on it is
    taken back by the desks that hear it. Parts that were overturned before stay so. Raises Conflict when nothing was
    upheld.
    """
    standing = tell_overturned(connection, tools, case, by_case=by_case, now=now)
    tools.follow(connection, now)
    case = queries.get(connection, case.case_id)  # who hears what was told may have marked it already
    case = mark_overturned(connection, case, [part.case_id for part in standing], by_case)
    return stepped(connection, case, "overturned", by=by, now=now, params={"by_case": by_case})


def tell_overturned(connection: sa.Connection, tools: Tools, case: Case, *, by_case: str, now: datetime) -> list[Part]:
    """Puts into the log that the parts of a case that stand do not; returns these. Raises Conflict when nothing was
    upheld.
    """
    decision = case.decision
    if decision is None or decision.outcome != "upheld":
        raise Conflict("nothing was upheld in this case; there is nothing to take back")
    standing = [part for part in decision.parts if part.overturned_by is None]
    for place, part in enumerate(standing):
        name = part_id(by_case, part.subject, place)
        tell(connection, tools, part, "overturned", decision.clause, now, overturns=part.case_id, by_case=name)
    return standing


def mark_overturned(connection: sa.Connection, case: Case, part_ids: Sequence[str], by_case: str) -> Case:
    """Keeps which parts of a decided case no longer stand; what is known already changes nothing."""
    assert case.decision is not None, "only what is decided is overturned"
    parts = tuple(
        msgspec.structs.replace(part, overturned_by=by_case)
        if part.case_id in part_ids and part.overturned_by is None
        else part
        for part in case.decision.parts
    )
    if parts == case.decision.parts:
        return case
    changed = msgspec.structs.replace(case, decision=msgspec.structs.replace(case.decision, parts=parts))
    queries.put(connection, changed)
    queries.put_parts(connection, changed)
    return changed


def opened_anew(connection: sa.Connection, tools: Tools, case: Case, *, by: Actor, now: datetime) -> Case:
    """Another case of what a decided one was about, with the same findings: for what has to be decided once more."""
    known = queries.open_for(connection, case.gather_key)
    if known is not None:
        return known
    last = queries.last_for(connection, case.gather_key)
    number = (last.number if last is not None else case.number) + 1
    anew = msgspec.structs.replace(
        case, case_id=case_id(case.gather_key, number), number=number, state="open", level=1, decision=None, ref=None,
        earlier=case.case_id, opened_at=now, due_at=now + tools.policy.within(case.kind, case.queue), steps=0,
        overdue_told=False, tags=(),
    )  # fmt: skip
    queries.put(connection, anew)
    for found in queries.joined(connection, case.case_id, tools.policy.findings_max):
        queries.put_finding(connection, anew.case_id, found)
    return stepped(connection, anew, "open", by=by, now=now, params={"earlier": case.case_id})


def parts_of(connection: sa.Connection, case: Case, ruling: Ruling) -> tuple[Part, ...]:
    """What a ruling is about, and under which ids it is told."""
    chosen = (
        case.members if ruling.subjects is None else tuple(each for each in case.members if each in ruling.subjects)
    )
    parts = []
    for place, subject in enumerate(chosen):
        seller_id, store_id = whose(connection, subject)
        parts.append(
            Part(
                case_id=part_id(case.case_id, subject, place), subject=subject,
                seller_id=seller_id or (case.seller_id if len(chosen) == 1 else None),
                store_id=store_id or (case.store_id if len(chosen) == 1 else None),
            )
        )  # fmt: skip
    return tuple(parts)


def ask(
    connection: sa.Connection, tools: Tools, case: Case, ruling: Ruling, parts: Sequence[Part], by: Actor, now: datetime
) -> tuple[str, ...]:  # fmt: skip
    """Asks for what is to be done beside; each rests on the part that it is about, so that overturning finds it."""
    rests: dict[tuple[str, str], str] = {(part.subject.kind, part.subject.id): part.case_id for part in parts}
    allowed = set(rests)
    for part in parts:
        for kind, name in (("store", part.store_id), ("seller", part.seller_id)):
            if name is not None:
                rests.setdefault((kind, name), part.case_id)
                allowed.add((kind, name))
    asked: list[str] = []
    for want in ruling.wants:
        about = (want.subject.kind, want.subject.id)
        if about not in allowed and want.subject.kind not in ("order", "payout", "coupon", "campaign", "review"):
            raise Invalid("a measure is about a subject of the case, its store or its seller", pointer="/actions")
        because = [rests.get(about, case.case_id)]
        done = enforcing.request(connection, [want], by=by, because=because, policy=tools.actions, now=now)
        asked += [each.id for each in done]
    return (*asked, *_tell_parties(connection, tools, case, ruling.outcome, parts, by, now))


def _tell_parties(
    connection: sa.Connection, tools: Tools, case: Case, outcome: Outcome, parts: Sequence[Part], by: Actor,
    now: datetime,
) -> list[str]:  # fmt: skip
    """Has every party told that something was decided against; each once."""
    if outcome != "upheld":
        return []
    parties = {party_of(part): part.case_id for part in reversed(parts)}
    asked = []
    for party, rests in parties.items():
        if party is None:
            continue
        want = Want(TELL, party, {"case_id": case.case_id, "statement_id": statement_id(case.case_id, party)})
        done = enforcing.request(connection, [want], by=by, because=[rests], policy=tools.actions, now=now)
        asked += [each.id for each in done]
    return asked


def party_of(part: Part) -> Subject | None:
    """Who is told what was decided: the seller or store, or the account itself; nobody for what belongs to nobody."""
    if part.seller_id is not None:
        return Subject("seller", part.seller_id)
    if part.store_id is not None:
        return Subject("store", part.store_id)
    return part.subject if part.subject.kind in ("account", "seller", "store", "application", "principal") else None


def statement_id(of_case: str, party: Subject) -> str:
    """The id of the statement of reasons for a party of a case."""
    return derived("st", of_case, party.kind, party.id)
