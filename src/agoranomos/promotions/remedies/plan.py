"""The plan of remedies: for each who had the good of a campaign, what is done, what it costs and what it brings back.

A pure function of the incident: the same incident gives the same plan, and so the same actions, whoever asks for it and
however often.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal

import msgspec

from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived
from agoranomos.kernel.money import MINOR_DIGITS
from agoranomos.promotions.remedies.messages import MESSAGES
from agoranomos.promotions.remedies.policy import Policy
from agoranomos.promotions.tracing.incident import Incident, unused
from agoranomos.promotions.tracing.memory import value_of
from agoranomos.promotions.tracing.model import Beneficiary, Coupon
from agoranomos.promotions.tracing.service import Traces

RINGS_SHOWN: Final = 5
Kind = Literal[
    "coupon.void", "coupon.replace", "shipment.stop", "value.claw_back", "account.ask", "account.warn_owner",
    "account.refer",
]  # fmt: skip


class Remedy(msgspec.Struct, frozen=True):
    """One thing to be done. `saves`: value that is not lost by it; `recovers`: value that may come back; `costs`: what
    it gives away, all in minor units. `message` names what the person is told ("": nothing).
    """

    kind: Kind
    subject: Subject
    account_id: str
    params: dict[str, Any]
    saves: int = 0
    recovers: int = 0
    costs: int = 0
    message: str = ""


class Totals(msgspec.Struct, frozen=True):
    """How many remedies of a kind there are, and what they come to."""

    count: int
    saves: int
    recovers: int
    costs: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All remedies, in order, with totals by kind; `messages`: what people are told, in Chinese and English.
    `lost`: value that is gone and that nobody is asked for.
    """

    plan_id: str
    campaign_id: str
    currency: str
    totals: dict[str, Totals]
    lost: int
    messages: dict[str, tuple[str, str]]
    remedies: tuple[Remedy, ...]
    version: str


def plan(traces: Traces, policy: Policy) -> Plan:
    """What the policy says is to be done about an incident."""
    incident = traces.incident
    of: dict[str, list[Coupon]] = defaultdict(list)
    for coupon in traces.coupons:
        of[coupon.account_id].append(coupon)
    found = [
        remedy for person in sorted(incident.beneficiaries, key=lambda each: each.account_id)
        for remedy in _for(person, of[person.account_id], traces, policy)
    ]  # fmt: skip
    taken = {person.account_id for person in incident.beneficiaries}
    for account in sorted(set(of) - taken):  # sent out, and never taken
        found += _unused(account, of[account], traces, policy, "good_faith")
    gone = sum(person.value for person in incident.beneficiaries)
    said = sorted({remedy.message for remedy in found if remedy.message})
    return Plan(
        plan_id=derived(
            "plan", incident.campaign_id, policy.version, msgspec.json.encode(found, order="sorted").decode()
        ),
        campaign_id=incident.campaign_id,
        currency=incident.currency,
        totals=_totals(found),
        lost=gone - sum(remedy.recovers for remedy in found),
        messages={name: MESSAGES[name] for name in said},
        remedies=tuple(found),
        version=policy.version,
    )


