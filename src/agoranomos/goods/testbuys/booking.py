"""What test buys cost, on the ledger: a budget is funded, each purchase reserves its most, booking settles it.

Entries only; the verbs post them in their transaction. Ids follow from what they are for, so that a repeat is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agoranomos.goods.testbuys.model import Plan, Purchase
from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger.model import Account, Entry, Release, Settlement, Transfer


def funds(currency: str) -> str:
    """The account that budgets come from: the outside world."""
    return f"testbuys:funds:{currency}"


def spent(currency: str) -> str:
    """The account of what was spent."""
    return f"testbuys:spent:{currency}"


def budget_of(plan_id: str) -> str:
    """The account of a plan; it can never be overdrawn."""
    return f"testbuys:plan:{plan_id}"


def accounts(plan: Plan, now: datetime) -> list[Account]:
    """Those of a plan that is drawn; the two of its currency opened once, at a time that all plans agree on."""
    unit, long_ago = plan.budget.currency, datetime(1970, 1, 1, tzinfo=now.tzinfo)
    return [
        Account(id=funds(unit), unit=unit, kind="testbuy_funds", opened_at=long_ago, floor=None),
        Account(id=spent(unit), unit=unit, kind="testbuy_cost", opened_at=long_ago),
        Account(id=budget_of(plan.plan_id), unit=unit, kind="testbuy_budget", opened_at=plan.at),
    ]


def funding(plan: Plan, purchases: Sequence[Purchase], now: datetime) -> list[Entry]:
    """The budget, and what each purchase may cost."""
    plan_account, unit = budget_of(plan.plan_id), plan.budget.currency
    fund = Transfer(
        id=derived("tbf", plan.plan_id), debit=funds(unit), credit=plan_account, amount=plan.budget.amount, at=now,
        reason="testbuy_budget", because=(plan.plan_id,),
    )  # fmt: skip
    return [fund, *(_reserve(each, now) for each in purchases)]


def settling(purchase: Purchase, cost: int, spare: int, now: datetime) -> list[Entry]:
    """What the purchase came to. What goes beyond its reservation is taken from what its plan has to spare (`spare`),
    and what goes beyond that from the funds, under a reason of its own: money that was spent is always booked.
    """
    within = min(cost, purchase.cost_max.amount)
    if within == 0:
        return [releasing(purchase, now)]
    found: list[Entry] = [
        Settlement(
            id=_settlement(purchase), reservation_id=reservation(purchase), at=now, reason="testbuy_cost",
            because=(purchase.testbuy_id,), amount=within,
        )
    ]  # fmt: skip
    from_plan = min(cost - within, spare)
    if from_plan:
        found.append(_beyond(purchase, budget_of(purchase.plan_id), from_plan, "testbuy_above_reserve", now))
    if beyond := cost - within - from_plan:
        found.append(_beyond(purchase, funds(purchase.cost_max.currency), beyond, "testbuy_above_budget", now))
    return found


def releasing(purchase: Purchase, now: datetime) -> Release:
    """Nothing was spent."""
    return Release(
        id=derived("tbe", purchase.testbuy_id), reservation_id=reservation(purchase), at=now,
        reason=f"testbuy_{purchase.state}", because=(purchase.testbuy_id,),
    )  # fmt: skip


def returning(plan: Plan, left: int, now: datetime) -> list[Entry]:
    """What is left of a plan whose purchases are all over."""
    if not left:
        return []
    return [
        Transfer(
            id=derived("tbl", plan.plan_id), debit=budget_of(plan.plan_id), credit=funds(plan.budget.currency),
            amount=left, at=now, reason="testbuy_left", because=(plan.plan_id,),
        )
    ]  # fmt: skip


def reservation(purchase: Purchase) -> str:
    """The id of what is reserved for a purchase."""
    return derived("tbr", purchase.testbuy_id)


def _settlement(purchase: Purchase) -> str:
    return derived("tbs", purchase.testbuy_id)


def _reserve(purchase: Purchase, now: datetime) -> Transfer:
    return Transfer(
        id=reservation(purchase), debit=budget_of(purchase.plan_id), credit=spent(purchase.cost_max.currency),
        amount=purchase.cost_max.amount, at=now, reason="testbuy_planned", because=(purchase.testbuy_id,),
        pending=True,
    )  # fmt: skip


def _beyond(purchase: Purchase, debit: str, amount: int, reason: str, now: datetime) -> Transfer:
    return Transfer(
        id=derived("tbx", purchase.testbuy_id, reason), debit=debit, credit=spent(purchase.cost_max.currency),
        amount=amount, at=now, reason=reason, because=(purchase.testbuy_id,),
    )  # fmt: skip
