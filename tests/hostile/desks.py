"""What stands in the store for access, promotions, reviews and the vault, and bodies that make sense to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.builders import make_data
from tests.builders import make_event as make_any

Body = dict[str, Any]
LATER: Final = "2026-05-03T08:00:00Z"
PEOPLE: Final = tuple(f"buyer{number}" for number in range(6))
CAMPAIGN: Final = "spring"
GONE: Final = "gone1"
"""A seller who was erased."""
VALUES: Final = {
    "name": "王小明",
    "phone": "138 0000 1111",
    "email": "a@example.com",
    "id_number": "11010519491231002X",
}
"""What is kept of the rights holders and sellers of the store, by kind."""


def said(kind: str, name: str, at: str = "2026-05-01T00:00:00Z", **data: Any) -> Body:
    """An event with the least that its type needs."""
    return make_any(kind, id=name, time=at, data={**make_data(kind), **data})


def campaign(name: str = CAMPAIGN, percent: int = 20) -> Body:
    """An entry of a campaign file, with a budget and an end."""
    money = {"amount": 2_000_000, "currency": "CNY"}
    return {
        "id": name, "benefit": {"kind": "percent", "value": percent, "cap": {"amount": 5_000, "currency": "CNY"}},
        "budget": {"amount": money, "count": 500}, "per_account": {"count": 2, "window_days": 1},
        "starts_at": "2026-04-30T00:00:00+08:00", "ends_at": "2026-06-01T00:00:00+08:00",
    }  # fmt: skip


def history() -> list[Body]:
    """Coupons given and used, orders and reviews of them, and who was shown whom."""
    face = {"amount": 1_000, "currency": "CNY"}
    line = {"listing_id": "shelf01", "quantity": 1, "price": {"amount": 9_900, "currency": "CNY"}}
    events = [said("campaign.declared", "d-campaign", campaign=campaign())]
    for number, buyer in enumerate(PEOPLE):
        coupon = {"coupon_id": f"coupon{number}", "campaign_id": CAMPAIGN, "account_id": buyer}
        order = {"order_id": f"d-order{number}", "store_id": "s1"}
        events += [
            said("account.registered", f"d-account{number}", "2026-04-30T08:00:00Z", account_id=buyer),
            said("coupon.issued", f"d-issued{number}", **coupon, face_value=face),
            said("coupon.claimed", f"d-claimed{number}", "2026-05-01T00:01:00Z", **coupon),
            said("order.placed", f"d-placed{number}", "2026-05-01T00:02:00Z", **order, buyer_id=buyer, lines=[line],
                 paid={"amount": 8_900, "currency": "CNY"}),
            said("review.posted", f"d-review{number}", "2026-05-01T00:30:00Z", review_id=f"review{number}",
                 author_id=buyer, store_id="s1", rating=1 + number % 5, order_id=f"d-order{number}",
                 anonymous=bool(number % 2), text="假货，电话 13800001111"),
        ]  # fmt: skip
    reader = {"principal_id": "n-1", "principal_kind": "partner", "endpoint": "/orders", "fields": ["phone"]}
    partner = {"principal_id": "n-1", "store_ids": ["s1"], "purposes": ["erp"], "fields": ["phone"], "ends_at": LATER}
    return [
        *events,
        said("partner.contracted", "d-contract", "2026-04-30T08:00:00Z", **partner),
        said("data.read", "d-read", "2026-05-01T01:00:00Z", **reader, subject_ids=list(PEOPLE)),
        said("contact.made", "d-contact", "2026-05-01T01:10:00Z", store_id="s1", channel="call", direction="to_buyer",
             account_id=PEOPLE[1]),
        said("review.deleted", "d-deleted", "2026-05-01T01:20:00Z", review_id="review1", by="author"),
        said("seller.applied", "d-gone", application_id="gone", seller_id=GONE, legal_name="李雷"),
        said("seller.applied", "d-applied", seller_id="kept1", legal_name=VALUES["name"], phone=VALUES["phone"],
             id_kind="cn_resident", id_number=VALUES["id_number"], email=VALUES["email"]),
    ]  # fmt: skip


def stock(make: Callable[..., Any], send: Callable[..., Any], agree: Callable[..., Any]) -> None:
    """What people of these desks have asked for so far; `make(label, number)` sends the body of an operation, `send`
    and `agree` are two people."""
    asked = send("POST", "/v1/vault/erasures", {"kind": "seller", "id": GONE})["approval_id"]
    agree("POST", f"/v1/approvals/{asked}/verdict", {"approved": True})
    send("PUT", f"/v1/vault/erasures/{asked}")
    for number in range(2):
        make("POST /v1/access/exports", number)
    make("POST /v1/access/canaries")
    for number in range(4):
        make("POST /v1/vault/permits", number)


def export(number: int) -> Body:
    """Somebody wants to take telephone numbers home, or abroad."""
    return {
        "principal_id": f"n-{number % 3}", "purpose": "erp", "fields": ["phone", "address"],
        "destination_region": ("CN", "DE")[number % 2], "subject_count": 10 * number,
    }  # fmt: skip


def permit(number: int) -> Body:
    """For one who is kept, or for seven, of whom another person has to hear."""
    whom = [{"kind": "seller", "id": f"kept{1 + each}"} for each in range((1, 7)[number % 4 == 3])]
    purposes = ("investigation", "contact", "appeal", "payment")
    return {"case_id": f"case-{number}", "purpose": purposes[number % len(purposes)], "subjects": whom}


BODIES: Final[Mapping[str, Callable[[int], Body]]] = {
    "POST /v1/access/canaries": lambda n: {
        "kind": ("account", "number", "record")[n % 3], "values": [f"bait{n}", f"bait{n + 1}"],
    },
    "POST /v1/access/exports": export,
    "POST /v1/access/scopes": lambda n: {
        "principal_ids": ["n-1", f"n-{n}"], "since": "2026-04-01T00:00:00Z", "until": LATER,
    },
    "PUT /v1/access/readers/{principal_id}/limits": lambda n: {
        **dict.fromkeys(("people_per_hour", "people_per_day", "people_per_30_days"), 100 + n),
        "strangers_per_day": n, "strangers_per_30_days": 10 * n, "ends_at": LATER,
    },
    "POST /v1/checks/data-read": lambda n: said(
        "data.read", f"e-read{n}", principal_id=f"n-{n % 3}", principal_kind=("partner", "staff", "merchant")[n % 3],
        endpoint="/orders", subject_ids=[PEOPLE[n % 6], f"stranger{n}"], fields=["phone"], export=n % 4 == 0,
    ),
    "POST /v1/checks/review": lambda n: said(
        "review.posted", f"e-review{n}", review_id=f"fresh{n}", author_id=PEOPLE[n % 6], store_id="s1",
        rating=1 + n % 5, order_id=f"d-order{n % 6}", anonymous=bool(n % 2), text="Not what I paid for.",
    ),
    "POST /v1/promotions/lint": lambda n: {
        "campaigns": [campaign(f"c{n}", 1 + n % 99), campaign("other", 70)], "with_live": bool(n % 2),
        "goods": [{"listing_id": "l1", "price": 9_900, "currency": "CNY", "category": "shoes"}],
    },
    "POST /v1/promotions/incidents/{campaign_id}/remedies": lambda n: {"plan_id": f"plan{n}"},
    "POST /v1/vault/permits": permit,
    "POST /v1/vault/permits/{permit_id}/values": lambda n: (
        {"kinds": [tuple(VALUES)[n % 4]]} if n % 2 else {"subjects": [{"kind": "seller", "id": "kept1"}]}
    ),
    "POST /v1/vault/searches": lambda n: {
        "kind": tuple(VALUES)[n % 4], "value": VALUES[tuple(VALUES)[n % 4]] if n % 3 else f"1390000{n:04}",
        "case_id": f"case-{n}", "purpose": ("investigation", "contact")[n % 2],
    },
}  # fmt: skip
"""Operation → a body for the number of a request."""
ELSE: Final[dict[str, list[Any]]] = {
    "campaign_id": [CAMPAIGN, "none"], "coupon_id": ["coupon0", "coupon1"], "principal_id": ["n-1", "n-2"],
}  # fmt: skip
"""What stands open in an address, and values of the store."""
QUERIES: Final[Mapping[str, Mapping[str, str]]] = {"GET /v1/vault/proofs": {"kind": "seller", "id": GONE}}
"""Operation → a query about something of the store."""
