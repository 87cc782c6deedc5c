"""The whole application on a real store with something of everything in it, and everybody who may ask it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from agoranomos.hearing import HEARERS
from agoranomos.judgements import actions as judgements
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.staff.roles import FOR_PROGRAMS, Role
from tests.audit.log import Log
from tests.builders import NOW
from tests.goods.batches.builders import condemned, listed, received, sold
from tests.goods.listings.market import make_event
from tests.hostile import desks
from tests.hostile.bodies import BODIES, KINDS, RULE, told, wish
from tests.staff.house import Client, House
from tests.stores import make_store

PATIENCE_S: Final = 120.0
FEW: Final = ("checks.run", "decisions.read")
CALLERS: Final = ("nobody", "program", "program of few", *(role.value for role in Role), "everything", "everything too")
"""`program` holds every scope there is for programs; the last two are people with all roles, who approve each other."""


class Callers:
    """Everybody in CALLERS, signed in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._given: dict[str, dict[str, dict[str, str]]] = {}
        self._people = 0

    def credentials(self, who: str) -> dict[str, dict[str, str]]:
        """`headers` and `cookies` of the caller."""
        if who not in self._given:
            self._given[who] = self._signed_in(who)
        return self._given[who]

    def call(self, who: str) -> dict[str, Any]:
        """The same for schemathesis, and the patience that a busy disk needs."""
        return {**self.credentials(who), "timeout": PATIENCE_S}

    def forget(self, who: str) -> None:
        """Somebody has taken what `who` had; next time they sign in as somebody new."""
        self._given.pop(who, None)

    def browser(self, who: str) -> Client:
        """A browser in which `who` has signed in; never entered, for leaving it would end the application."""
        client = self.house.browser()
        client.cookies.update(self.credentials(who)["cookies"])
        return client

    def _signed_in(self, who: str) -> dict[str, dict[str, str]]:
        if who == "nobody":
            return {"headers": {}, "cookies": {}}
        if who.startswith("program"):
            scope = FOR_PROGRAMS if who == "program" else FEW
            return {"headers": dict(self.house.program(*sorted(scope)).headers), "cookies": {}}
        roles = tuple(Role) if who.startswith("everything") else (Role(who),)
        self._people += 1
        person = self.house.add(f"caller{self._people}", *roles)
        return {"headers": {}, "cookies": dict(self.house.browser_of(person).cookies)}


