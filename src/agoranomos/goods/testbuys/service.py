"""One request, one transaction: what HTTP and commands share of test buys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
import sqlalchemy as sa

from agoranomos.goods.testbuys import actions, planning, queries, shelf
from agoranomos.goods.testbuys.design import Candidate, is_seen
from agoranomos.goods.testbuys.estimating import Answer, Estimate, estimate
from agoranomos.goods.testbuys.model import Appraisal, Move, Plan, Purchase, Shopper, State, Verdict
from agoranomos.goods.testbuys.policy import Policy
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.goods.testbuys.weighing import CLEAR, Agreement, agreement
from agoranomos.intake import actions as intake
from agoranomos.intake.actions import Hearers
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.ids import derived
from agoranomos.kernel.money import Money
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault

SOURCE = "agoranomos/testbuys"
"""The source of the events that are said here."""
EVIDENCE = ("goods.*",)
_NOT_EVIDENCE = "goods.testbuy"
"""What test buys found is not evidence for buying again: it is known."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase with all that was done and said about it."""

    purchase: Purchase
    moves: list[Move]
    appraisals: list[Appraisal]


class Estimates(msgspec.Struct, frozen=True, kw_only=True):
    """What the clear verdicts of a plan say of the shelf that it was drawn from: `all` of it, and the `unseen`, of
    which nobody had said anything at or above the line; None without any clear verdict. `open` purchases are still
    under way, `unclear` ones came to nothing (inconclusive, cancelled, lost).
    """

    plan_id: str
    purchases: int
    open: int
    unclear: int
    all: Estimate | None
    unseen: Estimate | None


@dataclass(frozen=True, slots=True)
class TestBuyService:
    """The store, the vault and who hears events, the policy, the clock, and random bytes for seeds."""

    __test__ = False  # what begins with Test is no test here

    store: Store
    vault: Vault
    hearers: Hearers
    policy: Policy
    clock: Clock
    draws: Callable[[int], bytes]

    def plan(
        self, budget: Money, *, categories: Sequence[str] = (), candidates: Sequence[Candidate] | None = None, by: Actor
    ) -> Plan:
        """Commits to a plan over what is on sale (of these `categories`), or over `candidates`. Raises Invalid."""
        if candidates is None:
            self.follow()
            candidates = self.candidates(categories)
        now = self.clock()
        with self.store.transaction() as connection:
            return planning.commit(connection, candidates, budget, policy=self.policy, draws=self.draws, by=by, now=now)

    def follow(self) -> None:
        """Brings the shelf up to date with the event log."""
        while True:
            with self.store.transaction() as connection:
                if shelf.follow(connection):
                    return

    def candidates(self, categories: Sequence[str] = ()) -> list[Candidate]:
        """What is on sale in the currency of the policy, with the evidence that the findings are."""
        since = self.clock() - timedelta(days=self.policy.design.evidence_days)
        with self.store.reading() as connection:
            known = _scores(connection, since)
            found = [
                (listing_id, store_id, category, price)
                for listing_id, store_id, category, price in queries.shelf(connection, self.policy.currency)
                if not categories or category in categories
            ]
        return [
            Candidate(listing_id, store_id, category, self._score(known, listing_id, store_id), self._cost(price))
            for listing_id, store_id, category, price in found
        ]

    def draw(self, plan_id: str, *, by: Actor) -> Plan:
        """See `planning.execute`."""
        with self.store.transaction() as connection:
            return planning.execute(connection, plan_id, policy=self.policy, by=by, now=self.clock())

    def drop(self, plan_id: str, *, by: Actor) -> Plan:
        """See `planning.drop`."""
        with self.store.transaction() as connection:
            return planning.drop(connection, plan_id, by=by, now=self.clock())

    def verify(self, plan_id: str) -> tuple[bool, list[str]]:
        """See `planning.redraw`."""
        with self.store.reading() as connection:
            return planning.redraw(connection, plan_id)

    def show(self, testbuy_id: str) -> Shown:
        """Raises NotFound."""
        with self.store.reading() as connection:
            return Shown(
                purchase=queries.get(connection, testbuy_id),
                moves=queries.moves_of(connection, testbuy_id),
                appraisals=queries.appraisals_of(connection, [testbuy_id]),
            )

    def move(self, testbuy_id: str, after: State, *, cost: Money | None = None, by: Actor) -> Purchase:
        """See `actions.move`; to `booked` also `actions.book`."""
        verb = actions.book if after is State.BOOKED else None
        with self.store.transaction() as connection:
            if verb is not None:
                return verb(connection, testbuy_id, by=by, now=self.clock(), cost=cost)
            return actions.move(connection, testbuy_id, after, by=by, now=self.clock(), cost=cost)

    def assign(self, testbuy_id: str, sent: Sent, *, by: Actor) -> Purchase:
        """See `actions.assign`."""
        with self.store.transaction() as connection:
            return actions.assign(connection, testbuy_id, sent, policy=self.policy, by=by, now=self.clock())

    def appraise(
        self, testbuy_id: str, appraiser_id: str, verdict: Verdict, cost: Money, *, batch_id: str | None = None,
        by: Actor,
    ) -> Purchase:  # fmt: skip
        """Says what an appraiser told us, as the event that it is: everybody who hears `testbuy.appraised` hears it.

        Raises NotFound, Conflict before the article could be at an appraiser's, Invalid for what is no such event.
        """
        now = self.clock()
        with self.store.transaction() as connection:
            purchase = queries.get(connection, testbuy_id)
            if purchase.state in (State.PLANNED, State.CANCELLED, State.LOST):
                raise Conflict(f"this test buy is {purchase.state}; nobody can have appraised it")
            data = {
                "testbuy_id": testbuy_id, "listing_id": purchase.listing_id, "store_id": purchase.store_id,
                "verdict": verdict, "appraiser_id": appraiser_id,
                "cost": {"amount": cost.amount, "currency": cost.currency},
            }  # fmt: skip
            if batch_id is not None:
                data["batch_id"] = batch_id
            raw = {
                "specversion": "1.0", "id": derived("e", testbuy_id, appraiser_id, verdict, rfc3339(now)),
                "source": SOURCE, "type": "testbuy.appraised", "time": rfc3339(now), "data": data,
            }  # fmt: skip
            hearers = {"testbuy.appraised": actions.hear, **self.hearers}  # at least this room
            intake.accept(connection, self.vault, [parse_event(raw)], now=now, hearers=hearers)
            actions.note_appraisal(connection, testbuy_id, appraiser_id, verdict, by=by, now=now)
            return queries.get(connection, testbuy_id)

    def add_shopper(self, shopper_id: str, address_ids: Sequence[str], *, by: Actor) -> Shopper:
        """See `actions.add_shopper`."""
        with self.store.transaction() as connection:
            return actions.add_shopper(connection, shopper_id, address_ids, by=by, now=self.clock())

    def retire_shopper(self, shopper_id: str, *, by: Actor) -> Shopper:
        """See `actions.retire_shopper`."""
        with self.store.transaction() as connection:
            return actions.retire_shopper(connection, shopper_id, by=by, now=self.clock())

    def estimate(self, plan_id: str) -> Estimates:
        """See `estimated`."""
        with self.store.reading() as connection:
            return estimated(connection, plan_id)

    def agreement(self, days: int) -> Agreement:
        """How far appraisers agreed in the last `days`."""
        with self.store.reading() as connection:
            said = queries.verdicts_since(connection, self.clock() - timedelta(days=days))
        return agreement(said.values())

    def _score(self, known: dict[tuple[str, str], float], listing_id: str, store_id: str) -> float:
        settings = self.policy.design
        of_store = known.get(("store", store_id), 0.0) * settings.store_share
        return max(settings.score_unknown, known.get(("listing", listing_id), 0.0), of_store)

    def _cost(self, price: int) -> int:
        return price + self.policy.costs.delivery + self.policy.costs.appraisal


