"""From a rule that fired to what is said of it: a finding over a stretch of time, or a hit within a check."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import Consulted
from agoranomos.kernel.decisions import Hit
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, finding_id
from agoranomos.kernel.money import AMOUNT_MAX, Money
from agoranomos.rules.book import Fired
from agoranomos.rules.model import BY_RULE, EXPOSURE

EVENT_IDS_MAX: Final = 20
"""The latest events of an episode that its finding names."""
UNKNOWN_REASON: Final = "rules.features_unknown"
"""The code of the reason that says that features were unknown to rules."""
_AT_STAKE: Final = {
    "order.placed": "paid", "order.refunded": "amount", "payout.requested": "amount", "payment.made": "amount",
    "coupon.issued": "face_value", "coupon.claimed": "paid", "coupon.redeemed": "paid", "listing.submitted": "price",
    "listing.updated": "price", "testbuy.appraised": "cost",
}  # fmt: skip
"""The field of an event that says how much money it is about."""


class Episode(msgspec.Struct):
    """A rule that goes on being true of a subject: since when, how often, and what is at stake so far."""

    began_at: str
    last_us: int
    revision: int
    event_ids: list[str]
    exposure: Money | None


def at_stake(event: Event) -> Money | None:
    """How much money `event` is about, when it says so."""
    money: Any = event.data.get(_AT_STAKE.get(event.type, ""))
    return msgspec.convert(money, Money) if isinstance(money, dict) else None


def together(one: Money | None, other: Money | None) -> Money | None:
    """The sum; what is in another currency than the first is left out."""
    if one is None or other is None or one.currency != other.currency:
        return one or other
    return Money(min(one.amount + other.amount, AMOUNT_MAX), one.currency)


def finding_of(fired: Fired, event: Event, episode: Episode) -> Finding:
    """What a rule found in `event`, in the `episode` that it belongs to.

    The id of a live finding is that of the contract; a candidate's is its own, so that neither revises the other.
    """
    written = fired.used.written
    rule = written.rule
    message, message_zh = written.reason(fired.values)
    evidence: dict[str, Any] = {
        "message_zh": message_zh, "outcome": fired.outcome.value, "values": fired.values,
        "times": episode.revision,
    }  # fmt: skip
    if episode.exposure is not None:
        evidence[EXPOSURE] = {"amount": episode.exposure.amount, "currency": episode.exposure.currency}
    live = fired.used.standing == "live"
    return Finding(
        id=finding_id(rule.id if live else fired.used.key, fired.subject, episode.began_at),
        at=rfc3339(event.time),
        code=rule.id,
        subject=fired.subject,
        score=rule.score,
        reasons=(Reason(rule.id, message, evidence),),
        detector=f"{BY_RULE}{rule.id}",
        version=str(fired.used.version),
        revision=episode.revision,
        event_ids=tuple(episode.event_ids),
        status=fired.used.standing,
    )


def consulted(found: Iterable[Fired], event: Event, book: str, unknown: Collection[str] = ()) -> Consulted:
    """The rules that hold in a check, with the reasons of those that count, and why others do not; and which features
    were `unknown`, so that a rule may not hold that would.
    """
    hits, reasons = list[Hit](), list[Reason]()
    for fired in found:
        rule = fired.used.written.rule
        values = {
            "detector": f"{BY_RULE}{rule.id}", "version": str(fired.used.version), "event_id": event.id,
            "subject": {"kind": fired.subject.kind, "id": fired.subject.id}, "values": fired.values,
        }  # fmt: skip
        hits.append(
            Hit(code=rule.id, outcome=fired.outcome, score=rule.score, status=fired.standing, values=values)
        )  # fmt: skip
        if fired.standing == "live":
            message, message_zh = fired.used.written.reason(fired.values)
            evidence = {"message_zh": message_zh, "values": fired.values}
            reasons.append(Reason(rule.id, message, evidence))
        elif fired.snooze is not None:
            reasons.append(fired.snooze.quiet.reason)
    if unknown:
        names = sorted(unknown)
        zh = f"规则所用的统计此刻未知：{'、'.join(names)}。"
        message = f"Not known at this moment, and rules ask for it: {', '.join(names)}."
        reasons.append(Reason(UNKNOWN_REASON, message, {"features": names, "message_zh": zh}))
    return Consulted(tuple(hits), tuple(reasons), book)
