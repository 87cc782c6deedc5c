"""Findings on staff, in words: what was counted, what is usual for colleagues, and by chance how often."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from agoranomos.access.insiders.favouring import CLEARS
from agoranomos.access.insiders.looking import LOOKS, NIGHTS, PAIRS, RESTORES
from agoranomos.access.insiders.model import Sign, Told
from agoranomos.access.insiders.policy import Policy
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id

NAME: Final = "access.insiders"
VERSION: Final = "2"
_SHOWN_MAX: Final = 50
Words = Callable[[Mapping[str, Any]], tuple[str, str]]


def _clears(of: Mapping[str, Any]) -> tuple[str, str]:
    words = (
        f"Cleared {of['cleared']} of {of['cases']} cases of one seller; colleagues cleared {of['cleared_by_peers']} of "
        f"{of['cases_of_peers']}, and {of['expected']:.1f} would be usual here. By the share of work, "
        f"{of['cases_expected']:.1f} of this seller's cases would be expected."
    )
    chinese = (
        f"对同一卖家的 {of['cases']} 件案件中驳回 {of['cleared']} 件；同事对该卖家的 {of['cases_of_peers']} 件中"
        f"驳回 {of['cleared_by_peers']} 件，此处通常为 {of['expected']:.1f} 件。按工作量应经手 "
        f"{of['cases_expected']:.1f} 件。"
    )
    return words, chinese


def _looks(of: Mapping[str, Any]) -> tuple[str, str]:
    words = (
        f"Looked at {of['count']} people without a case; {of['expected']:.1f} would be usual for colleagues in "
        f"{of['work_days']:.0f} days of work."
    )
    chinese = f"无案件查看 {of['count']} 人；同事在 {of['work_days']:.0f} 个工作日中通常为 {of['expected']:.1f} 人。"
    return words, chinese


def _pairs(of: Mapping[str, Any]) -> tuple[str, str]:
    words = (
        f"Approved {of['given']} of {of['requests_of_other']} requests of a colleague, who approved "
        f"{of['given_back']} in return; in a team of this size {of['expected']:.1f} would be usual for both together."
    )
    chinese = (
        f"批准某同事 {of['requests_of_other']} 项申请中的 {of['given']} 项，对方回批 {of['given_back']} 项；"
        f"在这样规模的团队中双方合计通常为 {of['expected']:.1f} 项。"
    )
    return words, chinese


def _nights(of: Mapping[str, Any]) -> tuple[str, str]:
    words = (
        f"In {of['count']} of {of['exports']} hours in which something was exported it was night, and neither this "
        f"person nor colleagues are used to work then; {of['expected']:.1f} would be usual."
    )
    chinese = (
        f"导出数据的 {of['exports']} 个小时中有 {of['count']} 个在深夜，本人和同事此时通常不工作；"
        f"通常为 {of['expected']:.1f} 个。"
    )
    return words, chinese


def _restores(of: Mapping[str, Any]) -> tuple[str, str]:
    words = (
        f"Brought back {of['count']} listings of one seller that colleagues had removed, without an appeal that said "
        f"so; {of['expected']:.1f} would be usual for colleagues."
    )
    chinese = f"恢复同一卖家被同事下架的商品 {of['count']} 件，且无申诉依据；同事通常为 {of['expected']:.1f} 件。"
    return words, chinese


WORDS: Final[Mapping[str, Words]] = {
    CLEARS: _clears, LOOKS: _looks, NIGHTS: _nights, PAIRS: _pairs, RESTORES: _restores,
}  # fmt: skip
"""What each code says, in English and Chinese."""


def told_of(sign: Sign, before: Told | None, day: int) -> Told:
    """The episode that `sign` belongs to: that of `before`, with a higher revision, or a new one."""
    if before is None:
        return Told(rfc3339(min(act.at for act in sign.acts)), len(sign.acts), 1, day)
    return Told(before.start, len(sign.acts), before.revision + 1, day)


def finding(sign: Sign, told: Told, now: datetime, policy: Policy) -> Finding:
    """The finding on the member of staff."""
    subject = Subject("staff", sign.staff_id)
    numbers = {"count": len(sign.acts), **sign.figures, "chance": min(1.0, sign.chance)}
    words, chinese = WORDS[sign.code](numbers)
    evidence = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in numbers.items()}
    about = sorted({act.about for act in sign.acts}) if sign.code == LOOKS else []
    related = [Related(kind, each, "member" if kind == "staff" and sign.code == PAIRS else "tie")
               for kind, each in sign.others]  # fmt: skip
    related += [Related("account", each, "victim") for each in about]
    logit = policy.prior - policy.per_nat * math.log(max(sign.chance, 1e-12))
    return Finding(
        id=finding_id(f"{sign.code}|{sign.key}" if sign.key else sign.code, subject, told.start), at=rfc3339(now),
        code=sign.code, subject=subject, score=round(min(policy.score_max, 1.0 / (1.0 + math.exp(-logit))), 4),
        reasons=(Reason(sign.code, words, {**evidence, "message_zh": chinese}),), detector=NAME, version=VERSION,
        related=tuple(related[:_SHOWN_MAX]), revision=told.revision,
        event_ids=tuple(act.event_id for act in sign.acts[-_SHOWN_MAX:]),
    )  # fmt: skip
