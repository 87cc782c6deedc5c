"""All SQL about publish-time checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.goods.listings.model import Signal
from agoranomos.goods.listings.tables import listing_acknowledgements, listing_checks
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id


class Acknowledgement(msgspec.Struct, frozen=True):
    """Who confirmed to have read a warning, and when."""

    decision_id: str
    by: str
    at: datetime


class StoredCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check as it is kept; `body_digest` is a hash of the listing that was judged."""

    decision: Decision
    signals: tuple[Signal, ...]
    listing_id: str
    store_id: str
    seller_id: str | None
    profile: str
    judge_version: str
    body_digest: str
    idempotency_key: str | None
    at: datetime


def add_check(connection: sa.Connection, check: StoredCheck) -> bool:
    """Keeps `check`; False when its decision id or idempotency key is taken already."""
    return add_checks(connection, [check]) == 1


def add_checks(connection: sa.Connection, checks: Sequence[StoredCheck]) -> int:
    """Keeps those of `checks` whose decision id and idempotency key are not taken; returns how many were new."""
    return insert_ignore(connection, listing_checks, [_row(check) for check in checks])


def _row(check: StoredCheck) -> dict[str, Any]:
    return {
        "decision_id": check.decision.id,
        "idempotency_key": check.idempotency_key,
        "body_digest": check.body_digest,
        "at": check.at,
        "listing_id": check.listing_id,
        "store_id": check.store_id,
        "seller_id": check.seller_id,
        "outcome": check.decision.outcome.value,
        "score": check.decision.score,
        "profile": check.profile,
        "judge_version": check.judge_version,
        "decision": check.decision,
        "signals": check.signals,
    }


def get_check(connection: sa.Connection, decision_id: str) -> StoredCheck:
    """The check with this decision. Raises NotFound."""
    # PostgreSQL refuses text with a NUL in it, loudly; whatever is no id is simply not there.
    known = is_id(decision_id)
    found = _one_check(connection, listing_checks.c.decision_id == decision_id) if known else None
    if found is None:
        raise NotFound("there is no decision with this id")
    return found


def check_by_key(connection: sa.Connection, idempotency_key: str) -> StoredCheck | None:
    """The check that was made under this idempotency key, if there is one."""
    return _one_check(connection, listing_checks.c.idempotency_key == idempotency_key)


def add_acknowledgement(connection: sa.Connection, check: StoredCheck, by: str, at: datetime) -> None:
    """Keeps the first acknowledgement of a decision; a later one changes nothing."""
    row = {
        "decision_id": check.decision.id,
        "at": at,
        "by": by,
        "listing_id": check.listing_id,
        "store_id": check.store_id,
        "seller_id": check.seller_id,
    }
    insert_ignore(connection, listing_acknowledgements, [row])


def get_acknowledgement(connection: sa.Connection, decision_id: str) -> Acknowledgement | None:
    """The acknowledgement of this decision, if it was given."""
    table = listing_acknowledgements
    query = sa.select(table.c.by, table.c.at).where(table.c.decision_id == decision_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Acknowledgement(decision_id, row.by, row.at)


def count_acknowledgements(
    connection: sa.Connection,
    *,
    store_id: str,
    seller_id: str | None,
    other_than_listing: str,
    since: datetime,
) -> int:
    """How many warnings about other listings the seller, or anyone for the store, acknowledged
    after `since`.

    A seller is met again in each of his stores; a store whose seller is not known is met by itself.
    """
    table = listing_acknowledgements
    who = table.c.store_id == store_id
    if seller_id is not None:
        who = sa.or_(who, table.c.seller_id == seller_id)
    query = (
        sa.select(sa.func.count())
        .select_from(table)
        .where(who, table.c.at > since, table.c.listing_id != other_than_listing)
    )
    return int(connection.execute(query).scalar_one())


def _one_check(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> StoredCheck | None:
    row = connection.execute(sa.select(listing_checks).where(condition)).mappings().one_or_none()
    if row is None:
        return None
    fields: dict[str, Any] = dict(row)
    return StoredCheck(
        decision=msgspec.convert(fields["decision"], Decision),
        signals=msgspec.convert(fields["signals"], tuple[Signal, ...]),
        **{name: fields[name] for name in _PLAIN},
    )


_PLAIN = (
    "listing_id",
    "store_id",
    "seller_id",
    "profile",
    "judge_version",
    "body_digest",
    "idempotency_key",
    "at",
)
