"""What the tests of cases have in common: a store with desks that hear, people, and things that are found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from agoranomos.cases.desk.deciding import Ruling
from agoranomos.cases.desk.model import Case, Outcome
from agoranomos.cases.rooms import Cases
from agoranomos.cases.service import CaseService
from agoranomos.enforcement.actions import confirm
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.enforcement.queries import About as AboutActions
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.queries import listed as listed_actions
from agoranomos.goods.rooms import Rooms
from agoranomos.goods.trade.queries import store_of_listing
from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_types_after
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Reason, Related, Status, Subject, SubjectKind, finding_id
from agoranomos.kernel.ids import derived
from agoranomos.kernel.store import Store
from agoranomos.rules.keeping import keep_outputs
from agoranomos.rules.policy import load_queues
from agoranomos.sellers.rooms import Sellers
from tests.builders import NOW, make_sellers, make_vault

ADA, BEN, CYD = (Actor("person", name) for name in ("ada", "ben", "cyd"))
ACTIONS = load_action_policy()
REASON = "The logo on the photos is not the brand's, and the price is a tenth of it."


def make_finding(
    name: str = "l1", *, code: str = "goods.counterfeit_suspected", score: float = 0.8, kind: SubjectKind = "listing",
    exposure: int | None = None, related: tuple[Related, ...] = (), ring_id: str | None = None, revision: int = 1,
    status: Status = "live", episode: str = "1",
) -> Finding:  # fmt: skip
    """A finding on `name`; `exposure` in fen."""
    subject = Subject(kind, name)
    evidence = {} if exposure is None else {"exposure": {"amount": exposure, "currency": "CNY"}}
    return Finding(
        id=finding_id(code, subject, episode), at=rfc3339(NOW), code=code, subject=subject, score=score,
        reasons=(Reason(code, "It looks wrong.", evidence),), detector=code, version="1", related=related,
        ring_id=ring_id, revision=revision, status=status,
    )  # fmt: skip


class Office:
    """People at work over a store; the clock is moved by hand."""

    def __init__(self, store: Store, draw: Callable[[int], bytes] = bytes, **policy: Any) -> None:
        self.store = store
        self.now = NOW
        self.vault = make_vault()
        self.goods = Rooms(store, self.vault, HEARERS, self.clock, draw)
        made = make_sellers(store, self.clock)
        self.sellers = Sellers(**{**vars_of(made), "hearers": HEARERS, "store_of": store_of_listing})
        self.rooms = Cases(
            lambda: store, lambda: self.vault, HEARERS, self.goods, self.sellers, ACTIONS, load_queues(), self.clock,
            draws=draw,
        )  # fmt: skip
        if policy:
            changed = msgspec.structs.replace(self.rooms.policy, **policy)
            self.rooms.__dict__["policy"] = changed

    def clock(self) -> Any:
        return self.now

    @property
    def cases(self) -> CaseService:
        return self.rooms.service

    def later(self, **delta: float) -> None:
        """Time passes; the clocks of cases run."""
        self.now += timedelta(**delta)
        self.cases.run_clocks()

    def find(self, *found: Finding) -> None:
        """The desks find something, and it is gathered."""
        keep = partial(keep_outputs, policy=ACTIONS)
        with self.store.transaction() as connection:
            keep(connection, list(found), self.now)
        self.cases.gather()

    def tell(self, kind: str, /, **data: Any) -> Event:
        """The marketplace tells something, and everybody hears it."""
        with self.store.transaction() as connection:
            event = parse_event(
                {
                    "specversion": "1.0",
                    "id": derived("e", kind, str(data), rfc3339(self.now)),
                    "source": "shop",
                    "type": kind,
                    "time": rfc3339(self.now),
                    "data": data,
                }
            )
            accept(connection, self.vault, [event], now=self.now, hearers=HEARERS)
            self.rooms._follow(connection, self.now)
        self.cases.gather()
        return event

    def opened(self, store_id: str = "s1", seller_id: str = "u1", *listings: str) -> None:
        """A store with listings."""
        self.tell("store.opened", store_id=store_id, seller_id=seller_id)
        for name in listings:
            price = {"amount": 9_900, "currency": "CNY"}
            self.tell("listing.submitted", listing_id=name, store_id=store_id, title="shoes", price=price)

    def next(self, by: Actor = ADA, queue: str = "goods", *, leads: bool = False) -> Case:
        return self.cases.take_next(queue, by=by, leads=leads)

    def decide(
        self, case: Case, outcome: Outcome = "upheld", by: Actor = ADA, clause: str = "counterfeit", **more: Any
    ) -> Case:  # fmt: skip
        """Decides a case that `by` holds."""
        wants = tuple(Want(kind, subject) for kind, subject in more.pop("wants", ()))
        ruling = Ruling(outcome=outcome, clause=clause, reason=REASON, wants=wants, **more)
        return self.cases.decide(case.case_id, ruling, by=by)

    def actions(self) -> list[Kept]:
        """Everything that was asked for."""
        with self.store.reading() as connection:
            return listed_actions(connection, AboutActions(), after=None, limit=1_000)

    def carried_out(self) -> None:
        """The marketplace says that it did what it was asked for."""
        with self.store.transaction() as connection:
            for each in self.actions():
                if each.status == "pending":
                    confirm(connection, each.id, "done", by=ADA, policy=ACTIONS, now=self.now)

    def told(self, kind: str = "case.decided") -> list[dict[str, Any]]:
        """The data of events in the log."""
        with self.store.reading() as connection:
            return [each.event.data for each in read_types_after(connection, [kind], 0)]


def vars_of(rooms: Sellers) -> dict[str, Any]:
    """The fields of a desk's rooms."""
    return {name: getattr(rooms, name) for name in rooms.__dataclass_fields__}
