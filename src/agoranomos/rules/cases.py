"""What cases came to, heard from `case.decided` in the transaction that takes the event in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.cases import CaseDecided
from agoranomos.rules.tables import decided_cases


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:  # noqa: ARG001 - a hearer's signature
    """Keeps what a case came to; of two decisions of one case the later one stands."""
    body = event.body
    assert isinstance(body, CaseDecided), "only case.decided is heard"
    known = connection.execute(sa.select(decided_cases.c.at).where(decided_cases.c.case_id == body.case_id)).scalar()
    if known is not None and known > event.time:
        return
    row = {
        "case_id": body.case_id,
        "subject_kind": body.subject.kind,
        "subject_id": body.subject.id,
        "outcome": body.outcome,
        "at": event.time,
        "overturns": body.overturns,
    }
    upsert(connection, decided_cases, [row], ["case_id"])
