"""Events about reviews for tests, so many days after a market began; and a made market with the plots of this desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.plots import chosen
from agoranomos.engine.market.plots.shipped import SHIPPED
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
PLOTS = ("bought-praise:day=3,every=1", "hired-operator:day=9", "review-extortion:days=12")


def at(days: float) -> datetime:
    """So many days after the market began."""
    return BEGAN + timedelta(days=days)


def told(kind: str, days: float, **data: Any) -> Event:
    """An event; what follows `from_` is the field `from`."""
    name = f"{kind}/{days:.6f}/{'/'.join(str(data[key]) for key in sorted(data) if key.endswith('_id'))}"
    raw = {"id": name[:128], "source": "test", "specversion": "1.0", "type": kind, "time": rfc3339(at(days))}
    return parse_event({**raw, "data": data})


def review(review_id: str, author: str, store: str, rating: int, days: float, **more: Any) -> Event:
    """`review.posted`, of the order `o-<review>`."""
    data = {"review_id": review_id, "author_id": author, "store_id": store, "rating": rating}
    return told("review.posted", days, **{**data, "order_id": f"o-{review_id}", **more})


def deleted(review_id: str, days: float, by: str = "author") -> Event:
    """`review.deleted`."""
    return told("review.deleted", days, review_id=review_id, by=by)


def edited(review_id: str, rating: int, days: float, by: str = "author") -> Event:
    """`review.edited`."""
    return told("review.edited", days, review_id=review_id, by=by, rating=rating)


def paid(store: str, to: str, days: float, yuan: int = 30) -> Event:
    """`payment.made` by a store."""
    amount = {"amount": yuan * 100, "currency": "CNY"}
    return told("payment.made", days, from_store_id=store, to_account_id=to, amount=amount)


def contact(store: str, author: str, days: float, direction: str = "to_buyer", **more: Any) -> Event:
    """`contact.made`."""
    return told(
        "contact.made", days, store_id=store, account_id=author, channel="call", direction=direction, **more
    )  # fmt: skip


def session(account: str, days: float, device: str = "", **more: Any) -> Event:
    """`session.started` of a buyer; with `store_id`, of a merchant."""
    kind = "merchant" if "store_id" in more else "buyer"
    devices = {"device_id": device} if device else {}
    return told("session.started", days, account_id=account, principal_kind=kind, **devices, **more)


def opened(store: str, seller: str = "", days: float = -30) -> Event:
    """`store.opened`; by a seller of its own."""
    return told("store.opened", days, store_id=store, seller_id=seller or f"seller of {store}")


def said(monitor: Monitor, *events: Event, until: float = 60) -> list[Output]:
    """All that a monitor says of events, which are put in order, and by then."""
    hears = set(monitor.hears)
    run = Run([monitor])
    mine = sorted((each for each in events if each.type in hears), key=lambda each: (each.time, each.id))
    return [*run.feed(mine), *run.pass_until(at(until))]


def newest(outputs: list[Output]) -> dict[tuple[str, str], Finding]:
    """The latest revision of each finding, by subject."""
    return {(each.subject.kind, each.subject.id): each for each in outputs if isinstance(each, Finding)}


class Planted(NamedTuple):
    """A made market: its events, and who takes part in plots of this desk, as (kind, plot, role) by subject."""

    events: list[Event]
    roles: dict[tuple[str, str], tuple[str, str, str]]

    def who(self, plot: str, *roles: str) -> set[tuple[str, str]]:
        """Those with a role in a plot."""
        return {name for name, each in self.roles.items() if each[1] == plot and each[2] in roles}


@cache
def planted(seed: int = 5) -> Planted:
    """With all three plots, over sixteen days."""
    settings = Settings(seed=seed, start=date(2026, 3, 1), days=16, sellers=25, buyers=900)
    events: list[Event] = []
    roles: dict[tuple[str, str], tuple[str, str, str]] = {}
    for each in generate(settings, chosen(PLOTS, SHIPPED)):
        if not isinstance(each, Truth):
            events.append(parse_event(each.raw()))
        elif each.plot in ("bought-praise", "hired-operator", "review-extortion"):
            roles[each.subject_kind, each.subject_id] = (each.kind, each.plot, each.role)
    return Planted(events, roles)
