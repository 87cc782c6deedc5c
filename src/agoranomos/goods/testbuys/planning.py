"""The verbs of plans, given an open transaction: commit to a draw, draw, drop, estimate.

First everything that the draw depends on is frozen and committed to in the audit log: candidates, evidence, costs,
settings, budget, and half of the seed. The other half is the root of a checkpoint that is signed later. So nobody
chooses a seed after seeing what it draws, and whoever has the plan and the log can draw again and compare. Plans that
were committed to and dropped stay in the log, with who dropped them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
import sqlalchemy as sa
import zstandard

from agoranomos.audit import queries as audit
from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.goods.testbuys import booking, queries
from agoranomos.goods.testbuys.design import Candidate, Design, design
from agoranomos.goods.testbuys.drawing import commitment, draw, seed_of
from agoranomos.goods.testbuys.drawing import numbers as drawn_numbers
from agoranomos.goods.testbuys.model import DRAW, Plan, Purchase, State
from agoranomos.goods.testbuys.policy import DesignSettings, Policy
from agoranomos.goods.testbuys.shoppers import assign
from agoranomos.goods.testbuys.tables import testbuy_moves, testbuy_plans, testbuys
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Wanted
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger.posting import open_accounts, post
from agoranomos.kernel.money import AMOUNT_MAX, Money
from agoranomos.staff import approving

SECRET_BYTES: Final = 32
CANDIDATES_MAX: Final = 200_000
CandidateId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Price = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
Score = Annotated[float, msgspec.Meta(ge=0, le=1)]
_LASTS: Final = timedelta(days=14)
_FRAME_BYTES_MAX: Final = 1 << 30


class Frame(msgspec.Struct, frozen=True):
    """All that a draw depends on but the seed."""

    budget: Money
    settings: DesignSettings
    candidates: tuple[Candidate, ...]

    @property
    def design(self) -> Design:
        """The same in every process."""
        return design(self.candidates, self.budget.amount, self.settings)


def commit(
    connection: sa.Connection, candidates: Sequence[Candidate], budget: Money, *, policy: Policy,
    draws: Callable[[int], bytes], by: Actor, now: datetime,
) -> Plan:  # fmt: skip
    """Makes a plan and commits to it; above the policy's line a second person is asked to agree. Raises Invalid."""
    _require_usable(candidates, budget, policy)
    ordered = tuple(sorted(candidates, key=lambda each: each.listing_id))
    raw = msgspec.json.encode(Frame(budget, policy.design, ordered))
    made = msgspec.json.decode(raw, type=Frame).design
    digest = hashlib.blake2b(raw, digest_size=32).hexdigest()
    secret = draws(SECRET_BYTES)
    bound = commitment(secret, digest)
    plan_id = derived("tbp", bound)
    sizes = dict(sorted(Counter(made.strata).items()))
    approval_id = _ask(connection, plan_id, budget, digest, policy, by, now)
    params: dict[str, Any] = {
        "digest": digest, "commitment": bound, "budget": budget.amount, "currency": budget.currency,
        "listings": len(ordered), "policy": policy.version,
    }  # fmt: skip
    entry = record(connection, _entry("testbuy.commit", plan_id, params, by, now))
    row = {
        "plan_id": plan_id, "at": now, "by": str(by), "state": "committed", "budget": budget.amount,
        "currency": budget.currency, "listings": len(ordered), "sizes": sizes,
        "listings_expected": float(made.inclusion.sum()), "frame": zstandard.compress(raw), "digest": digest,
        "commitment": bound, "secret": secret, "entry": entry, "approval_id": approval_id,
    }  # fmt: skip
    connection.execute(testbuy_plans.insert(), row)
    return queries.get_plan(connection, plan_id)


def execute(connection: sa.Connection, plan_id: str, *, policy: Policy, by: Actor, now: datetime) -> Plan:
    """Draws what is to be bought, reserves its cost, and says who buys it; drawn once, it stays so.

    Raises NotFound, and Conflict when the second person has not agreed, or the audit log was not signed since.
    """
    plan = queries.get_plan(connection, plan_id)
    if plan.state == "drawn":
        return plan
    if plan.state == "dropped":
        raise Conflict("this plan was dropped; make another one")
    size, root = _root_after(connection, plan.entry)
    if plan.approval_id is not None:
        approving.spend(connection, plan.approval_id, _wanted(plan_id, plan.budget, plan.digest), by=by, now=now)
    frame = frame_of(connection, plan_id)
    seed = seed_of(queries.secret_of(connection, plan_id), root)
    bought = _purchases(plan, frame, seed, policy, now)
    open_accounts(connection, booking.accounts(plan, now))
    bought = _with_shoppers(connection, bought, seed, policy, now)
    _set(connection, plan_id, state="drawn", drawn_at=now, root=root.hex(), root_size=size)
    _keep(connection, bought, by, now)
    post(connection, booking.funding(plan, bought, now), now=now)
    if not bought:
        post(connection, booking.returning(plan, plan.budget.amount, now), now=now)
    params = {"root": root.hex(), "root_size": size, "purchases": len(bought)}
    record(connection, _entry("testbuy.draw", plan_id, params, by, now))
    return queries.get_plan(connection, plan_id)


