"""What is said of notices: findings for whoever works on them, actions for the marketplace to carry out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from agoranomos.enforcement.asking import TELLING, Needs, ask
from agoranomos.goods.notices.model import Notice, Record
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.kernel.ids import derived

NAME: Final = "goods.notices"
VERSION: Final = "1"
FILED, UPHELD, OVERDUE = "goods.notice_filed", "goods.notice_upheld", "goods.notice_overdue"
CONFLICT, BAD_FAITH, REPEAT = "goods.notice_conflict", "goods.notices_in_bad_faith", "goods.repeat_infringer"
REPORT_LINE: Final = 0.5
"""A finding at and above this score: the contract's line for what is worth a person's time."""
UPHELD_SCORE: Final = 0.95
"""Somebody has looked at it and decided; one decision in twenty may be wrong, and is what appeals are for."""
_BY: Final = Actor("model", NAME)
_CONFLICTS: Final = {
    "brand_unknown": ("The brand is not registered.", "该品牌未登记。"),
    "holder_not_registered": (
        "Others are registered for the brand, and this rights holder is not.", "该品牌由他人登记，此权利人未登记。",
    ),
    "claimed_by_another": (
        "Another rights holder has filed notices in the name of this brand.", "另有权利人以该品牌名义提交通知。",
    ),
}  # fmt: skip
_STANDINGS: Final = {"trusted": ("who is trusted", "可信"), "usual": ("of usual standing", "信誉一般")}
_KINDS: Final = {"counterfeit": "假冒", "trademark": "商标", "copyright": "著作权", "patent": "专利"}


class Telling:
    """`needs`: whether an action waits for a second person."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    def acknowledge(self, notice: Notice, at: datetime) -> Action:
        """To the rights holder: that it came, what it lacks, until when it is decided (DSA Art. 16(4))."""
        params: dict[str, Any] = {"notice_id": notice.notice_id, "state": notice.state}
        if notice.missing:
            params["missing"] = list(notice.missing)
        if notice.decide_by is not None:
            params["decide_by"] = rfc3339(notice.decide_by)
        merged = sorted({each.merged_into for each in notice.targets if each.merged_into is not None})
        if merged:
            params["merged_into"] = merged
        return self._tell("notice.acknowledge", holder_of(notice), params, notice, at)

    def forward(self, notice: Notice, at: datetime) -> list[Action]:
        """To each store: what it is about, and until when to answer (E-Commerce Law of China, Art. 42 and 43)."""
        until = {"counter_until": rfc3339(notice.counter_until)} if notice.counter_until else {}
        about = {"notice_id": notice.notice_id, "kind": notice.kind, **until}
        return [
            self._tell(
                "notice.forward", Subject("store", store_id),
                {**about, "listing_ids": listings_of(notice, store_id)}, notice, at,
            )
            for store_id in notice.stores()
        ]  # fmt: skip

    def result(self, notice: Notice, at: datetime) -> list[Action]:
        """To the rights holder and each store: what was decided, and the statement of reasons that says why."""
        parties = [holder_of(notice), *(Subject("store", each) for each in notice.stores())]
        return [
            self._tell(
                "notice.tell", party,
                {"notice_id": notice.notice_id, "statement_id": statement_id(notice, party), "decided": rfc3339(at)},
                notice, at,
            )
            for party in parties
        ]  # fmt: skip

    def remove(self, finding: Finding, notice: Notice, at: datetime) -> Action:
        """The listing goes."""
        params = {"notice_id": notice.notice_id}
        return ask("listing.remove", finding.subject, params, finding.id, by=_BY, at=rfc3339(at), needs=self._needs)

    def restore(self, listing_id: str, notice: Notice, why: str, at: datetime) -> Action:
        """The listing comes back: what was upheld no longer is. `why`: the case or event that says so."""
        params = {"notice_id": notice.notice_id}
        return ask(
            "listing.restore", Subject("listing", listing_id), params, why, by=_BY, at=rfc3339(at), needs=self._needs
        )

    def close(self, finding: Finding, brand_id: str, at: datetime) -> Action:
        """The store goes, when a second person agrees."""
        return ask(
            "store.close",
            finding.subject,
            {"brand_id": brand_id},
            finding.id,
            by=_BY,
            at=rfc3339(at),
            needs=self._needs,
        )

    def reopen(self, store_id: str, brand_id: str, why: str, at: datetime) -> Action:
        """What closed the store no longer stands: too few notices are left. `why`: the case or event that says so."""
        params = {"brand_id": brand_id}
        return ask("store.reopen", Subject("store", store_id), params, why, by=_BY, at=rfc3339(at), needs=self._needs)

    def _tell(self, kind: str, to: Subject, params: dict[str, Any], notice: Notice, at: datetime) -> Action:
        return ask(kind, to, params, notice.notice_id, by=TELLING, at=rfc3339(at), needs=self._needs)


def filed(notice: Notice, at: datetime) -> list[Finding]:
    """On each listing: a rights holder says that it infringes; the score is how often this one was right."""
    if notice.expected < REPORT_LINE or notice.standing == "doubtful":
        return []
    english, chinese = _STANDINGS[notice.standing]
    words = f"A rights holder, {english}, says that the listing infringes a right: {notice.kind}."
    more = {"kind": notice.kind, "message_zh": f"一位{chinese}的权利人称该商品侵权：{_KINDS[notice.kind]}。"}
    return [
        _finding(FILED, Subject("listing", each.listing_id), notice, at, notice.expected, words, **more)
        for each in notice.own
    ]