def _for(person: Beneficiary, coupons: Sequence[Coupon], traces: Traces, policy: Policy) -> Iterator[Remedy]:
    measures, account = policy.tiers[person.tier.value], person.account_id
    incident = traces.incident
    yield from _unused(account, coupons, traces, policy, person.tier.value)
    held = 0
    if measures.unshipped == "stop":
        for order_id in sorted({each.order_id for each in coupons if each.spent and each.order_id}):
            order = traces.memory.orders.get(order_id)
            if order is None or order.shipped_at is not None or order.delivered_at is not None:
                continue
            value = sum(value_of(each, order) for each in coupons if each.order_id == order_id and each.spent)
            held += value
            params = {"campaign_id": incident.campaign_id, "account_id": account}
            yield Remedy(
                "shipment.stop", Subject("order", order_id), account, params, saves=value, message="shipment_held"
            )
    gone = person.value - held
    amount = {"amount": {"amount": gone, "currency": incident.currency}, "campaign_id": incident.campaign_id}
    who = Subject("account", account)
    if gone > 0 and measures.spent == "claw_back":
        yield Remedy("value.claw_back", who, account, amount, recovers=gone, message="value_claimed_back")
    if measures.spent == "ask" and gone > policy.kept_value_max:
        asked = gone - policy.kept_value_max
        amount = {**amount, "amount": {"amount": asked, "currency": incident.currency}}
        yield Remedy("account.ask", who, account, amount, recovers=asked, message="cooperation_asked")
    if measures.spent == "inform":
        params = {"campaign_id": incident.campaign_id}
        yield Remedy("account.warn_owner", who, account, params, message="account_in_others_hands")
    if measures.refer:
        params = {"campaign_id": incident.campaign_id, "ring_id": person.ring_id or ""}
        yield Remedy("account.refer", who, account, params)


def _unused(account: str, coupons: Sequence[Coupon], traces: Traces, policy: Policy, tier: str) -> Iterator[Remedy]:
    """About coupons that can still be used."""
    incident, measure = traces.incident, policy.tiers[tier].unused
    for coupon in coupons:
        if not unused(coupon) or measure == "keep":
            continue
        params: dict[str, Any] = {"campaign_id": incident.campaign_id, "account_id": account}
        value, subject = value_of(coupon, None), Subject("coupon", coupon.coupon_id)
        if measure == "void":
            yield Remedy("coupon.void", subject, account, params, saves=value, message="coupon_void")
        elif value > policy.replaced_by:
            params["face_value"] = {"amount": policy.replaced_by, "currency": incident.currency}
            yield Remedy(
                "coupon.replace", subject, account, params, saves=value, costs=policy.replaced_by,
                message="coupon_replaced",
            )  # fmt: skip


def _text(remedies: Sequence[Remedy]) -> str:
    return msgspec.json.encode(remedies, order="sorted").decode()


def _totals(remedies: Sequence[Remedy]) -> dict[str, Totals]:
    counts = Counter(remedy.kind for remedy in remedies)
    return {
        kind: Totals(
            counts[kind],
            sum(each.saves for each in remedies if each.kind == kind),
            sum(each.recovers for each in remedies if each.kind == kind),
            sum(each.costs for each in remedies if each.kind == kind),
        )
        for kind in sorted(counts)
    }


def summary(incident: Incident, made: Plan) -> list[str]:
    """The incident and the plan as people read them."""
    currency = incident.currency
    gone = sum(each.value for each in incident.tiers.values())
    given = f"{money(gone, currency)} given for {money(incident.paid, currency)} paid"
    counts = f"{incident.claimed:,} claimed, {incident.redeemed:,} redeemed, {incident.refunded:,} refunded"
    lines = [f"{incident.campaign_id}: {counts}; {given}", ""]
    lines.append(_row("who", ("accounts", "coupons", "used", "unused", "value")))
    for tier, total in incident.tiers.items():
        many = (total.accounts, total.claims, total.spent, total.unused)
        lines.append(_row(tier, (*(f"{each:,}" for each in many), money(total.value, currency))))
    for ring in incident.rings[:RINGS_SHOWN]:
        tied = f"{len(ring.members)} accounts tied by {', '.join(ring.kinds)}"
        lines.append(f"ring {ring.ring_id}: {tied}; {ring.claims:,} coupons, {money(ring.value, currency)}")
    lines += ["", _row("remedy", ("count", "saves", "recovers", "costs"))]
    for kind, totals in made.totals.items():
        amounts = (money(each, currency) for each in (totals.saves, totals.recovers, totals.costs))
        lines.append(_row(kind, (f"{totals.count:,}", *amounts)))
    return [*lines, f"nobody is asked for {money(made.lost, currency)}"]


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:20}" + "".join(f"{cell:>16}" for cell in cells)


def money(minor: int, currency: str) -> str:
    """An amount as people read it."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{minor / 10**digits:,.{digits}f} {currency}".strip()
