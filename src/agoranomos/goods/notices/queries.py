"""All SQL of notices: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.goods.notices.model import WAITING, BrandFacts, Kind, Notice, Record, State
from agoranomos.goods.notices.tables import notice_brands, notice_cases, notice_targets, notices
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first

_N = notices.c
_T = notice_targets.c


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices are meant; None is any. `store_id`, `listing_id`: those about it. Raises Invalid."""

    state: State | None = None
    kind: Kind | None = None
    rights_holder_id: str | None = None
    brand_id: str | None = None
    store_id: str | None = None
    listing_id: str | None = None

    def __post_init__(self) -> None:
        if not all(value is None or is_id(value) for value in msgspec.structs.astuple(self)):
            raise Invalid("a filter is a printable text of 1 to 128 characters")


class Strikes(msgspec.Struct, frozen=True, kw_only=True):
    """How many notices by a brand stand upheld against a store."""

    brand_id: str
    store_id: str
    notices: int


def get(connection: sa.Connection, notice_id: str) -> Notice:
    """The notice. Raises NotFound."""
    found = StoreCabinet(connection).get(notice_id) if is_id(notice_id) else None
    if found is None:
        raise NotFound("there is no notice with this id; see `agora notices list`")
    return found


def listed(connection: sa.Connection, about: About, *, after: Place | None, limit: int) -> list[Notice]:
    """At most `limit` notices behind `after`, newest first."""
    query = sa.select(_N.document)
    for name in ("state", "kind", "rights_holder_id", "brand_id"):
        if (value := getattr(about, name)) is not None:
            query = query.where(_N[name] == value)
    for name in ("store_id", "listing_id"):
        if (value := getattr(about, name)) is not None:
            query = query.where(_N.notice_id.in_(sa.select(_T.notice_id).where(_T[name] == value)))
    return _notices(connection, newest_first(query, _N.filed_at, _N.notice_id, after=after, limit=limit))


def waiting(connection: sa.Connection, limit: int) -> list[Notice]:
    """What waits for a decision, in the order in which it is to be decided: trusted holders first, then by deadline."""
    query = sa.select(_N.document).where(_N.state.in_(sorted(WAITING)))
    return _notices(connection, query.order_by(_N.priority, _N.decide_by, _N.notice_id).limit(limit))


def strikes(connection: sa.Connection, *, least: int, limit: int) -> list[Strikes]:
    """Brand and store with at least `least` upheld notices between them, most first."""
    count = sa.func.count(sa.distinct(_T.notice_id))
    query = (
        sa.select(_T.brand_id, _T.store_id, count.label("notices"))
        .where(_T.outcome == "upheld", _T.store_id.is_not(None))
        .group_by(_T.brand_id, _T.store_id)
        .having(count >= least)
        .order_by(count.desc(), _T.brand_id, _T.store_id)
        .limit(limit)
    )
    return [Strikes(**row._mapping) for row in connection.execute(query)]


class StoreCabinet:
    """What is known of notices, as the store knows it; see `cabinet.Cabinet`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, notice_id: str) -> Notice | None:
        """See `Cabinet`."""
        query = sa.select(_N.document).where(_N.notice_id == notice_id)
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else msgspec.convert(found, Notice)

    def put(self, notice: Notice) -> None:
        """See `Cabinet`."""
        upsert(self._connection, notices, [_row(notice)], ["notice_id"])
        gone = sa.delete(notice_targets).where(_T.notice_id == notice.notice_id)
        self._connection.execute(gone)
        if notice.targets:
            self._connection.execute(notice_targets.insert(), _target_rows(notice))

    def waiting_about(self, listing_id: str) -> list[Notice]:
        """See `Cabinet`."""
        query = sa.select(_N.document).join_from(notices, notice_targets).where(_T.listing_id == listing_id, _T.waiting)
        return _notices(self._connection, query.order_by(_N.filed_at, _N.notice_id))

    def record(self, rights_holder_id: str) -> Record:
        """See `Cabinet`."""
        query = sa.select(_N.share_upheld).where(
            _N.rights_holder_id == rights_holder_id, _N.share_upheld.is_not(None)
        ).order_by(_N.notice_id)  # fmt: skip
        shares = self._connection.execute(query).scalars().all()  # added up here: databases differ in their order
        return Record(sum(shares), len(shares))

    def strikes(self, brand_id: str, store_id: str) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(_T.notice_id).distinct()
        where = (_T.brand_id == brand_id, _T.store_id == store_id, _T.outcome == "upheld")
        return list(self._connection.execute(query.where(*where).order_by(_T.notice_id)).scalars())

    def upheld_about(self, listing_id: str) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(_T.notice_id).distinct().where(_T.listing_id == listing_id, _T.outcome == "upheld")
        return list(self._connection.execute(query.order_by(_T.notice_id)).scalars())

    def brand(self, brand_id: str) -> BrandFacts:
        """See `Cabinet`."""
        query = sa.select(notice_brands.c.document).where(notice_brands.c.brand_id == brand_id)
        found = self._connection.execute(query).scalar_one_or_none()
        return BrandFacts() if found is None else msgspec.convert(found, BrandFacts)

    def put_brand(self, brand_id: str, facts: BrandFacts) -> None:
        """See `Cabinet`."""
        row = {"brand_id": brand_id, "document": msgspec.to_builtins(facts)}
        upsert(self._connection, notice_brands, [row], ["brand_id"])

    def notice_of_case(self, case_id: str) -> str | None:
        """See `Cabinet`."""
        query = sa.select(notice_cases.c.notice_id).where(notice_cases.c.case_id == case_id)
        return self._connection.execute(query).scalar_one_or_none()

    def put_case(self, case_id: str, notice_id: str) -> None:
        """See `Cabinet`."""
        upsert(self._connection, notice_cases, [{"case_id": case_id, "notice_id": notice_id}], ["case_id"])

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        found: datetime | None = self._connection.execute(sa.select(sa.func.min(_N.alarm_at))).scalar_one()
        return found

    def late(self, now: datetime) -> list[Notice]:
        """See `Cabinet`."""
        return _notices(
            self._connection, sa.select(_N.document).where(_N.alarm_at <= now).order_by(_N.notice_id)
        )  # fmt: skip


def _notices(connection: sa.Connection, query: sa.Select[Any]) -> list[Notice]:
    return msgspec.convert(connection.execute(query).scalars().all(), list[Notice])


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.notice_id,
        "rights_holder_id": notice.rights_holder_id,
        "brand_id": notice.brand_id,
        "kind": notice.kind,
        "state": notice.state,
        "filed_at": notice.filed_at,
        "priority": notice.priority,
        "decide_by": notice.decide_by,
        "alarm_at": None if notice.overdue_told or not notice.waits else notice.decide_by,
        "share_upheld": notice.share_upheld,
        "document": msgspec.to_builtins(notice),
    }


def _target_rows(notice: Notice) -> list[dict[str, Any]]:
    return [
        {
            "notice_id": notice.notice_id, "listing_id": each.listing_id, "store_id": each.store_id,
            "brand_id": notice.brand_id, "outcome": None if each.merged_into is not None else each.outcome,
            "waiting": notice.waits and each.merged_into is None,
        }
        for each in notice.targets
    ]  # fmt: skip
