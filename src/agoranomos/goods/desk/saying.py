"""The finding that says what all sources together know of a listing, each with what it adds."""

from __future__ import annotations

from typing import Final

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.goods.desk.records import Record
from agoranomos.goods.evidence.adding import Part, Sum
from agoranomos.goods.evidence.model import Source
from agoranomos.goods.profiles.model import Profile
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

CODE: Final = "goods.counterfeit_suspected"
_BY: Final = Actor("model", CODE)
TOGETHER: Final = "goods.evidence_together"
WEIGHTS_SHOWN: Final = 5
"""Of each source, the weightiest."""
_SAYS: Final[dict[Source, tuple[str, str]]] = {
    "text": ("the text", "文字"),
    "price": ("the price", "价格"),
    "picture": ("the pictures", "图片"),
    "seller": ("what is known of the seller", "卖家情况"),
    "complaints": ("what buyers say", "买家反馈"),
    "appraisal": ("appraisals of test buys", "抽检鉴定"),
    "notice": ("notices of rights holders", "权利人通知"),
    "batch": ("the batches it comes from", "货品批次"),
}


def finding_of(
    subject: Subject, record: Record, found: Sum, *, profile: Profile, prior: float, at: str, version: str
) -> Finding:
    """The finding on a listing in its episode; `record` has its next revision."""
    parts = sorted(found.parts, key=lambda part: (-abs(part.counted), part.source))
    related = (Related("store", record.store_id, "tie"),) if record.store_id else ()
    return Finding(
        id=finding_id(CODE, subject, record.began_at),
        at=at,
        code=CODE,
        subject=subject,
        score=found.score,
        reasons=(_together(parts, found, profile, prior), *(reason for part in parts for reason in _reasons(part))),
        detector=CODE,
        version=version,
        related=related,
        revision=record.revision,
        event_ids=tuple(record.events),
    )


def owes(record: Record, profile: Profile, score: float) -> bool:
    """Whether the profile asks for a measure from this `score` on that was not asked for in this episode."""
    return any(score >= measure.line and measure.action not in record.asked for measure in profile.measures)


def actions_of(finding: Finding, record: Record, profile: Profile, score: float, needs: Needs) -> list[Action]:
    """What the profile asks for from `score` on, that of the finding less what is only claimed, and was not asked for
    in this episode; notes it in `record`.
    """
    actions = []
    for measure in profile.measures:
        if score >= measure.line and measure.action not in record.asked:
            record.asked.append(measure.action)
            actions.append(ask(measure.action, finding.subject, {}, finding.id, by=_BY, at=finding.at, needs=needs))
    return actions


def _together(parts: list[Part], found: Sum, profile: Profile, prior: float) -> Reason:
    said = ", ".join(f"{_SAYS[part.source][0]} {part.counted:+.1f}" for part in parts)
    said_zh = "、".join(f"{_SAYS[part.source][1]} {part.counted:+.1f}" for part in parts)
    evidence = {
        "prior": prior,
        "log_odds": found.log_odds,
        "profile": f"{profile.name}@{profile.version}",
        "parts": {part.source: {"weight": part.weight, "counted": part.counted} for part in parts},
        "message_zh": f"综合判断：{said_zh}；先验 {prior:+.1f}，合计 {found.log_odds:+.1f}。",
    }
    return Reason(
        TOGETHER, f"Added up: {said}; with {prior:+.1f} before anything was known, {found.log_odds:+.1f}.", evidence
    )


def _reasons(part: Part) -> list[Reason]:
    return [
        Reason(
            one.code,
            one.message,
            {"source": part.source, "weight": one.weight, "since": one.at.isoformat()}
            | ({"message_zh": one.message_zh} if one.message_zh else {}),
        )
        for one in part.weights[:WEIGHTS_SHOWN]
    ]
