"""How actions come in and go out: the one way, whoever asks for them.

Every verb of this room that changes actions takes the turn first and holds it until its transaction ends. Entries of
the audit log are written one after another anyway; with one turn for all, counts and orders are exact and nobody
waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record_all
from agoranomos.enforcement import brake, joining, outbox, queries
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.tables import action_reasons, actions, measures
from agoranomos.enforcement.trail import entry_of
from agoranomos.kernel import dialects
from agoranomos.kernel.actions import ActionStatus
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import ApprovalStatus, Wanted
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.staff import approving

MEASURE: Final = "measure.approve"
_ACTING: Final = 0x616374696F6E01  # "action": the advisory lock of whoever changes actions


class _Gate(msgspec.Struct, frozen=True):
    """What an action waits for; `wanted` is still to be asked for."""

    approval_id: str
    wanted: Wanted | None = None


def take_turn(connection: sa.Connection) -> None:
    """Waits until nobody else changes actions, and holds the turn until the transaction ends."""
    dialects.take_turn(connection, _ACTING)


def enter(
    connection: sa.Connection,
    drafts: Sequence[Kept],
    *,
    by: Actor,
    policy: Policy,
    now: datetime,
    answering: Sequence[Actor] = (),
    measure_id: str | None = None,
    braked: bool = True,
    only_proposed: Collection[str] = (),
) -> list[Kept]:
    """Keeps `drafts`, all asked for by `by`, that are not kept yet; returns all of them as they are kept.

    Each is `pending` and in the outbox, or `proposed` and waits for an approval. `measure_id`: they are one measure.
    `only_proposed`: the ids of those that wait for an approval whatever the policy says of their kind.
    """
    take_turn(connection)
    known = kept_or_joined(connection, [draft.id for draft in drafts])
    new = list({draft.id: draft for draft in drafts if draft.id not in known}.values())
    asked = _renew(connection, {each.id: each for each in known.values()}.values(), by, answering, now)
    later: list[Kept] = []
    if measure_id is not None:  # it is agreed to and undone as one, and made of actions of its own; but nobody is told
        told = [each for each in new if policy.entry(each.kind).rising]  # twice what stands
        left = joining.join(connection, told, by=by, policy=policy, only_proposed=only_proposed, now=now)
        gone = {each.id for each in told} - {each.id for each in left}
        new = [each for each in new if each.id not in gone]
    else:
        new = joining.join(connection, new, by=by, policy=policy, only_proposed=only_proposed, now=now)
        first = joining.firsts(new, policy)
        ids = {each.id for each in first}
        later, new = [each for each in new if each.id not in ids], first
    asked += _add(connection, new, by, policy, answering, measure_id, braked, only_proposed, now)
    if later:
        left = joining.join(connection, later, by=by, policy=policy, only_proposed=only_proposed, now=now)
        asked += _add(connection, left, by, policy, answering, measure_id, braked, only_proposed, now)
    for wanted in asked:
        approving.request(connection, wanted, by=by, now=now)
    kept = kept_or_joined(connection, [draft.id for draft in drafts])
    return [kept[draft.id] for draft in drafts]


def kept_or_joined(connection: sa.Connection, action_ids: Sequence[str]) -> dict[str, Kept]:
    """Those of `action_ids` that are kept; of those that joined another, that one."""
    found = queries.by_ids(connection, action_ids)
    owners = joining.owner_ids(connection, [each for each in action_ids if each not in found])
    standing = queries.by_ids(connection, set(owners.values()))
    return found | {joined: standing[owner] for joined, owner in owners.items()}


def let_go(connection: sa.Connection, waiting: Sequence[Kept], *, approved_by: Actor, by: Actor, now: datetime) -> None:
    """Sends what waited for an approval on its way."""
    set_status(connection, waiting, "pending", approved_by=str(approved_by))
    gone = [_with(each, status="pending", approved_by=str(approved_by)) for each in waiting]
    outbox.put(connection, [each.plain for each in gone], now=now)
    mark_undone(connection, gone)
    record_all(connection, [entry_of(each, "action.release", by, now) for each in gone])


def mark_undone(connection: sa.Connection, reversing: Iterable[Kept]) -> None:
    """Marks what `reversing`, now on their way, take back."""
    undone = [each.reverses for each in reversing if each.reverses is not None]
    for start in range(0, len(undone), queries.AT_A_TIME):
        part = actions.c.action_id.in_(undone[start : start + queries.AT_A_TIME])
        connection.execute(sa.update(actions).where(part).values(status="undone"))


def set_status(connection: sa.Connection, kept: Iterable[Kept], status: ActionStatus, **values: Any) -> None:
    """Gives `kept` another status, and other `values` with it."""
    ids = [each.id for each in kept]
    for start in range(0, len(ids), queries.AT_A_TIME):
        part = actions.c.action_id.in_(ids[start : start + queries.AT_A_TIME])
        connection.execute(sa.update(actions).where(part).values(status=status, **values))


def _add(
    connection: sa.Connection, new: list[Kept], by: Actor, policy: Policy, answering: Sequence[Actor],
    measure_id: str | None, braked: bool, only_proposed: Collection[str], now: datetime,
) -> list[Wanted]:  # fmt: skip
    """Keeps `new`; returns the approvals to ask for."""
    if not new:
        return []
    admitted = len(new)
    if braked:
        new, admitted = _braked(connection, new, by, policy, as_one=measure_id is not None, now=now)
    gates = _gates(new[:admitted], by, policy, answering, measure_id, only_proposed, now)
    if admitted < len(new):
        gate = _Gate(*brake.hold(connection, by, answering, first=new[admitted].id, now=now))
        gates += [gate] * (len(new) - admitted)
    kept = [
        _with(each, measure_id=measure_id, status="pending")
        if gate is None
        else _with(each, measure_id=measure_id, status="proposed", approval_id=gate.approval_id)
        for each, gate in zip(new, gates, strict=True)
    ]
    if measure_id is not None:
        row = {"measure_id": measure_id, "at": now, "requested_by": str(by), "actions": len(kept)}
        insert_ignore(connection, measures, [row])
    connection.execute(actions.insert(), [_row(each) for each in kept])
    reasons = [{"reason": reason, "action_id": each.id} for each in kept for reason in each.because]
    insert_ignore(connection, action_reasons, reasons)
    going = [each for each in kept if each.status == "pending"]
    outbox.put(connection, [each.plain for each in going], now=now)
    mark_undone(connection, going)
    record_all(connection, [entry_of(each, "action.request", by, now) for each in kept])
    wanted = {gate.approval_id: gate.wanted for gate in gates if gate is not None}
    return [each for each in wanted.values() if each is not None]


def _braked(
    connection: sa.Connection, new: list[Kept], by: Actor, policy: Policy, *, as_one: bool, now: datetime
) -> tuple[list[Kept], int]:
    """`new` in the order in which it goes on, and how many of it do; what only tells somebody something is not braked,
    unless it is part of a measure that is.
    """
    counted = [each for each in new if not policy.entry(each.kind).tells]
    wants = [Want(each.kind, each.subject, each.params) for each in counted]
    admitted = brake.admit(connection, wants, by=by, policy=policy, as_one=as_one, now=now) if wants else 0
    if admitted == len(counted):
        return new, len(new)
    if as_one:
        return new, 0
    telling = [each for each in new if policy.entry(each.kind).tells]
    return [*telling, *counted], len(telling) + admitted


def _gates(
    admitted: Sequence[Kept], by: Actor, policy: Policy, answering: Sequence[Actor], measure_id: str | None,
    only_proposed: Collection[str], now: datetime,
) -> list[_Gate | None]:  # fmt: skip
    """What each action waits for, by its kind or because it was only proposed; a measure waits as one."""
    asked: dict[str, list[dict[str, Any]]] = {}
    for each in admitted:
        asked.setdefault(each.kind, []).append(each.params)
    kinds = {kind for kind, params in asked.items() if policy.entry(kind).needs_approval(params)}
    needing = [each.kind in kinds or each.id in only_proposed for each in admitted]
    if measure_id is not None and any(needing):
        wanted = Wanted(
            kind=MEASURE, subject_kind="measure", subject_id=measure_id, params={"actions": len(admitted)},
            beneficiaries=_names(answering),
        )  # fmt: skip
        return [_Gate(wanted.approval_id(by, now), wanted)] * len(admitted)
    return [_gate(each, by, answering, now) if needs else None for each, needs in zip(admitted, needing, strict=True)]


def _gate(action: Kept, by: Actor, answering: Sequence[Actor], now: datetime) -> _Gate:
    # The action is the subject: ids that a marketplace gave may hold what an audit entry must not.
    wanted = Wanted(
        kind=action.kind, subject_kind="action", subject_id=action.id,
        params={"subject_kind": action.subject.kind, "subject_id": action.subject.id, "params": action.params},
        beneficiaries=(*_names(answering), action.subject.id),
    )  # fmt: skip
    return _Gate(wanted.approval_id(by, now), wanted)


def _renew(
    connection: sa.Connection, known: Iterable[Kept], by: Actor, answering: Sequence[Actor], now: datetime
) -> list[Wanted]:
    """What is to be asked for again, as nobody decided on it in time."""
    asked: dict[str, Wanted | None] = {}
    for each in known:
        if each.status != "proposed" or each.approval_id is None or each.approval_id in asked:
            continue
        approval = approvals.get(connection, each.approval_id)
        if approval.status_at(now) is not ApprovalStatus.EXPIRED:
            continue
        if approval.wanted.kind == brake.RELEASE:
            asked[each.approval_id] = brake.hold(connection, approval.requested_by, answering, first=each.id, now=now)[
                1
            ]
            continue
        asked[each.approval_id] = approval.wanted
        again = approval.wanted.approval_id(by, now)
        moved = sa.update(actions).where(actions.c.approval_id == each.approval_id, actions.c.status == "proposed")
        connection.execute(moved.values(approval_id=again))
    return [wanted for wanted in asked.values() if wanted is not None]


def _names(people: Sequence[Actor]) -> tuple[str, ...]:
    return tuple(str(each) for each in people)


def _with(action: Kept, **values: Any) -> Kept:
    return msgspec.structs.replace(action, **values)


def _row(action: Kept) -> dict[str, Any]:
    return {
        "action_id": action.id,
        "at": parse_rfc3339(action.at),
        "kind": action.kind,
        "subject_kind": action.subject.kind,
        "subject_id": action.subject.id,
        "params": action.params,
        "because": list(action.because),
        "requested_by": action.requested_by,
        "approved_by": action.approved_by,
        "status": action.status,
        "measure_id": action.measure_id,
        "approval_id": action.approval_id,
        "reverses": action.reverses,
    }
