"""The verbs of queues, given an open transaction: take the next case, hold it, give it back, escalate, wait.

Nobody picks: who works gets what is most harmful, and now and then what is due first, and may not get rid of it but by
deciding, escalating, or saying that it is not for them. Whoever leads picks and assigns.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, get_args

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk import queries
from agoranomos.cases.desk.model import Case, freed
from agoranomos.cases.desk.tools import Tools, say, stepped
from agoranomos.cases.queue import queries as queue
from agoranomos.cases.queue.queries import Claim
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.calendar import begins, day_of
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.ids import derived

Why = Literal["conflict", "expertise", "language", "break"]
"""Why somebody gives a case back: a conflict of interest, what they do not know, what they cannot read; or a pause,
after which they get it again."""
WHYS: Final[tuple[Why, ...]] = get_args(Why)
_AT_A_TIME: Final = 200


def take_next(connection: sa.Connection, tools: Tools, name: str, *, by: Actor, leads: bool, now: datetime) -> Case:
    """The case of the queue `name` that `by` is to look at now, held by them. Raises NotFound when nothing waits, or
    there is no such queue, Conflict for who holds too many.

    Who leads gets what was escalated first.
    """
    _require_person(by)
    if name not in tools.queue_names():
        raise NotFound(f"there is no such queue; there are {', '.join(tools.queue_names())}")
    _require_room(connection, tools, by, now)
    case, why = _choose(connection, tools, name, str(by), leads, now)
    if case is None:
        raise NotFound("nothing waits in this queue that you may look at")
    return _held(connection, tools, case, why, by, now)


def pick(connection: sa.Connection, tools: Tools, case_id: str, *, by: Actor, now: datetime) -> Case:
    """This case, held by `by`, who leads; one's own claim goes on. Raises NotFound, Conflict, Forbidden."""
    _require_person(by)
    case = queries.get(connection, case_id)
    case.require_open()
    holder = case.held_at(now)
    if holder == str(by):
        return renew(connection, tools, case_id, by=by, now=now)
    if holder is not None:
        raise Conflict("somebody holds this case; reassign it, or wait for its claim to run out")
    _require_fit(connection, case, by)
    _require_room(connection, tools, by, now)
    return _held(connection, tools, case, "picked", by, now)


def assign(connection: sa.Connection, tools: Tools, case_id: str, to: Actor, *, by: Actor, now: datetime) -> Case:
    """The case goes to somebody, from whoever holds it. Raises NotFound, Conflict, Forbidden, Invalid."""
    _require_person(to)
    case = queries.get(connection, case_id)
    case.require_open()
    _require_fit(connection, case, to)
    case = _end(connection, case, "reassigned", now)
    return _held(connection, tools, case, "assigned", to, now, by=by)


def renew(connection: sa.Connection, tools: Tools, case_id: str, *, by: Actor, now: datetime) -> Case:
    """A sign of life: the claim lasts on, up to the longest that the policy allows. Raises NotFound, Conflict."""
    case = queries.get(connection, case_id)
    case.require_held(str(by), now)
    assert case.claimed_at is not None, "what is held was claimed"
    latest = case.claimed_at + tools.policy.claims.longest
    until = min(now + tools.policy.claims.lasts, latest)
    case = msgspec.structs.replace(case, claim_until=max(until, case.claim_until or until))
    queries.put(connection, case)
    return case


def release(connection: sa.Connection, tools: Tools, case_id: str, why: Why, *, by: Actor, now: datetime) -> Case:
    """Gives a case back. Who says that it is not for them is not given it again, so many times a day. Raises NotFound,
    Conflict, Forbidden.
    """
    case = queries.get(connection, case_id)
    case.require_held(str(by), now)
    if why != "break":
        most = tools.policy.claims.refusals_per_day
        if queue.refused_since(connection, str(by), begins(day_of(now))) >= most:
            raise Conflict(f"you gave back {most} cases today; escalate this one instead")
        queries.exclude(connection, case.case_id, str(by), why)
    case = _end(connection, case, "released" if why == "break" else "refused", now)
    return stepped(connection, case, "release", by=by, now=now, params={"why": why})


def escalate(connection: sa.Connection, tools: Tools, case_id: str, reason: str, *, by: Actor, now: datetime) -> Case:
    """Whoever leads has to look at it. Raises NotFound, Conflict for one that is escalated, Forbidden, Invalid."""
    case = queries.get(connection, case_id)
    case.require_held(str(by), now)
    if case.level > 0:
        raise Conflict("this case is escalated already; decide it, or assign it to somebody")
    kept = say(connection, case, f"escalation-{case.steps + 1}", reason, by=by, now=now)
    case = msgspec.structs.replace(_end(connection, case, "escalated", now), level=1)
    return stepped(connection, case, "escalate", by=by, now=now, reason=kept, draw=tools.draw)


