"""What people say is wrong, and what was decided about it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

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
    """`notice.filed`: a rights holder wants listings taken down; filed again, it completes an earlier form.

    The fields below `evidence` are those of the notice form: who files, in which `capacity`, the `work` and the
    registered rights, and the statements that the law asks for. A notice without any of them was taken on a form of
    the marketplace's own.
    """

    notice_id: Id
    rights_holder_id: Id
    brand_id: Id
    listing_ids: tuple[Id, ...]
    kind: Literal["counterfeit", "trademark", "copyright", "patent"]
    statement: str
    evidence: Any = None
    filer_name: str | None = None
    filer_email: str | None = None
    filer_phone: str | None = None
    filer_address: str | None = None
    signature: str | None = None
    capacity: Literal["owner", "agent"] | None = None
    work: str | None = None
    right_numbers: tuple[Id, ...] = ()
    good_faith: bool | None = None
    accurate: bool | None = None
    authorised: bool | None = None


class NoticeCountered(Body, frozen=True, kw_only=True):
    """`notice.countered`: the seller disagrees."""

    notice_id: Id
    statement: str


class DecidedListing(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one listing of a notice."""

    listing_id: Id
    outcome: Literal["upheld", "rejected"]


class NoticeDecided(Body, frozen=True, kw_only=True):
    """`notice.decided`: who was right; `listings` are those of which something else is decided than `outcome`."""

    notice_id: Id
    outcome: Literal["upheld", "rejected"]
    listings: tuple[DecidedListing, ...] = ()
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None


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