def drop(connection: sa.Connection, plan_id: str, *, by: Actor, now: datetime) -> Plan:
    """Gives a plan up before it is drawn; the commitment stays in the log. Raises NotFound, Conflict."""
    plan = queries.get_plan(connection, plan_id)
    if plan.state == "drawn":
        raise Conflict("this plan was drawn already; cancel its test buys one by one")
    if plan.state == "committed":
        _set(connection, plan_id, state="dropped")
        record(connection, _entry("testbuy.drop", plan_id, {"commitment": plan.commitment}, by, now))
    return queries.get_plan(connection, plan_id)


def redraw(connection: sa.Connection, plan_id: str) -> tuple[bool, list[str]]:
    """Draws again what a plan drew, as an auditor does: whether it is the same, and what is wrong otherwise.

    Raises NotFound, and Conflict for a plan that was not drawn.
    """
    plan = queries.get_plan(connection, plan_id)
    if plan.state != "drawn" or plan.root is None or plan.root_size is None:
        raise Conflict("this plan was not drawn; there is nothing to compare")
    secret, raw = queries.secret_of(connection, plan_id), _raw(queries.frame_of(connection, plan_id))
    wrong = []
    if hashlib.blake2b(raw, digest_size=32).hexdigest() != plan.digest:
        wrong.append("the candidates are not those that were committed to")
    if commitment(secret, plan.digest) != plan.commitment:
        wrong.append("the secret half of the seed is not the one that was committed to")
    said = audit.get_entry(connection, plan.entry).entry
    if (said.verb, said.subject_id, said.params.get("commitment")) != ("testbuy.commit", plan_id, plan.commitment):
        wrong.append("the audit log does not hold this commitment")
    if audit.mth(connection)(0, plan.root_size).hex() != plan.root:
        wrong.append("the root is not that of the audit log")
    frame = msgspec.json.decode(raw, type=Frame)
    drawn = {
        frame.candidates[place].listing_id for place in draw(frame.design, seed_of(secret, bytes.fromhex(plan.root)))
    }
    if drawn != {each.listing_id for each in queries.of_plan(connection, plan_id)}:
        wrong.append("another draw comes of this seed")
    return not wrong, wrong


def frame_of(connection: sa.Connection, plan_id: str) -> Frame:
    """What the draw of a plan is from."""
    return msgspec.json.decode(_raw(queries.frame_of(connection, plan_id)), type=Frame)


def _require_usable(candidates: Sequence[Candidate], budget: Money, policy: Policy) -> None:
    if budget.currency != policy.currency:
        raise Invalid(f"the budget must be in {policy.currency}, the currency of the policy", pointer="/budget")
    if budget.amount <= 0:
        raise Invalid("a budget is an amount above zero", pointer="/budget")
    if not candidates:
        raise Invalid("there is nothing on the shelf to draw from; ingest listings, or give a file of them")
    if len(candidates) > CANDIDATES_MAX:
        raise Invalid(f"a plan draws from at most {CANDIDATES_MAX:,} listings; choose categories")
    if len({each.listing_id for each in candidates}) < len(candidates):
        raise Invalid("a listing stands twice among the candidates; each may stand there once")
    if min(each.cost for each in candidates) > budget.amount:
        raise Invalid("the budget does not pay for a single one of the candidates; raise it", pointer="/budget")


def _ask(
    connection: sa.Connection, plan_id: str, budget: Money, digest: str, policy: Policy, by: Actor, now: datetime
) -> str | None:
    if budget.amount <= policy.approval_above:
        return None
    wanted = _wanted(plan_id, budget, digest)
    return approving.request(connection, wanted, by=by, now=now, lasts=_LASTS).approval_id


