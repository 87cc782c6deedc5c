"""What a case has set going for buyers: the recalls of its listings, and what of them waits for a second person."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.model import Case
from agoranomos.enforcement.queries import get_measure
from agoranomos.goods.redress import queries as redress
from agoranomos.goods.redress.model import RecallState

WAITS = "proposed"
_SHOWN_MAX = 50


class ForBuyers(msgspec.Struct, frozen=True, kw_only=True):
    """A recall of one of the listings, begun by this case (`begun_here`) or by something else. `refunds`: currency →
    minor units. `waiting` actions have not been agreed to yet.
    """

    recall_id: str
    listing_id: str
    state: RecallState
    begun_here: bool
    informed: int
    refunded: int
    stopped: int
    refunds: dict[str, int]
    waiting: int


def for_buyers(connection: sa.Connection, case: Case) -> list[ForBuyers]:
    """Those of the listings that the case is about, and of those that its decision was found to be about; the first
    fifty.
    """
    parts = {part.case_id for part in case.decision.parts} if case.decision else set()
    cabinet = redress.StoreCabinet(connection)
    listings = {each.id for each in case.members if each.kind == "listing"}
    listings |= {each for part in parts for each in cabinet.listings_of("case", part)}
    found = redress.recalls_of_listings(connection, listings) if listings else []
    return [_shown(connection, each, parts) for each in found[:_SHOWN_MAX]]


def _shown(connection: sa.Connection, recall_id: str, parts: set[str]) -> ForBuyers:
    recall = redress.get(connection, recall_id)
    waiting = sum(get_measure(connection, each).counts.get(WAITS, 0) for each in recall.measure_ids)
    return ForBuyers(
        recall_id=recall_id, listing_id=recall.listing_id, state=recall.state,
        begun_here=any(each.kind == "case" and each.id in parts for each in recall.causes), informed=recall.informed,
        refunded=recall.refunded, stopped=recall.stopped,
        refunds={each.currency: each.refund for each in recall.totals}, waiting=waiting,
    )  # fmt: skip
