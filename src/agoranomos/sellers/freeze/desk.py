"""The rules of frozen money over events: the same text of them in a replay and live; see `conduct.desk`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.cases import CaseDecided
from agoranomos.kernel.schema.goods import TestbuyAppraised
from agoranomos.kernel.schema.orders import OrderPlaced, OrderRefunded, PayoutRequested, PayoutSettled, ReturnRequested
from agoranomos.sellers.freeze import telling
from agoranomos.sellers.freeze.cabinet import Cabinet
from agoranomos.sellers.freeze.keeper import Keeper
from agoranomos.sellers.freeze.model import Freeze, Scope, parts_of
from agoranomos.sellers.freeze.policy import Policy
from agoranomos.sellers.freeze.telling import BY, Hands

HEARS: Final = (
    "case.decided", "order.placed", "order.refunded", "payout.requested", "payout.settled", "return.requested",
    "testbuy.appraised",
)  # fmt: skip


class FreezeDesk:
    """See `conduct.desk.Desk`. `hands` carry out what follows; `doubtful`: does an account complain in bad faith."""

    name = telling.NAME
    hears = HEARS

    def __init__(
        self, cabinet: Cabinet, policy: Policy, needs: Needs, hands: Hands, doubtful: Callable[[str], bool]
    ) -> None:
        self._cabinet = cabinet
        self._policy = policy
        self._needs = needs
        self._hands = hands
        self._doubtful = doubtful
        self.keeper = Keeper(cabinet, policy, hands)

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        at = event.time
        match event.body:
            case OrderPlaced() as body:
                if not self._cabinet.parts_of_order(body.order_id):
                    parts = parts_of(body, at)
                    self._cabinet.put_parts(parts)
                    self.keeper.hold_new(parts, at)
            case OrderRefunded() as body:
                self._refunded(body, at)
            case ReturnRequested() as body if body.reason_code == "suspected_fake":
                return self._suspected(event, body)
            case TestbuyAppraised() as body if body.verdict == "counterfeit":
                cause = f"testbuy:{body.testbuy_id}"
                return self.freeze("listing", body.listing_id, body.store_id, cause, at, event.id)
            case CaseDecided() as body:
                return self._case(event, body)
            case PayoutRequested() as body:
                self._cabinet.put_payout(body.payout_id, body.order_ids)
                return [self.decide(body, event.identity, at)]
            case PayoutSettled() as body:
                self._paid_out(body)
            case _:
                pass
        return []

    def due(self) -> datetime | None:
        """When money has been frozen for as long as it may be."""
        return self._cabinet.next_due()

    def wake(self, now: datetime) -> list[Output]:
        """Gives free what has been frozen for as long as it may be."""
        said: list[Output] = []
        for freeze_id in self._cabinet.due(now):
            freeze = self._cabinet.freeze(freeze_id)
            if freeze is not None and freeze.state == "held":
                said.append(telling.expiring(self.keeper.expire(freeze, freeze.ends_at), self._needs))
        return said

    def decide(self, body: PayoutRequested, event: tuple[str, str], at: datetime) -> Decision:
        """The check of a payout: what it asks for is held while money of it is frozen."""
        currency = body.amount.currency
        free = self._cabinet.free_of(body.store_id, currency, at - self._policy.followed)
        asked = set(body.order_ids)
        parts = [part for order_id in sorted(asked) for part in self._cabinet.parts_of_order(order_id)]
        touched = {part.freeze_id for part in parts if part.held}

        def blocks(freeze: Freeze) -> bool:
            if freeze.scope == "store" or freeze.freeze_id in touched:
                return True
            held = currency in freeze.sums and freeze.sums[currency].held > 0
            return not asked and held and body.amount.amount > free

        found = [each for each in self._cabinet.held_of(body.store_id) if blocks(each)]
        return telling.decided(body, event, at, found, free, self._policy.version)

    def freeze(
        self, scope: Scope, scope_id: str, store_id: str, cause: str, at: datetime, event_id: str
    ) -> list[Output]:
        """Freezes what earned money by this, and says why."""
        freeze, new = self.keeper.begin(scope, scope_id, store_id, cause, at, by=str(BY))
        if not new:
            return []
        finding = telling.at_risk(scope, scope_id, cause, store_id, at, event_id)
        action = telling.freezing(freeze, finding.id, self._needs)
        self._cabinet.put_freeze(msgspec.structs.replace(freeze, action_id=action.id))
        return [finding, action]

    def lift(self, freeze: Freeze, because: tuple[str, ...], at: datetime) -> list[Output]:
        """Everything is to be released; what takes a second person stays frozen until there is one."""
        freeze = self.keeper.move_on(freeze, at)
        said: list[Output] = []
        for currency, sums in sorted(freeze.sums.items()):
            amount = sums.held - sums.asked
            if amount:
                action = telling.releasing(freeze, currency, amount, because, at, self._needs)
                release = self.keeper.reserve(freeze, currency, amount, action.id, at, lifts=True)
                if self._hands.at_once and action.status == "pending":
                    self.keeper.settle(release, at, agreed=True)
                freeze = self._cabinet.freeze(freeze.freeze_id) or freeze
                said.append(action)
        if not any(each.held for each in freeze.sums.values()) and not said:
            currency = min(freeze.sums, default="CNY")
            said.append(telling.releasing(freeze, currency, 0, because, at, self._needs))
        self._cabinet.put_freeze(self.keeper.ended(freeze, at))
        return said

    def _suspected(self, event: Event, body: ReturnRequested) -> list[Output]:
        parts = self._cabinet.parts_of_order(body.order_id)
        if not parts:
            return []  # of an order that nobody told of there is no money to hold
        if self._doubtful(parts[0].buyer_id):
            return []  # somebody who was hardly ever right is heard by people, and stops nobody's money
        at, store_id = event.time, parts[0].store_id
        said = self.freeze("order", body.order_id, store_id, f"return:{body.return_id}", at, event.id)
        since = at - timedelta(days=self._policy.suspected.within_days)
        for part in parts:
            if body.listing_id not in (None, part.listing_id) or (body.listing_id is None and len(parts) > 1):
                continue
            buyers = self._cabinet.suspect(part.listing_id, part.buyer_id, at, since)
            if buyers >= self._policy.suspected.buyers:
                cause = f"returns:{part.listing_id}:{body.return_id}"
                if self._cabinet.standing("listing", part.listing_id) is None:
                    said += self.freeze("listing", part.listing_id, store_id, cause[:128], at, event.id)
        return said

    def _case(self, event: Event, body: CaseDecided) -> list[Output]:
        at, subject = event.time, body.subject
        if body.outcome == "upheld":
            if subject.kind != "listing":
                return []
            store_id = body.store_id or self._store_of(subject.id, at)
            return self.freeze("listing", subject.id, store_id, f"case:{body.case_id}", at, event.id)
        meant = [f"case:{body.case_id}", *([f"case:{body.overturns}"] if body.overturns else [])]
        said: list[Output] = []
        for cause in meant:
            for freeze_id in self._cabinet.caused_by(cause):
                said += self._drop(freeze_id, cause, body.case_id, at)
        scope: Scope | None = "listing" if subject.kind == "listing" else "order" if subject.kind == "order" else None
        standing = self._cabinet.standing(scope, subject.id) if scope is not None else None
        if body.outcome == "rejected" and standing is not None:
            # Somebody has looked at what buyers suspected, and it was nothing.
            for cause in [each for each in standing.causes if each.startswith(("return:", "returns:"))]:
                said += self._drop(standing.freeze_id, cause, body.case_id, at)
        return said

    def _drop(self, freeze_id: str, cause: str, because: str, at: datetime) -> list[Output]:
        freeze = self._cabinet.freeze(freeze_id)
        bare = self.keeper.drop_cause(freeze, cause) if freeze is not None else None
        return self.lift(bare, (because,), at) if bare is not None else []

    def _refunded(self, body: OrderRefunded, at: datetime) -> None:
        self.keeper.refund(body.order_id, body.amount.currency, max(0, body.amount.amount), at)
        freeze = self._cabinet.standing("order", body.order_id)
        if freeze is not None and not any(each.held for each in freeze.sums.values()):
            self._cabinet.put_freeze(msgspec.structs.replace(freeze, state="refunded", ended_at=at))

    def _paid_out(self, body: PayoutSettled) -> None:
        for order_id in self._cabinet.orders_of_payout(body.payout_id):
            parts = self._cabinet.parts_of_order(order_id)
            self._cabinet.put_parts([msgspec.structs.replace(part, paid_out=True) for part in parts if not part.held])

    def _store_of(self, listing_id: str, at: datetime) -> str:
        parts = self._cabinet.parts_under("listing", listing_id, at - self._policy.followed)
        return parts[-1].store_id if parts else ""
