"""Undoing: the reversing actions for exactly those that took effect, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record_all
from agoranomos.enforcement import joining, outbox, queries
from agoranomos.enforcement.entering import enter, set_status
from agoranomos.enforcement.model import Undone, Want, actor_of
from agoranomos.enforcement.policy import Policy
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.tables import actions
from agoranomos.enforcement.trail import entry_of
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.ids import derived

_OVER = ("failed", "refused")


def undo(
    connection: sa.Connection, chosen: Sequence[Kept], *, by: Actor, policy: Policy, as_one: bool, now: datetime,
    joined: Sequence[str] = (),
) -> Undone:  # fmt: skip
    """Undoes `chosen`; whoever calls holds the turn. A repeat finds nothing left to do and reports the same reversals.

    What others have asked for as well stands until their reasons are withdrawn, too. `joined`: the ids under which
    `chosen` were asked for, where they joined (`joining`).
    Reversing is not braked. A reversing kind that needs an approval waits for it, all of them `as_one` for one.
    """
    others = joining.withdraw(connection, list(joined) or [each.id for each in chosen], now)
    standing = tuple(each.id for each in chosen if each.id in others)
    chosen = [each for each in chosen if each.id not in others]
    reversals = _standing(connection, chosen)
    done = [each for each in chosen if each.status == "done" and each.id not in reversals]
    lasting = [each.id for each in done if policy.entry(each.kind).undo is None]
    reversing = _reverse(
        connection, [each for each in done if each.id not in lasting], by=by, policy=policy, as_one=as_one, now=now
    )
    reversals |= {str(each.reverses): each for each in reversing}
    stopped = _stop(connection, chosen, by, now)
    awaited = [each for each in chosen if each.status == "pending" and each.id not in stopped]
    lasting += [each.id for each in awaited if policy.entry(each.kind).undo is None]
    awaited = [each for each in awaited if each.id not in lasting]
    set_status(connection, awaited, "pending", undo_by=str(by))
    accounted = {*reversals, *lasting, *stopped, *(each.id for each in awaited)}
    return Undone(
        reversed=tuple(reversals),
        by=tuple(each.id for each in reversals.values()),
        stopped=tuple(sorted(stopped)),
        awaited=tuple(each.id for each in awaited),
        lasting=tuple(lasting),
        without_effect=tuple(each.id for each in chosen if each.id not in accounted),
        standing=standing,
    )


def arrived(connection: sa.Connection, ids: Sequence[str], *, policy: Policy, now: datetime) -> None:
    """Marks those of `ids` that were on their way as done: they were delivered.

    What the marketplace has said about an action stands; so one that it called failed stays failed.
    """
    pending = [each for each in queries.by_ids(connection, ids).values() if each.status == "pending"]
    took_effect(connection, pending, by=SYSTEM, policy=policy, verb="action.deliver", now=now)


def took_effect(
    connection: sa.Connection, kept: Sequence[Kept], *, by: Actor, policy: Policy, verb: str, now: datetime
) -> None:
    """Marks `kept` as done, and reverses those that were to be undone by then."""
    done = [msgspec.structs.replace(each, status="done") for each in kept]
    set_status(connection, done, "done")
    record_all(connection, [entry_of(each, verb, by, now) for each in done])
    for who in sorted({each.undo_by for each in done if each.undo_by is not None}):
        mine = [each for each in done if each.undo_by == who]
        _reverse(connection, mine, by=actor_of(who), policy=policy, as_one=len(mine) > 1, now=now)


def _standing(connection: sa.Connection, chosen: Sequence[Kept]) -> dict[str, Kept]:
    """The reversing actions that there are; one that failed or was refused no longer stands."""
    found = queries.reversals_of(connection, [each.id for each in chosen])
    over = [each.id for each in found.values() if each.status in _OVER]
    connection.execute(sa.update(actions).where(actions.c.action_id.in_(over)).values(reverses=None))
    return {original: each for original, each in found.items() if each.status not in _OVER}


def _reverse(
    connection: sa.Connection, done: Sequence[Kept], *, by: Actor, policy: Policy, as_one: bool, now: datetime
) -> list[Kept]:
    if not done:
        return []
    drafts = [_reversing(each, by, policy, now) for each in done]
    measure_id = derived("m", *sorted(each.id for each in drafts)) if as_one else None
    return enter(connection, drafts, by=by, policy=policy, measure_id=measure_id, braked=False, now=now)


def _reversing(action: Kept, by: Actor, policy: Policy, now: datetime) -> Kept:
    kind = policy.entry(action.kind).undo
    assert kind is not None, "what cannot be taken back was left out before"
    # A moment in the reasons: what failed to be reversed once is reversed by an action of its own the next time.
    because = (action.id,)
    return Kept(
        id=derived("act", Want(kind, action.subject, action.params).action_id(because), rfc3339(now)),
        at=rfc3339(now),
        kind=kind,
        subject=action.subject,
        params=action.params,
        because=because,
        requested_by=str(by),
        status="proposed",
        reverses=action.id,
    )


def _stop(connection: sa.Connection, chosen: Sequence[Kept], by: Actor, now: datetime) -> set[str]:
    """Keeps back what has not gone out."""
    pending = [each.id for each in chosen if each.status == "pending"]
    untried = outbox.stop(connection, pending, now=now) if pending else set()
    stopped = [each for each in chosen if each.status == "proposed" or each.id in untried]
    set_status(connection, stopped, "refused")
    record_all(connection, [entry_of(each, "action.stop", by, now) for each in stopped])
    return {each.id for each in stopped}
