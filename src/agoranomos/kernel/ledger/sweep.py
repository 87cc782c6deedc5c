"""Releasing what has expired, however much it is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agoranomos.kernel.ledger.posting import expire_due
from agoranomos.kernel.store import Store

PORTION: Final = 1_000
"""Reservations in one transaction: its accounts are locked for some 50 ms."""


def expire_all_due(store: Store, now: datetime) -> int:
    """Releases every reservation whose time has come by `now`, in transactions of PORTION; returns how many."""
    count = 0
    while True:
        with store.transaction() as connection:
            released = len(expire_due(connection, now, limit=PORTION))
        count += released
        if released < PORTION:
            return count
