"""The rules of frozen money: what comes under a freeze, what leaves it, and that nothing is lost on the way.

A part of an order is held by one freeze at a time. When that one ends and another covers the part, the money moves
there and stays frozen. Every method leaves parts, sums and ledger in agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger.model import Entry, Settlement, Transfer
from agoranomos.kernel.ledger.model import Release as Freeing
from agoranomos.sellers.freeze import booking
from agoranomos.sellers.freeze.cabinet import Cabinet
from agoranomos.sellers.freeze.model import Freeze, Part, Release, Scope, taken
from agoranomos.sellers.freeze.policy import Policy
from agoranomos.sellers.freeze.telling import Hands


def freeze_id_of(scope: Scope, scope_id: str, cause: str) -> str:
    """The id of the freeze for a cause: the same cause never freezes twice."""
    return derived("fz", scope, scope_id, cause)


class Keeper:
    """Changes what is kept in `cabinet`, and books it by `hands`."""

    def __init__(self, cabinet: Cabinet, policy: Policy, hands: Hands) -> None:
        self._cabinet = cabinet
        self._policy = policy
        self._hands = hands

    def begin(
        self, scope: Scope, scope_id: str, store_id: str, cause: str, at: datetime, *, by: str
    ) -> tuple[Freeze, bool]:
        """Freezes what is there, and what comes; the freeze, and whether it is new. One cause freezes once."""
        found = self._cabinet.standing(scope, scope_id)
        if found is not None:
            if cause not in found.causes:
                found = msgspec.structs.replace(found, causes=(*found.causes, cause))
                self._cabinet.put_freeze(found)
            return found, False
        freeze_id = freeze_id_of(scope, scope_id, cause)
        known = self._cabinet.freeze(freeze_id)
        if known is not None:
            return known, False
        days = getattr(self._policy.days_max, scope)
        freeze = Freeze(
            freeze_id=freeze_id, scope=scope, scope_id=scope_id, store_id=store_id, causes=(cause,), asked_by=by,
            begun_at=at, ends_at=after(at, timedelta(days=days)),
        )  # fmt: skip
        parts = self._cabinet.parts_under(scope, scope_id, after(at, -self._policy.followed))
        return self._hold(freeze, parts, at), True

    def hold_new(self, parts: Sequence[Part], at: datetime) -> None:
        """Parts of a new order come under the freeze of their listing or store."""
        for part in parts:
            freeze = self._covering(part, besides="")
            if freeze is not None:
                self._hold(freeze, [part], at)

    def refund(self, order_id: str, currency: str, amount: int, at: datetime) -> None:
        """So much of an order went back to its buyer: of what is held first."""
        parts = [part for part in self._cabinet.parts_of_order(order_id) if part.currency == currency]
        for part, take in taken(parts, amount):
            amount -= take
            freeze = self._freeze(part.freeze_id)
            freeze = self._make_room(freeze, currency, take, at)
            entry = self._entry(freeze, booking.held(freeze.freeze_id, currency), booking.buyers(currency), take, at,
                                "refunded")  # fmt: skip
            self._book(currency, [entry])
            self._cabinet.put_freeze(_next(freeze).with_sums(currency, held=-take, refunded=take))
            self._cabinet.put_parts([_without(part, take, refunded=take)])
        for part in self._cabinet.parts_of_order(order_id):
            take = min(amount, part.amount - part.refunded - part.held) if part.currency == currency else 0
            if take:
                amount -= take
                self._cabinet.put_parts([msgspec.structs.replace(part, refunded=part.refunded + take)])

    def drop_cause(self, freeze: Freeze, cause: str) -> Freeze | None:
        """One cause less; the freeze when none is left, so that it is to be lifted."""
        left = tuple(each for each in freeze.causes if each != cause)
        if freeze.state != "held" or left == freeze.causes:
            return None
        if left:
            self._cabinet.put_freeze(msgspec.structs.replace(freeze, causes=left))
            return None
        return freeze

    def move_on(self, freeze: Freeze, at: datetime) -> Freeze:
        """What other freezes cover goes to them; the rest is to be released."""
        for part in self._cabinet.parts_held(freeze.freeze_id):
            other = self._covering(part, besides=freeze.freeze_id) if part.held else None
            if other is None:
                continue
            freeze = self._make_room(freeze, part.currency, part.held, at)
            source, goal = (booking.held(each.freeze_id, part.currency) for each in (freeze, other))
            self._book(part.currency, [self._entry(freeze, source, goal, part.held, at, "moved")])
            freeze = _next(freeze).with_sums(part.currency, held=-part.held, moved=part.held)
            self._cabinet.put_freeze(freeze)
            self._cabinet.put_freeze(other.with_sums(part.currency, held=part.held, came=part.held))
            self._cabinet.put_parts([msgspec.structs.replace(part, freeze_id=other.freeze_id)])
        return freeze

    def reserve(
        self, freeze: Freeze, currency: str, amount: int, action_id: str, at: datetime, *, lifts: bool = False
    ) -> Release:
        """Money that leaves once `settle` says so; until then nobody else can release it.

        Raises Conflict when so much is not there, Invalid for an amount that is none.
        """
        sums = freeze.sums.get(currency)
        if amount <= 0:
            raise Invalid("an amount to release is above 0", pointer="/amount")
        if freeze.state != "held" or sums is None or amount > sums.held - sums.asked:
            left = 0 if sums is None or freeze.state != "held" else sums.held - sums.asked
            raise Conflict(f"{left} {currency} of this freeze can be released; ask for no more")
        entry = self._entry(
            freeze, booking.held(freeze.freeze_id, currency), booking.owed(freeze.store_id, currency), amount, at,
            "released", pending=True,
        )  # fmt: skip
        self._book(currency, [entry])
        self._cabinet.put_freeze(_next(freeze).with_sums(currency, asked=amount))
        release = Release(
            action_id=action_id, freeze_id=freeze.freeze_id, currency=currency, amount=amount, entry_id=entry.id,
            asked_at=at, lifts=lifts,
        )  # fmt: skip
        self._cabinet.put_release(release)
        return release

    def settle(self, release: Release, at: datetime, *, agreed: bool) -> None:
        """What was asked for is released, or stays frozen; a repeat changes nothing."""
        if release.state != "asked":
            return
        freeze = self._freeze(release.freeze_id)
        name = f"{release.entry_id}:end"
        at = max(at, release.asked_at)  # an event may say that it is later than the clock here does
        if not agreed:
            self._hands.book([], [Freeing(id=name, reservation_id=release.entry_id, at=at, reason="kept")])
            self._cabinet.put_freeze(freeze.with_sums(release.currency, asked=-release.amount))
            self._cabinet.put_release(msgspec.structs.replace(release, state="refused"))
            return
        self._hands.book([], [Settlement(id=name, reservation_id=release.entry_id, at=at, reason="released")])
        held = [part for part in self._cabinet.parts_held(freeze.freeze_id) if part.currency == release.currency]
        self._cabinet.put_parts([_without(part, take) for part, take in taken(held, release.amount)])
        freeze = freeze.with_sums(
            release.currency, held=-release.amount, asked=-release.amount, released=release.amount
        )
        self._cabinet.put_release(msgspec.structs.replace(release, state="done"))
        self._cabinet.put_freeze(self.ended(freeze, at) if release.lifts else freeze)

    def ended(self, freeze: Freeze, at: datetime) -> Freeze:
        """`freeze` released when nothing is held any more; else as it is."""
        if any(each.held for each in freeze.sums.values()):
            return freeze
        return msgspec.structs.replace(freeze, state="released", ended_at=at)

    def expire(self, freeze: Freeze, at: datetime) -> Freeze:
        """The longest time is over: whatever no other freeze covers is given free, agreed to or not."""
        freeze = self.move_on(freeze, at)
        for release in self._cabinet.releases(freeze.freeze_id):
            self.settle(release, at, agreed=False)
        freeze = self._freeze(freeze.freeze_id)
        for currency, sums in sorted(freeze.sums.items()):
            if sums.held:
                entry = self._entry(
                    freeze, booking.held(freeze.freeze_id, currency), booking.owed(freeze.store_id, currency),
                    sums.held, at, "expired",
                )  # fmt: skip
                self._book(currency, [entry])
                freeze = _next(freeze).with_sums(currency, held=-sums.held, expired=sums.held)
        parts = self._cabinet.parts_held(freeze.freeze_id)
        self._cabinet.put_parts([_without(part, part.held) for part in parts if part.held])
        freeze = msgspec.structs.replace(freeze, state="expired", ended_at=at)
        self._cabinet.put_freeze(freeze)
        return freeze

    def _hold(self, freeze: Freeze, parts: Sequence[Part], at: datetime) -> Freeze:
        """Holds what is free of `parts`."""
        coming = [part for part in parts if part.free > 0 and not part.held]
        if not freeze.store_id and coming:  # what froze it did not say whose it is
            freeze = msgspec.structs.replace(freeze, store_id=coming[0].store_id)
        for currency in sorted({part.currency for part in coming}):
            mine = [part for part in coming if part.currency == currency]
            amount = sum(part.free for part in mine)
            source, goal = booking.owed(freeze.store_id, currency), booking.held(freeze.freeze_id, currency)
            self._book(currency, [self._entry(freeze, source, goal, amount, at, "frozen")])
            freeze = _next(freeze).with_sums(currency, came=amount, held=amount)
            self._cabinet.put_parts(
                [msgspec.structs.replace(part, held=part.free, freeze_id=freeze.freeze_id) for part in mine]
            )
        self._cabinet.put_freeze(freeze)
        return freeze

    def _make_room(self, freeze: Freeze, currency: str, amount: int, at: datetime) -> Freeze:
        """What is about to leave goes before what somebody asked to release."""
        for release in reversed(self._cabinet.releases(freeze.freeze_id)):
            sums = freeze.sums[currency]
            if sums.held - sums.asked >= amount:
                break
            if release.currency == currency:
                self.settle(release, at, agreed=False)
                freeze = self._freeze(freeze.freeze_id)
        return freeze

    def _covering(self, part: Part, *, besides: str) -> Freeze | None:
        """The freeze that a part goes to: not one that is about to end, and waits for its release to be let go."""
        found = (each for each in self._cabinet.covering(part) if each.freeze_id != besides)
        return next((each for each in found if not self._ends(each)), None)

    def _ends(self, freeze: Freeze) -> bool:
        return any(each.lifts and each.state == "asked" for each in self._cabinet.releases(freeze.freeze_id))

    def _freeze(self, freeze_id: str) -> Freeze:
        found = self._cabinet.freeze(freeze_id)
        assert found is not None, "money is held by a freeze that is there"
        return found

    def _entry(
        self, freeze: Freeze, debit: str, credit: str, amount: int, at: datetime, reason: str, *, pending: bool = False
    ) -> Transfer:
        return Transfer(
            id=derived("fe", freeze.freeze_id, str(freeze.entries + 1)), debit=debit, credit=credit, amount=amount,
            at=at, reason=reason, because=(freeze.freeze_id,), pending=pending,
        )  # fmt: skip

    def _book(self, currency: str, entries: Sequence[Entry]) -> None:
        names = {name for each in entries if isinstance(each, Transfer) for name in (each.debit, each.credit)}
        self._hands.book([booking.account(name, currency) for name in sorted(names)], entries)


def _next(freeze: Freeze) -> Freeze:
    return msgspec.structs.replace(freeze, entries=freeze.entries + 1)


def _without(part: Part, take: int, *, refunded: int = 0) -> Part:
    """`part` after `take` of its held money left it."""
    held = part.held - take
    return msgspec.structs.replace(
        part, held=held, refunded=part.refunded + refunded, freeze_id=part.freeze_id if held else ""
    )
