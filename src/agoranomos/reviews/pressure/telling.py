"""What is said of a store that presses its critics: the people, what came before, what is usual; ids only.

Authors are not named: many wrote anonymously. The ids of reviews and of the events around them are enough to look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.reviews.pressure.books import Shop
from agoranomos.reviews.pressure.chances import Pool, Verdict
from agoranomos.reviews.pressure.model import Episode, Sequence
from agoranomos.reviews.pressure.policy import Policy

NAME: Final = "reviews.pressure"
VERSION: Final = "1"
PRESSURE: Final = "reviews.deletion_pressure"
PAID: Final = "reviews.paid_to_delete"
HARASSED: Final = "reviews.harassed_to_delete"
HARASSMENT: Final = "reviews.harassment"
SHOWN_MAX: Final = 50
_CHANCE_MIN: Final = 1e-300


class Removed(msgspec.Struct, frozen=True):
    """A review that was taken back under pressure, and how: `deleted` or `raised`. For whoever counts scores."""

    review_id: str
    how: str
    at: str


def removed_under_pressure(finding: Finding) -> list[Removed]:
    """The reviews that a finding of deletion pressure says were taken back; none of another finding."""
    if finding.code != PRESSURE:
        return []
    told = finding.reasons[0].evidence["sequences"]
    return [Removed(each["review_id"], each["how"], each["at"]) for each in told]


def pressing(
    store_id: str, shop: Shop, verdict: Verdict, event: Event, pool: Pool, policy: Policy
) -> tuple[Finding | None, Episode | None]:
    """The finding, when it is worth a person's time, and the episode that it belongs to."""
    sequences = sorted(_sequences(shop), key=lambda each: (each.at, each.review_id))
    paid = sum(each.has("payment") for each in sequences)
    reports = sum(each.has("harassment") for each in sequences)
    score = _score(verdict, paid, reports, policy)
    if score < policy.report_line:
        return None, shop.episode
    began = min(each.contacts[0].at for each in sequences)
    episode = shop.episode or Episode(began, event.time)
    episode = Episode(
        episode.started_at, max(event.time, episode.last_at), shop.counts.seen + shop.counts.word, episode.revision + 1
    )  # fmt: skip
    subject = Subject("store", store_id)
    reasons = [_pressed(shop, verdict, sequences, pool, policy)]
    if paid:
        reasons.append(_of(PAID, paid, f"{paid} of them were paid by the store, or by its people, before.",
                           f"其中 {paid} 人此前收到店铺或其人员的转账或红包。"))  # fmt: skip
    if reports:
        reasons.append(_of(HARASSED, reports, f"{reports} of them reported harassment by the store before.",
                           f"其中 {reports} 人此前举报遭到店铺骚扰。"))  # fmt: skip
    finding = Finding(
        id=finding_id(PRESSURE, subject, episode.started_at), at=rfc3339(event.time), code=PRESSURE, subject=subject,
        score=score, reasons=tuple(reasons), detector=NAME, version=VERSION, revision=episode.revision,
        related=tuple(Related("review", each.review_id, "victim") for each in sequences[-SHOWN_MAX:]),
        event_ids=tuple(dict.fromkeys(_events(sequences[-SHOWN_MAX:]))),
    )  # fmt: skip
    return finding, episode


def harassing(store_id: str, shop: Shop, usual: float, chance: float, event: Event, policy: Policy) -> Finding:
    """Many different people report one store. It is their word: worth a look, never enough to act on."""
    assert shop.reports is not None, "the episode began with the report"
    subject, people = Subject("store", store_id), len(shop.people)
    words = (
        f"{shop.reporters} different people who wrote badly of the store report harassment, of {people} who did; "
        f"{usual:.1%} would be usual."
    )
    evidence = {
        "reporters": shop.reporters, "critics": people, "usual": round(usual, 5), "chance": _short(chance),
        "message_zh": f"对该店铺写过差评的 {people} 人中有 {shop.reporters} 人举报骚扰，通常比例为 {usual:.1%}。",
    }  # fmt: skip
    return Finding(
        id=finding_id(HARASSMENT, subject, shop.reports.started_at), at=rfc3339(event.time), code=HARASSMENT,
        subject=subject, score=policy.reports_score, reasons=(Reason(HARASSMENT, words, evidence),), detector=NAME,
        version=VERSION, revision=shop.reports.revision, event_ids=(event.id,),
    )  # fmt: skip


def _pressed(shop: Shop, verdict: Verdict, sequences: list[Sequence], pool: Pool, policy: Policy) -> Reason:
    counts, hours = shop.counts, policy.within_hours
    words = (
        f"Of {counts.reached} people whom the store reached out to after a bad review, {counts.seen + counts.word} "
        f"took it back or raised it within {hours} hours; {verdict.usual:.1%} would be usual."
    )
    zh = (
        f"店铺在差评后联系过 {counts.reached} 人，其中 {counts.seen + counts.word} 人在 {hours} 小时内删除或改为好评，"
        f"通常比例为 {verdict.usual:.1%}。"
    )
    evidence = {
        "reached": counts.reached, "paid": counts.paid, "taken_back": counts.seen + counts.word, "counted":
        counts.taken_back, "usual": round(verdict.usual, 5), "chance": _short(verdict.chance), "stores": pool.stores,
        "sequences": [_told(each) for each in sequences[-SHOWN_MAX:]], "message_zh": zh,
    }  # fmt: skip
    return Reason(PRESSURE, words, evidence)


def _told(sequence: Sequence) -> dict[str, Any]:
    return {
        "review_id": sequence.review_id, "how": sequence.how, "at": rfc3339(sequence.at),
        "event_id": sequence.event_id,
        "contacts": [
            {"kind": each.kind, "at": rfc3339(each.at), "event_id": each.event_id} for each in sequence.contacts
        ],
        "hours": round((sequence.at - sequence.contacts[-1].at).total_seconds() / 3_600, 1),
    }  # fmt: skip


def _of(code: str, people: int, words: str, zh: str) -> Reason:
    return Reason(code, words, {"people": people, "message_zh": zh})


def _events(sequences: list[Sequence]) -> Iterator[str]:
    for each in sequences:
        yield from (contact.event_id for contact in each.contacts)
        yield each.event_id


def _sequences(shop: Shop) -> Iterator[Sequence]:
    return (each.sequence for each in shop.people.values() if each.sequence is not None)


def _score(verdict: Verdict, paid: int, reports: int, policy: Policy) -> float:
    logit = policy.prior - policy.per_nat * math.log(max(verdict.chance, _CHANCE_MIN))
    logit += policy.per_paid * min(paid, policy.counted_max) + policy.per_report * min(reports, policy.counted_max)
    return round(min(policy.score_max, 1.0 / (1.0 + math.exp(-logit))), 4)


def _short(chance: float) -> float:
    return float(f"{chance:.3g}")