def wait(
    connection: sa.Connection, tools: Tools, case_id: str, waits_for: str, days: int, *, by: Actor, now: datetime
) -> Case:  # fmt: skip
    """A party gets `days` to answer, and the clock stands still. Raises NotFound, Conflict, Forbidden, Invalid."""
    case = queries.get(connection, case_id)
    case.require_held(str(by), now)
    if not 1 <= days <= tools.policy.waiting.days_max:
        raise Invalid(f"a party may be given 1 to {tools.policy.waiting.days_max} days", pointer="/days")
    assert case.due_at is not None, "the clock of an open case runs"
    left = max(0, int((case.due_at - now).total_seconds()))
    case = _end(connection, case, "waiting", now)
    case = msgspec.structs.replace(
        case, state="waiting", waits_for=waits_for, wait_until=now + timedelta(days=days), due_at=None, left_s=left
    )
    return stepped(connection, case, "wait", by=by, now=now, params={"waits_for": waits_for, "days": days})


def resume(connection: sa.Connection, case_id: str, *, by: Actor, now: datetime, answered: bool = True) -> Case:
    """The party has answered, or its time is over: the clock goes on where it stopped. Raises NotFound, Conflict."""
    case = queries.get(connection, case_id)
    if case.state != "waiting":
        raise Conflict("this case waits for nobody")
    due = now + timedelta(seconds=case.left_s or 0)
    case = msgspec.structs.replace(case, state="open", waits_for=None, wait_until=None, due_at=due, left_s=None)
    return stepped(connection, case, "resume", by=by, now=now, params={"answered": answered})


def run_clocks(connection: sa.Connection, now: datetime) -> int:
    """Ends the waits that are over, and escalates what is overdue, once; returns how many cases that were.

    A claim that goes on stays as it is: who works on what is overdue is not disturbed.
    """
    late = queries.unanswered(connection, now, _AT_A_TIME)
    for case in late:
        resume(connection, case.case_id, by=SYSTEM, now=now, answered=False)
    due = queries.overdue(connection, now, _AT_A_TIME)
    for case in due:
        escalated = msgspec.structs.replace(case, level=1, overdue_told=True)
        stepped(connection, escalated, "overdue", by=SYSTEM, now=now)
    return len(late) + len(due)


def end_claim(connection: sa.Connection, case: Case, how: str, now: datetime) -> Case:
    """`case`, held by nobody; whose claim had run out before is told apart."""
    return _end(connection, case, how, now)


def _choose(
    connection: sa.Connection, tools: Tools, name: str, actor: str, leads: bool, now: datetime
) -> tuple[Case | None, str]:  # fmt: skip
    claims = tools.policy.claims
    if leads and (case := queue.next_by_harm(connection, name, 1, actor, now)) is not None:
        return case, "escalated"
    taken = queue.taken_since(connection, name, actor, begins(day_of(now)))
    if sum(taken.values()) % claims.due_every == claims.due_every - 1:
        soon = now + timedelta(hours=claims.due_soon_hours)
        if (case := queue.next_by_due(connection, name, actor, now, soon)) is not None:
            return case, "due"
    return queue.next_by_harm(connection, name, 0, actor, now), "harm"


def _held(
    connection: sa.Connection, tools: Tools, case: Case, why: str, who: Actor, now: datetime, *, by: Actor | None = None
) -> Case:  # fmt: skip
    case = _end(connection, case, "timed_out", now)
    number = case.steps + 1
    claim_id = derived("cl", case.case_id, str(number))
    claim = Claim(
        claim_id=claim_id, case_id=case.case_id, number=number, queue=case.queue, actor=str(who), why=why, at=now
    )
    until = now + min(tools.policy.claims.lasts, tools.policy.claims.longest)
    case = msgspec.structs.replace(case, holder=str(who), claim_id=claim_id, claimed_at=now, claim_until=until)
    case = stepped(connection, case, "claim", by=by or who, now=now, params={"why": why, "holder": str(who)})
    queue.add_claim(connection, claim)
    return case


def _end(connection: sa.Connection, case: Case, how: str, now: datetime) -> Case:
    if case.claim_id is None or case.claim_until is None:
        return case
    over = case.claim_until <= now
    queue.end_claim(connection, case.claim_id, "timed_out" if over else how, case.claim_until if over else now)
    return freed(case)


def _require_person(actor: Actor) -> None:
    if actor.kind != "person":
        raise Forbidden("only people work on cases")


def _require_fit(connection: sa.Connection, case: Case, who: Actor) -> None:
    why = queries.excluded(connection, case.case_id, str(who))
    if why is not None:
        words = "decided what is looked at again here" if why == "decided" else f"gave this case back ({why})"
        raise Forbidden(f"this person {words}; somebody else has to look at it")


def _require_room(connection: sa.Connection, tools: Tools, who: Actor, now: datetime) -> None:
    if len(queue.held_by(connection, str(who), now)) >= tools.policy.claims.held_max:
        raise Conflict("you hold as many cases as one may; decide one, give it back or escalate it")
