"""Claims in the store, many at once: a place in each cap, a part of a block, one statement for all that is new.

What a claim needs is unique in the table, so that the statement itself says who was first. Only claims that find
something taken are looked at one by one: repeats, coupons of others, full caps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.errors import Conflict
from agoranomos.promotions.budgets import finding, leases, queries
from agoranomos.promotions.budgets.leases import Lease
from agoranomos.promotions.budgets.memory import Issued
from agoranomos.promotions.budgets.model import CAP_WHY, Asked, Coupon, Verdict, refused
from agoranomos.promotions.budgets.rush import rows
from agoranomos.promotions.budgets.rush.book import GIVEN, STANDS, Book
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.budgets.wishes import Wish, insert

ROUNDS_MAX: Final = 8
"""How often claims that find their places taken look for others before the batch is done again."""


class LeaseLost(Conflict):
    """The block of the budget was called in; take another and ask again."""


class Gate(Protocol):
    """Who has to wait."""

    @property
    def idle(self) -> bool:
        """Whether nobody has to."""

    def refusal(self, asked: Asked) -> Verdict | None:
        """The refusal of somebody who tries too many codes."""

    def answered(self, asked: Asked, verdict: Verdict) -> None:
        """What somebody was answered, if it was not the gate's."""


class Source(Protocol):
    """Where blocks come from."""

    def lease(self) -> Lease | None:
        """The block that this process has."""

    def more(self, count: int, amount: int, dearest: int) -> Verdict | None:
        """Takes another block, for claims of which so many wait, over `amount`, none above `dearest`; the refusal, when
        nothing can be given.
        """

    def book(self, terms: Terms) -> Book | None:
        """The book of the rush that the block was opened in; None outside of any."""

    def keep(self, lease: Lease) -> None:
        """What is left of the block."""

    def gave(self, wishes: Sequence[Wish]) -> None:
        """That these were given coupons."""

    def drop(self) -> None:
        """The block is not there any more."""


def give(
    connection: sa.Connection, terms: Terms, wishes: Sequence[Wish], source: Source, now: datetime,
    gate: Gate | None = None,
) -> None:  # fmt: skip
    """Answers all of `wishes`, which are of one campaign, in their order. Raises LeaseLost: then everything is done
    again. With `gate`, who tries codes waits.
    """
    able = waiting = _let_in(connection, terms, wishes, gate, now)
    while waiting:
        lease = source.lease()
        part = _covered(waiting, lease)
        if not part or lease is None:
            amounts = [wish.amount for wish in waiting]
            refusal = source.more(len(waiting), sum(amounts), max(amounts))
            lease = source.lease()
            part = _covered(waiting, lease)
            if refusal is not None or not part or lease is None:
                waiting = _refuse_new(connection, terms, waiting, refusal or refused("budget_spent"), now)
                continue
        book = source.book(terms)
        try:
            given = _give_part(connection, terms, part, now, book)
        except LeaseLost:
            if book is not None:
                source.drop()  # its rush may be over
            raise
        left = leases.use(connection, lease, len(given), sum(wish.amount for wish in given), now)
        if left is None:
            source.drop()
            raise LeaseLost
        source.keep(left)
        source.gave(given)
        waiting = [wish for wish in waiting if wish.answer is None]
    if gate is not None:
        for wish in able:
            assert wish.answer is not None, "every claim is answered"
            if wish.answer.why is not None:
                gate.answered(wish.asked, wish.answer)


def _let_in(
    connection: sa.Connection, terms: Terms, wishes: Sequence[Wish], gate: Gate | None, now: datetime
) -> list[Wish]:  # fmt: skip
    """Those that are not refused by what their coupon is, or because somebody tries too many."""
    issues = queries.issues(connection, terms.campaign_id)
    ids = [wish.asked.coupon_id for wish in wishes]
    issued = queries.issued(connection, terms.campaign_id, ids) if issues else {}
    able, shut_out = [], []
    for wish in wishes:
        wish.answer = None  # whatever an attempt has said that was rolled back
        asked = wish.asked
        known = issued.get(asked.coupon_id)
        if gate is not None and not gate.idle and (known is None or known.account_id != asked.account_id):
            wish.answer = gate.refusal(asked)
        if wish.answer is not None:
            shut_out.append(wish)
        else:
            wish.answer = _refusal(terms, wish, known, unknown=terms.typed and issues)
        if wish.answer is None:
            able.append(wish)
        elif gate is not None:
            gate.answered(asked, wish.answer)
    if shut_out:
        _what_stands(connection, terms, shut_out, now)
    return able