def estimated(connection: sa.Connection, plan_id: str) -> Estimates:
    """What a plan says of its shelf so far. Raises NotFound, and Conflict for a plan that was not drawn."""
    plan = queries.get_plan(connection, plan_id)
    if plan.state != "drawn":
        raise Conflict("this plan was not drawn yet; there is nothing to estimate from")
    bought = queries.of_plan(connection, plan_id)
    frame = planning.frame_of(connection, plan_id)
    answers = [
        Answer(number, each.stratum, each.inclusion, each.verdict == "counterfeit")
        for number, each in enumerate(bought)
        if each.verdict in CLEAR
    ]
    over = [each for each in bought if each.state in (State.CANCELLED, State.LOST) or each.verdict == "inconclusive"]
    joint = frame.design.chances.joint(np.array([each.place for each in bought], dtype=np.int64))
    unseen = {name: size for name, size in plan.sizes.items() if not is_seen(name, frame.settings.bands)}
    return Estimates(
        plan_id=plan_id,
        purchases=len(bought),
        open=len(bought) - len(answers) - len(over),
        unclear=len(over),
        all=estimate(answers, plan.sizes, joint),
        unseen=estimate(answers, unseen, joint),
    )


def candidates_of(lines: bytes, policy: Policy) -> list[Candidate]:
    """Candidates in a file of JSON lines {listing_id, store_id, price_amount, [category, score]}; the price in minor
    units of the policy's currency. Raises Invalid and names the line.
    """
    found = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Invalid(f"line {number} is no candidate: {error}") from error
        cost = row.price_amount + policy.costs.delivery + policy.costs.appraisal
        found.append(
            Candidate(row.listing_id, row.store_id, row.category, row.score or policy.design.score_unknown, cost)
        )
    return found


class _Line(msgspec.Struct, frozen=True):
    listing_id: planning.CandidateId
    store_id: planning.CandidateId
    price_amount: planning.Price
    category: str = ""
    score: planning.Score = 0.0


def _scores(connection: sa.Connection, since: datetime) -> dict[tuple[str, str], float]:
    """(kind, id) of listings and stores → the highest score that a finding gives them."""
    found: dict[tuple[str, str], float] = {}
    for each in judgements.scored(connection, EVIDENCE, since=since):
        if each.subject.kind in ("listing", "store") and not each.code.startswith(_NOT_EVIDENCE):
            key = (each.subject.kind, each.subject.id)
            found[key] = max(found.get(key, 0.0), each.score)
    return found
