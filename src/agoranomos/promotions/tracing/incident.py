"""An incident: what a campaign gave away, to whom, and who of them is a ring, a heavy individual, or of good faith."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from agoranomos.promotions.tracing.judging import heavy_lines
from agoranomos.promotions.tracing.memory import Memory, value_of
from agoranomos.promotions.tracing.model import Beneficiary, Claim, Coupon, Member, Order, Quote, Ring, Tier
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.telling import ring_id
from agoranomos.promotions.tracing.wording import words

TOP = 10


class Sum(msgspec.Struct, frozen=True):
    """Accounts, the coupons they took, how many of those are used and unused, and what the used ones took off."""

    accounts: int
    claims: int
    spent: int
    unused: int
    value: int


class Flow(msgspec.Struct, frozen=True):
    """A payee or device, how many accounts it served, and the value that went through it."""

    id: str
    accounts: int
    value: int


class RingShown(msgspec.Struct, frozen=True):
    """A ring as far as it touched the campaign: its members and victims, and the ties that hold it together."""

    ring_id: str
    members: tuple[str, ...]
    victims: tuple[str, ...]
    kinds: tuple[str, ...]
    since: datetime
    claims: int
    value: int


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts are minor units of `currency`; beneficiaries stand in the order of value, the largest first."""

    campaign_id: str
    began_at: datetime | None
    last_at: datetime | None
    currency: str
    issued: int
    claimed: int
    redeemed: int
    refunded: int
    voided: int
    paid: int
    tiers: dict[str, Sum]
    rings: tuple[RingShown, ...]
    payees: tuple[Flow, ...]
    devices: tuple[Flow, ...]
    beneficiaries: tuple[Beneficiary, ...]
    version: str


def incident(
    campaign_id: str, coupons: Sequence[Coupon], memory: Memory, found: Sequence[Ring], policy: Policy
) -> Incident:
    """The incident of a campaign whose coupons are `coupons`; `memory` knows their orders, `found` all rings."""
    claims = list(memory.claims(coupons=coupons))
    of: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of[claim.account_id].append(claim)
    open_coupons = Counter(each.account_id for each in coupons if unused(each))
    placed = {member.account_id: (ring, member) for ring in found for member in ring.members}
    lines = heavy_lines(of, policy.heavy_claims)
    line = lines.get(campaign_id, policy.heavy_claims)
    people = [_beneficiary(name, of[name], open_coupons[name], placed.get(name), line) for name in sorted(of)]
    people.sort(key=lambda each: (-each.value, each.account_id))
    moments = sorted(claim.at for claim in claims)
    orders = [memory.orders[each.order_id] for each in coupons if each.order_id in memory.orders]
    return Incident(
        campaign_id=campaign_id,
        began_at=moments[0] if moments else None,
        last_at=moments[-1] if moments else None,
        currency=_currency(coupons, orders),
        issued=sum(each.issued_at is not None for each in coupons),
        claimed=sum(each.at is not None for each in coupons),
        redeemed=sum(each.redeemed_at is not None for each in coupons),
        refunded=sum(each.refunded_at is not None for each in coupons),
        voided=sum(each.voided_at is not None for each in coupons),
        paid=sum(each.paid or 0 for each in coupons if each.spent),
        tiers={tier.value: _sum([each for each in people if each.tier is tier]) for tier in Tier},
        rings=tuple(_shown(ring, of) for ring in found if any(each.account_id in of for each in ring.members)),
        payees=_flows(claims, "payee"),
        devices=_flows(claims, "device"),
        beneficiaries=tuple(people),
        version=policy.version,
    )  # fmt: skip


def _currency(coupons: Sequence[Coupon], orders: Sequence[Order]) -> str:
    return next((each.currency for each in coupons if each.currency), "") or next(
        (each.currency for each in orders if each.currency), ""
    )


def unused(coupon: Coupon) -> bool:
    """Whether it can still be used."""
    return coupon.redeemed_at is None and coupon.voided_at is None


def _beneficiary(
    account_id: str, claims: Sequence[Claim], open_coupons: int, placed: tuple[Ring, Member] | None, line: int
) -> Beneficiary:
    spent = [claim for claim in claims if claim.spent]
    tier, reasons, ring, score = Tier.GOOD_FAITH, list[dict[str, Any]](), None, 0.0
    if placed is not None:
        ring, score = ring_id(placed[0]), placed[1].score
        tier = Tier.VICTIM if placed[1].victim else Tier.RING
        reasons = [_reason(quote) for quote in placed[1].quotes]
    elif len(claims) >= line:
        tier, reasons = Tier.HEAVY, [_reason(Quote("heavy", "", len(claims), 0.0))]
    return Beneficiary(
        account_id=account_id, tier=tier, claims=len(claims), spent=len(spent), unused=open_coupons,
        value=sum(claim.value for claim in spent), reasons=tuple(reasons), ring_id=ring, score=score,
    )  # fmt: skip


def _reason(quote: Quote) -> dict[str, Any]:
    english, chinese = words(quote)
    return {"kind": quote.kind, "key": quote.key, "weight": quote.weight, "message": english, "message_zh": chinese}


def _sum(people: Iterable[Beneficiary]) -> Sum:
    each = list(people)
    return Sum(
        len(each), sum(one.claims for one in each), sum(one.spent for one in each), sum(one.unused for one in each),
        sum(one.value for one in each),
    )  # fmt: skip


def _shown(ring: Ring, of: Mapping[str, Sequence[Claim]]) -> RingShown:
    here = [claim for each in ring.members for claim in of.get(each.account_id, ())]
    return RingShown(
        ring_id=ring_id(ring),
        members=tuple(each.account_id for each in ring.members if not each.victim),
        victims=tuple(each.account_id for each in ring.members if each.victim),
        kinds=ring.kinds,
        since=ring.since,
        claims=len(here),
        value=sum(claim.value for claim in here if claim.spent),
    )


def _flows(claims: Sequence[Claim], kind: str) -> tuple[Flow, ...]:
    accounts: dict[str, set[str]] = defaultdict(set)
    value: Counter[str] = Counter()
    for claim in claims:
        if key := getattr(claim, kind):
            accounts[key].add(claim.account_id)
            value[key] += claim.value if claim.spent else 0
    ranked = sorted(accounts, key=lambda key: (-value[key], -len(accounts[key]), key))
    return tuple(Flow(key, len(accounts[key]), value[key]) for key in ranked[:TOP])


def value_left(coupons: Iterable[Coupon], memory: Memory) -> int:
    """What unused coupons could still take off."""
    return sum(value_of(each, memory.orders.get(each.order_id)) for each in coupons if unused(each))
