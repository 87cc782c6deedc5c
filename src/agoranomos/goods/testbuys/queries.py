"""All SQL that reads test buys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.goods.testbuys.model import OPEN, Appraisal, Move, Plan, Purchase, Shopper, State, Verdict
from agoranomos.goods.testbuys.shoppers import Known
from agoranomos.goods.testbuys.tables import (
    testbuy_appraisals,
    testbuy_moves,
    testbuy_plans,
    testbuy_shelf,
    testbuy_shoppers,
    testbuys,
)
from agoranomos.kernel.dialects import locked
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.kernel.money import Money

_AT_A_TIME = 1_000
_PLAN = [column for column in testbuy_plans.c if column.name != "frame"]


def get_plan(connection: sa.Connection, plan_id: str) -> Plan:
    """The plan, locked against change when the transaction writes. Raises NotFound."""
    query = sa.select(*_PLAN).where(testbuy_plans.c.plan_id == plan_id)
    row = connection.execute(locked(connection, query)).first() if is_id(plan_id) else None
    if row is None:
        raise NotFound("there is no such plan of test buys; see `agora testbuys plans`")
    return _plan(row)


def frame_of(connection: sa.Connection, plan_id: str) -> bytes:
    """What the draw of a plan is from, compressed."""
    query = sa.select(testbuy_plans.c.frame).where(testbuy_plans.c.plan_id == plan_id)
    return bytes(connection.execute(query).scalar_one())


def secret_of(connection: sa.Connection, plan_id: str) -> bytes:
    """The half of the seed that was committed to; nobody is shown it before the draw."""
    query = sa.select(testbuy_plans.c.secret).where(testbuy_plans.c.plan_id == plan_id)
    return bytes(connection.execute(query).scalar_one())


def list_plans(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Plan]:
    """At most `limit` plans behind `after`, newest first."""
    query = newest_first(sa.select(*_PLAN), testbuy_plans.c.at, testbuy_plans.c.plan_id, after=after, limit=limit)
    return [_plan(row) for row in connection.execute(query)]


def get(connection: sa.Connection, testbuy_id: str) -> Purchase:
    """The purchase, locked against change when the transaction writes. Raises NotFound."""
    found = find(connection, testbuy_id)
    if found is None:
        raise NotFound("there is no such test buy; see `agora testbuys list`")
    return found


def find(connection: sa.Connection, testbuy_id: str) -> Purchase | None:
    """The same; None when it is not there."""
    query = sa.select(testbuys).where(testbuys.c.testbuy_id == testbuy_id)
    row = connection.execute(locked(connection, query)).first() if is_id(testbuy_id) else None
    return None if row is None else _purchase(row)


def listed(
    connection: sa.Connection, *, plan_id: str | None = None, state: State | None = None, listing_id: str | None = None,
    shopper_id: str | None = None, after: str = "", limit: int = 100,
) -> list[Purchase]:  # fmt: skip
    """At most `limit` purchases behind the id `after`, in the order of ids."""
    query = sa.select(testbuys).where(testbuys.c.testbuy_id > after)
    filters = {"plan_id": plan_id, "state": state, "listing_id": listing_id, "shopper_id": shopper_id}
    for name, value in filters.items():
        if value is not None:
            query = query.where(testbuys.c[name] == value)
    return [_purchase(row) for row in connection.execute(query.order_by(testbuys.c.testbuy_id).limit(limit))]


def of_plan(connection: sa.Connection, plan_id: str) -> list[Purchase]:
    """All purchases of a plan, in the order of their places."""
    query = sa.select(testbuys).where(testbuys.c.plan_id == plan_id).order_by(testbuys.c.place)
    return [_purchase(row) for row in connection.execute(query)]


def moves_of(connection: sa.Connection, testbuy_id: str) -> list[Move]:
    """What was done, the first first."""
    table = testbuy_moves.c
    query = sa.select(testbuy_moves).where(table.testbuy_id == testbuy_id).order_by(table.number)
    return [
        Move(number=row.number, at=row.at, by=row.by, before=State(row.before) if row.before else None,
             after=State(row.after))
        for row in connection.execute(query)
    ]  # fmt: skip


def appraisals_of(connection: sa.Connection, testbuy_ids: Collection[str]) -> list[Appraisal]:
    """What was said about these purchases, in the order of purchase and appraiser."""
    table, ids, found = testbuy_appraisals.c, sorted(testbuy_ids), list[Appraisal]()
    for start in range(0, len(ids), _AT_A_TIME):
        query = sa.select(testbuy_appraisals).where(table.testbuy_id.in_(ids[start : start + _AT_A_TIME]))
        found += map(_appraisal, connection.execute(query.order_by(table.testbuy_id, table.appraiser_id)))
    return found


def verdicts_since(connection: sa.Connection, since: datetime) -> dict[str, dict[str, Verdict]]:
    """Article → appraiser → verdict, of what was appraised since then."""
    table = testbuy_appraisals.c
    found: dict[str, dict[str, Verdict]] = {}
    query = sa.select(testbuy_appraisals).where(table.at >= since).order_by(table.testbuy_id, table.appraiser_id)
    for row in connection.execute(query):
        found.setdefault(row.testbuy_id, {})[row.appraiser_id] = row.verdict
    return found


def shoppers(connection: sa.Connection) -> list[Shopper]:
    """Everybody who buys or bought, in the order of ids."""
    found: dict[str, tuple[list[str], bool]] = {}
    table = testbuy_shoppers.c
    for row in connection.execute(sa.select(testbuy_shoppers).order_by(table.shopper_id, table.address_id)):
        found.setdefault(row.shopper_id, ([], row.active))[0].append(row.address_id)
    return [
        Shopper(shopper_id=name, address_ids=tuple(addresses), active=active)
        for name, (addresses, active) in found.items()
    ]


def get_shopper(connection: sa.Connection, shopper_id: str) -> Shopper:
    """Raises NotFound."""
    for each in shoppers(connection):
        if each.shopper_id == shopper_id:
            return each
    raise NotFound("there is no such shopper; see `agora testbuys shoppers`")


def count_moves(connection: sa.Connection, testbuy_id: str) -> int:
    """How many steps a purchase has behind it."""
    query = sa.select(sa.func.count()).where(testbuy_moves.c.testbuy_id == testbuy_id)
    return int(connection.execute(query).scalar_one())


def is_over(connection: sa.Connection, plan_id: str) -> bool:
    """Whether all purchases of a plan have come to an end."""
    table = testbuys.c
    still = sa.select(table.testbuy_id).where(table.plan_id == plan_id, table.state.in_(sorted(OPEN))).limit(1)
    return connection.execute(still).first() is None


def known(connection: sa.Connection, store_ids: Collection[str], since: datetime) -> Known:
    """What these stores have seen of shoppers since then, and of addresses ever."""
    table, ids = testbuys.c, sorted(store_ids)
    people: dict[str, set[str]] = {}
    addresses: dict[str, set[str]] = {}
    columns = sa.select(table.store_id, table.shopper_id, table.address_id, table.changed_at, table.state)
    for start in range(0, len(ids), _AT_A_TIME):
        part = table.store_id.in_(ids[start : start + _AT_A_TIME])
        for row in connection.execute(columns.where(part, table.shopper_id.is_not(None))):
            addresses.setdefault(row.store_id, set()).add(row.address_id)
            if row.changed_at >= since or row.state in OPEN:
                people.setdefault(row.store_id, set()).add(row.shopper_id)
    busy = sa.select(table.shopper_id, sa.func.count()).where(table.state.in_(sorted(OPEN)))
    in_hand = connection.execute(busy.where(table.shopper_id.is_not(None)).group_by(table.shopper_id))
    return Known(people, addresses, {row[0]: row[1] for row in in_hand})


def shelf(connection: sa.Connection, currency: str) -> Iterator[tuple[str, str, str, int]]:
    """(listing, store, category, price) of what is on sale in `currency`, in the order of ids."""
    table = testbuy_shelf.c
    query = sa.select(table.listing_id, table.store_id, table.category, table.price)
    for row in connection.execute(query.where(table.currency == currency).order_by(table.listing_id)):
        yield row.listing_id, row.store_id, row.category, row.price


def _plan(row: sa.Row[Any]) -> Plan:
    return Plan(
        plan_id=row.plan_id, at=row.at, by=row.by, state=row.state, budget=Money(row.budget, row.currency),
        listings=row.listings, listings_expected=row.listings_expected, sizes=row.sizes, digest=row.digest,
        commitment=row.commitment, entry=row.entry, approval_id=row.approval_id, drawn_at=row.drawn_at,
        root=row.root, root_size=row.root_size,
        secret=bytes(row.secret).hex() if row.state == "drawn" else None,
    )  # fmt: skip


def _purchase(row: sa.Row[Any]) -> Purchase:
    return Purchase(
        testbuy_id=row.testbuy_id, plan_id=row.plan_id, place=row.place, listing_id=row.listing_id,
        store_id=row.store_id, stratum=row.stratum, inclusion=row.inclusion,
        cost_max=Money(row.cost_max, row.currency), state=State(row.state), changed_at=row.changed_at,
        twice=row.twice, shopper_id=row.shopper_id, address_id=row.address_id, verdict=row.verdict,
        cost=None if row.cost is None else Money(row.cost, row.currency),
    )  # fmt: skip


def _appraisal(row: sa.Row[Any]) -> Appraisal:
    return Appraisal(
        testbuy_id=row.testbuy_id, appraiser_id=row.appraiser_id, verdict=row.verdict, at=row.at,
        cost=Money(row.cost, row.currency),
    )  # fmt: skip
