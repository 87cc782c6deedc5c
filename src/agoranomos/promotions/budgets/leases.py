"""Blocks of a budget: a process takes one at a time and gives from it, so that the budget is no bottleneck.

A block is reserved in the ledger. What was given from it is settled when it is closed, the rest goes back: when its
time is over (its holder was killed, or idle), when the campaign stops, or when others need what lies idle in it. Its
holder finds out with its next claim, in whose transaction the block must still be open. So nothing is given twice, and
nothing is stranded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger import queries as ledger
from agoranomos.kernel.ledger.model import Account, Release, Settlement, Transfer
from agoranomos.kernel.ledger.posting import open_accounts, post
from agoranomos.promotions.budgets.policy import Blocks
from agoranomos.promotions.budgets.tables import promo_leases
from agoranomos.promotions.budgets.terms import Terms

_L = promo_leases.c
_COUNT: Final = "coupons"
"""The unit in which coupons are counted in the ledger."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a block, as its holder knows it. `amount` None: no budget of money."""

    lease_id: str
    campaign_id: str
    count: int
    amount: int | None
    size: int
    expires_at: datetime

    def covers(self, count: int, amount: int) -> bool:
        """Whether so much is left."""
        return self.count >= count and (self.amount is None or self.amount >= amount)


class Purse(msgspec.Struct, frozen=True):
    """An account in the ledger of a campaign's budget; `limit` is what the campaign allows in its period."""

    account_id: str
    given_id: str
    unit: str
    counts: bool
    limit: int
    period: str = ""


def accounts_of(terms: Terms, at: datetime) -> Iterator[Purse]:
    """The accounts that a coupon claimed at `at` is given from."""
    for portion in terms.portions:
        period = terms.period_key(portion.period, at)
        for counts, limit in ((True, portion.count), (False, portion.amount)):
            if limit is not None:
                unit = _COUNT if counts else terms.currency or "CNY"
                names = [derived(kind, terms.campaign_id, period, unit) for kind in ("budget", "given")]
                yield Purse(names[0], names[1], unit, counts, limit, period)


def fund(
    connection: sa.Connection, terms: Terms, funded: dict[str, int], at: datetime, now: datetime
) -> dict[str, int]:  # fmt: skip
    """Puts into the accounts of the day and year of `at` what the campaign allows, or takes out what it no longer does
    as far as it is there.

    `funded` is what was put in so far; returns what is now.
    """
    put = dict(funded)
    for each in accounts_of(terms, at):
        more = each.limit - put.get(each.account_id, 0)
        if each.account_id not in put:
            _open(connection, each, now)
        world = _world(each.unit)
        if more < 0:
            more = -min(-more, ledger.balance(connection, each.account_id).available)
        put[each.account_id] = put.get(each.account_id, 0) + more
        if more:
            name = derived("fund", each.account_id, str(put[each.account_id]), now.isoformat())
            debit, credit = (world, each.account_id) if more > 0 else (each.account_id, world)
            entry = Transfer(id=name, debit=debit, credit=credit, amount=abs(more), at=now, reason="declared")
            post(connection, [entry], now=now)
    return put


