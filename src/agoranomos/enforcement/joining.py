"""One action for one thing to be done, however many reasons there are: who asks for what stands joins it.

Several desks may want one listing removed. The first asks; the reasons of the others are added to that action, and
each can be withdrawn by itself. The action is undone when no reason is left. Which kinds are so, the policy says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record_all
from agoranomos.enforcement import queries
from agoranomos.enforcement.model import BECAUSE_MAX
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.tables import action_reasons, actions, catalogue_live, joined_reasons
from agoranomos.enforcement.trail import entry_of
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.dialects import insert_ignore

CAME_BACK: Final = timedelta(days=1)
"""What was removed longer ago and is live came back, and is asked for anew; before, the marketplace may not have said
yet that it is gone."""
_STANDING: Final = ("proposed", "pending", "done")
_Thing = tuple[str, ...]
"""What is to be done: kind, subject, and what else the policy tells things apart by."""
_reasons = joined_reasons.c


def firsts(drafts: Sequence[Kept], policy: Policy) -> list[Kept]:
    """Those of `drafts` that cannot join another one of them, which comes before."""
    seen: dict[_Thing, int] = {}
    found = []
    for each in drafts:
        if policy.entry(each.kind).joins:
            thing, level = _thing(each, policy), _level(each, policy)
            if seen.get(thing, -1) >= level:
                continue
            seen[thing] = level
        found.append(each)
    return found


def join(
    connection: sa.Connection, drafts: Sequence[Kept], *, by: Actor, policy: Policy, only_proposed: Collection[str],
    now: datetime,
) -> list[Kept]:  # fmt: skip
    """Adds the reasons of those of `drafts` that ask for what stands; returns the others.

    What waits for a second person is joined only by what would wait for one as well.
    """
    owners = _owners(connection, [each for each in drafts if policy.entry(each.kind).joins], policy, now)
    left, joined = [], []
    for each in drafts:
        owner = owners.get(_thing(each, policy))
        if owner is not None and _level(owner, policy) < _level(each, policy):
            owner = None  # more is asked for than stands
        waits = each.id in only_proposed or policy.entry(each.kind).needs_approval([each.params])
        if owner is None or (owner.status == "proposed" and not waits):
            left.append(each)
        else:
            joined.append((owner, each))
    rows = {owner.id: _row(owner, owner, now) for owner, _ in joined if not _has_reasons(connection, owner.id)}
    rows |= {each.id: _row(each, owner, now) for owner, each in joined}
    if rows:
        connection.execute(joined_reasons.insert(), list(rows.values()))
        rests = [{"reason": reason, "action_id": each.id} for _, each in joined for reason in each.because]
        insert_ignore(connection, action_reasons, rests)
    for owner_id in sorted({owner.id for owner, _ in joined}):
        _tell_reasons(connection, owner_id)
    record_all(connection, [entry_of(owner, "action.join", by, now, joined=each.id) for owner, each in joined])
    return left


def owner_ids(connection: sa.Connection, action_ids: Iterable[str]) -> dict[str, str]:
    """The action that stands for each of those of `action_ids` that joined another."""
    found: dict[str, str] = {}
    wanted = sorted(set(action_ids))
    for start in range(0, len(wanted), queries.AT_A_TIME):
        part = wanted[start : start + queries.AT_A_TIME]
        query = sa.select(_reasons.action_id, _reasons.owner_id).where(_reasons.action_id.in_(part))
        found |= {row.action_id: row.owner_id for row in connection.execute(query) if row.action_id != row.owner_id}
    return found


def resting_on(connection: sa.Connection, reason: str) -> list[Kept]:
    """What was asked for because of this finding, decision or case, in the order of the ids; what joined another under
    the id and the name with which it was asked for.
    """
    query = sa.select(action_reasons.c.action_id).where(action_reasons.c.reason == reason)
    asked = sorted(connection.execute(query).scalars())
    own = queries.by_ids(connection, asked)
    joined = [each for each in asked if each not in own]
    owners = owner_ids(connection, joined)
    standing = queries.by_ids(connection, set(owners.values()))
    callers: dict[str, str] = {}
    for start in range(0, len(joined), queries.AT_A_TIME):
        part = _reasons.action_id.in_(joined[start : start + queries.AT_A_TIME])
        rows = connection.execute(sa.select(_reasons.action_id, _reasons.requested_by).where(part))
        callers |= {row.action_id: row.requested_by for row in rows}
    for each in joined:
        own[each] = msgspec.structs.replace(standing[owners[each]], id=each, requested_by=callers[each])
    return [own[each] for each in asked]


def withdraw(connection: sa.Connection, action_ids: Sequence[str], now: datetime) -> set[str]:
    """Withdraws the reasons of these actions, whether they were the first or joined; the ids of the actions that stand
    for other reasons."""
    concerned: set[str] = set()
    for start in range(0, len(action_ids), queries.AT_A_TIME):
        part = _reasons.action_id.in_(action_ids[start : start + queries.AT_A_TIME])
        concerned |= set(connection.execute(sa.select(_reasons.owner_id).where(part)).scalars())
        gone = sa.update(joined_reasons).where(part, _reasons.withdrawn_at.is_(None))
        connection.execute(gone.values(withdrawn_at=now))
    return {owner_id for owner_id in sorted(concerned) if _tell_reasons(connection, owner_id)}


def lifting(connection: sa.Connection, asked: Sequence[Action], *, policy: Policy, now: datetime) -> list[Action]:
    """Those of `asked`, said by monitors, that may go on: what a desk lifts stays while another desk wants it.

    A desk that asks for the opposite of what it asked for withdraws its own reasons; the opposite goes out when none
    is left.
    """
    opposite = {entry.undo: kind for kind, entry in policy.kinds.items() if entry.joins and entry.undo is not None}
    going = []
    for each in asked:
        if each.kind in opposite and _wanted_by_others(connection, each, opposite[each.kind], policy, now):
            continue
        going.append(each)
    return going


def _wanted_by_others(connection: sa.Connection, lifts: Action, kind: str, policy: Policy, now: datetime) -> bool:
    draft = Kept(**{**msgspec.structs.asdict(lifts), "kind": kind})
    owner = _owners(connection, [draft], policy, now).get(_thing(draft, policy))
    if owner is None or _level(owner, policy) != _level(draft, policy):
        return False
    query = sa.select(_reasons.action_id, _reasons.requested_by).where(
        _reasons.owner_id == owner.id, _reasons.withdrawn_at.is_(None)
    )
    rows = [(row.action_id, row.requested_by) for row in connection.execute(query.order_by(_reasons.action_id))]
    askers = {who for _, who in rows} or {owner.requested_by}
    if askers <= {lifts.requested_by}:
        return False
    if mine := [action_id for action_id, who in rows if who == lifts.requested_by]:
        withdraw(connection, mine, now)
    return True


def _owners(connection: sa.Connection, drafts: Sequence[Kept], policy: Policy, now: datetime) -> dict[_Thing, Kept]:
    """What stands already of what `drafts` ask for; of several, the one that asks for most."""
    found: dict[_Thing, Kept] = {}
    for kind, subject_kind in sorted({(each.kind, each.subject.kind) for each in drafts}):
        ids = sorted({each.subject.id for each in drafts if (each.kind, each.subject.kind) == (kind, subject_kind)})
        for start in range(0, len(ids), queries.AT_A_TIME):
            part = ids[start : start + queries.AT_A_TIME]
            query = sa.select(actions.c.action_id).where(
                actions.c.subject_kind == subject_kind, actions.c.subject_id.in_(part), actions.c.kind == kind,
                actions.c.status.in_(_STANDING), actions.c.reverses.is_(None), actions.c.undo_by.is_(None),
            )  # fmt: skip
            standing = queries.by_ids(connection, connection.execute(query).scalars().all())
            lifted = queries.reversals_of(connection, standing)
            live = _live(connection, subject_kind, part)
            undone_at = _undone_at(connection, kind, policy, subject_kind, part)
            for each in sorted(standing.values(), key=lambda one: (one.at, one.id)):
                at, name = parse_rfc3339(each.at), each.subject.id
                came_back = each.status == "done" and name in live and now - at > CAME_BACK
                thing = _thing(each, policy)
                if each.id in lifted or came_back or (thing in undone_at and undone_at[thing] >= at):
                    continue
                if thing not in found or _level(found[thing], policy) <= _level(each, policy):
                    found[thing] = each
    return found


def _undone_at(
    connection: sa.Connection, kind: str, policy: Policy, subject_kind: str, ids: Sequence[str]
) -> dict[_Thing, datetime]:
    """When the opposite of a kind was last asked for by itself, and went out."""
    entry = policy.entry(kind)
    query = sa.select(actions.c.subject_id, actions.c.at, actions.c.params).where(
        actions.c.subject_kind == subject_kind, actions.c.subject_id.in_(ids), actions.c.kind == entry.undo,
        actions.c.status.in_(("pending", "done")),
    )  # fmt: skip
    found: dict[_Thing, datetime] = {}
    for row in connection.execute(query.order_by(actions.c.at)):
        found[kind, subject_kind, row.subject_id, *entry.names(row.params)] = row.at
    return found


def _live(connection: sa.Connection, kind: str, ids: Sequence[str]) -> set[str]:
    table = catalogue_live.c
    query = sa.select(table.subject_id).where(table.subject_kind == kind, table.subject_id.in_(ids))
    return set(connection.execute(query).scalars())


def _thing(action: Kept, policy: Policy) -> _Thing:
    return action.kind, action.subject.kind, action.subject.id, *policy.entry(action.kind).names(action.params)


def _level(action: Kept, policy: Policy) -> int:
    return policy.entry(action.kind).level(action.params)


def _has_reasons(connection: sa.Connection, owner_id: str) -> bool:
    query = sa.select(_reasons.action_id).where(_reasons.action_id == owner_id)
    return connection.execute(query).first() is not None


def _row(action: Kept, owner: Kept, now: datetime) -> dict[str, object]:
    return {
        "action_id": action.id, "owner_id": owner.id, "because": list(action.because),
        "requested_by": action.requested_by, "at": now, "withdrawn_at": None,
    }  # fmt: skip


def _tell_reasons(connection: sa.Connection, owner_id: str) -> bool:
    """Writes the reasons that are left into the action; False when there is none. The last ones stay as they were."""
    query = sa.select(_reasons.because).where(_reasons.owner_id == owner_id, _reasons.withdrawn_at.is_(None))
    left = [reason for because in connection.execute(query.order_by(_reasons.at)).scalars() for reason in because]
    if left:
        told = list(dict.fromkeys(left))[:BECAUSE_MAX]
        connection.execute(sa.update(actions).where(actions.c.action_id == owner_id).values(because=told))
    return bool(left)
