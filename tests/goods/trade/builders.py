"""What the tests of notices and redress have in common: events, a replay of them, and the same live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.live import GoodsLive
from agoranomos.goods.monitors import notice_monitor, redress_monitor
from agoranomos.goods.policies import Policies, load_policies
from agoranomos.intake.actions import accept
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault

POLICIES = load_policies()
VAULT = make_vault()
FORM: dict[str, Any] = {
    "filer_name": "Li Na", "filer_email": "li.na@brand.example", "signature": "/s/ Li Na", "capacity": "agent",
    "right_numbers": ["CN-4711"], "evidence": [{"testbuy": "pictures/1.jpg"}], "good_faith": True, "accurate": True,
    "authorised": True, "work": "the logo",
}  # fmt: skip


def cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def told(kind: str, name: str, hours: float, /, **data: Any) -> Event:
    """An event of a type, so many hours after NOW."""
    at = rfc3339(NOW + timedelta(hours=hours))
    return parse_event({"specversion": "1.0", "id": name, "source": "shop", "type": kind, "time": at, "data": data})


def listed(listing: str = "l1", store: str = "s1", hours: float = -10) -> Event:
    return told(
        "listing.submitted", f"list-{listing}", hours, listing_id=listing, store_id=store, title="Mug", price=cny(900)
    )


def registered(brand: str = "b1", hours: float = -20, **more: Any) -> Event:
    return told("brand.registered", f"reg-{brand}-{hours}", hours, brand_id=brand, names=["Brand"], **more)


def filed(
    notice: str = "n1", hours: float = 0, *, holder: str = "h1", brand: str = "b1", listings: Sequence[str] = ("l1",),
    kind: str = "counterfeit", **more: Any,
) -> Event:  # fmt: skip
    return told(
        "notice.filed", f"{notice}-filed-{hours}", hours, notice_id=notice, rights_holder_id=holder, brand_id=brand,
        listing_ids=list(listings), kind=kind, statement="These goods are not ours.", **more,
    )  # fmt: skip


def ruled(notice: str = "n1", hours: float = 80, outcome: str = "upheld", **more: Any) -> Event:
    return told("notice.decided", f"{notice}-decided-{hours}", hours, notice_id=notice, outcome=outcome, **more)


def case(name: str, hours: float, outcome: str = "upheld", subject: str = "l1", **more: Any) -> Event:
    about = {"kind": "listing", "id": subject}
    return told(
        "case.decided", f"{name}-{outcome}-{hours}", hours, case_id=name, subject=about, outcome=outcome,
        clause="counterfeit", **more,
    )  # fmt: skip


def replayed(*events: Event, policies: Policies = POLICIES, until: float | None = None) -> list[Output]:
    """What notices and redress say of a history."""
    run = Run([notice_monitor(policies, speaks=True), redress_monitor(policies)])
    said = run.feed(list(events))
    return said + (run.pass_until(NOW + timedelta(hours=until)) if until is not None else [])


def findings(said: Sequence[Output], code: str = "") -> list[Finding]:
    return [each for each in said if isinstance(each, Finding) and each.code.startswith(code)]


def actions(said: Sequence[Output], kind: str = "") -> list[Action]:
    return [each for each in said if isinstance(each, Action) and each.kind.startswith(kind)]


class Shop:
    """The same live: a store, whose log is heard by `GoodsLive`."""

    def __init__(self, store: Store, policies: Policies = POLICIES) -> None:
        self.store = store
        self.live = GoodsLive(policies)

    def take(self, *events: Event, now: datetime | None = None) -> None:
        """Takes events in, at the time of the last one unless told otherwise, and hears them."""
        moment = now or max(event.time for event in events)
        with self.store.transaction() as connection:
            accept(connection, VAULT, events, now=moment)
        self.hear(moment)

    def hear(self, now: datetime) -> None:
        with self.store.transaction() as connection:
            self.live.catch_up(connection, now)

    def said(self) -> tuple[set[tuple[str, int]], set[str]]:
        """(id, revision) of the findings that are kept, and the ids of actions."""
        with self.store.reading() as connection:
            found = connection.execute(sa.text("SELECT finding_id, revision FROM findings")).all()
            asked = connection.execute(sa.text("SELECT action_id FROM actions")).all()
        return {(row[0], row[1]) for row in found}, {row[0] for row in asked}
