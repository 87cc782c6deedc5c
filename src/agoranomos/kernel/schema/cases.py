"""What people say is wrong, and what was decided about it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from agoranomos.kernel.findings import SubjectKind
from agoranomos.kernel.schema.base import Body, Id, Text


class ComplaintFiled(Body, frozen=True, kw_only=True):
    """`complaint.filed`: a buyer's words, spoken or written."""

    complaint_id: Id
    channel: Literal["phone", "chat", "text"]
    text: str
    buyer_id: Id | None = None
    order_id: Id | None = None
    listing_id: Id | None = None
    store_id: Id | None = None


class NoticeFiled(Body, frozen=True, kw_only=True):
    """`notice.filed`: a rights holder wants listings taken down."""

    notice_id: Id
    rights_holder_id: Id
    brand_id: Id
    listing_ids: tuple[Id, ...]
    kind: Literal["counterfeit", "trademark", "copyright", "patent"]
    statement: str
    evidence: Any = None


class NoticeCountered(Body, frozen=True, kw_only=True):
    """`notice.countered`: the seller disagrees."""

    notice_id: Id
    statement: str


class NoticeDecided(Body, frozen=True, kw_only=True):
    """`notice.decided`: who was right."""

    notice_id: Id
    outcome: Literal["upheld", "rejected"]


class AppealFiled(Body, frozen=True, kw_only=True):
    """`appeal.filed`: someone wants a case or a decision looked at again."""

    appeal_id: Id
    statement: str
    case_id: Id | None = None
    decision_id: Id | None = None
    either: ClassVar = (("case_id", "decision_id"),)


class CaseSubject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a case is about."""

    kind: SubjectKind
    id: Id


class CaseDecided(Body, frozen=True, kw_only=True):
    """`case.decided`: the end of a case by a clause of the policy; `overturns` names an earlier case."""

    case_id: Id
    subject: CaseSubject
    outcome: Literal["upheld", "rejected", "overturned"]
    clause: Text
    seller_id: Id | None = None
    store_id: Id | None = None
    notice_id: Id | None = None
    overturns: Id | None = None


class StaffActed(Body, frozen=True, kw_only=True):
    """`staff.acted`: what a member of staff did in the marketplace's own tools."""

    staff_id: Id
    action: Literal[
        "case.clear", "case.decide", "data.reveal", "export", "rule.change", "role.grant", "listing.restore", "other"
    ]  # fmt: skip
    target_kind: Text
    target_id: Id
    case_id: Id | None = None
    reason: str | None = None
    on_behalf_of: str | None = None


TYPES: dict[str, type[Body]] = {
    "complaint.filed": ComplaintFiled,
    "notice.filed": NoticeFiled,
    "notice.countered": NoticeCountered,
    "notice.decided": NoticeDecided,
    "appeal.filed": AppealFiled,
    "case.decided": CaseDecided,
    "staff.acted": StaffActed,
}
