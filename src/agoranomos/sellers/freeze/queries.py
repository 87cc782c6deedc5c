"""All SQL of frozen money: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.sellers.freeze.cabinet import scopes_of
from agoranomos.sellers.freeze.model import Freeze, Part, Release, Scope, State
from agoranomos.sellers.freeze.tables import (
    freeze_causes,
    freeze_freezes,
    freeze_notices,
    freeze_parts,
    freeze_payouts,
    freeze_releases,
    freeze_suspects,
)

REMEMBERED_MAX: Final = 20_000
"""Freezes that one transaction remembers by name, so that an order costs no look-up where nothing of it is frozen."""
_F = freeze_freezes.c
_P = freeze_parts.c


def get(connection: sa.Connection, freeze_id: str) -> Freeze:
    """The freeze. Raises NotFound."""
    found = StoreCabinet(connection).freeze(freeze_id) if is_id(freeze_id) else None
    if found is None:
        raise NotFound("there is no freeze with this id; see `agora sellers frozen`")
    return found


def listed(
    connection: sa.Connection, *, state: State | None = None, store_id: str | None = None, after: Place | None = None,
    limit: int = 100,
) -> list[Freeze]:  # fmt: skip
    """At most `limit` freezes behind `after`, newest first."""
    query = sa.select(_F.document)
    if state is not None:
        query = query.where(_F.state == state)
    if store_id is not None:
        query = query.where(_F.store_id == store_id)
    query = newest_first(query, _F.begun_at, _F.freeze_id, after=after, limit=limit)
    return msgspec.convert(connection.execute(query).scalars().all(), list[Freeze])


def open_releases(connection: sa.Connection, *, after: str, limit: int) -> list[Release]:
    """What was asked to be released and is not decided, behind the action `after`."""
    table = freeze_releases.c
    query = sa.select(table.document).where(table.state == "asked", table.action_id > after)
    found = connection.execute(query.order_by(table.action_id).limit(limit)).scalars().all()
    return msgspec.convert(found, list[Release])


def prune(connection: sa.Connection, before: datetime, limit: int = 5_000) -> bool:
    """Forgets orders placed before, of which nothing is held; whether there are no more."""
    old = sa.select(_P.order_id, _P.listing_id).where(_P.placed_at < before, _P.held == 0).limit(limit)
    rows = [{"order": row.order_id, "listing": row.listing_id} for row in connection.execute(old)]
    if rows:
        gone = sa.delete(freeze_parts).where(
            _P.order_id == sa.bindparam("order"), _P.listing_id == sa.bindparam("listing")
        )
        connection.execute(gone, rows)
    return len(rows) < limit


class StoreCabinet:
    """What is known of money, as the store knows it; see `cabinet.Cabinet`.

    For one transaction: while it holds the turn nobody else changes freezes, so what stands, and when the next one
    ends, is asked once and remembered.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._held: set[tuple[str, str]] | None = None
        self._too_many = False
        self._next: tuple[datetime | None] | None = None

    def parts_of_order(self, order_id: str) -> list[Part]:
        """See `Cabinet`."""
        return self._parts(_P.order_id == order_id)

    def parts_under(self, scope: Scope, scope_id: str, since: datetime) -> list[Part]:
        """See `Cabinet`."""
        if scope == "order":
            return self.parts_of_order(scope_id)
        column = _P.listing_id if scope == "listing" else _P.store_id
        return self._parts(sa.and_(column == scope_id, _P.placed_at >= since))

    def parts_held(self, freeze_id: str) -> list[Part]:
        """See `Cabinet`."""
        return self._parts(_P.freeze_id == freeze_id)

    def put_parts(self, parts: Sequence[Part]) -> None:
        """See `Cabinet`."""
        rows = [msgspec.structs.asdict(part) for part in parts]
        upsert(self._connection, freeze_parts, rows, ["order_id", "listing_id"])

    def freeze(self, freeze_id: str) -> Freeze | None:
        """See `Cabinet`."""
        return self._freeze(_F.freeze_id == freeze_id)

    def standing(self, scope: Scope, scope_id: str) -> Freeze | None:
        """See `Cabinet`."""
        return self._freeze(sa.and_(_F.scope == scope, _F.scope_id == scope_id, _F.state == "held"))

    def covering(self, part: Part) -> list[Freeze]:
        """See `Cabinet`."""
        keys = [key for key in scopes_of(part) if self._may_be_held(key)]
        if not keys:
            return []
        any_of = sa.or_(*(sa.and_(_F.scope == scope, _F.scope_id == name) for scope, name in keys))
        rows = self._connection.execute(sa.select(_F.document).where(any_of, _F.state == "held")).scalars().all()
        found = msgspec.convert(rows, list[Freeze])
        return sorted(found, key=lambda each: keys.index((each.scope, each.scope_id)))

    def put_freeze(self, freeze: Freeze) -> None:
        """See `Cabinet`."""
        self._next = None
        if self._held is not None:
            key = (freeze.scope, freeze.scope_id)
            self._held.add(key) if freeze.state == "held" else self._held.discard(key)
        names = ("freeze_id", "scope", "scope_id", "store_id", "state", "begun_at", "ends_at")
        row = {name: getattr(freeze, name) for name in names} | {"document": msgspec.to_builtins(freeze)}
        upsert(self._connection, freeze_freezes, [row], ["freeze_id"])
        causes = [{"cause": cause, "freeze_id": freeze.freeze_id} for cause in freeze.causes]
        insert_ignore(self._connection, freeze_causes, causes)

    def caused_by(self, cause: str) -> list[str]:
        """See `Cabinet`."""
        table = freeze_causes.c
        query = sa.select(table.freeze_id).where(table.cause == cause).order_by(table.freeze_id)
        return list(self._connection.execute(query).scalars())

    def releases(self, freeze_id: str) -> list[Release]:
        """See `Cabinet`."""
        query = sa.select(freeze_releases.c.document).where(freeze_releases.c.freeze_id == freeze_id)
        found = msgspec.convert(self._connection.execute(query).scalars().all(), list[Release])
        return sorted(found, key=lambda each: (each.asked_at, each.action_id))

    def put_release(self, release: Release) -> None:
        """See `Cabinet`."""
        row = {
            "action_id": release.action_id, "freeze_id": release.freeze_id, "state": release.state,
            "document": msgspec.to_builtins(release),
        }  # fmt: skip
        upsert(self._connection, freeze_releases, [row], ["action_id"])

    def put_payout(self, payout_id: str, order_ids: Sequence[str]) -> None:
        """See `Cabinet`."""
        row = {"payout_id": payout_id, "order_ids": list(order_ids)}
        upsert(self._connection, freeze_payouts, [row], ["payout_id"])

    def orders_of_payout(self, payout_id: str) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(freeze_payouts.c.order_ids).where(freeze_payouts.c.payout_id == payout_id)
        found: list[str] | None = self._connection.execute(query).scalar()
        return found or []

    def suspect(self, listing_id: str, buyer_id: str, at: datetime, since: datetime) -> int:
        """See `Cabinet`."""
        table = freeze_suspects.c
        mine = sa.and_(table.listing_id == listing_id, table.buyer_id == buyer_id)
        known = self._connection.execute(sa.select(table.at).where(mine)).scalar()
        row = {"listing_id": listing_id, "buyer_id": buyer_id, "at": max(at, known or at)}
        upsert(self._connection, freeze_suspects, [row], ["listing_id", "buyer_id"])
        query = sa.select(sa.func.count()).where(table.listing_id == listing_id, table.at >= since)
        return int(self._connection.execute(query).scalar_one())

    def suspected_by(self, listing_id: str, buyer_id: str) -> bool:
        """See `Cabinet`."""
        table = freeze_suspects.c
        mine = sa.and_(table.listing_id == listing_id, table.buyer_id == buyer_id)
        return self._connection.execute(sa.select(table.at).where(mine)).first() is not None

    def put_notice(self, notice_id: str, listing_ids: Sequence[str]) -> None:
        """See `Cabinet`."""
        row = {"notice_id": notice_id, "listing_ids": list(listing_ids)}
        upsert(self._connection, freeze_notices, [row], ["notice_id"])

    def listings_of_notice(self, notice_id: str) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(freeze_notices.c.listing_ids).where(freeze_notices.c.notice_id == notice_id)
        found: list[str] | None = self._connection.execute(query).scalar()
        return found or []

    def held_of(self, store_id: str) -> list[Freeze]:
        """See `Cabinet`."""
        query = sa.select(_F.document).where(_F.store_id == store_id, _F.state == "held").order_by(_F.freeze_id)
        return msgspec.convert(self._connection.execute(query).scalars().all(), list[Freeze])

    def free_of(self, store_id: str, currency: str, since: datetime) -> int:
        """See `Cabinet`."""
        query = sa.select(sa.func.sum(_P.amount - _P.refunded - _P.held)).where(
            _P.store_id == store_id, _P.currency == currency, _P.placed_at >= since, ~_P.paid_out
        )
        return int(self._connection.execute(query).scalar() or 0)

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        if self._next is None:
            query = sa.select(sa.func.min(_F.ends_at)).where(_F.state == "held")
            self._next = (self._connection.execute(query).scalar_one(),)
        return self._next[0]

    def due(self, now: datetime) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(_F.freeze_id).where(_F.state == "held", _F.ends_at <= now).order_by(_F.freeze_id)
        return list(self._connection.execute(query).scalars())

    def _may_be_held(self, key: tuple[str, str]) -> bool:
        """False only for what no freeze holds; of more than so many freezes each is asked for."""
        if self._held is None:
            query = sa.select(_F.scope, _F.scope_id).where(_F.state == "held").limit(REMEMBERED_MAX + 1)
            self._held = {(row.scope, row.scope_id) for row in self._connection.execute(query)}
            self._too_many = len(self._held) > REMEMBERED_MAX
        return self._too_many or key in self._held

    def _parts(self, where: sa.ColumnElement[bool]) -> list[Part]:
        query = sa.select(freeze_parts).where(where).order_by(_P.order_id, _P.listing_id)
        return [Part(**row._mapping) for row in self._connection.execute(query)]

    def _freeze(self, where: sa.ColumnElement[bool]) -> Freeze | None:
        found: Any = self._connection.execute(sa.select(_F.document).where(where)).scalar()
        return None if found is None else msgspec.convert(found, Freeze)
