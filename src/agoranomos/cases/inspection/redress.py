"""What was done for buyers of goods that are in question: from a case or batch to the recalls of its listings."""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk import queries as cases
from agoranomos.goods.batches import queries as batches
from agoranomos.goods.redress import queries as redress
from agoranomos.goods.redress.model import Recall
from agoranomos.goods.redress.queries import Owed

From = Literal["case", "batch", "listing"]
_MEMBERS_MAX = 10_000


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The recalls, what they come to together, listings without one, and what their stores are charged with. `missing`
    listings get a recall by a case that is upheld, an appraisal or a notice.
    """

    recalls: tuple[Recall, ...]
    informed: int
    refunded: int
    stopped: int
    refunds: dict[str, int]
    owed: tuple[Owed, ...]
    missing: tuple[str, ...]


def shown(connection: sa.Connection, kind: From, name: str) -> Shown:
    """The redress that belongs to a case, batch or listing. Raises NotFound."""
    listings = _listings(connection, kind, name)
    ids = redress.recalls_of_listings(connection, listings) if listings else []
    recalls = [redress.get(connection, each) for each in ids]
    standing = [each for each in recalls if each.state == "standing"]
    refunds: dict[str, int] = {}
    for recall in standing:
        for total in recall.totals:
            refunds[total.currency] = refunds.get(total.currency, 0) + total.refund
    stores = {line.store_id for each in standing for line in redress.orders_of(connection, each.recall_id)}
    return Shown(
        recalls=tuple(recalls), informed=sum(each.informed for each in standing),
        refunded=sum(each.refunded for each in standing), stopped=sum(each.stopped for each in standing),
        refunds=dict(sorted(refunds.items())),
        owed=tuple(owed for store in sorted(stores) for owed in redress.owed_by(connection, store)),
        missing=tuple(sorted(listings - {each.listing_id for each in standing})),
    )  # fmt: skip


def _listings(connection: sa.Connection, kind: From, name: str) -> set[str]:
    match kind:
        case "listing":
            return {name}
        case "batch":
            batches.get(connection, name)
            return set(batches.listings_of(connection, name))
        case "case":
            case = cases.get(connection, name)
            members = {case.subject, *cases.members(connection, name, _MEMBERS_MAX)}
            found = {each.id for each in members if each.kind == "listing"}
            of_batches = (each.id for each in members if each.kind == "batch")
            return found.union(*(batches.listings_of(connection, each) for each in of_batches))