def _wanted(plan_id: str, budget: Money, digest: str) -> Wanted:
    params = {"budget": budget.amount, "currency": budget.currency, "digest": digest}
    return Wanted(kind=DRAW, subject_kind="testbuy_plan", subject_id=plan_id, params=params)


def _root_after(connection: sa.Connection, entry: int) -> tuple[int, bytes]:
    """Size and root of the earliest checkpoint that holds the entry: the one that nobody can pick."""
    kept = audit.checkpoint_after(connection, entry)
    if kept is not None:
        return kept.size, Checkpoint.parse(Note.parse(kept.note).text).root
    raise Conflict(
        "the audit log was not signed since this plan was committed to; `agora serve` signs it every minute, "
        "`agora audit checkpoint` at once"
    )


def _purchases(plan: Plan, frame: Frame, seed: bytes, policy: Policy, now: datetime) -> list[Purchase]:
    made = frame.design
    found = [
        Purchase(
            testbuy_id=derived("tb", plan.plan_id, made.candidates[place].listing_id), plan_id=plan.plan_id,
            place=place, listing_id=made.candidates[place].listing_id, store_id=made.candidates[place].store_id,
            stratum=made.strata[place], inclusion=float(made.inclusion[place]),
            cost_max=Money(made.candidates[place].cost, plan.budget.currency), state=State.PLANNED, changed_at=now,
        )
        for place in draw(made, seed).tolist()
    ]  # fmt: skip
    return _with_second(found, plan.budget.amount, seed, policy)


def _with_second(found: Sequence[Purchase], budget: int, seed: bytes, policy: Policy) -> list[Purchase]:
    """Some go to a second appraiser too, as far as the budget has room for it."""
    spare = budget - sum(each.cost_max.amount for each in found)
    lots = drawn_numbers(seed, [f"second {each.testbuy_id}" for each in found], 0)
    purchases = list(found)
    for number in sorted(range(len(found)), key=lambda number: lots[number]):
        if lots[number] >= policy.second_share or spare < policy.costs.appraisal:
            break
        spare -= policy.costs.appraisal
        cost = Money(found[number].cost_max.amount + policy.costs.appraisal, found[number].cost_max.currency)
        purchases[number] = msgspec.structs.replace(found[number], twice=True, cost_max=cost)
    return purchases


def _with_shoppers(
    connection: sa.Connection, found: Sequence[Purchase], seed: bytes, policy: Policy, now: datetime
) -> list[Purchase]:
    since = now - timedelta(days=policy.shoppers.term_days)
    known = queries.known(connection, {each.store_id for each in found}, since)
    wanted = [(each.testbuy_id, each.store_id) for each in found]
    sent = assign(wanted, queries.shoppers(connection), known, seed)
    return [
        msgspec.structs.replace(
            each, shopper_id=sent[each.testbuy_id].shopper_id, address_id=sent[each.testbuy_id].address_id
        )
        if each.testbuy_id in sent
        else each
        for each in found
    ]


def _keep(connection: sa.Connection, found: Sequence[Purchase], by: Actor, now: datetime) -> None:
    if not found:
        return
    connection.execute(testbuys.insert(), [_row(each) for each in found])
    moves = [
        {
            "testbuy_id": each.testbuy_id,
            "number": 1,
            "at": now,
            "by": str(by),
            "before": None,
            "after": each.state.value,
        }
        for each in found
    ]
    connection.execute(testbuy_moves.insert(), moves)


def _row(each: Purchase) -> dict[str, Any]:
    return {
        "testbuy_id": each.testbuy_id, "plan_id": each.plan_id, "place": each.place, "listing_id": each.listing_id,
        "store_id": each.store_id, "stratum": each.stratum, "inclusion": each.inclusion,
        "cost_max": each.cost_max.amount, "currency": each.cost_max.currency, "state": each.state.value,
        "changed_at": each.changed_at, "twice": each.twice, "shopper_id": each.shopper_id,
        "address_id": each.address_id, "verdict": None, "cost": None,
    }  # fmt: skip


def _raw(compressed: bytes) -> bytes:
    return zstandard.decompress(compressed, max_output_size=_FRAME_BYTES_MAX)


def _set(connection: sa.Connection, plan_id: str, **values: Any) -> None:
    connection.execute(sa.update(testbuy_plans).where(testbuy_plans.c.plan_id == plan_id).values(**values))


def _entry(verb: str, plan_id: str, params: dict[str, Any], by: Actor, now: datetime) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind="testbuy_plan", subject_id=plan_id, params=params)
