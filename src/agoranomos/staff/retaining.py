"""Browsers in which staff had signed in, for the schedule."""

from __future__ import annotations

from typing import Final

from agoranomos.kernel.retained import Kept
from agoranomos.staff.tables import sessions

KEPT: Final = (
    Kept(kind="staff.browsers", about="browsers in which staff had signed in", table=sessions, at=sessions.c.ends_at),
)  # fmt: skip
