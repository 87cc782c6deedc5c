"""Readers who are throttled or suspended: by actions, whoever asked for them, for as long as these stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.access.exposure.barring import HOURS_USUAL, SUSPEND, THROTTLE, barred_by
from agoranomos.access.exposure.deciding import Barred
from agoranomos.enforcement import queries
from agoranomos.enforcement.queries import About
from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import parse_rfc3339

_STANDING: Final = ("approved", "pending", "done")
_LOOKED_AT: Final = 50


def bars_of(connection: sa.Connection, principal_id: str, at: datetime) -> list[Barred]:
    """What stands against a reader in the store: the newest actions about it."""
    about = About(subject_kind="principal", subject_id=principal_id)
    found: list[Barred] = []
    for each in queries.listed(connection, about, after=None, limit=_LOOKED_AT):
        if each.kind not in (THROTTLE, SUSPEND) or each.status not in _STANDING:
            continue
        hours = each.params.get("hours", HOURS_USUAL)
        lasts = timedelta(hours=hours if isinstance(hours, int) else HOURS_USUAL)
        found += barred_by(each.kind, after(parse_rfc3339(each.at), lasts), at)
    return sorted(found, key=lambda each: (each.code != "access.suspended", each.code))[:1]
