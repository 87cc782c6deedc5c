"""Readers who are throttled or suspended: by actions, whoever asked for them, for as long as these stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.access.exposure.barring import HOURS_USUAL, SUSPEND, THROTTLE, barred_by
from agoranomos.access.exposure.deciding import Barred
from agoranomos.enforcement.queries import of_kinds
from agoranomos.kernel.calendar import after

_STANDING: Final = ("approved", "pending", "done")
_LOOKED_AT: Final = 50


def bars_of(connection: sa.Connection, principal_id: str, at: datetime) -> list[Barred]:
    """What stands against a reader in the store: a suspension, else the newest throttle that is not over."""
    found: list[Barred] = []
    about = {"subject_kind": "principal", "subject_id": principal_id}
    # Suspensions sort before throttles, so that no number of throttles hides one.
    for kind, since, params in of_kinds(connection, about, (SUSPEND, THROTTLE), _STANDING, limit=_LOOKED_AT):
        hours = params.get("hours", HOURS_USUAL)
        lasts = timedelta(hours=hours if isinstance(hours, int) else HOURS_USUAL)
        found += barred_by(kind, after(since, lasts), at)
    return sorted(found, key=lambda each: (each.code != "access.suspended", each.code))[:1]