@contextmanager
def furnished() -> Iterator[tuple[House, Callers]]:
    """The application with something of everything in its store, and everybody signed in."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        house = House(store)
        callers = Callers(house)
        furnish(house, callers)
        try:
            yield house, callers
        finally:
            store.close()


def furnish(house: House, callers: Callers) -> None:
    """Findings, decisions, actions of every state, a measure, an endpoint with deliveries, approvals, people, keys,
    batches on their way, a plan of test buys with a shopper, an enrolment, notices, a rule and its list, a seller with
    points, a freeze and an appeal, a case."""
    with house.store.transaction() as connection:
        reason = Reason("goods.brand_disguised", "because", {"weight": 3.2})
        found = Finding(
            id="f1", at="2026-05-01T00:00:00Z", code="goods.brand_disguised", subject=Subject("listing", "l1"),
            score=0.9, reasons=(reason,), detector="goods.brand_disguised", version="1",
        )  # fmt: skip
        judgements.keep_findings(connection, [found], now=NOW)

    house.cases.service.gather()
    send = partial(sent, callers, "everything")
    send("POST", "/v1/webhooks/endpoints", {"url": "https://shop.example/hooks"})
    wishes = [wish(kind, number) for number, kind in enumerate(KINDS)]
    send("POST", "/v1/actions", {"actions": wishes, "because": ["f1"]})
    send("POST", "/v1/actions", {"actions": wishes, "because": ["f1", "f2"], "as_measure": True})
    send("POST", "/v1/checks/listing", make_event(title="N\u0456\uff4b\uff45 1:1"))
    send("POST", "/v1/people", {"name": "Eve", "email": "eve@example.org"})
    send("POST", "/v1/keys", {"name": "shop", "permissions": ["events.write"]})
    single = [told("order.placed", "e-order"), told("testbuy.appraised", "e-test", verdict="counterfeit")]
    assert house.program("events.write").post("/v1/events", json=single).status_code == 202
    way = [received("A"), received("B", quantity=30), listed("A"), listed("B", 0.5, kind="listing.updated"), *sold(3)]
    shelf = [listed(None, listing=f"shelf{number:02}") for number in range(20)]
    for events in (way, shelf, [condemned("A", 30)]):
        assert house.program("events.write").post("/v1/events", json=events).status_code == 202
    send("GET", "/v1/batches/A/trace", None)  # who asks hears what was told since
    send("POST", "/v1/testbuys/shoppers", {"shopper_id": "sh1", "address_ids": ["a1", "a2"]})
    send("POST", "/v1/testbuys/plans", {"budget": {"amount": 500_000, "currency": "CNY"}})
    send("POST", "/v1/programmes/enrolments", {"seller_id": "u1", "programme": "original_brand"})

    Log(house.store, house.access.key()).grow(1)
    stock(house, callers)


def sent(callers: Callers, who: str, method: str, address: str, body: Any = None) -> Any:
    """The answer of the application to `who`, who is allowed to ask that."""
    answer = callers.browser(who).request(method, address, json=body)
    assert answer.status_code < 300, (address, answer.text)
    return answer.json()


def stock(house: House, callers: Callers) -> None:
    """What people of the desks have made so far, and what sellers have done; each thing in a state of its own."""
    send, agree = partial(sent, callers, "everything"), partial(sent, callers, "everything too")

    def make(label: str, number: int = 0, **fields: Any) -> Any:
        method, address = label.split()
        return send(method, address, {**BODIES[label](number), **fields})

    make("POST /v1/lists", list_id="family_devices", kind="allow")
    for number in range(3):
        make("POST /v1/rules", number)
    for version in (1, 2):  # the first goes live, the second runs beside it
        send("POST", f"/v1/rules/{RULE}/shadow", {"version": version})
        asked = send("POST", f"/v1/rules/{RULE}/promotion", {"version": version})
        if version == 1:
            agree("POST", f"/v1/rules/{RULE}/verdict", {"approval_id": asked["approval_id"], "approved": True})
    for label in ("POST /v1/snoozes", "POST /v1/backtests", "POST /v1/sellers/freezes"):
        make(label)
    notices = [make("POST /v1/notices", number)["notice_id"] for number in range(4)]
    send("POST", f"/v1/notices/{notices[0]}/counter", {"statement": "We have invoices."})
    send("POST", f"/v1/notices/{notices[0]}/decision", {"outcome": "upheld", "reason": "A copy."})
    make("POST /v1/vault/erasures")
    make("POST /v1/sellers/certification/appointments")
    events = [
        told("seller.applied", "e-applied", seller_id="u1"),
        told("case.decided", "e-case", case_id="case-points", subject={"kind": "seller", "id": "u1"}, outcome="upheld"),
        told("appeal.filed", "e-appeal", appeal_id="ap-1", case_id="case-points", seller_id="u1"),
        told("consent.given", "e-consent", seller_id="u1", purpose="credit", recipient="bank"),
        told("payout.requested", "e-payout"),
    ]
    for told_now in (events, desks.history()):
        answer = house.program("events.write").post("/v1/events", json=told_now)
        assert (answer.status_code, answer.json()["rejected"]) == (202, []), answer.text
    with house.store.transaction() as connection:
        HEARERS["campaign.declared"](connection, parse_event(desks.history()[0]), NOW)
    house.access.service.follow()
    house.promotions.guard.follow()
    house.promotions.traces.follow()
    desks.stock(make, send, agree)
    plan = send("GET", "/v1/testbuys/plans")["items"][0]["plan_id"]
    send("POST", f"/v1/testbuys/plans/{plan}/draw")
