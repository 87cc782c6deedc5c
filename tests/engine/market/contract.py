"""The contract's table of events, as far as a made market has to keep to it: required fields, then optional ones.

What `kernel.events` knows of is checked there as well.
"""

from __future__ import annotations

from typing import Any

import msgspec

from agoranomos.kernel.events import parse_event
from agoranomos.kernel.schema import TYPES

_APPLIED = (
    "id_photo holding_photo face_photo birth_date phone email bank_account licence_number address region device_id ip"
)
_LISTING = ("listing_id store_id title price", "description brand category attributes pictures batch_id")
_COUPON = ("coupon_id campaign_id account_id", "order_id paid device_id ip payee_id")
TABLE: dict[str, tuple[str, str]] = {
    "seller.applied": ("application_id seller_id legal_name id_kind id_number", _APPLIED),
    "application.decided": ("application_id outcome", ""),
    "store.opened": ("store_id seller_id", "name categories region"),
    "store.closed": ("store_id reason", ""),
    "campaign.declared": ("campaign", ""),
    "campaign.ended": ("campaign_id", ""),
    "partner.contracted": ("principal_id store_ids purposes fields ends_at", ""),
    "canary.planted": ("canary_id kind", "subject_id number"),
    "brand.registered": (
        "brand_id names",
        "aliases categories authorised_store_ids price_bands reference_pictures features",
    ),
    "goods.received": ("batch_id warehouse_id store_id", "supplier_id factory brand_id quantity inspection"),
    "batch.condemned": ("batch_id reason", ""),
    "listing.submitted": _LISTING,
    "listing.updated": _LISTING,
    "listing.removed": ("listing_id by", ""),
    "account.registered": ("account_id", "phone_token device_id ip referrer legal_name id_number_token"),
    "session.started": ("account_id principal_kind", "store_id device_id ip user_agent"),
    "order.placed": (
        "order_id buyer_id store_id lines paid",
        "face_value coupon_ids device_id ip district recipient_token payee_id payer_token",
    ),
    "payout.requested": ("payout_id store_id amount", "order_ids"),
    "payout.settled": ("payout_id", ""),
    "order.shipped": ("order_id", "batch_id"),
    "order.delivered": ("order_id", ""),
    "order.refunded": ("order_id amount", ""),
    "return.requested": ("return_id order_id reason_code", "listing_id text"),
    "complaint.filed": ("complaint_id channel text", "buyer_id order_id listing_id store_id"),
    "notice.filed": ("notice_id rights_holder_id brand_id listing_ids kind statement", "evidence"),
    "notice.countered": ("notice_id statement", ""),
    "notice.decided": ("notice_id outcome", ""),
    "appeal.filed": ("appeal_id statement", "case_id decision_id"),
    "testbuy.appraised": ("testbuy_id listing_id store_id verdict appraiser_id cost", "batch_id"),
    "review.posted": ("review_id author_id store_id rating", "order_id listing_id text anonymous pictures"),
    "review.edited": ("review_id by", "rating text reason"),
    "review.deleted": ("review_id by", "rating text reason"),
    "number.bound": ("virtual_number order_id expires_at", "store_id account_id"),
    "number.called": ("virtual_number from", "duration_s"),
    "payment.made": ("to_account_id amount", "from_store_id from_account_id note"),
    "contact.made": ("store_id channel direction", "order_id virtual_number account_id duration_s text"),
    "harassment.reported": ("report_id buyer_id store_id", "review_id text"),
    "data.read": (
        "principal_id principal_kind endpoint fields",
        "subject_ids subject_count ip user_agent device_id session_id status export store_id purpose",
    ),
    "export.requested": ("export_id principal_id purpose fields destination_region", "subject_count"),
    "export.approved": ("export_id staff_id", ""),
    "coupon.issued": ("coupon_id campaign_id account_id face_value", "device_id ip"),
    "coupon.claimed": _COUPON,
    "coupon.redeemed": _COUPON,
    "coupon.refunded": _COUPON,
    "coupon.voided": _COUPON,
    "staff.acted": ("staff_id action target_kind target_id", "case_id reason on_behalf_of"),
    "case.decided": ("case_id subject outcome clause", "seller_id store_id notice_id overturns"),
    "course.completed": ("seller_id course_id", ""),
    "programme.milestone": ("seller_id milestone", ""),
    "certification.held": ("seller_id region outcome", ""),
    "consent.given": ("seller_id purpose recipient ends_at", ""),
}
ENUMS: dict[tuple[str, str], set[object]] = {
    ("seller.applied", "id_kind"): {"cn_resident", "passport", "business"},
    ("store.closed", "reason"): {"violation", "voluntary", "inactivity"},
    ("canary.planted", "kind"): {"record", "number", "account"},
    ("goods.received", "inspection"): {"passed", "failed", "none"},
    ("session.started", "principal_kind"): {"buyer", "merchant", "partner", "staff"},
    ("return.requested", "reason_code"): {
        "suspected_fake", "quality", "not_as_described", "size", "change_of_mind", "damaged", "other",
    },
    ("complaint.filed", "channel"): {"phone", "chat", "text"},
    ("notice.filed", "kind"): {"counterfeit", "trademark", "copyright", "patent"},
    ("notice.decided", "outcome"): {"upheld", "rejected"},
    ("testbuy.appraised", "verdict"): {"genuine", "counterfeit", "inconclusive"},
    ("review.posted", "rating"): {1, 2, 3, 4, 5},
    ("review.edited", "by"): {"author", "platform"},
    ("review.deleted", "by"): {"author", "platform"},
    ("number.called", "from"): {"store", "unknown"},
    ("contact.made", "channel"): {"call", "message"},
    ("contact.made", "direction"): {"to_buyer", "to_store"},
    ("staff.acted", "action"): {
        "case.clear", "case.decide", "data.reveal", "export", "rule.change", "role.grant", "listing.restore", "other",
    },
    ("case.decided", "outcome"): {"upheld", "rejected", "overturned"},
}  # fmt: skip


def faults(line: bytes) -> list[str]:
    """What is wrong with an event's line by the contract; nothing, one hopes."""
    raw = msgspec.json.decode(line)
    kind, data = raw["type"], raw["data"]
    required, optional = (fields.split() for fields in TABLE[kind])
    found = [f"{kind} lacks {name}" for name in required if data.get(name) in (None, "")]
    found += [f"{kind} has {name}" for name in data if name not in (*required, *optional)]
    found += [f"{kind} has {name} {value!r}" for name, value in data.items() if not _of_enum(kind, name, value)]
    found += [f"{kind}: {name} is no money" for name, value in data.items() if _money_wrong(name, value)]
    if kind in TYPES:
        parse_event(raw)
    return found


def _of_enum(kind: str, name: str, value: Any) -> bool:
    return (kind, name) not in ENUMS or value in ENUMS[kind, name]


def _money_wrong(name: str, value: Any) -> bool:
    if name not in ("paid", "amount", "price", "cost", "face_value"):
        return False
    return set(value) != {"amount", "currency"} or type(value["amount"]) is not int or value["amount"] < 0
