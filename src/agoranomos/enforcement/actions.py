"""The verbs of actions, given an open transaction; each writes its audit entries in it.

An action is `proposed` while it waits for a second person, `pending` on its way to the marketplace, `done` when it was
delivered or the marketplace says so, `failed` when it says that, `refused` when it never goes out, and `undone` when
its reversal is on its way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record, record_all
from agoranomos.audit.model import Entry
from agoranomos.enforcement import brake, joining, queries, undoing
from agoranomos.enforcement.entering import enter, kept_or_joined, let_go, set_status, take_turn
from agoranomos.enforcement.model import BECAUSE_MAX, Measure, Undone, Want, actor_of, mistake_in
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.tables import action_requests, actions, measures
from agoranomos.enforcement.trail import entry_of
from agoranomos.judgements.queries import simulated
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus
from agoranomos.kernel.approvals.tables import approvals as approvals_table
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.staff import approving

MEASURE_ACTIONS_MAX = 100_000

_log = logging.getLogger(__name__)


def request(
    connection: sa.Connection,
    wants: Sequence[Want],
    *,
    by: Actor,
    because: Sequence[str],
    policy: Policy,
    now: datetime,
    answering: Sequence[Actor] = (),
) -> list[Action]:
    """Asks for `wants`, for the reasons `because` (ids of findings, decisions, cases); asking again changes nothing.

    `answering` are the people who answer for `by`, such as the owner of a rule: they cannot be the second person.
    Raises Invalid, also for a kind that the policy does not name, and Conflict when a reason is a finding that only
    simulates.
    """
    drafts = _drafts(connection, wants, by, because, policy, now)
    kept = enter(connection, drafts, by=by, policy=policy, answering=answering, now=now)
    return [each.plain for each in kept]


def request_measure(
    connection: sa.Connection,
    wants: Sequence[Want],
    *,
    by: Actor,
    because: Sequence[str],
    policy: Policy,
    now: datetime,
    answering: Sequence[Actor] = (),
    waits: bool = False,
) -> Measure:
    """Asks for many actions as one measure: they are approved, held by the brake, listed and undone together.

    `waits`: a second person must agree whatever the policy says of its kinds. Raises like `request`, and Conflict when
    some, but not exactly these, were asked for before.
    """
    drafts = _drafts(connection, wants, by, because, policy, now)
    measure_id = derived("m", *sorted({draft.id for draft in drafts}))
    take_turn(connection)
    known = queries.by_ids(connection, [draft.id for draft in drafts])
    if any(each.measure_id != measure_id for each in known.values()):
        raise Conflict("some of these actions were asked for before, outside this measure; leave them out")
    enter(connection, drafts, by=by, policy=policy, answering=answering, measure_id=measure_id, now=now,
          only_proposed={draft.id for draft in drafts} if waits else ())  # fmt: skip
    return queries.get_measure(connection, measure_id)


def take(connection: sa.Connection, said: Sequence[Action], *, policy: Policy, now: datetime) -> int:
    """Keeps the actions that monitors said, known by their ids; the brake and approvals apply. Returns how many are
    new.

    Who only simulates never acts: what rests on a finding that is not live is left out. Keep the findings first. A
    kind that the policy does not name waits for a person and keeps nothing else waiting; so does what a monitor says is
    only `proposed`, whatever the policy would allow it to do alone. What cannot be kept, by a
    mistake of whoever said it, is left out and logged: its finding is there, and the monitor must go on.
    """
    sound = _without_mistakes(said)
    shadows = simulated(connection, {reason for action in sound for reason in action.because})
    live = [action for action in sound if not shadows.intersection(action.because)]
    take_turn(connection)
    known = kept_or_joined(connection, [action.id for action in live])
    going = joining.lifting(connection, [each for each in live if each.id not in known], policy=policy, now=now)
    ids = {each.id for each in going}
    live = [each for each in live if each.id in known or each.id in ids]
    _tell_unnamed([action for action in live if action.id not in known], policy)
    for who in sorted({action.requested_by for action in live}):
        mine = [action for action in live if action.requested_by == who]
        drafts = [Kept(**{**msgspec.structs.asdict(each), "status": "proposed", "approved_by": None}) for each in mine]
        proposed = {action.id for action in mine if action.status == "proposed"}
        enter(connection, drafts, by=actor_of(who), policy=policy, only_proposed=proposed, now=now)
    return len({action.id for action in live} - known.keys())


def approve(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> list[Action]:
    """Agrees to what waits for `approval_id`, and sends it on its way.

    An approval that was given elsewhere is spent. Raises NotFound, Conflict when nothing waits for it, Forbidden for
    who may not be the second person.
    """
    take_turn(connection)
    approval = approvals.get(connection, approval_id)
    waiting = _waiting(connection, approval)
    if approval.status_at(now) is not ApprovalStatus.APPROVED:
        approval = approving.approve(connection, approval_id, by=by, now=now)
    _spend(connection, approval_id, waiting, approved_by=approval.decided_by or by, by=by, now=now)
    return [each.plain for each in queries.by_ids(connection, [each.id for each in waiting]).values()]


def refuse(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> list[Action]:
    """Does not agree: what waits for `approval_id` never goes out. Raises like `approve`."""
    take_turn(connection)
    waiting = _waiting(connection, approvals.get(connection, approval_id))
    approving.refuse(connection, approval_id, by=by, now=now)
    _drop(connection, approval_id, waiting, by=by, now=now)
    return [each.plain for each in queries.by_ids(connection, [each.id for each in waiting]).values()]


def settle(connection: sa.Connection, *, now: datetime) -> int:
    """Does what follows from approvals that were given, refused or taken back elsewhere; returns how many."""
    decided = ("approved", "refused", "withdrawn")
    proposed = sa.select(actions.c.approval_id).where(actions.c.status == "proposed")
    found = sa.select(approvals_table.c.approval_id).where(
        approvals_table.c.approval_id.in_(proposed), approvals_table.c.status.in_(decided)
    )
    ids = connection.execute(found.order_by(approvals_table.c.approval_id)).scalars().all()
    if not ids:
        return 0
    take_turn(connection)
    return sum(_settle(connection, approval_id, now) for approval_id in ids)


def confirm(
    connection: sa.Connection,
    action_id: str,
    outcome: Literal["done", "failed"],
    *,
    by: Actor,
    policy: Policy,
    now: datetime,
) -> Action:
    """What became of an action, as the marketplace says. Raises NotFound, Conflict for one that is not under way."""
    take_turn(connection)
    action = queries.get(connection, action_id)
    if action.status == outcome:
        return action.plain
    if action.status not in ("pending", "done", "failed"):
        raise Conflict(f"this action is {action.status}; only what went out can be confirmed")
    if outcome == "done":
        undoing.took_effect(connection, [action], by=by, policy=policy, verb="action.confirm", now=now)
    else:
        _failed(connection, action, by, now)
    return queries.get(connection, action_id).plain


def undo(connection: sa.Connection, action_id: str, *, by: Actor, policy: Policy, now: datetime) -> Undone:
    """Undoes one action, or withdraws what joined another; see `undoing.undo`. Raises NotFound."""
    take_turn(connection)
    chosen = [found(connection, action_id)]
    return undoing.undo(connection, chosen, by=by, policy=policy, as_one=False, now=now, joined=[action_id])


def found(connection: sa.Connection, action_id: str) -> Kept:
    """The action; of one that joined another, that one. Raises NotFound."""
    known = kept_or_joined(connection, [action_id]) if is_id(action_id) else {}
    return known.get(action_id) or queries.get(connection, action_id)


def undo_measure(connection: sa.Connection, measure_id: str, *, by: Actor, policy: Policy, now: datetime) -> Undone:
    """Undoes a measure as one; see `undoing.undo`. Raises NotFound."""
    take_turn(connection)
    chosen = queries.of_measure(connection, measure_id)
    undone = undoing.undo(connection, chosen, by=by, policy=policy, as_one=True, now=now)
    first = sa.update(measures).where(measures.c.measure_id == measure_id, measures.c.undone_at.is_(None))
    connection.execute(first.values(undone_at=now, undone_by=str(by)))
    params = {name: len(ids) for name, ids in msgspec.structs.asdict(undone).items()}
    record(
        connection,
        Entry(at=now, actor=by, verb="measure.undo", subject_kind="measure", subject_id=measure_id, params=params),
    )
    return undone


def remember_key(connection: sa.Connection, by: Actor, idempotency_key: str, digest: str, *, now: datetime) -> None:
    """Ties an idempotency key of `by` to what was asked for, until `pruning` forgets it. Raises Conflict when it was
    something else, Invalid.
    """
    if not is_id(idempotency_key):
        raise Invalid("an idempotency key is a printable string of 1 to 128 characters")
    row = {"caller": str(by), "idempotency_key": idempotency_key, "digest": digest, "at": now}
    insert_ignore(connection, action_requests, [row])
    table = action_requests.c
    query = sa.select(table.digest).where(table.caller == str(by), table.idempotency_key == idempotency_key)
    if connection.execute(query).scalar_one() != digest:
        raise Conflict("this idempotency key was used for another request; draw a new key for each")


def _drafts(
    connection: sa.Connection, wants: Sequence[Want], by: Actor, because: Sequence[str], policy: Policy, now: datetime
) -> list[Kept]:
    for want in wants:
        policy.kind(want.kind)
    reasons = tuple(sorted(set(because)))
    if not 1 <= len(reasons) <= BECAUSE_MAX or not all(map(is_id, reasons)):
        raise Invalid(f"say why: 1 to {BECAUSE_MAX} ids of findings, decisions or cases", pointer="/because")
    if not 1 <= len(wants) <= MEASURE_ACTIONS_MAX:
        raise Invalid(f"ask for 1 to {MEASURE_ACTIONS_MAX:,} actions at once", pointer="/actions")
    if simulated(connection, set(reasons)):
        raise Conflict("this rests on a finding that only simulates; nobody may act on it")
    return [
        Kept(
            id=want.action_id(reasons), at=rfc3339(now), kind=want.kind, subject=want.subject, params=want.params,
            because=reasons, requested_by=str(by), status="proposed",
        )
        for want in wants
    ]  # fmt: skip


def _without_mistakes(said: Sequence[Action]) -> list[Action]:
    mistakes = [(action, mistake_in(action)) for action in said]
    for field, count in sorted(Counter(field for _, field in mistakes if field is not None).items()):
        _log.error("%d actions of a monitor are left out: their %s cannot be used", count, field)
    return [action for action, field in mistakes if field is None]


def _tell_unnamed(new: Sequence[Action], policy: Policy) -> None:
    for kind, count in sorted(Counter(action.kind for action in new if action.kind not in policy.kinds).items()):
        _log.warning("the policy of actions does not name %s: %d more wait for a person", kind, count)


def _waiting(connection: sa.Connection, approval: Approval) -> list[Kept]:
    waiting = queries.waiting_for(connection, approval.approval_id)
    # Of what the brake holds all may have been stopped; who is held is still to be let go.
    if not waiting and approval.wanted.kind != brake.RELEASE:
        raise Conflict("no action waits for this approval")
    return waiting


def _spend(
    connection: sa.Connection, approval_id: str, waiting: Sequence[Kept], *, approved_by: Actor, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    wanted = approvals.get(connection, approval_id).wanted
    approving.spend(connection, approval_id, wanted, by=by, now=now)
    brake.release(connection, approval_id, forgive=True)
    let_go(connection, waiting, approved_by=approved_by, by=by, now=now)


def _drop(
    connection: sa.Connection, approval_id: str, waiting: Sequence[Kept], *, by: Actor, now: datetime
) -> None:  # fmt: skip
    brake.release(connection, approval_id, forgive=False)
    set_status(connection, waiting, "refused")
    refused = [msgspec.structs.replace(each, status="refused") for each in waiting]
    record_all(connection, [entry_of(each, "action.refuse", by, now) for each in refused])


def _settle(connection: sa.Connection, approval_id: str, now: datetime) -> int:
    approval = approvals.get(connection, approval_id)
    waiting = queries.waiting_for(connection, approval_id)
    status = approval.status_at(now)
    if not waiting or status is ApprovalStatus.EXPIRED:
        return 0
    if status is ApprovalStatus.APPROVED and approval.decided_by is not None:
        _spend(connection, approval_id, waiting, approved_by=approval.decided_by, by=SYSTEM, now=now)
    else:
        _drop(connection, approval_id, waiting, by=SYSTEM, now=now)
    return len(waiting)


def _failed(connection: sa.Connection, action: Kept, by: Actor, now: datetime) -> None:
    """What failed need not be undone; a reversal that failed leaves what it should have taken back as it was."""
    failed = msgspec.structs.replace(action, status="failed")
    set_status(connection, [action], "failed", undo_by=None)
    if action.reverses is not None:
        original = queries.get(connection, action.reverses)
        set_status(connection, [original], "done")
    record(connection, entry_of(failed, "action.confirm", by, now))