def open_lease(
    connection: sa.Connection, terms: Terms, blocks: Blocks, *, holder_id: str, lease_id: str, size: int,
    count: int, amount: int, dearest: int, most: int | None, at: datetime, now: datetime,
) -> Lease | None:  # fmt: skip
    """A block of about `size` coupons for `count` claims over `amount`, at most `most` (coupons); None when there
    is nothing to give. It is of the budgets of the day and year of `at`. The campaign's row is locked by the caller,
    and its accounts are funded.
    """
    accounts = list(accounts_of(terms, at))
    left = _left(connection, accounts)
    if any(left[each.account_id] < (count if each.counts else amount) for each in accounts):
        call_in(connection, terms.campaign_id, now)
        left = _left(connection, accounts)
    counts = [left[each.account_id] for each in accounts if each.counts]
    amounts = [left[each.account_id] for each in accounts if not each.counts]
    granted = _portion(count, size, counts, blocks.share)
    granted = granted if most is None else min(granted, most)
    some = max(dearest, granted * amount // max(1, count))  # enough for any of those that wait
    money = _portion(amount, some, amounts, blocks.share) if amounts else None
    if granted <= 0 or (money == 0 and amount > 0):
        return None
    entries = _reserve(connection, accounts, lease_id, granted, money or 0, now)
    expires_at = now + timedelta(seconds=blocks.lease_s)
    row = {
        "lease_id": lease_id, "campaign_id": terms.campaign_id, "holder_id": holder_id, "opened_at": now,
        "expires_at": expires_at, "count_granted": granted, "amount_granted": money, "count_used": 0, "amount_used": 0,
        "entries": entries,
    }  # fmt: skip
    connection.execute(promo_leases.insert(), row)
    return Lease(
        lease_id=lease_id, campaign_id=terms.campaign_id, count=granted, amount=money, size=size,
        expires_at=expires_at,
    )  # fmt: skip


def plenty(connection: sa.Connection, terms: Terms, blocks: Blocks, at: datetime, wanted: tuple[int, int]) -> bool:
    """Whether the share of what is left that a process may take is enough for so many coupons over such an amount."""
    accounts = list(accounts_of(terms, at))
    left = _left(connection, accounts)
    return all(left[each.account_id] * blocks.share >= wanted[0 if each.counts else 1] for each in accounts)


def use(connection: sa.Connection, lease: Lease, count: int, amount: int, now: datetime) -> Lease | None:
    """Gives so much from the block; None when it is not open any more: then nothing may be given from it."""
    done = connection.execute(
        _USE, {"lease": lease.lease_id, "more": count, "money": amount, "now": now},
        execution_options={"preserve_rowcount": True},
    )  # fmt: skip
    if done.rowcount != 1:
        return None
    left = None if lease.amount is None else lease.amount - amount
    return msgspec.structs.replace(lease, count=lease.count - count, amount=left)


def call_in(connection: sa.Connection, campaign_id: str, now: datetime) -> int:
    """Closes all open blocks of a campaign; what was not given from them goes back. Returns how many there were."""
    return _close(connection, sa.and_(_L.campaign_id == campaign_id, _L.closed_at.is_(None)), now)


def still_open(connection: sa.Connection, lease_ids: Sequence[str]) -> set[str]:
    """Which of these blocks can still be given from."""
    if not lease_ids:
        return set()
    query = sa.select(_L.lease_id).where(_L.lease_id.in_(list(lease_ids)), _L.closed_at.is_(None))
    return set(connection.execute(query).scalars())


def close_expired(connection: sa.Connection, now: datetime, *, limit: int = 200) -> int:
    """Closes blocks whose time is over; returns how many."""
    over = sa.select(_L.lease_id).where(_L.closed_at.is_(None), _L.expires_at <= now).order_by(_L.lease_id).limit(limit)
    return _close(connection, _L.lease_id.in_(list(connection.execute(over).scalars())), now)


def close_mine(connection: sa.Connection, lease_ids: Sequence[str], now: datetime) -> int:
    """Closes blocks that their holder needs no more."""
    return _close(connection, sa.and_(_L.lease_id.in_(list(lease_ids)), _L.closed_at.is_(None)), now)


def return_given(
    connection: sa.Connection, terms: Terms, at: datetime, count: int, amount: int, *, name: str, now: datetime
) -> None:
    """Puts back what was given to coupons claimed at `at` (`amount` below zero: takes more). Raises Conflict when there
    is not enough; `name` makes it happen once.
    """
    entries = []
    for each in accounts_of(terms, at):
        back = count if each.counts else amount
        if back:
            debit, credit = (each.given_id, each.account_id) if back > 0 else (each.account_id, each.given_id)
            entry_id = derived("back", each.account_id, name)
            entries.append(
                Transfer(id=entry_id, debit=debit, credit=credit, amount=abs(back), at=now, reason="given_back")
            )
    if entries:
        post(connection, entries, now=now)


def balances(connection: sa.Connection, terms: Terms, now: datetime) -> list[tuple[Purse, int, int]]:
    """Each account of the campaign, what can still be taken from it, and what is out in blocks."""
    purses = list(accounts_of(terms, now))
    known = ledger.balances(connection, [each.account_id for each in purses])
    return [
        (each, known[each.account_id].available, known[each.account_id].debits_pending)
        if each.account_id in known
        else (each, each.limit, 0)
        for each in purses
    ]


_USE = (
    promo_leases.update()
    .where(_L.lease_id == sa.bindparam("lease"), _L.closed_at.is_(None), _L.expires_at > sa.bindparam("now"))
    .values(count_used=_L.count_used + sa.bindparam("more"), amount_used=_L.amount_used + sa.bindparam("money"))
)


def _close(connection: sa.Connection, where: sa.ColumnElement[bool], now: datetime) -> int:
    query = sa.select(promo_leases).where(where, _L.closed_at.is_(None)).order_by(_L.lease_id).with_for_update()
    found = connection.execute(query).all()
    entries: list[Settlement | Release] = []
    for row in found:
        # Whoever closes may have read the clock before he waited for whoever opened.
        at = max(now, row.opened_at)
        for entry_id, counts in row.entries:
            used = row.count_used if counts else row.amount_used
            name = derived("close", entry_id)
            entries.append(
                Settlement(id=name, reservation_id=entry_id, at=at, reason="given", amount=used)
                if used
                else Release(id=name, reservation_id=entry_id, at=at, reason="not_given")
            )
    if found:
        closing = promo_leases.update().where(_L.lease_id.in_([row.lease_id for row in found]))
        connection.execute(closing.values(closed_at=now))
    if entries:
        post(connection, entries, now=now)
    return len(found)


def _left(connection: sa.Connection, accounts: Sequence[Purse]) -> dict[str, int]:
    found = ledger.balances(connection, [each.account_id for each in accounts])
    return {each.account_id: found[each.account_id].available for each in accounts}


def _portion(wanted: int, size: int, left: Sequence[int], share: float) -> int:
    """Up to `size`, but not more than a share of what is left, unless so much waits."""
    least = min(left, default=size)
    return min(least, size, max(wanted, int(least * share))) if left else size


def _reserve(
    connection: sa.Connection, accounts: Sequence[Purse], lease_id: str, count: int, amount: int, now: datetime
) -> list[Any]:
    entries = [
        Transfer(
            id=derived("lease", lease_id, each.account_id), debit=each.account_id, credit=each.given_id,
            amount=count if each.counts else amount, at=now, reason="leased", pending=True,
        )
        for each in accounts
        if (count if each.counts else amount) > 0
    ]  # fmt: skip
    if entries:
        post(connection, entries, now=now)
    counted = {each.account_id: each.counts for each in accounts}
    return [[entry.id, counted[entry.debit]] for entry in entries]


def _open(connection: sa.Connection, each: Purse, now: datetime) -> None:
    world = Account(id=_world(each.unit), unit=each.unit, kind="coupon_funds", opened_at=_NEVER, floor=None)
    budget = Account(id=each.account_id, unit=each.unit, kind="coupon_budget", opened_at=now)
    given = Account(id=each.given_id, unit=each.unit, kind="coupons_given", opened_at=now, floor=None)
    open_accounts(connection, [world, budget, given])


def _world(unit: str) -> str:
    return f"coupons:{unit}"


_NEVER: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
