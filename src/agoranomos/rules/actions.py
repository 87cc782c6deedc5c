"""The verbs of the life of a rule, given an open transaction; each writes its audit entry in it.

Propose a version, let it run in shadow, ask for it to be promoted, and, when a second person has agreed to exactly
that version, make it live. An old version comes back the same way. Only `_make_live` writes what is live, and only
with an approval that it spends; the database itself refuses a live version without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.audit.actions import record, record_all
from agoranomos.audit.model import Entry
from agoranomos.kernel import dialects
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus, Wanted
from agoranomos.kernel.approvals.tables import approvals as approvals_table
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.rules import queries
from agoranomos.rules.model import PROMOTE, ROLL_BACK, Proposal, Standing, Version
from agoranomos.rules.tables import rule_book, rule_changes, rule_standings, rule_versions
from agoranomos.staff import approving

_TURN: Final = 0x72756C657301  # "rules": the advisory lock of whoever changes the rule book
_VERB: Final = {PROMOTE: "promote", ROLL_BACK: "rollback"}


def propose(connection: sa.Connection, proposals: Sequence[Proposal], *, by: Actor, now: datetime) -> list[Version]:
    """Keeps each proposal as the next version of its rule; what says the same as the newest version is that one."""
    take_turn(connection)
    found, entries = [], []
    for proposal in proposals:
        standing = queries.find_standing(connection, proposal.rule_id)
        latest = standing.latest if standing else 0
        if latest:
            newest = queries.get_version(connection, proposal.rule_id, latest)
            if newest.digest == proposal.digest:
                found.append(newest)
                continue
        _keep_version(connection, proposal, latest + 1, by, now)
        _note(connection, proposal.rule_id, "propose", latest + 1, by, now)
        found.append(queries.get_version(connection, proposal.rule_id, latest + 1))
        params = {"version": latest + 1, "digest": proposal.digest}
        entries.append(_entry(proposal.rule_id, "rule.propose", params, by, now))
    record_all(connection, entries)
    return found


def put_into_shadow(
    connection: sa.Connection, rule_id: str, version: int | None = None, *, by: Actor, now: datetime
) -> Standing:
    """Lets a version (the newest unless told otherwise) be evaluated and recorded, without any effect.

    It takes the place of another version in shadow. Raises NotFound, and Conflict when the version is live.
    """
    take_turn(connection)
    standing = queries.get_standing(connection, rule_id)
    chosen = queries.get_version(connection, rule_id, version or standing.latest)
    if chosen.status == "live":
        raise Conflict("this version is live; propose a changed one to compare it with")
    if chosen.status == "shadow":
        return standing
    _set(connection, rule_id, shadow_version=chosen.version, shadow_since=now)
    _changed(connection, rule_id, "shadow", chosen, by, now)
    return queries.get_standing(connection, rule_id)


def ask_promotion(
    connection: sa.Connection, rule_id: str, version: int | None = None, *, by: Actor, now: datetime
) -> Approval:
    """Asks a second person to agree that the version in shadow goes live. Raises NotFound, Conflict."""
    take_turn(connection)
    standing = queries.get_standing(connection, rule_id)
    if standing.shadow_version is None or version not in (None, standing.shadow_version):
        raise Conflict("only the version that runs in shadow can go live; run `agora rules shadow` first")
    chosen = queries.get_version(connection, rule_id, standing.shadow_version)
    return approving.request(connection, _wanted(PROMOTE, chosen, standing), by=by, now=now)


def ask_rollback(connection: sa.Connection, rule_id: str, version: int, *, by: Actor, now: datetime) -> Approval:
    """Asks a second person to agree that a version that was live before is live again. Raises NotFound, Conflict."""
    take_turn(connection)
    standing = queries.get_standing(connection, rule_id)
    chosen = queries.get_version(connection, rule_id, version)
    if standing.live_version == version:
        raise Conflict("this version is live already")
    if not queries.was_live(connection, rule_id, version):
        raise Conflict("this version never was live; let it run in shadow and ask for its promotion")
    return approving.request(connection, _wanted(ROLL_BACK, chosen, standing), by=by, now=now)


def approve(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Standing:
    """Agrees, and makes live what was asked for; an approval that was given elsewhere is spent.

    Raises NotFound, Forbidden for whoever may not be the second person (who asked, proposed or owns the rule), and
    Conflict when it is not about a rule, or the rule has changed since.
    """
    take_turn(connection)
    approval = asked(connection, approval_id)
    _require_current(connection, approval.wanted)
    if approval.status_at(now) is not ApprovalStatus.APPROVED:
        approval = approving.approve(connection, approval_id, by=by, now=now)
    return _make_live(connection, approval, by=by, now=now)


def refuse(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """Does not agree: nothing changes. Raises like `approve`."""
    asked(connection, approval_id)
    return approving.refuse(connection, approval_id, by=by, now=now)


def asked(connection: sa.Connection, approval_id: str) -> Approval:
    """What was asked for about a rule. Raises NotFound, and Conflict when it is about something else."""
    approval = approvals.get(connection, approval_id)
    if approval.wanted.kind not in _VERB:
        raise Conflict("this approval is not about a rule; see `agora approvals list`")
    return approval


def asked_about(connection: sa.Connection, rule_id: str) -> list[Approval]:
    """Everything that was asked for about a rule and is still pending, in the order of ids."""
    table = approvals_table.c
    query = sa.select(table.approval_id).where(
        table.status == ApprovalStatus.PENDING.value, table.kind.in_(_VERB), table.subject_id == rule_id
    )
    ids = connection.execute(query.order_by(table.approval_id)).scalars().all()
    return [approvals.get(connection, each) for each in ids]


def settle(connection: sa.Connection, *, now: datetime) -> int:
    """Makes live what was approved elsewhere; an approval that fits no more is spent without effect. Returns how many
    were settled.
    """
    given = sa.select(approvals_table.c.approval_id).where(
        approvals_table.c.kind.in_(_VERB),
        approvals_table.c.status == ApprovalStatus.APPROVED.value,
        approvals_table.c.expires_at > now,
    )
    ids = connection.execute(given.order_by(approvals_table.c.approval_id)).scalars().all()
    if ids:
        take_turn(connection)
    return sum(_settle(connection, approval_id, now) for approval_id in ids)


def expire(
    connection: sa.Connection, rule_id: str, *, by: Actor, now: datetime, shadow_only: bool = False
) -> Standing:  # fmt: skip
    """Ends what is live and in shadow (or only the latter). Raises NotFound, Conflict when there is nothing to end."""
    take_turn(connection)
    standing = queries.get_standing(connection, rule_id)
    ended = [standing.shadow_version] if shadow_only else [standing.live_version, standing.shadow_version]
    versions = [version for version in ended if version is not None]
    if not versions:
        raise Conflict("no version of this rule is in use")
    _set(connection, rule_id, shadow_version=None, shadow_since=None)
    if not shadow_only:
        _set(connection, rule_id, live_version=None, live_approval=None, live_since=None)
    for version in versions:
        _note(connection, rule_id, "expire", version, by, now)
    bump(connection, "rules")
    record_all(connection, [_entry(rule_id, "rule.expire", {"version": version}, by, now) for version in versions])
    return queries.get_standing(connection, rule_id)


def take_turn(connection: sa.Connection) -> None:
    """Waits until nobody else changes the rule book, and holds the turn until the transaction ends."""
    dialects.take_turn(connection, _TURN)


def bump(connection: sa.Connection, part: str) -> None:
    """Tells running processes that `part` has changed; the caller has the turn."""
    table = rule_book.c
    number = connection.execute(sa.select(table.number).where(table.part == part)).scalar_one_or_none()
    upsert(connection, rule_book, [{"part": part, "number": (number or 0) + 1}], ["part"])


def _keep_version(connection: sa.Connection, proposal: Proposal, version: int, by: Actor, now: datetime) -> None:
    row = {
        "rule_id": proposal.rule_id,
        "version": version,
        "digest": proposal.digest,
        "document": proposal.document,
        "features": proposal.features,
        "owner": proposal.owner,
        "proposed_by": str(by),
        "proposed_at": now,
    }
    connection.execute(rule_versions.insert(), row)
    upsert(connection, rule_standings, [{"rule_id": proposal.rule_id, "latest": version}], ["rule_id"])


def _wanted(kind: str, version: Version, standing: Standing) -> Wanted:
    """Exactly this version in the place of exactly that one; who wrote or owns it cannot agree to it."""
    params = {"version": version.version, "digest": version.digest, "replaces": standing.live_version or 0}
    return Wanted(
        kind=kind, subject_kind="rule", subject_id=version.rule_id, params=params,
        beneficiaries=(version.proposed_by, version.owner),
    )  # fmt: skip


def _require_current(connection: sa.Connection, wanted: Wanted) -> tuple[Standing, Version]:
    """Raises Conflict when the rule stands otherwise than when somebody asked."""
    standing = queries.get_standing(connection, wanted.subject_id)
    version = queries.get_version(connection, wanted.subject_id, wanted.params["version"])
    in_shadow = wanted.kind == ROLL_BACK or standing.shadow_version == version.version
    if wanted != _wanted(wanted.kind, version, standing) or not in_shadow:
        raise Conflict("the rule has changed since this was asked for; ask for its promotion again")
    return standing, version


def _make_live(connection: sa.Connection, approval: Approval, *, by: Actor, now: datetime) -> Standing:
    _, version = _require_current(connection, approval.wanted)
    approving.spend(connection, approval.approval_id, approval.wanted, by=by, now=now)
    live = {"live_version": version.version, "live_approval": approval.approval_id, "live_since": now}
    ended = {"shadow_version": None, "shadow_since": None} if approval.wanted.kind == PROMOTE else {}
    _set(connection, version.rule_id, **live, **ended)
    verb = _VERB[approval.wanted.kind]
    _changed(connection, version.rule_id, verb, version, approval.decided_by or by, now, approval.approval_id)
    return queries.get_standing(connection, version.rule_id)


def _settle(connection: sa.Connection, approval_id: str, now: datetime) -> int:
    approval = approvals.get(connection, approval_id)
    if approval.status_at(now) is not ApprovalStatus.APPROVED:  # somebody was faster
        return 0
    try:
        _make_live(connection, approval, by=SYSTEM, now=now)
    except Conflict:
        approving.spend(connection, approval_id, approval.wanted, by=SYSTEM, now=now)
        wanted = approval.wanted
        params = {"version": wanted.params["version"], "approval_id": approval_id}
        record(connection, _entry(wanted.subject_id, f"{wanted.kind}_void", params, SYSTEM, now))
    return 1


def _changed(
    connection: sa.Connection, rule_id: str, verb: str, version: Version, by: Actor, now: datetime,
    approval_id: str | None = None,
) -> None:  # fmt: skip
    _note(connection, rule_id, verb, version.version, by, now, approval_id)
    bump(connection, "rules")
    params: dict[str, Any] = {"version": version.version, "digest": version.digest}
    if approval_id is not None:
        params["approval_id"] = approval_id
    record(connection, _entry(rule_id, f"rule.{verb}", params, by, now))


def _note(
    connection: sa.Connection, rule_id: str, verb: str, version: int, by: Actor, now: datetime,
    approval_id: str | None = None,
) -> None:  # fmt: skip
    table = rule_changes.c
    last = connection.execute(sa.select(sa.func.max(table.number)).where(table.rule_id == rule_id)).scalar()
    row = {
        "rule_id": rule_id, "number": (last or 0) + 1, "at": now, "by": str(by), "verb": verb, "version": version,
        "approval_id": approval_id,
    }  # fmt: skip
    connection.execute(rule_changes.insert(), row)


def _set(connection: sa.Connection, rule_id: str, **values: Any) -> None:
    connection.execute(sa.update(rule_standings).where(rule_standings.c.rule_id == rule_id).values(**values))


def _entry(rule_id: str, verb: str, params: dict[str, Any], by: Actor, now: datetime) -> Entry:
    if not rule_id.isascii():
        raise Invalid("the id of a rule looks like promotions.many_claims")
    return Entry(at=now, actor=by, verb=verb, subject_kind="rule", subject_id=rule_id, params=params)