def _what_stands(connection: sa.Connection, terms: Terms, shut_out: Sequence[Wish], now: datetime) -> None:
    """Who is shut out is given the answer again that he had."""
    known = rows.coupons(connection, terms, [wish.asked.coupon_id for wish in shut_out], now)
    for wish in shut_out:
        coupon = known.get(wish.asked.coupon_id)
        if coupon is not None and coupon.held and coupon.account_id == wish.asked.account_id:
            wish.answer = _stands(connection, coupon, wish)


def _refusal(terms: Terms, wish: Wish, known: Issued | None, *, unknown: bool) -> Verdict | None:
    """The refusal by what the coupon is; None: what it takes off is filled in. `unknown`: who has none is refused."""
    asked = wish.asked
    if known is None:
        if unknown:
            return refused("code_unknown")
    elif known.account_id != asked.account_id:
        return refused("coupon_of_another")
    amount = terms.amount_of(asked.face or (known.face if known else None))
    if amount is None:
        return refused("budget_spent", limit="currency")
    wish.amount = amount
    return None


def _covered(waiting: Sequence[Wish], lease: Lease | None) -> list[Wish]:
    """Those that the block has room for, in order."""
    if lease is None:
        return []
    if lease.covers(len(waiting), sum(wish.amount for wish in waiting)):
        return list(waiting)
    count, amount = lease.count, lease.amount
    part = []
    for wish in waiting:
        if count < 1:
            break
        if amount is None or wish.amount <= amount:
            part.append(wish)
            count -= 1
            amount = None if amount is None else amount - wish.amount
    return part


def _give_part(
    connection: sa.Connection, terms: Terms, part: Sequence[Wish], now: datetime, book: Book | None
) -> list[Wish]:
    """Answers all of `part`, as rows or by the book of a rush; those that were given something new."""
    given: list[Wish] = []
    left = part
    while left:
        first, repeats = _apart(left)
        given += _give_first(connection, terms, first, now, book)
        # Most stand now; a coupon that its first claim did not get may be another's.
        left = _look(connection, terms, repeats, now, book)
    return given


def _give_first(
    connection: sa.Connection, terms: Terms, left: list[Wish], now: datetime, book: Book | None
) -> list[Wish]:
    """As `_give_part`, of claims for different coupons."""
    given: list[Wish] = []
    if book is not None and all(wish.reserved_until is None for wish in left):
        left = _look(connection, terms, left, now, book)  # heard from the log: most stand already
    for turn in range(ROUNDS_MAX):
        if not left:
            return given
        if book is None:
            given += _in_rows(connection, terms, left, chosen=turn > 0)
        else:
            given += _in_book(connection, terms, left, book, now)
        left = _look(connection, terms, [wish for wish in left if wish.answer is None], now, book)
    if left:
        raise LeaseLost("too many claim at this very moment for the same; ask again")
    return given


def _in_rows(connection: sa.Connection, terms: Terms, wishes: list[Wish], *, chosen: bool) -> list[Wish]:
    new = insert(connection, terms, wishes, chosen=chosen)
    mine = wishes if len(new) == len(wishes) else [wish for wish in wishes if wish.asked.coupon_id in new]
    for wish in mine:
        wish.answer = wish.given()
    return mine


def _in_book(connection: sa.Connection, terms: Terms, wishes: list[Wish], book: Book, now: datetime) -> list[Wish]:
    """As `_in_rows`; caps that are full are answered, too."""
    coupons, verdicts = [], []
    for wish in wishes:
        verdict = wish.given()
        assert verdict.coupon is not None, "this is a yes"
        verdicts.append(verdict)
        coupons.append(verdict.coupon)
    answers = book.claim(connection, terms, coupons, now)
    if answers is None:
        raise LeaseLost("too many claim at this very moment of this campaign; ask again")
    mine = []
    for wish, verdict, answer in zip(wishes, verdicts, answers, strict=True):
        if answer == GIVEN:
            wish.answer = verdict
            mine.append(wish)
        elif answer != STANDS:
            cap = terms.caps[answer]
            wish.answer = refused(CAP_WHY[cap.kind], most=cap.count)
    return mine


def _apart(part: Sequence[Wish]) -> tuple[list[Wish], list[Wish]]:
    """The first claim of each coupon, and the others."""
    first: dict[str, Wish] = {}
    repeats = [wish for wish in part if first.setdefault(wish.asked.coupon_id, wish) is not wish]
    return list(first.values()), repeats