def upheld(notice: Notice, listing_id: str, at: datetime) -> Finding:
    """On a listing: the notice was right."""
    words = f"A notice of the rights holder was upheld: {notice.kind}."
    subject = Subject("listing", listing_id)
    zh = f"权利人的通知成立：{_KINDS[notice.kind]}。"
    return _finding(UPHELD, subject, notice, at, UPHELD_SCORE, words, kind=notice.kind, message_zh=zh)


def overdue(notice: Notice, at: datetime) -> list[Finding]:
    """On each listing that waits: the decision is owed since `decide_by`."""
    assert notice.decide_by is not None, "what has no clock is not late"
    due = rfc3339(notice.decide_by)
    words = f"A decision on a notice ({notice.kind}) was owed by {due}."
    zh = f"一份通知（{_KINDS[notice.kind]}）应于 {due} 前裁定。"
    score = max(REPORT_LINE, notice.expected)
    return [
        _finding(OVERDUE, Subject("listing", each.listing_id), notice, at, score, words, decide_by=due, message_zh=zh)
        for each in notice.own
        if each.outcome is None
    ]


def conflict(notice: Notice, at: datetime) -> Finding:
    """On the brand: somebody else has, or claims, its rights."""
    reasons = tuple(
        Reason(f"goods.notice_{code}", english, {"notice_id": notice.notice_id, "message_zh": chinese})
        for code in notice.conflicts
        for english, chinese in (_CONFLICTS[code],)
    )
    subject = Subject("brand", notice.brand_id)
    return Finding(
        id=finding_id(CONFLICT, subject, _episode(notice)), at=rfc3339(at), code=CONFLICT, subject=subject,
        score=0.6, reasons=reasons, detector=CONFLICT, version=VERSION,
        related=(Related("principal", notice.rights_holder_id, "tie"),), event_ids=(notice.event_id,),
    )  # fmt: skip


def bad_faith(notice: Notice, record: Record, sure: float, at: datetime) -> Finding:
    """On the rights holder: his notices are hardly ever right."""
    subject = Subject("principal", notice.rights_holder_id)
    words = f"Of {record.decided} decided notices, {record.upheld:.1f} were upheld."
    evidence: dict[str, Any] = {"decided": record.decided, "upheld": round(record.upheld, 3), "sure": round(sure, 4)}
    evidence["message_zh"] = f"已裁定的 {record.decided} 份通知中，{record.upheld:.1f} 份成立。"
    return Finding(
        id=finding_id(BAD_FAITH, subject, "record"), at=rfc3339(at), code=BAD_FAITH, subject=subject,
        score=round(sure, 4), reasons=(Reason("goods.notices_rejected", words, evidence),), detector=BAD_FAITH,
        version=VERSION, related=(Related("brand", notice.brand_id, "tie"),), revision=record.decided,
        event_ids=(notice.event_id,),
    )  # fmt: skip


def repeat_infringer(brand_id: str, store_id: str, notices: Sequence[str], most: int, at: datetime) -> Finding:
    """On a store: so many notices by one brand stand upheld against it."""
    subject = Subject("store", store_id)
    words = f"{len(notices)} notices by one brand were upheld against the store; {most} close it."
    zh = f"同一品牌有 {len(notices)} 份针对该店铺的通知成立；达到 {most} 份即关店。"
    evidence = {"brand_id": brand_id, "notice_ids": list(notices), "message_zh": zh}
    return Finding(
        id=finding_id(REPEAT, subject, brand_id), at=rfc3339(at), code=REPEAT, subject=subject, score=UPHELD_SCORE,
        reasons=(Reason("goods.notices_upheld", words, evidence),),
        detector=REPEAT, version=VERSION, related=(Related("brand", brand_id, "victim"),),
        revision=len(notices) - most + 1,
    )  # fmt: skip


def holder_of(notice: Notice) -> Subject:
    """The rights holder as somebody whom the marketplace can tell something."""
    return Subject("principal", notice.rights_holder_id)


def statement_id(notice: Notice, party: Subject) -> str:
    """The statement of reasons that a party gets about the decision on a notice."""
    return derived("sr", notice.notice_id, party.kind, party.id)


def listings_of(notice: Notice, store_id: str) -> list[str]:
    """The listings of a store that a notice decides about."""
    return [each.listing_id for each in notice.own if each.store_id == store_id]


def _episode(notice: Notice) -> str:
    return f"{rfc3339(notice.filed_at)} {notice.notice_id}"


def _finding(
    code: str, subject: Subject, notice: Notice, at: datetime, score: float, words: str, **evidence: Any
) -> Finding:
    held = {
        "notice_id": notice.notice_id, "rights_holder_id": notice.rights_holder_id, "standing": notice.standing,
        "expected": round(notice.expected, 4), **evidence,
    }  # fmt: skip
    stores = (each.store_id for each in notice.own if each.listing_id == subject.id and each.store_id is not None)
    return Finding(
        id=finding_id(code, subject, _episode(notice)), at=rfc3339(at), code=code, subject=subject,
        score=round(score, 4), reasons=(Reason(code, words, held),), detector=code, version=VERSION,
        related=(Related("brand", notice.brand_id, "victim"), *(Related("store", each, "tie") for each in stores)),
        event_ids=(notice.event_id,),
    )  # fmt: skip
