"""Which facts an event holds about enrolled sellers: the same for what arrives and for a history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from agoranomos.goods.programmes.model import Fact, FactKind
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event

HEARS: Final = ("case.decided", "programme.milestone", "store.opened", "testbuy.appraised")
ENROLLED: Final = "enrolled"
"""The milestone that an enrolment is told by: `enrolled:` and the name of the programme."""
SellerOf = Callable[[str], str | None]
"""The seller of a store, as far as it was told."""


class Heard(msgspec.Struct, frozen=True):
    """A fact about a seller, or the id of a case that is overturned."""

    seller_id: str
    fact: Fact | None = None
    overturned: str = ""


def heard(event: Event, seller_of: SellerOf) -> Heard | None:
    """What `event` says of somebody who may be enrolled; None: nothing."""
    data = event.data
    match event.type:
        case "programme.milestone":
            fact_id = f"{data['milestone']}@{rfc3339(event.time)}"
            kind: FactKind = "enrolled" if data["milestone"].startswith(f"{ENROLLED}:") else "milestone"
            return Heard(data["seller_id"], Fact(kind, fact_id, event.time))
        case "case.decided":
            seller_id = data.get("seller_id") or seller_of(data.get("store_id") or "")
            if seller_id is None:
                return None
            if data["outcome"] == "overturned":
                return Heard(seller_id, overturned=data.get("overturns") or data["case_id"])
            if data["outcome"] == "upheld":
                return Heard(seller_id, Fact("relapse", data["case_id"], event.time))
        case "testbuy.appraised":
            seller_id = seller_of(data["store_id"])
            if seller_id is not None and data["verdict"] != "inconclusive":
                kind = "relapse" if data["verdict"] == "counterfeit" else "genuine"
                return Heard(seller_id, Fact(kind, data["testbuy_id"], event.time))
    return None
