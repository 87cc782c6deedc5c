"""The rules of frozen money over events: the same text of them in a replay and live; see `conduct.desk`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, get_args

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.calendar import after
from agoranomos.kernel.consulting import NO_RULES, Consultant, scores_of, with_rules
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.cases import CaseDecided, ComplaintFiled, NoticeDecided, NoticeFiled
from agoranomos.kernel.schema.goods import TestbuyAppraised
from agoranomos.kernel.schema.orders import OrderPlaced, OrderRefunded, PayoutRequested, PayoutSettled, ReturnRequested
from agoranomos.kernel.schema.sellers import StoreClosed, StoreOpened
from agoranomos.sellers.conduct.desk import Suspects
from agoranomos.sellers.freeze import telling
from agoranomos.sellers.freeze.cabinet import Cabinet
from agoranomos.sellers.freeze.keeper import Keeper
from agoranomos.sellers.freeze.model import Freeze, Scope, parts_of
from agoranomos.sellers.freeze.policy import Policy
from agoranomos.sellers.freeze.telling import BY, Hands

HEARS: Final = (
    "case.decided", "complaint.filed", "notice.decided", "notice.filed", "order.placed", "order.refunded",
    "payout.requested", "payout.settled", "return.requested", "store.closed", "store.opened", "testbuy.appraised",
)  # fmt: skip
_DOUBTS: Final = ("return:", "returns:", "complaint:")
"""Causes that rest on what buyers suspect."""


class FreezeDesk:
    """See `conduct.desk.Desk`. `hands` carry out what follows; `doubtful`: does an account complain in bad faith;
    `suspects`: how probably a text says or suspects a fake; `rules` are asked about payouts.
    """

    name = telling.NAME
    hears = HEARS

    def __init__(
        self, cabinet: Cabinet, policy: Policy, needs: Needs, hands: Hands, doubtful: Callable[[str], bool],
        suspects: Suspects, rules: Consultant = NO_RULES,
    ) -> None:  # fmt: skip
        self._cabinet = cabinet
        self._policy = policy
        self._needs = needs
        self._hands = hands
        self._doubtful = doubtful
        self._suspects = suspects
        self._rules = rules
        self.keeper = Keeper(cabinet, policy, hands)

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        match event.body:
            case OrderPlaced() as body:
                self._placed(body, event.time)
            case OrderRefunded() as body:
                self._refunded(body, event.time)
            case PayoutRequested() as body:
                self._cabinet.put_payout(body.payout_id, body.order_ids)
                return [self.decide(event, body, event.time)]
            case PayoutSettled() as body:
                self._paid_out(body)
            case ReturnRequested() | ComplaintFiled():
                return self._doubted(event)
            case _:
                return self._judged(event)
        return []

    def _doubted(self, event: Event) -> list[Output]:
        """What buyers say."""
        match event.body:
            case ReturnRequested() as body if body.reason_code == "suspected_fake":
                return self._suspected(event, body.order_id, body.listing_id, f"return:{body.return_id}")
            case ComplaintFiled() as body if body.order_id is not None and self._says_fake(body.text):
                cause = f"complaint:{body.complaint_id}"[:128]
                return self._suspected(event, body.order_id, body.listing_id, cause)
            case _:
                pass
        return []

    def _judged(self, event: Event) -> list[Output]:
        """What those say who have looked."""
        at = event.time
        match event.body:
            case TestbuyAppraised() as body if body.verdict == "counterfeit":
                cause = f"testbuy:{body.testbuy_id}"
                return self.freeze("listing", body.listing_id, body.store_id, cause, at, event.id)
            case CaseDecided() as body:
                return self._case(event, body)
            case NoticeFiled() as body if body.kind in self._policy.at_once.notices:
                self._cabinet.put_notice(body.notice_id, body.listing_ids)
            case NoticeDecided() as body:
                return self._notice(event, body)
            case StoreClosed() as body if body.reason in self._policy.at_once.closings:
                return self.freeze("store", body.store_id, body.store_id, f"closed:{event.id}"[:128], at, event.id)
            case StoreOpened() as body:
                return self._reopened(event, body.store_id)
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

    def decide(self, event: Event, body: PayoutRequested, at: datetime) -> Decision:
        """The check of a payout, the `body` of `event`: what it asks for is held while money of it is frozen.

        Whatever orders it names: more than what is free can only be paid out of what is frozen.
        """
        currency = body.amount.currency
        free = self._cabinet.free_of(body.store_id, currency, after(at, -self._policy.followed))
        parts = [part for order_id in sorted(set(body.order_ids)) for part in self._cabinet.parts_of_order(order_id)]
        touched = {part.freeze_id for part in parts if part.held}

        def blocks(freeze: Freeze) -> bool:
            if freeze.scope == "store" or freeze.freeze_id in touched:
                return True
            held = currency in freeze.sums and freeze.sums[currency].held > 0
            return held and body.amount.amount > free

        found = [each for each in self._cabinet.held_of(body.store_id) if blocks(each)]
        decision = telling.decided(body, event.identity, at, found, free, self._policy.version)
        return with_rules(decision, self._rules.ask(telling.CHECK, event, scores_of(decision)))

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

    def _says_fake(self, text: str) -> bool:
        return self._suspects(text) >= self._policy.suspected.complaint_min

    def _placed(self, body: OrderPlaced, at: datetime) -> None:
        if not self._cabinet.parts_of_order(body.order_id):
            parts = parts_of(body, at)
            self._cabinet.put_parts(parts)
            self.keeper.hold_new(parts, at)

    def _suspected(self, event: Event, order_id: str, listing_id: str | None, cause: str) -> list[Output]:
        """A buyer suspects a fake, of a listing of the order where one is named."""
        parts = self._cabinet.parts_of_order(order_id)
        if not parts:
            return []  # of an order that nobody told of there is no money to hold
        if self._doubtful(parts[0].buyer_id):
            return []  # somebody who was hardly ever right is heard by people, and stops nobody's money
        at, store_id = event.time, parts[0].store_id
        said = self.freeze("order", order_id, store_id, cause, at, event.id)
        since = after(at, -timedelta(days=self._policy.suspected.within_days))
        for part in parts:
            if listing_id not in (None, part.listing_id) or (listing_id is None and len(parts) > 1):
                continue
            buyers = self._cabinet.suspect(part.listing_id, part.buyer_id, at, since)
            if buyers >= self._policy.suspected.buyers and self._cabinet.standing("listing", part.listing_id) is None:
                several = f"returns:{part.listing_id}:{cause.partition(':')[2]}"[:128]
                said += self.freeze("listing", part.listing_id, store_id, several, at, event.id)
        return said

    def _case(self, event: Event, body: CaseDecided) -> list[Output]:
        at, subject = event.time, body.subject
        scope = next((each for each in get_args(Scope) if each == subject.kind), None)
        if body.outcome == "upheld":
            if scope is None or scope not in self._policy.at_once.cases:
                return []
            store_id = subject.id if scope == "store" else body.store_id or self._store_of(scope, subject.id, at)
            return self.freeze(scope, subject.id, store_id, f"case:{body.case_id}", at, event.id)
        said: list[Output] = []
        for each in (body.case_id, body.overturns):
            said += self._drop_all(f"case:{each}", body.case_id, at) if each else []
        if body.outcome == "overturned" and body.notice_id:
            said += self._drop_all(f"notice:{body.notice_id}", body.case_id, at)
        # Somebody has looked at what buyers suspected, and it was nothing.
        if scope in ("order", "listing"):
            said += self._answered(self._cabinet.standing(scope, subject.id), body.case_id, at)
        if scope == "listing":
            for order in self._orders_in_doubt(subject.id, at):
                said += self._answered(order, body.case_id, at)
        return said

    def _notice(self, event: Event, body: NoticeDecided) -> list[Output]:
        """A notice is decided: listings for which it was upheld are frozen, of others what rested on it is free."""
        said: list[Output] = []
        cause, else_than = f"notice:{body.notice_id}", {each.listing_id: each.outcome for each in body.listings}
        for listing_id in self._cabinet.listings_of_notice(body.notice_id):
            if else_than.get(listing_id, body.outcome) == "upheld":
                store_id = self._store_of("listing", listing_id, event.time)
                said += self.freeze("listing", listing_id, store_id, cause, event.time, event.id)
            elif (standing := self._cabinet.standing("listing", listing_id)) is not None:
                said += self._drop(standing.freeze_id, cause, body.notice_id, event.time)
        return said

    def _reopened(self, event: Event, store_id: str) -> list[Output]:
        """A store that was closed is there again."""
        standing, said = self._cabinet.standing("store", store_id), list[Output]()
        for cause in [] if standing is None else standing.causes:
            if cause.startswith("closed:") and standing is not None:
                said += self._drop(standing.freeze_id, cause, store_id, event.time)
        return said

    def _orders_in_doubt(self, listing_id: str, at: datetime) -> list[Freeze]:
        """The orders that are frozen because their buyers suspect the listing, and nothing else that is in them."""
        found: dict[str, Freeze] = {}
        for part in self._cabinet.parts_under("listing", listing_id, after(at, -self._policy.followed)):
            standing = self._cabinet.standing("order", part.order_id) if part.held else None
            if standing is None:
                continue
            others = [each for each in self._cabinet.parts_of_order(part.order_id) if each.listing_id != listing_id]
            named = self._cabinet.suspected_by(listing_id, part.buyer_id)
            if named and not any(self._cabinet.suspected_by(each.listing_id, each.buyer_id) for each in others):
                found[standing.freeze_id] = standing
        return [found[name] for name in sorted(found)]

    def _answered(self, freeze: Freeze | None, because: str, at: datetime) -> list[Output]:
        """What buyers suspected holds a freeze no longer."""
        said: list[Output] = []
        for cause in [] if freeze is None else freeze.causes:
            if cause.startswith(_DOUBTS) and freeze is not None:
                said += self._drop(freeze.freeze_id, cause, because, at)
        return said

    def _drop_all(self, cause: str, because: str, at: datetime) -> list[Output]:
        return [
            each
            for freeze_id in self._cabinet.caused_by(cause)
            for each in self._drop(freeze_id, cause, because, at)
        ]  # fmt: skip

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

    def _store_of(self, scope: Scope, scope_id: str, at: datetime) -> str:
        parts = self._cabinet.parts_under(scope, scope_id, after(at, -self._policy.followed))
        return parts[-1].store_id if parts else ""
