"""All SQL of campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.promotions.campaigns.book import digest_of, standing
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.campaigns.tables import campaign_ends, campaign_versions

_V, _E = campaign_versions.c, campaign_ends.c


def put_declared(connection: sa.Connection, campaign_id: str, document: dict[str, Any], at: datetime) -> None:
    """Keeps a declaration; the same at the same moment is there once."""
    row = {"campaign_id": campaign_id, "declared_at": at, "digest": digest_of(document), "document": document}
    insert_ignore(connection, campaign_versions, [row])


def put_ended(connection: sa.Connection, campaign_id: str, at: datetime) -> None:
    """Keeps that a campaign was ended; the latest moment stands."""
    known = connection.execute(sa.select(_E.ended_at).where(_E.campaign_id == campaign_id)).scalar_one_or_none()
    if known is None or known < at:
        upsert(connection, campaign_ends, [{"campaign_id": campaign_id, "ended_at": at}], ["campaign_id"])


def campaign(connection: sa.Connection, campaign_id: str) -> Declared:
    """The campaign as it stands. Raises NotFound."""
    found = next(_standing(connection, _V.campaign_id == campaign_id), None) if is_id(campaign_id) else None
    if found is None:
        raise NotFound("no such campaign was declared; see `agora promotions list`")
    return found


def campaigns(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[Declared]:
    """At most `limit` campaigns as they stand, behind the id `after`, in the order of ids."""
    ids = sa.select(_V.campaign_id).where(_V.campaign_id > after).distinct().order_by(_V.campaign_id)
    if limit is not None:
        ids = ids.limit(limit)
    return list(_standing(connection, _V.campaign_id.in_(ids)))


def gives_at(connection: sa.Connection, moment: datetime) -> list[Declared]:
    """The campaigns that give something at `moment`, in the order of ids."""
    return [each for each in campaigns(connection) if each.gives_at(moment)]


def versions(connection: sa.Connection, campaign_id: str) -> list[Declared]:
    """All versions of a campaign, the first first."""
    rows = _rows(connection, _V.campaign_id == campaign_id)
    found: list[Declared] = []
    for count in range(1, len(rows) + 1):
        entries = [(row.declared_at, row.digest, row.document) for row in rows[:count]]
        version = standing(entries, rows[0].ended_at)
        assert version is not None
        if not found or version.version > found[-1].version:
            found.append(version)
    return found


def _standing(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Iterator[Declared]:
    for _, rows in groupby(_rows(connection, where), key=lambda row: row.campaign_id):
        entries, ended_at = [], None
        for row in rows:
            entries.append((row.declared_at, row.digest, row.document))
            ended_at = row.ended_at
        found = standing(entries, ended_at)
        assert found is not None
        yield found


def _rows(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Any]:
    query = (
        sa.select(campaign_versions, _E.ended_at)
        .join_from(campaign_versions, campaign_ends, _E.campaign_id == _V.campaign_id, isouter=True)
        .where(where)
        .order_by(_V.campaign_id, _V.declared_at, _V.digest)
    )
    return list(connection.execute(query))


def ended_since(connection: sa.Connection, declared: Declared, since: datetime) -> bool:
    """Whether the campaign was ended after `since` and declared again after that."""
    ended_at = connection.execute(sa.select(_E.ended_at).where(_E.campaign_id == declared.id)).scalar_one_or_none()
    return ended_at is not None and since < ended_at < declared.declared_at
