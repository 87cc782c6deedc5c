"""Test buys for tests: a shelf, a service with a clock and random bytes of its own, and a plan that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from agoranomos.audit import keys
from agoranomos.audit.actions import checkpoint
from agoranomos.audit.notes import SigningKey
from agoranomos.goods.testbuys.design import Candidate
from agoranomos.goods.testbuys.model import Plan, Purchase, State, Verdict
from agoranomos.goods.testbuys.policy import Policy, load_policy
from agoranomos.goods.testbuys.queries import of_plan
from agoranomos.goods.testbuys.service import TestBuyService
from agoranomos.intake.actions import accept
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.money import Money
from agoranomos.kernel.store import Store
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_vault

ANA = Actor("person", "p-ana")
BEN = Actor("person", "p-ben")
BUDGET = Money(1_500_000, "CNY")
POLICY: Policy = load_policy()


class Clock:
    """Stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Any:
        return self.now

    def forward(self, **span: float) -> None:
        """By so much."""
        self.now += timedelta(**span)


def make_candidates(count: int = 60, **changes: Any) -> list[Candidate]:
    """Shoes and bags of twelve stores; every tenth is spoken against."""
    made = [
        Candidate(
            f"l{number:03}", f"s{number % 12}", "bags" if number % 3 else "shoes",
            0.8 if number % 10 == 0 else 0.02, 30_000 + 2_000 * (number % 7),
        )
        for number in range(count)
    ]  # fmt: skip
    return [msgspec.structs.replace(each, **changes) for each in made]


class Desk:
    """A store with the service, a signing key, and whoever hears events as the real system has them."""

    def __init__(self, store: Store, folder: Any, policy: Policy = POLICY) -> None:
        self.store, self.clock = store, Clock()
        wiring = Wiring(folder, clock=self.clock)
        self.vault = make_vault()
        self.hearers = wiring.hearers()
        self.drawn = 0
        self.service = TestBuyService(store, self.vault, self.hearers, policy, self.clock, self._draw)
        self.key: SigningKey = keys.find_or_make(folder, None, self._draw, "test.example/audit")

    def _draw(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def sign(self) -> None:
        """Signs the audit log, as happens every minute."""
        with self.store.transaction() as connection:
            checkpoint(connection, self.key, self.clock())

    def add_shoppers(self, count: int = 8, addresses: int = 3) -> None:
        """People who buy, each with some addresses."""
        for number in range(count):
            self.service.add_shopper(f"sh{number}", [f"a{number}-{each}" for each in range(addresses)], by=ANA)

    def drawn_plan(self, candidates: Sequence[Candidate] | None = None, budget: Money = BUDGET) -> Plan:
        """A plan that is committed to, signed over and drawn."""
        plan = self.service.plan(budget, candidates=candidates or make_candidates(), by=ANA)
        self.sign()
        return self.service.draw(plan.plan_id, by=ANA)

    def purchases(self, plan: Plan) -> list[Purchase]:
        """What was drawn."""
        with self.store.reading() as connection:
            return of_plan(connection, plan.plan_id)

    def bring_to(self, purchase: Purchase, *states: State) -> Purchase:
        """Moves a purchase through `states`."""
        for state in states:
            purchase = self.service.move(purchase.testbuy_id, state, by=ANA)
        return purchase

    def appraised(self, purchase: Purchase, verdict: Verdict, appraiser: str = "ap1", cost: int = 40_000) -> Purchase:
        """What an appraiser says."""
        return self.service.appraise(purchase.testbuy_id, appraiser, verdict, Money(cost, "CNY"), by=ANA)

    def take(self, *raw: dict[str, Any]) -> None:
        """Takes events in, as they arrive from the marketplace."""
        with self.store.transaction() as connection:
            accept(connection, self.vault, [parse_event(each) for each in raw], now=self.clock(), hearers=self.hearers)


def appraisal(
    testbuy_id: str, verdict: str = "counterfeit", *, hours: float = 0, listing: str = "l1", store: str = "s1",
    appraiser: str = "ap1", cost: int = 40_000, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """A `testbuy.appraised`, so many hours after NOW."""
    data = {
        "testbuy_id": testbuy_id, "listing_id": listing, "store_id": store, "verdict": verdict,
        "appraiser_id": appraiser, "cost": {"amount": cost, "currency": "CNY"}, **more,
    }  # fmt: skip
    at = rfc3339(NOW + timedelta(hours=hours))
    identity = f"{testbuy_id}-{appraiser}-{hours}-{verdict}"
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "lab",
        "type": "testbuy.appraised",
        "time": at,
        "data": data,
    }