def _look(
    connection: sa.Connection, terms: Terms, wishes: Sequence[Wish], now: datetime, book: Book | None
) -> list[Wish]:  # fmt: skip
    """Answers those that stand already, or find a cap full; the others try again, as rows with other places."""
    if not wishes:
        return []
    known = rows.coupons(connection, terms, [wish.asked.coupon_id for wish in wishes], now)
    fresh = []
    for wish in wishes:
        coupon = known.get(wish.asked.coupon_id)
        if coupon is not None and _over(coupon, wish, now):
            release(connection, terms, [coupon], now)
            coupon = None
        if coupon is None:
            fresh.append(wish)
        else:
            wish.answer = _stands(connection, coupon, wish)
    if fresh and book is None:
        for wish, held in finding.choose(connection, terms, fresh, now):
            wish.answer = refused(CAP_WHY[held.cap.kind], most=held.cap.count)
    return [wish for wish in fresh if wish.answer is None]


def _stands(connection: sa.Connection, coupon: Coupon, wish: Wish) -> Verdict:
    if coupon.state == "voided":
        return refused("coupon_void")
    if coupon.account_id != wish.asked.account_id:
        return refused("coupon_of_another")
    if coupon.state == "reserved" and wish.reserved_until is None:
        coupon = msgspec.structs.replace(coupon, state="claimed", reserved_until=None)
        queries.change(connection, coupon)
    return Verdict(coupon=coupon, repeated=True)


def standing(connection: sa.Connection, terms: Terms, wish: Wish, now: datetime) -> Verdict | None:
    """The answer to a claim whose coupon stands already; None for one that is new."""
    coupon_id = wish.asked.coupon_id
    coupon = rows.coupons(connection, terms, [coupon_id], now).get(coupon_id)
    return None if coupon is None else _stands(connection, coupon, wish)


def _refuse_new(
    connection: sa.Connection, terms: Terms, waiting: Sequence[Wish], refusal: Verdict, now: datetime
) -> list[Wish]:
    """Refuses those that are new; what stands already stands, whatever is left. Returns those that can be asked again:
    a reservation of their own was over, and is given back.
    """
    known = rows.coupons(connection, terms, [wish.asked.coupon_id for wish in waiting], now)
    again = []
    for wish in waiting:
        coupon = known.get(wish.asked.coupon_id)
        if coupon is None:
            wish.answer = refusal
        elif _over(coupon, wish, now):
            release(connection, terms, [known.pop(coupon.coupon_id)], now)
            again.append(wish)
        else:
            wish.answer = _stands(connection, coupon, wish)
            known[coupon.coupon_id] = wish.answer.coupon or coupon
    return again


def release(connection: sa.Connection, terms: Terms, coupons: Sequence[Coupon], now: datetime) -> None:
    """Takes away what `coupons`, which are locked, hold, and forgets them."""
    held = [coupon for coupon in coupons if coupon.held]
    rows.leave_names(connection, terms, [coupon.coupon_id for coupon in held], "gone", now)
    queries.forget(connection, coupons)
    _back(connection, terms, held, now)


def void(connection: sa.Connection, terms: Terms, asked: Asked, now: datetime) -> bool:
    """The coupon is worth nothing any more, claimed or not; what it was used for stays. Whether it held a place."""
    known = rows.coupons(connection, terms, [asked.coupon_id], now).get(asked.coupon_id)
    if known is not None and known.state in ("redeemed", "voided"):
        return False
    if rows.leave_names(connection, terms, [asked.coupon_id], "void", now):
        # Nobody is given it any more; whoever was at this very moment, gives it back.
        known = rows.coupons(connection, terms, [asked.coupon_id], now).get(asked.coupon_id)
    if known is not None:
        release(connection, terms, [known], now)
    queries.put_void(connection, asked)
    return known is not None


def _back(connection: sa.Connection, terms: Terms, held: Sequence[Coupon], now: datetime) -> None:
    by_period: dict[tuple[str, ...], list[Coupon]] = {}
    for coupon in held:
        periods = tuple(terms.period_key(portion.period, coupon.claimed_at) for portion in terms.portions)
        by_period.setdefault(periods, []).append(coupon)
    for group in by_period.values():
        # Coupon and moment: the same coupon may be claimed, and given back, more than once.
        name = "\x1f".join(f"{coupon.coupon_id}\x1f{coupon.claimed_at.isoformat()}" for coupon in group)
        amount = sum(coupon.amount for coupon in group)
        leases.return_given(connection, terms, group[0].claimed_at, len(group), amount, name=name, now=now)


def _over(coupon: Coupon, wish: Wish, now: datetime) -> bool:
    """Whether a reservation ended before it is asked for again; what is claimed for good settles it, however late."""
    return wish.reserved_until is not None and coupon.reserved_until is not None and coupon.reserved_until <= now
