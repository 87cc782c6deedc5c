"""The verbs of single test buys, given an open transaction; audit entry and ledger beside each change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.audit.actions import record, record_all
from agoranomos.audit.model import Entry
from agoranomos.goods.testbuys import booking, queries
from agoranomos.goods.testbuys.model import (
    AT_THE_APPRAISER,
    OPEN,
    Plan,
    Purchase,
    Shopper,
    State,
    Verdict,
    require_follows,
)
from agoranomos.goods.testbuys.policy import Policy
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.goods.testbuys.tables import testbuy_appraisals, testbuy_moves, testbuy_shoppers, testbuys
from agoranomos.goods.testbuys.weighing import Specimen
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.ledger import queries as ledger
from agoranomos.kernel.ledger.posting import post
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.goods import TestbuyAppraised

_BY_HAND: Final = frozenset({State.BOUGHT, State.RECEIVED, State.SENT, State.CANCELLED, State.LOST})
"""Where a person moves a purchase; a verdict moves it to appraised, and booking to booked."""
ADDRESSES_MAX: Final = 100


def move(
    connection: sa.Connection, testbuy_id: str, after: State, *, by: Actor, now: datetime, cost: Money | None = None
) -> Purchase:
    """Moves a purchase on; doing it again changes nothing. `cost` is what a lost one came to, by default nothing.

    Raises NotFound, Conflict when that state may not follow, or nobody is there to buy, Invalid for a wrong cost.
    """
    purchase = queries.get(connection, testbuy_id)
    if purchase.state is after:
        return purchase
    if after not in _BY_HAND:
        raise Invalid("a verdict makes it appraised, and booking it booked; neither is said by hand", pointer="/state")
    if cost is not None and after is not State.LOST:
        raise Invalid("only what was lost is booked with its loss; leave out the cost", pointer="/cost")
    require_follows(purchase.state, after)
    if after is State.BOUGHT and purchase.shopper_id is None:
        raise Conflict("no shopper is left for this store; add one or an address, then `agora testbuys assign`")
    # A store that was never asked has not seen the address: it is free again.
    forgotten = (
        {"shopper_id": None, "address_id": None} if purchase.state is State.PLANNED and after not in OPEN else {}
    )
    _step(connection, purchase, after, by, now, **forgotten)
    if after not in OPEN:
        _end(connection, purchase, 0 if cost is None else _minor(cost, purchase), now)
    record(connection, _entry(f"testbuy.{after}", testbuy_id, by, now, **_amount(cost)))
    return queries.get(connection, testbuy_id)


def book(
    connection: sa.Connection, testbuy_id: str, *, by: Actor, now: datetime, cost: Money | None = None
) -> Purchase:
    """Books what the purchase came to: `cost`, by default the most that an appraisal of it says. Doing it again changes
    nothing.

    Raises NotFound, Conflict before there is a verdict, Invalid for a wrong cost.
    """
    purchase = queries.get(connection, testbuy_id)
    if purchase.state is State.BOOKED:
        return purchase
    require_follows(purchase.state, State.BOOKED)
    said = [each.cost for each in queries.appraisals_of(connection, [testbuy_id])]
    amount = (
        _minor(cost, purchase)
        if cost
        else max((each.amount for each in said if each.currency == _unit(purchase)), default=0)
    )
    _step(connection, purchase, State.BOOKED, by, now, cost=amount)
    _end(connection, purchase, amount, now)
    over = max(0, amount - purchase.cost_max.amount)
    record(connection, _entry("testbuy.book", testbuy_id, by, now, amount=amount, above_reserve=over))
    return queries.get(connection, testbuy_id)


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:
    """Keeps what an appraiser said (`testbuy.appraised`), and moves a purchase of ours on.

    What is bought outside our plans is kept as well, so that appraisers can be held against one another. Of two
    verdicts of one appraiser on one article the later one stands.
    """
    body = event.body
    assert isinstance(body, TestbuyAppraised), "only testbuy.appraised is heard"
    if not _keep_appraisal(connection, body, event.time):
        return
    purchase = queries.find(connection, body.testbuy_id)
    if purchase is None or purchase.listing_id != body.listing_id:
        return
    verdict = verdict_on(connection, purchase.testbuy_id)
    if purchase.state in AT_THE_APPRAISER:
        _step(connection, purchase, State.APPRAISED, SYSTEM, now, verdict=verdict)
        record(connection, _entry("testbuy.appraised", purchase.testbuy_id, SYSTEM, now, verdict=verdict))
    elif purchase.verdict is not None and purchase.verdict != verdict:
        _set(connection, purchase.testbuy_id, verdict=verdict)
        record(connection, _entry("testbuy.reappraised", purchase.testbuy_id, SYSTEM, now, verdict=verdict))


def note_appraisal(
    connection: sa.Connection, testbuy_id: str, appraiser_id: str, verdict: Verdict, *, by: Actor, now: datetime
) -> None:
    """Writes down who entered what an appraiser said. Raises Invalid for an appraiser whose id is no token."""
    if not _is_token(appraiser_id):
        raise Invalid("an appraiser is named by an opaque id, without spaces or @", pointer="/appraiser_id")
    params = {"appraiser_id": appraiser_id, "verdict": verdict}
    record(connection, _entry("testbuy.appraise", testbuy_id, by, now, **params))


def verdict_on(connection: sa.Connection, testbuy_id: str) -> Verdict:
    """What all its appraisers say together."""
    said = queries.appraisals_of(connection, [testbuy_id])
    return Specimen(0, {each.appraiser_id: each.verdict for each in said}).verdict


def assign(
    connection: sa.Connection, testbuy_id: str, sent: Sent, *, policy: Policy, by: Actor, now: datetime
) -> Purchase:
    """Has somebody make a purchase that is still planned. Raises NotFound, and Conflict when the store would know the
    shopper or the address, or it was bought already.
    """
    purchase = queries.get(connection, testbuy_id)
    if purchase.state is not State.PLANNED:
        raise Conflict(f"this test buy is {purchase.state}; only a planned one is given to somebody")
    people = {each.shopper_id: each for each in queries.shoppers(connection)}
    shopper = people.get(sent.shopper_id)
    if shopper is None or not shopper.active or sent.address_id not in shopper.address_ids:
        raise Conflict("there is no active shopper with this address; see `agora testbuys shoppers`")
    if (sent.shopper_id, sent.address_id) == (purchase.shopper_id, purchase.address_id):
        return purchase
    _set(connection, testbuy_id, shopper_id=None, address_id=None)  # what it has itself is no hindrance
    since = now - timedelta(days=policy.shoppers.term_days)
    known = queries.known(connection, {purchase.store_id}, since)
    if sent.shopper_id in known.shoppers.get(purchase.store_id, ()):
        raise Conflict("this shopper buys or bought from this store within the term; choose another one")
    if sent.address_id in known.addresses.get(purchase.store_id, ()):
        raise Conflict("this store has seen this address; choose another one")
    _set(connection, testbuy_id, shopper_id=sent.shopper_id, address_id=sent.address_id)
    record(connection, _entry("testbuy.assign", testbuy_id, by, now, shopper_id=sent.shopper_id))
    return queries.get(connection, testbuy_id)


def add_shopper(
    connection: sa.Connection, shopper_id: str, address_ids: Sequence[str], *, by: Actor, now: datetime
) -> Shopper:
    """Adds somebody who buys, or addresses of theirs; whoever had left is back. Ids are opaque, never names.

    Raises Invalid, and Conflict for an address of somebody else.
    """
    names = (shopper_id, *address_ids)
    if (
        not address_ids
        or len(address_ids) > ADDRESSES_MAX
        or not all(is_id(each) and _is_token(each) for each in names)
    ):
        raise Invalid(f"a shopper and up to {ADDRESSES_MAX} addresses are named by opaque ids, without spaces or @")
    rows = [{"shopper_id": shopper_id, "address_id": each, "active": True} for each in dict.fromkeys(address_ids)]
    insert_ignore(connection, testbuy_shoppers, rows)
    connection.execute(
        sa.update(testbuy_shoppers).where(testbuy_shoppers.c.shopper_id == shopper_id).values(active=True)
    )
    found = {each.shopper_id: each for each in queries.shoppers(connection)}.get(shopper_id)
    if found is None or not set(address_ids) <= set(found.address_ids):
        raise Conflict("one of these addresses is another shopper's; to a store both would be one person")
    entry = Entry(at=now, actor=by, verb="testbuy.add_shopper", subject_kind="shopper", subject_id=shopper_id,
                  params={"addresses": len(found.address_ids)})  # fmt: skip
    record_all(connection, [entry])
    return found


def retire_shopper(connection: sa.Connection, shopper_id: str, *, by: Actor, now: datetime) -> Shopper:
    """Lets somebody buy no more; what stores have seen stays known. Raises NotFound."""
    queries.get_shopper(connection, shopper_id)
    table = testbuy_shoppers
    connection.execute(sa.update(table).where(table.c.shopper_id == shopper_id).values(active=False))
    record(
        connection,
        Entry(at=now, actor=by, verb="testbuy.retire_shopper", subject_kind="shopper", subject_id=shopper_id),
    )
    return queries.get_shopper(connection, shopper_id)


def _keep_appraisal(connection: sa.Connection, body: TestbuyAppraised, at: datetime) -> bool:
    """Whether it is news."""
    table = testbuy_appraisals
    mine = sa.and_(table.c.testbuy_id == body.testbuy_id, table.c.appraiser_id == body.appraiser_id)
    known = connection.execute(sa.select(table.c.at).where(mine)).scalar()
    if known is not None and known >= at:
        return False
    values = {"verdict": body.verdict, "at": at, "cost": body.cost.amount, "currency": body.cost.currency}
    if known is not None:
        connection.execute(sa.update(table).where(mine).values(**values))
    else:
        connection.execute(table.insert(), {"testbuy_id": body.testbuy_id, "appraiser_id": body.appraiser_id, **values})
    return True


def _end(connection: sa.Connection, purchase: Purchase, cost: int, now: datetime) -> None:
    """Settles or releases what was reserved; the last purchase of a plan gives back what is left."""
    account = booking.budget_of(purchase.plan_id)
    spare = ledger.balance(connection, account).available
    if cost:
        post(connection, booking.settling(purchase, cost, max(0, spare), now), now=now)
    else:
        post(connection, [booking.releasing(purchase, now)], now=now)
    plan = queries.get_plan(connection, purchase.plan_id)
    if queries.is_over(connection, purchase.plan_id):
        _return(connection, plan, now)


def _return(connection: sa.Connection, plan: Plan, now: datetime) -> None:
    left = ledger.balance(connection, booking.budget_of(plan.plan_id)).available
    post(connection, booking.returning(plan, left, now), now=now)


def _step(connection: sa.Connection, purchase: Purchase, after: State, by: Actor, now: datetime, **values: Any) -> None:
    _set(connection, purchase.testbuy_id, state=after.value, changed_at=now, **values)
    row = {
        "testbuy_id": purchase.testbuy_id, "number": queries.count_moves(connection, purchase.testbuy_id) + 1,
        "at": now, "by": str(by), "before": purchase.state.value, "after": after.value,
    }  # fmt: skip
    connection.execute(testbuy_moves.insert(), row)


def _set(connection: sa.Connection, testbuy_id: str, **values: Any) -> None:
    connection.execute(sa.update(testbuys).where(testbuys.c.testbuy_id == testbuy_id).values(**values))


def _minor(cost: Money, purchase: Purchase) -> int:
    if cost.currency != _unit(purchase) or cost.amount < 0:
        raise Invalid(f"the cost is an amount of {_unit(purchase)}, not below zero", pointer="/cost")
    return cost.amount


def _unit(purchase: Purchase) -> str:
    return purchase.cost_max.currency


def _amount(cost: Money | None) -> dict[str, Any]:
    return {} if cost is None else {"amount": cost.amount}


def _is_token(name: str) -> bool:
    return "@" not in name and not any(map(str.isspace, name))


def _entry(verb: str, testbuy_id: str, by: Actor, now: datetime, **params: Any) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind="testbuy", subject_id=testbuy_id, params=params)
