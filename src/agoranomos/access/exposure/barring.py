"""What a throttle or a suspension means for whoever reads, live and in a replay."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agoranomos.access.exposure.deciding import Barred

THROTTLE: Final = "principal.throttle"
SUSPEND: Final = "principal.suspend"
HOURS_USUAL: Final = 24
"""How long a throttle lasts that does not say it."""


def barred_by(kind: str, until: datetime | None, at: datetime) -> list[Barred]:
    """What a throttle or suspension that stands means for a read at `at`; a throttle ends by itself."""
    if kind == SUSPEND:
        return [Barred("access.suspended", "The reader is suspended; a person has to lift it.", "该读取者已被暂停。")]
    if until is not None and at >= until:
        return []
    return [Barred("access.throttled", "The reader is throttled for now.", "该读取者暂时被限流。", until)]
