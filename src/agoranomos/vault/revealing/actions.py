"""The verbs of permits, given an open transaction: ask, end, read under one, look for a value.

Whoever reads is recorded in the transaction that ends before an answer is given: where nothing can be recorded, nothing
is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry, Param
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Wanted
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.ids import derived
from agoranomos.staff import approving
from agoranomos.staff.model import AT_THE_MACHINE
from agoranomos.vault import queries as vault_queries
from agoranomos.vault.actions import read
from agoranomos.vault.keys import Vault
from agoranomos.vault.queries import Sealed
from agoranomos.vault.revealing import budgets, queries
from agoranomos.vault.revealing.model import Found, Permit, Refused, Revealed, Wish
from agoranomos.vault.revealing.policy import Policy
from agoranomos.vault.subjects import Whom, whom
from agoranomos.vault.tokens import KEPT_FOR, KeptFor, Kind, kind_of, token_of

PERMIT: Final = "vault.permit"
"""The kind of the approval that a permit over many people takes."""
FOUND_MAX: Final = 100


def ask(connection: sa.Connection, policy: Policy, wish: Wish, *, by: Actor, now: datetime) -> Permit:
    """Asks for a permit: open at once, or once somebody else has agreed when it is about many people.

    Asking the same at one moment is asking once. Raises Invalid; Refused for who has no budget.
    """
    policy.purpose(wish.purpose)
    if any(each.kind == "case" for each in wish.subjects):
        raise Invalid("what is attached to a case is opened in the case, not under a permit", pointer="/subjects")
    keys = tuple(sorted({each.key for each in wish.subjects}))
    if len(keys) > policy.people_max:
        raise Invalid(f"a permit names at most {policy.people_max:,} people; ask for several", pointer="/subjects")
    budgets.left(connection, policy, by, now)
    permit_id = derived("vp", str(by), rfc3339(now), wish.case_id, wish.purpose, *keys)
    about: dict[str, Param] = {"case": wish.case_id, "purpose": wish.purpose, "people": len(keys)}
    asked = Permit(
        permit_id=permit_id, actor=str(by), case_id=wish.case_id, purpose=wish.purpose, subjects=keys, asked_at=now,
        until=after(now, timedelta(minutes=policy.permit_minutes)),
    )  # fmt: skip
    if len(keys) > policy.alone_max:
        approval = approving.request(connection, _wanted(asked, about), by=by, now=now)
        asked = msgspec.structs.replace(asked, until=None, approval_id=approval.approval_id)
    queries.add(connection, asked)
    _record(connection, "vault.ask", asked, by, now, about)
    return asked


def end(connection: sa.Connection, permit_id: str, *, by: Actor, now: datetime) -> Permit:
    """Ends a permit before its time; again changes nothing. Raises NotFound."""
    permit = queries.get(connection, permit_id)
    if permit.state(now) == "over":
        return permit
    queries.change(connection, permit_id, ended_at=now)
    _record(connection, "vault.end", permit, by, now, {"case": permit.case_id})
    return msgspec.structs.replace(permit, ended_at=now)


def reveal(
    connection: sa.Connection, vault: Vault, policy: Policy, permit_id: str, subjects: Iterable[Whom],
    kinds: Iterable[Kind] = (), *, by: Actor, now: datetime,
) -> list[Revealed]:  # fmt: skip
    """What is kept of `subjects` (none: of all that the permit names) and is of `kinds` (none: of all that the purpose
    allows). Each value counts against the budget of the day.

    Raises NotFound when nothing is kept, Refused, and Conflict while nobody has agreed.
    """
    permit = _opened(connection, policy, queries.get(connection, permit_id), by, now)
    keys = {each.key for each in subjects} or set(permit.subjects)
    if keys - set(permit.subjects):
        raise Refused("not_named", "the permit does not name this person; ask for one that does")
    allowed = policy.purpose(permit.purpose).kept_for
    rows = _asked_for(vault_queries.sealed_of(connection, keys), frozenset(kinds), allowed, permit.purpose)
    if not rows:
        raise NotFound("nothing of this kind is kept; it never was, or it was erased")
    if policy.fresh_kinds & {kind_of(row.token) for row in rows}:
        _require_fresh(connection, policy, by, now)
    budgets.take(connection, policy, by, now, values=len(rows))
    params: dict[str, Param] = {"permit": permit.permit_id, "case": permit.case_id}
    values = read(
        connection, vault, rows, purpose=permit.purpose, actor=by, now=now, permit_id=permit.permit_id, params=params
    )
    return [
        Revealed(subject=whom(row.subject), kind=kind_of(row.token), token=row.token, value=value)
        for row, value in zip(rows, values, strict=True)
    ]


def search(
    connection: sa.Connection, vault: Vault, policy: Policy, kind: Kind, value: str, *, case_id: str, purpose: str,
    by: Actor, now: datetime,
) -> Found:  # fmt: skip
    """Of whom `value` is kept: the blind index is asked, nothing is opened. Each search counts, found or not.

    Raises Refused, Invalid.
    """
    if KEPT_FOR[kind] not in policy.purpose(purpose).kept_for:
        raise Refused("purpose", f"what is kept for {KEPT_FOR[kind]} is not there for {purpose}")
    budgets.take(connection, policy, by, now, searches=1)
    token = token_of(vault.keys, kind, value)
    found = vault_queries.subjects_of(connection, token, limit=FOUND_MAX + 1)
    entry = Entry(
        at=now, actor=by, verb="vault.search", subject_kind="vault_token", subject_id=token,
        params={"case": case_id, "purpose": purpose, "found": len(found)},
    )  # fmt: skip
    record(connection, entry)
    subjects = tuple(whom(each) for each in found[:FOUND_MAX])
    return Found(token=token if found else None, subjects=subjects, more=len(found) > FOUND_MAX)


def note_refusal(connection: sa.Connection, permit_id: str, refused: Refused, *, by: Actor, now: datetime) -> None:
    """Records that somebody tried what they may not; in a transaction of its own, as that of the attempt is undone."""
    entry = Entry(
        at=now, actor=by, verb="vault.refuse", subject_kind="vault_permit", subject_id=permit_id,
        params={"reason": refused.code},
    )  # fmt: skip
    record(connection, entry)


def _opened(connection: sa.Connection, policy: Policy, permit: Permit, by: Actor, now: datetime) -> Permit:
    if permit.actor != str(by):
        raise Refused("not_yours", "this permit is somebody else's; ask for one of your own")
    state = permit.state(now)
    if state == "over":
        raise Refused("over", "this permit is over; ask for another one")
    if state == "open" or permit.approval_id is None:
        return permit
    about: dict[str, Param] = {"case": permit.case_id, "purpose": permit.purpose, "people": len(permit.subjects)}
    approving.spend(connection, permit.approval_id, _wanted(permit, about), by=by, now=now)
    until = after(now, timedelta(minutes=policy.permit_minutes))
    queries.change(connection, permit.permit_id, until=until)
    return msgspec.structs.replace(permit, until=until)


def _asked_for(
    rows: Iterable[Sealed], kinds: frozenset[Kind], allowed: frozenset[KeptFor], purpose: str
) -> list[Sealed]:
    if outside := sorted(kind for kind in kinds if KEPT_FOR[kind] not in allowed):
        raise Refused("purpose", f"{outside[0]} is kept for {KEPT_FOR[outside[0]]}, not for {purpose}")
    found = ((row, kind_of(row.token)) for row in rows)
    return [
        row for row, kind in found
        if (row.kept_for or KEPT_FOR[kind]) in allowed and (not kinds or kind in kinds)
    ]  # fmt: skip


def _require_fresh(connection: sa.Connection, policy: Policy, by: Actor, now: datetime) -> None:
    """Whoever works at the machine itself has no session; everybody else shows again who they are."""
    if by in AT_THE_MACHINE or by.kind == "system":
        return
    since = queries.signed_in_at(connection, by.id, now)
    if since is None or now - since > timedelta(minutes=policy.fresh_minutes):
        raise Refused("fresh", f"sign in again: this is shown within {policy.fresh_minutes} minutes of signing in")


def _wanted(permit: Permit, about: dict[str, Param]) -> Wanted:
    """What a second person agrees to; those whose data it is cannot be that person."""
    return Wanted(
        kind=PERMIT, subject_kind="vault_permit", subject_id=permit.permit_id,
        params={**about, "people_digest": derived("vd", *permit.subjects)},
        beneficiaries=tuple(whom(each).id for each in permit.subjects),
    )  # fmt: skip


def _record(
    connection: sa.Connection, verb: str, permit: Permit, by: Actor, now: datetime, params: dict[str, Param]
) -> None:
    entry = Entry(at=now, actor=by, verb=verb, subject_kind="vault_permit", subject_id=permit.permit_id, params=params)
    record(connection, entry)
