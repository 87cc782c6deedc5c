"""Bodies that make sense: what a document cannot say about them, operation by operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from agoranomos.enforcement.policy import load_policy
from tests.builders import make_data
from tests.builders import make_event as make_any
from tests.goods.listings.market import make_event
from tests.goods.trade.builders import FORM
from tests.hostile import desks
from tests.rules.written_rules import FEATURES, claims_rule

KINDS: Final = tuple(load_policy().kinds)
RULE: Final = "promotions.many_claims"
LATER: Final = "2026-05-03T08:00:00Z"
FREE: Final = ("listing", "seller", "store", "coupon", "campaign", "principal", "review")
"""Kinds of subject that actions are named after."""

Body = dict[str, Any]


def wish(kind: str, number: int) -> Body:
    """A wish for an action of `kind` about something of that kind, or about a store."""
    about = kind.partition(".")[0]
    subject = {"kind": about if about in FREE else "store", "id": f"s{number}"}
    return {"kind": kind, "subject": subject, "params": {"points": 3, "days": 7}}


def told(kind: str, name: str, **data: Any) -> Body:
    """An event with the least that its type needs, of today."""
    return make_any(kind, id=name, time="2026-05-01T00:00:00Z", data={**make_data(kind), **data})


def notice(number: int) -> Body:
    """A whole notice about one listing."""
    about = {"rights_holder_id": f"h{1 + number % 2}", "brand_id": "b1", "listing_ids": [f"shelf{number % 20:02}"]}
    return {**about, "kind": "counterfeit", "statement": "These goods are not ours.", **FORM}


def money(amount: int) -> Body:
    """So many fen."""
    return {"amount": amount, "currency": "CNY"}


BODIES: Final[Mapping[str, Callable[[int], Body]]] = {
    **desks.BODIES,
    "POST /v1/actions": lambda n: {
        "actions": [wish(KINDS[(n + each) % len(KINDS)], n + each) for each in range(1 + n % 3)],
        "because": [f"f{n}"],
    },
    "POST /v1/reports": lambda n: {"first": "2026-04-01", "last": f"2026-04-{10 + n % 20}", "territories": ["DE"]},
    "POST /v1/backtests": lambda n: {"text": claims_rule(3 + n), "features": FEATURES, "samples": 5},
    "POST /v1/cases": lambda n: {"key": f"k{n}", "subject": {"kind": "store", "id": f"s{n}"}, "text": "Look at it."},
    "POST /v1/cases/bulk": lambda n: {
        "case_ids": [f"c_{n}"], "outcome": ("upheld", "rejected")[n % 2], "clause": "counterfeit", "reason": "Seen.",
    },
    "POST /v1/cases/curves": lambda _: {"code": "goods.brand_disguised"},
    "POST /v1/cases/curves/end": lambda _: {"code": "goods.brand_disguised"},
    "POST /v1/cases/{case_id}/assign": lambda _: {"person_id": "p_1"},
    "POST /v1/cases/{case_id}/comments": lambda n: {"text": f"Number {n}."},
    "POST /v1/cases/{case_id}/decision": lambda n: {
        "outcome": ("upheld", "rejected", "overturned")[n % 3], "clause": "counterfeit", "reason": "Seen.",
        "revision": 1,
    },
    "POST /v1/cases/{case_id}/escalate": lambda _: {"text": "I cannot tell."},
    "POST /v1/cases/{case_id}/release": lambda n: {"why": ("break", "conflict")[n % 2]},
    "POST /v1/cases/{case_id}/second-opinion": lambda n: {
        "outcome": ("upheld", "rejected")[n % 2], "clause": "counterfeit",
    },
    "POST /v1/cases/{case_id}/tags": lambda n: {"tags": [f"t{n}"]},
    "POST /v1/cases/{case_id}/wait": lambda n: {"waits_for": "seller", "days": 1 + n % 20},
    "POST /v1/checks/coupon-claim": lambda n: told("coupon.claimed", f"e-claimed{n}", coupon_id=f"coupon{n % 9}"),
    "POST /v1/checks/coupon-redeem": lambda n: told("coupon.redeemed", f"e-used{n}", coupon_id=f"coupon{n % 9}"),
    "POST /v1/checks/application": lambda n: told("seller.applied", f"e-applied{n}"),
    "POST /v1/checks/listing": lambda n: make_event(listing_id=f"l{n}"),
    "POST /v1/checks/payout": lambda n: told("payout.requested", f"e-payout{n}"),
    "POST /v1/decisions/{decision_id}/acknowledgement": lambda _: {"by": "s-1"},
    "POST /v1/keys": lambda n: {"name": f"shop{n}", "permissions": ["checks.run", "decisions.read"]},
    "POST /v1/lists": lambda n: {"list_id": f"list{n}", "kind": ("allow", "deny", "watch")[n % 3]},
    "POST /v1/lists/{list_id}/entries": lambda n: {"entries": [{"value": f"d{n}", "reason": "a family"}]},
    "POST /v1/lists/{list_id}/removals": lambda n: {"values": [f"d{n - 1}", "d0"]},
    "POST /v1/notices": notice,
    "POST /v1/notices/{notice_id}/counter": lambda _: {"statement": "We have invoices."},
    "POST /v1/notices/{notice_id}/decision": lambda n: {
        "outcome": ("upheld", "rejected")[n % 2], "reason": "Looked at by a person.",
    },
    "POST /v1/people": lambda n: {"name": "Eve", "email": f"somebody{n}@example.org", "roles": ["analyst"]},
    "POST /v1/programmes/enrolments": lambda n: {"seller_id": f"enrolled{n}", "programme": "original_brand"},
    "POST /v1/reviews/harassment": lambda n: {"buyer_id": f"b{n % 5}", "store_id": f"s{n % 3}", "text": "no peace"},
    "POST /v1/reviews/numbers": lambda n: {
        "order_id": f"o{n % 7}", "store_id": f"s{n % 3}", "account_id": f"b{n % 5}", "expires_at": LATER,
    },
    "POST /v1/reviews/numbers/calls": lambda n: {
        "virtual_number": f"1700000000{n % 9}", "caller": ("store", "courier", "unknown")[n % 3], "call_id": f"call{n}",
    },
    "POST /v1/rules": lambda n: {"text": claims_rule(3 + n), "features": FEATURES},
    "POST /v1/rules/{rule_id}/end": lambda n: {"shadow_only": bool(n % 2)},
    "POST /v1/rules/{rule_id}/promotion": lambda n: {"version": 1 + n % 3},
    "POST /v1/rules/{rule_id}/rollback": lambda _: {"version": 1},
    "POST /v1/rules/{rule_id}/shadow": lambda n: {"version": 1 + (n + 1) % 3},
    "POST /v1/sellers/appeals/{appeal_id}/ruling": lambda n: {"ruling": ("granted", "rejected")[n % 2]},
    "POST /v1/sellers/certification/appointments": lambda n: {"seller_id": f"c{n}", "region": "350300", "at": LATER},
    "POST /v1/sellers/courses/{course_id}/answers": lambda n: {"seller_id": f"pupil{n}", "answers": [2, 3, 1, 3, 2]},
    "POST /v1/sellers/credit/{seller_id}/exports": lambda _: {"recipient": "bank"},
    "POST /v1/sellers/freezes": lambda n: {
        "scope": "store", "scope_id": f"frozen{n}", "store_id": f"frozen{n}", "because": f"case{n}",
    },
    "POST /v1/sellers/freezes/{freeze_id}/releases": lambda n: {
        "currency": "CNY", "because": f"case{n}", "amount": 1, "lifts": False,
    },
    "POST /v1/sellers/points/intents": lambda n: {
        "case_id": "case-points", "intent": ("knowing", "negligent", "unknowing")[n % 3], "reasons": ["warned_before"],
    },
    "POST /v1/snoozes": lambda n: {
        "code": "goods.brand_disguised", "subject": {"kind": "listing", "id": f"l{n}"}, "reason": "known",
        "until": LATER,
    },
    "POST /v1/testbuys/plans": lambda n: {"budget": money(100_000 + n)},
    "POST /v1/testbuys/{testbuy_id}/appraisals": lambda _: {
        "appraiser_id": "ap1", "verdict": "counterfeit", "cost": money(2_000),
    },
    "POST /v1/testbuys/{testbuy_id}/shopper": lambda n: {"shopper_id": "sh1", "address_id": ("a1", "a2")[n % 2]},
    "POST /v1/testbuys/{testbuy_id}/state": lambda n: {
        "state": ("bought", "received", "sent", "cancelled")[n % 4],
    },
    "POST /v1/vault/erasures": lambda n: {"kind": "rights_holder", "id": ("h1", "h2", f"h{n}")[n % 3]},
    "POST /v1/webhooks/endpoints": lambda n: {"url": f"https://shop{n}.example/hooks"},
}  # fmt: skip
"""Operation → a body for the number of a request."""
