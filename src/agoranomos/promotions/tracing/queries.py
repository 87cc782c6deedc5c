"""All SQL of tracing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.intake.following import Bookmark
from agoranomos.kernel.dialects import upsert
from agoranomos.promotions.tracing.memory import Memory
from agoranomos.promotions.tracing.model import Coupon, Order, Person
from agoranomos.promotions.tracing.tables import trace_coupons, trace_orders, trace_people, trace_progress

_AT_A_TIME: Final = 500
_T = TypeVar("_T", Coupon, Order, Person)


BOOKMARK: Final = Bookmark(trace_progress, "coupons", 0x74726163650001)  # "trace": the advisory lock of whoever follows


def load(
    connection: sa.Connection, coupon_ids: Iterable[str], order_ids: Iterable[str], account_ids: Iterable[str]
) -> Memory:
    """What is known of these."""
    coupons = {each.coupon_id: each for each in _read(connection, trace_coupons, "coupon_id", coupon_ids, Coupon)}
    orders = {each.order_id: each for each in _read(connection, trace_orders, "order_id", order_ids, Order)}
    people = {each.account_id: each for each in _read(connection, trace_people, "account_id", account_ids, Person)}
    return Memory(coupons, orders, people)


def write(connection: sa.Connection, memory: Memory, before: Memory) -> None:
    """Writes what differs from `before`."""
    coupons = [
        {"coupon_id": each.coupon_id, "campaign_id": each.campaign_id, "account_id": each.account_id, "told": raw}
        for each, raw in _changed(memory.coupons, before.coupons)
    ]  # fmt: skip
    orders = [{"order_id": each.order_id, "told": raw} for each, raw in _changed(memory.orders, before.orders)]
    people = [{"account_id": each.account_id, "told": raw} for each, raw in _changed(memory.people, before.people)]
    for table, rows in ((trace_coupons, coupons), (trace_orders, orders), (trace_people, people)):
        for part in _parts(rows):
            upsert(connection, table, part, [next(iter(table.primary_key.columns)).name])


def of_campaign(connection: sa.Connection, campaign_id: str) -> list[Coupon]:
    """All its coupons, in the order of their ids."""
    query = (
        sa.select(trace_coupons.c.told)
        .where(trace_coupons.c.campaign_id == campaign_id)
        .order_by(trace_coupons.c.coupon_id)
    )
    return [_told(row.told, Coupon) for row in connection.execute(query)]


def of_accounts(connection: sa.Connection, account_ids: Iterable[str]) -> list[Coupon]:
    """All coupons of these accounts."""
    return list(_read(connection, trace_coupons, "account_id", account_ids, Coupon))


def _read(connection: sa.Connection, table: sa.Table, by: str, values: Iterable[str], kind: type[_T]) -> Iterator[_T]:
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _AT_A_TIME):
        part = wanted[start : start + _AT_A_TIME]
        query = sa.select(table.c.told).where(table.c[by].in_(part)).order_by(*table.primary_key.columns)
        for row in connection.execute(query):
            yield _told(row.told, kind)


def _told(raw: bytes, kind: type[_T]) -> _T:
    return msgspec.msgpack.decode(raw, type=kind)


def _changed(now: dict[str, _T], before: dict[str, _T]) -> Iterator[tuple[_T, bytes]]:
    for name in sorted(now):
        if now[name] != before.get(name):
            yield now[name], msgspec.msgpack.encode(now[name])


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), _AT_A_TIME):
        yield rows[start : start + _AT_A_TIME]
