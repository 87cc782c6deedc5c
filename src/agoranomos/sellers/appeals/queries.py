"""All SQL of appeals and complaints: lists for people, and the cabinet that the rules look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.sellers.appeals.model import Appeal, Claim, State, Verdict
from agoranomos.sellers.appeals.tables import appeals, complaint_claims, complaint_verdicts

_A, _C, _V = appeals.c, complaint_claims.c, complaint_verdicts.c


def get(connection: sa.Connection, appeal_id: str) -> Appeal:
    """The appeal. Raises NotFound."""
    found = StoreCabinet(connection).appeal(appeal_id) if is_id(appeal_id) else None
    if found is None:
        raise NotFound("there is no appeal with this id; see `agora sellers appeals`")
    return found


def listed(connection: sa.Connection, *, state: State | None, after: Place | None, limit: int) -> list[Appeal]:
    """At most `limit` appeals behind `after`, newest first."""
    query = sa.select(_A.document)
    if state is not None:
        query = query.where(_A.state == state)
    query = newest_first(query, _A.filed_at, _A.appeal_id, after=after, limit=limit)
    return msgspec.convert(connection.execute(query).scalars().all(), list[Appeal])


class StoreCabinet:
    """What is known of appeals and complaints, as the store knows it; see `cabinet.Cabinet`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def appeal(self, appeal_id: str) -> Appeal | None:
        """See `Cabinet`."""
        found = self._appeals(_A.appeal_id == appeal_id)
        return found[0] if found else None

    def put_appeal(self, appeal: Appeal) -> None:
        """See `Cabinet`."""
        waits = appeal.state == "filed" and not appeal.overdue_told
        row = {
            "appeal_id": appeal.appeal_id, "case_id": appeal.case_id, "state": appeal.state,
            "filed_at": appeal.filed_at, "alarm_at": appeal.decide_by if waits else None,
            "document": msgspec.to_builtins(appeal),
        }  # fmt: skip
        upsert(self._connection, appeals, [row], ["appeal_id"])

    def about(self, case_id: str) -> list[Appeal]:
        """See `Cabinet`."""
        return self._appeals(_A.case_id == case_id)

    def next_due(self) -> datetime | None:
        """See `Cabinet`."""
        found: datetime | None = self._connection.execute(sa.select(sa.func.min(_A.alarm_at))).scalar_one()
        return found

    def late(self, now: datetime) -> list[Appeal]:
        """See `Cabinet`."""
        return self._appeals(_A.alarm_at <= now)

    def put_claim(self, claim: Claim) -> None:
        """See `Cabinet`."""
        upsert(self._connection, complaint_claims, [msgspec.structs.asdict(claim)], ["claim_id"])

    def claims_by(self, account_id: str) -> list[Claim]:
        """See `Cabinet`."""
        query = sa.select(complaint_claims).where(_C.account_id == account_id).order_by(_C.claim_id)
        return [Claim(**row._mapping) for row in self._connection.execute(query)]

    def claimants(self, listing_id: str) -> list[str]:
        """See `Cabinet`."""
        query = sa.select(_C.account_id).distinct().where(_C.listing_id == listing_id).order_by(_C.account_id)
        return list(self._connection.execute(query).scalars())

    def put_verdict(self, verdict: Verdict) -> None:
        """See `Cabinet`."""
        upsert(self._connection, complaint_verdicts, [msgspec.structs.asdict(verdict)], ["verdict_id"])

    def verdict(self, verdict_id: str) -> Verdict | None:
        """See `Cabinet`."""
        found = self._verdicts(_V.verdict_id == verdict_id)
        return found[0] if found else None

    def verdicts_on(self, listing_id: str) -> list[Verdict]:
        """See `Cabinet`."""
        return self._verdicts(_V.listing_id == listing_id)

    def _appeals(self, where: sa.ColumnElement[bool]) -> list[Appeal]:
        found: Any = self._connection.execute(sa.select(_A.document).where(where).order_by(_A.appeal_id)).scalars()
        return msgspec.convert(list(found), list[Appeal])

    def _verdicts(self, where: sa.ColumnElement[bool]) -> list[Verdict]:
        query = sa.select(complaint_verdicts).where(where).order_by(_V.verdict_id)
        return [Verdict(**row._mapping) for row in self._connection.execute(query)]
