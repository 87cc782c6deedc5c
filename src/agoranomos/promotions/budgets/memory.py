"""Budgets and caps in the memory of one process: the rules themselves, for replays.

The store keeps the same rules with blocks and unique places (`claims`); one test lets both answer the same questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from agoranomos.kernel.money import Money
from agoranomos.promotions.budgets.model import CAP_WHY, Asked, Coupon, Verdict, refused
from agoranomos.promotions.budgets.terms import Cap, Terms

Key = tuple[str, str]


class Issued(msgspec.Struct, frozen=True):
    """Whom a coupon was given to, and what it takes off."""

    account_id: str
    face: Money


class Spent(msgspec.Struct):
    """What a campaign has given in a period."""

    count: int = 0
    amount: int = 0


class MemoryTill(msgspec.Struct):
    """Coupons, what campaigns have given by period, and who holds how many: (campaign or "", kind of cap, who)."""

    coupons: dict[Key, Coupon] = {}
    issued: dict[Key, Issued] = {}
    spent: dict[tuple[str, str], Spent] = {}
    places: dict[tuple[str, str, str], dict[Key, datetime | None]] = {}

    def claim(self, terms: Terms, asked: Asked, *, reserved_for: timedelta | None = None) -> Verdict:
        """Gives the coupon its place in budgets and caps, reserved or for good; the same again changes nothing."""
        known = self._known(terms, asked, until=None if reserved_for is None else asked.at)
        if isinstance(known, Verdict):
            return known
        if known is not None and known.held:
            if known.state == "reserved" and reserved_for is None:
                known = self._put(msgspec.structs.replace(known, state="claimed", reserved_until=None))
            return Verdict(coupon=known, repeated=True)
        issued = self.issued.get(asked.key)
        amount = terms.amount_of(asked.face or (issued and issued.face) or None)
        if amount is None:
            return refused("budget_spent", limit="currency")
        if (no := self._refusal(terms, asked, amount)) is not None:
            return no
        self._book(terms, asked.at, terms.campaign_id, 1, amount)
        for cap, who in terms.cap_keys(asked):
            self._placed(terms, cap, who)[asked.key] = terms.counts_until(cap, asked.at)
        until = None if reserved_for is None else asked.at + reserved_for
        coupon = Coupon(
            campaign_id=asked.campaign_id, coupon_id=asked.coupon_id, account_id=asked.account_id,
            state="claimed" if until is None else "reserved", claimed_at=asked.at, amount=amount,
            reserved_until=until, device_id=asked.device_id, payee_id=asked.payee_id,
        )  # fmt: skip
        return Verdict(coupon=self._put(coupon))

    def redeem(self, terms: Terms, asked: Asked, taken: int | None = None) -> Verdict:
        """Uses the coupon for an order, which it took `taken` off (None: nobody knows). A coupon that was not claimed
        before takes its place now.
        """
        known = self._known(terms, asked)
        if isinstance(known, Verdict):
            return known
        if known is not None and known.state == "redeemed":
            same = known.order_id == asked.order_id
            return Verdict(coupon=known, repeated=True) if same else refused("coupon_used")
        claimed = self.claim(terms, asked)
        if claimed.why is not None or claimed.coupon is None:
            return claimed
        coupon, fresh = claimed.coupon, not claimed.repeated
        no = self._payee_refused(terms, asked, coupon) or self._surcharge_refused(terms, coupon, taken)
        if no is not None:
            if fresh:
                self.release(terms, asked.key)
            return no
        if coupon.payee_id is None:
            for cap, who in self._payee_caps(terms, asked):
                self._placed(terms, cap, who)[asked.key] = terms.counts_until(cap, asked.at)
        if taken is not None:
            self._book(terms, coupon.claimed_at, terms.campaign_id, 0, taken - coupon.amount)
        return Verdict(
            coupon=self._put(
                msgspec.structs.replace(
                    coupon, state="redeemed", order_id=asked.order_id, payee_id=coupon.payee_id or asked.payee_id,
                    amount=coupon.amount if taken is None else taken,
                )
            )
        )  # fmt: skip

    def release(self, terms: Terms, key: Key) -> bool:
        """Takes the coupon's place away, once: its reservation is over, or its order was refunded. Whether it had
        one.
        """
        coupon = self.coupons.get(key)
        if coupon is None or not coupon.held:
            return False
        self._book(terms, coupon.claimed_at, terms.campaign_id, -1, -coupon.amount)
        for kind in ("account", "device", "payee", "house_day", "house_year"):
            who = {"device": coupon.device_id, "payee": coupon.payee_id}.get(kind, coupon.account_id)
            scope = "" if kind.startswith("house") else coupon.campaign_id
            if who is not None and (places := self.places.get((scope, kind, who))) is not None:
                places.pop(key, None)
        del self.coupons[key]
        return True

    def void(self, terms: Terms, asked: Asked) -> bool:
        """The coupon is worth nothing any more, claimed or not; what it was used for stays. Whether it held a place."""
        known = self.coupons.get(asked.key)
        if known is not None and known.state in ("redeemed", "voided"):
            return False
        released = self.release(terms, asked.key)
        self._put(
            Coupon(
                campaign_id=asked.campaign_id, coupon_id=asked.coupon_id, account_id=asked.account_id, state="voided",
                claimed_at=asked.at,
            )
        )  # fmt: skip
        return released

    def _known(self, terms: Terms, asked: Asked, until: datetime | None = None) -> Coupon | Verdict | None:
        """The coupon as it stands; the refusal, when it is void or another's. A reservation that was over by `until` is
        given back; one that nobody has given back is settled, however late.
        """
        known = self.coupons.get(asked.key)
        if known is not None and known.state == "voided":
            return refused("coupon_void")
        if (
            known is not None
            and known.reserved_until is not None
            and until is not None
            and known.reserved_until <= until
        ):
            self.release(terms, asked.key)
            known = None
        issued = self.issued.get(asked.key)
        owner = known.account_id if known is not None and known.held else issued.account_id if issued else None
        if owner is not None and owner != asked.account_id:
            return refused("coupon_of_another")
        return known

    def _refusal(self, terms: Terms, asked: Asked, amount: int) -> Verdict | None:
        for portion in terms.portions:
            spent = self.spent.get((terms.campaign_id, terms.period_key(portion.period, asked.at)), Spent())
            if portion.count is not None and spent.count + 1 > portion.count:
                return refused("budget_spent", limit="count", period=portion.period, most=portion.count)
            if portion.amount is not None and spent.amount + amount > portion.amount:
                return refused("budget_spent", limit="amount", period=portion.period, most=portion.amount)
        for cap, who in terms.cap_keys(asked):
            if self._full(terms, cap, who, asked.at):
                return refused(CAP_WHY[cap.kind], most=cap.count)
        return None

    def _payee_caps(self, terms: Terms, asked: Asked) -> Iterator[tuple[Cap, str]]:
        return ((cap, who) for cap, who in terms.cap_keys(asked) if cap.kind == "payee")

    def _payee_refused(self, terms: Terms, asked: Asked, coupon: Coupon) -> Verdict | None:
        if coupon.payee_id is not None:
            return None
        full = (cap for cap, who in self._payee_caps(terms, asked) if self._full(terms, cap, who, asked.at))
        return next((refused("payee_cap", most=cap.count) for cap in full), None)

    def _surcharge_refused(self, terms: Terms, coupon: Coupon, taken: int | None) -> Verdict | None:
        more = 0 if taken is None else taken - coupon.amount
        if more <= 0:
            return None
        for portion in terms.portions:
            spent = self.spent.get((terms.campaign_id, terms.period_key(portion.period, coupon.claimed_at)), Spent())
            if portion.amount is not None and spent.amount + more > portion.amount:
                return refused("budget_spent", limit="amount", period=portion.period, most=portion.amount)
        return None

    def _full(self, terms: Terms, cap: Cap, who: str, at: datetime) -> bool:
        places = self._placed(terms, cap, who)
        for key in [key for key, until in places.items() if until is not None and until <= at]:
            del places[key]
        return len(places) >= cap.count

    def _placed(self, terms: Terms, cap: Cap, who: str) -> dict[Key, datetime | None]:
        scope = "" if cap.kind.startswith("house") else terms.campaign_id
        return self.places.setdefault((scope, cap.kind, who), {})

    def _book(self, terms: Terms, at: datetime, campaign_id: str, count: int, amount: int) -> None:
        for portion in terms.portions:
            spent = self.spent.setdefault((campaign_id, terms.period_key(portion.period, at)), Spent())
            spent.count += count
            spent.amount += amount

    def _put(self, coupon: Coupon) -> Coupon:
        self.coupons[(coupon.campaign_id, coupon.coupon_id)] = coupon
        return coupon
