"""What is known of one subject, across desks."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement import queries as enforcement
from agoranomos.enforcement.queries import Kept
from agoranomos.goods.trade.tables import trade_listings
from agoranomos.intake.tables import intake_events
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.points.tables import points_stores

MOST: Final = 25
_SAID_IN: Final = {
    "listing": ("listing.submitted", "listing.updated"),
    "store": ("store.opened",),
    "brand": ("brand.registered",),
}
_SHOWN: Final = (
    "title", "price", "description", "brand", "category", "store_id", "seller_id", "name", "region", "categories",
)  # fmt: skip
"""What of an event is shown, in this order; whatever else outsiders sent stays in the log."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Findings, decisions and actions, newest first and at most MOST of each; `said` is what was submitted last,
    `belongs` to what it belongs, and `has` what belongs to it, each as (kind, id).
    """

    kind: str
    id: str
    findings: list[Finding]
    decisions: list[Decision]
    actions: list[Kept]
    said: dict[str, Any]
    pictures: list[str]
    belongs: list[tuple[str, str]]
    has: list[tuple[str, str]]

    @property
    def score(self) -> float | None:
        """The highest of the live findings."""
        return max((each.score for each in self.findings if each.status == "live"), default=None)

    @property
    def nothing(self) -> bool:
        """Whether this is the id of something that nobody has told of."""
        return not (self.findings or self.decisions or self.actions or self.said or self.belongs or self.has)


def known(connection: sa.Connection, kind: str, subject_id: str) -> Known:
    """All of it."""
    judged = judgements.About(subject_kind=kind, subject_id=subject_id)
    done = enforcement.About(subject_kind=kind, subject_id=subject_id)
    data = submitted(connection, kind, subject_id)
    return Known(
        kind=kind,
        id=subject_id,
        findings=judgements.list_findings(connection, judged, after=None, limit=MOST),
        decisions=judgements.list_decisions(connection, judged, after=None, limit=MOST),
        actions=enforcement.listed(connection, done, after=None, limit=MOST),
        said={name: data[name] for name in _SHOWN if data.get(name)},
        pictures=[str(each) for each in data.get("pictures", ())][:MOST],
        belongs=_belongs(connection, kind, subject_id, data),
        has=_has(connection, kind, subject_id),
    )


def submitted(connection: sa.Connection, kind: str, subject_id: str) -> dict[str, Any]:
    """What was submitted of it last, as it stands in the log."""
    table, key = intake_events.c, f"{kind}_id"
    if kind not in _SAID_IN:
        return {}
    query = sa.select(table.data).where(table.subject == subject_id, table.type.in_(_SAID_IN[kind]))
    for data in connection.execute(query.order_by(table.position.desc()).limit(1)).scalars():
        if data.get(key) == subject_id:
            return dict(data)
    return {}


def _belongs(connection: sa.Connection, kind: str, subject_id: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    if kind == "listing":
        query = sa.select(trade_listings.c.store_id).where(trade_listings.c.listing_id == subject_id)
        store_id = connection.execute(query).scalar_one_or_none() or data.get("store_id")
        return [] if store_id is None else [("store", store_id), *_belongs(connection, "store", store_id, {})]
    if kind == "store":
        query = sa.select(points_stores.c.seller_id).where(points_stores.c.store_id == subject_id)
        seller_id = connection.execute(query).scalar_one_or_none() or data.get("seller_id")
        return [] if seller_id is None else [("seller", seller_id)]
    return []


def _has(connection: sa.Connection, kind: str, subject_id: str) -> list[tuple[str, str]]:
    if kind == "seller":
        stores = points_stores.c
        query = sa.select(stores.store_id).where(stores.seller_id == subject_id).order_by(stores.store_id)
        return [("store", each) for each in connection.execute(query.limit(MOST)).scalars()]
    return []
