"""The verbs of quality, given an open transaction: plant a known case, ask for a second opinion, give one."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.cases.desk import queries as cases
from agoranomos.cases.desk.gathering import open_case
from agoranomos.cases.desk.model import Case, Decided, Outcome, case_id
from agoranomos.cases.desk.queries import Joined
from agoranomos.cases.desk.tools import Tools, stepped
from agoranomos.cases.quality import queries
from agoranomos.cases.quality.queries import Opinion, Seed
from agoranomos.judgements.queries import findings_of
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived

FINDINGS_MAX: Final = 100


def drawn(tools: Tools, case: Case) -> bool:
    """Whether a second person looks at a case: by a hash of it and of the policy's seed, so that nobody can tell before
    and everybody can check afterwards.
    """
    digest = hashlib.blake2b(f"{tools.policy.quality.seed}:{case.case_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < tools.policy.quality.share(case.queue) * 2**64


def ask_second(connection: sa.Connection, tools: Tools, case: Case) -> None:
    """Asks for a second opinion of a case that a person has decided just now, when it was drawn."""
    decision = case.decision
    if decision is None or case.kind == "second" or not decision.by.startswith("person:") or not drawn(tools, case):
        return
    queries.add_opinion(
        connection,
        Opinion(
            case_id=case.case_id, queue=case.queue, first_by=decision.by, first_outcome=decision.outcome,
            first_clause=decision.clause, asked_at=decision.at,
        ),
    )  # fmt: skip


def take_second(connection: sa.Connection, tools: Tools, *, by: Actor, now: datetime) -> Opinion:
    """The next case that `by` is to look at without seeing what the first one decided. Raises NotFound."""
    if by.kind != "person":
        raise Forbidden("only people give second opinions")
    found = queries.next_opinion(connection, str(by), now)
    if found is None:
        raise NotFound("no second opinion is asked of you")
    until = now + tools.policy.claims.lasts
    found = msgspec.structs.replace(found, holder=str(by), claim_until=until)
    queries.put_opinion(connection, found)
    return found


def give_second(
    connection: sa.Connection, tools: Tools, of_case: str, outcome: Outcome, clause: str, *, by: Actor, now: datetime
) -> Opinion:  # fmt: skip
    """Gives a second opinion. When it differs, somebody who leads looks at both. Raises NotFound, Conflict, Forbidden,
    Invalid.
    """
    tools.policy.clause(clause)
    found = queries.opinion(connection, of_case)
    if found is None:
        raise NotFound("no second opinion is asked of this case")
    if found.given_at is not None:
        raise Conflict("the second opinion was given already")
    if found.holder != str(by) or found.claim_until is None or found.claim_until <= now:
        raise Forbidden("take the next second opinion first; this one is not yours, or no longer")
    case = cases.get(connection, of_case)
    known = ("rejected", "overturned") if case.kind == "appeal" else ("upheld", "rejected")
    if outcome not in known:
        raise Invalid(f"this case ends as {' or '.join(known)}", pointer="/outcome")
    found = msgspec.structs.replace(
        found, second_by=str(by), second_outcome=outcome, second_clause=clause, given_at=now, holder=None,
        claim_until=None,
    )  # fmt: skip
    queries.put_opinion(connection, found)
    if outcome != found.first_outcome and case.kind != "appeal" and not queries.is_seed(connection, of_case):
        open_case(
            connection, tools, "second", f"second:{of_case}", case.subject, by=SYSTEM, now=now, about=case,
            harm=case.priority, level=1, not_by=[found.first_by, str(by)],
        )  # fmt: skip
    params = {"agrees": outcome == found.first_outcome}
    record(
        connection, Entry(at=now, actor=by, verb="case.second", subject_kind="case", subject_id=of_case, params=params)
    )
    return found


def plant(
    connection: sa.Connection, tools: Tools, from_case: str, *, by: Actor, now: datetime
) -> Case:  # fmt: skip
    """Hides a copy of a decided case among those that wait: the same findings on a subject that is made up. Raises
    NotFound, Conflict for a case whose decision does not stand, or that is planted itself.
    """
    known = cases.get(connection, from_case)
    decision = known.decision
    if decision is None or known.kind != "finding" or not decision.stands or len(known.members) != 1:
        raise Conflict("plant what was decided on findings about one subject, and stands")
    if queries.is_seed(connection, from_case):
        raise Conflict("this case was planted; plant the one that it was made from")
    subject = Subject(known.subject.kind, derived("x", from_case, rfc3339(now)))
    key = f"{subject.kind}:{subject.id}"
    joined = cases.joined(connection, from_case, FINDINGS_MAX)
    found = [
        msgspec.structs.replace(each, id=derived("f", key, each.id), subject=subject, related=(), event_ids=())
        for each in findings_of(connection, [one.finding_id for one in joined])
    ]
    case = msgspec.structs.replace(
        known, case_id=case_id(key, 1), subject=subject, members=(subject,), gather_key=key, number=1, state="open",
        level=0, seller_id=None, store_id=None, ring_id=None, ref=None, earlier=None, tags=(), decision=None, steps=0,
        opened_at=now, due_at=now + tools.policy.within("finding", known.queue), overdue_told=False,
        harm=msgspec.structs.replace(known.harm, finding_id=derived("f", key, known.harm.finding_id)),
    )  # fmt: skip
    cases.put(connection, case)
    for each in joined:
        name = derived("f", key, each.finding_id)
        copied: Joined = msgspec.structs.replace(each, finding_id=name, subject=subject, added_at=now)
        cases.put_finding(connection, case.case_id, copied)
    seed = Seed(
        case_id=case.case_id, truth_outcome=decision.outcome, truth_clause=decision.clause, planted_by=str(by),
        planted_at=now,
    )  # fmt: skip
    queries.add_seed(connection, seed, found)
    first = found[0].id if found else ""
    return stepped(connection, case, "open", by=SYSTEM, now=now, params={"finding_id": first})


def decided_seed(connection: sa.Connection, case: Case, decision: Decided, now: datetime) -> None:
    """Keeps what somebody decided about a known case."""
    queries.end_seed(connection, case.case_id, decision.by, decision.outcome, decision.clause, now)
