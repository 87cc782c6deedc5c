"""What the tests of conduct have in common: events, a replay of them, and the same over the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.intake.actions import accept
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.sellers.conduct.history import monitors
from agoranomos.sellers.conduct.live import Conduct
from agoranomos.sellers.conduct.policies import load_policies
from agoranomos.sellers.freeze.actions import settle
from tests.builders import make_vault

DAY0 = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A Monday morning in Shanghai, early in a year."""
ACTIONS = load_action_policy()


def suspects(text: str) -> float:
    """Reads as well as these tests write."""
    return 0.95 if "fake" in text else 0.05


POLICIES = load_policies()
VAULT = make_vault()


def on(day: float) -> datetime:
    """So many days after DAY0."""
    return DAY0 + timedelta(days=day)


def told(kind: str, name: str, day: float, /, **data: Any) -> Event:
    """An event of a type, so many days after DAY0."""
    return parse_event(
        {"specversion": "1.0", "id": name, "source": "shop", "type": kind, "time": rfc3339(on(day)), "data": data}
    )


def opened(store: str = "s1", seller: str = "u1", day: float = -100, **more: Any) -> Event:
    return told("store.opened", f"open-{store}", day, store_id=store, seller_id=seller, **more)


def case(
    name: str, day: float, outcome: str = "upheld", *, seller: str | None = "u1", store: str | None = "s1",
    subject: tuple[str, str] = ("listing", "l1"), clause: str = "counterfeit", **more: Any,
) -> Event:  # fmt: skip
    """A decision of a case; None leaves out who it is about."""
    given = {"seller_id": seller, "store_id": store}
    return told(
        "case.decided", f"{name}-{outcome}-{day}", day, case_id=name,
        subject={"kind": subject[0], "id": subject[1]}, outcome=outcome, clause=clause,
        **{key: value for key, value in given.items() if value is not None}, **more,
    )  # fmt: skip


def overturn(name: str, what: str, day: float, **more: Any) -> Event:
    return case(name, day, "overturned", overturns=what, **more)


def course(name: str, day: float, seller: str = "u1") -> Event:
    return told("course.completed", f"{seller}-{name}-{day}", day, seller_id=seller, course_id=name)


def replayed(*events: Event, until: float | None = None, which: str | None = None) -> list[Output]:
    """What the rooms (`which`: one of them) say of a history."""
    run = Run([each for each in monitors(ACTIONS, POLICIES, suspects) if which in (None, each.name)])
    said = run.feed(list(events))
    return said + (run.pass_until(on(until)) if until is not None else [])


class Market:
    """The rooms over a store; `now` is what the clock says."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.live = Conduct(ACTIONS, POLICIES, suspects=suspects)
        self.now = DAY0

    def take(self, *events: Event, now: float | None = None) -> Market:
        """Takes events in, and lets the rooms hear them; the clock is at the last of them, or at `now`."""
        latest = max((event.time for event in events), default=self.now)
        self.now = on(now) if now is not None else max(self.now, latest)
        with self.store.transaction() as connection:
            accept(connection, VAULT, list(events), now=self.now)
        self.hear()
        return self

    def later(self, day: float) -> Market:
        """Nothing happens until then; what was asked for meanwhile is settled."""
        self.now = on(day)
        self.hear()
        return self

    def hear(self) -> None:
        while not self._step():
            pass
        with self.store.transaction() as connection:
            settle(connection, self.live.freezing, self.now)

    def _step(self) -> bool:
        with self.store.transaction() as connection:
            return self.live.step(connection, self.now)


def actions(said: Sequence[Output]) -> list[Action]:
    return [each for each in said if isinstance(each, Action)]


def findings(said: Sequence[Output]) -> list[Finding]:
    return [each for each in said if isinstance(each, Finding)]


def brief(said: Sequence[Output]) -> list[str]:
    """Actions as `day kind subject params`, in the order in which they were asked for."""
    found = []
    for each in actions(said):
        day = (datetime.fromisoformat(each.at) - DAY0).days
        params = " ".join(f"{name}={value}" for name, value in sorted(each.params.items()) if name != "course_id")
        found.append(" ".join(filter(None, (str(day), each.kind, each.subject.id, params))))
    return found


def cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def order(
    name: str, day: float, paid: int = 10_000, *, store: str = "s1", buyer: str = "b1",
    listings: Sequence[str] = ("l1",), device_id: str | None = None, **prices: int,
) -> Event:  # fmt: skip
    """An order of `listings` at one price, or of listings at their list `prices`."""
    lines = [
        {"listing_id": listing, "quantity": 1, "price": cny(price)}
        for listing, price in (prices or dict.fromkeys(listings, paid)).items()
    ]
    shown = {"device_id": device_id} if device_id else {}
    return told(
        "order.placed", f"placed-{name}", day, order_id=name, buyer_id=buyer, store_id=store, lines=lines,
        paid=cny(paid), **shown,
    )  # fmt: skip


def refund(name: str, day: float, amount: int) -> Event:
    return told("order.refunded", f"refunded-{name}-{day}", day, order_id=name, amount=cny(amount))


def returned(name: str, day: float, reason: str = "suspected_fake", **more: Any) -> Event:
    data = {"return_id": f"r-{name}", "order_id": name, "reason_code": reason, **more}
    return told("return.requested", f"return-{name}", day, **data)


def complained(name: str, day: float, text: str = "it is fake", **about: Any) -> Event:
    return told("complaint.filed", f"complaint-{name}", day, complaint_id=name, channel="text", text=text, **about)


def notice(name: str, day: float, *listings: str, kind: str = "counterfeit") -> Event:
    return told(
        "notice.filed", f"notice-{name}", day, notice_id=name, rights_holder_id="h1", brand_id="brand", kind=kind,
        listing_ids=list(listings), statement="no",
    )  # fmt: skip


def noticed(name: str, day: float, outcome: str = "upheld", **but: str) -> Event:
    """A notice is decided; of the listings in `but` otherwise."""
    listings = [{"listing_id": listing, "outcome": each} for listing, each in but.items()]
    return told("notice.decided", f"noticed-{name}-{day}", day, notice_id=name, outcome=outcome, listings=listings)


def closed(store: str, day: float, reason: str = "violation") -> Event:
    return told("store.closed", f"close-{store}-{day}", day, store_id=store, reason=reason)


def appraised(name: str, day: float, verdict: str = "counterfeit", listing: str = "l1", store: str = "s1") -> Event:
    return told(
        "testbuy.appraised", f"appraised-{name}", day, testbuy_id=name, listing_id=listing, store_id=store,
        verdict=verdict, appraiser_id="a1", cost=cny(0),
    )  # fmt: skip


def payout(name: str, day: float, amount: int, *orders: str, store: str = "s1") -> Event:
    return told(
        "payout.requested", f"payout-{name}", day, payout_id=name, store_id=store, amount=cny(amount),
        order_ids=list(orders),
    )  # fmt: skip


def settled(name: str, day: float) -> Event:
    return told("payout.settled", f"settled-{name}", day, payout_id=name)


def decisions(said: Sequence[Output]) -> list[Decision]:
    return [each for each in said if isinstance(each, Decision)]
