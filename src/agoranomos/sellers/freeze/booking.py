"""Frozen money in the books.

An account for each freeze and currency, which never falls below 0: so nothing is released twice, whoever asks at once.
Money comes from what the marketplace owes the store, and goes back there, to the buyers, or to another freeze.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from agoranomos.kernel.ids import LENGTH_MAX, derived
from agoranomos.kernel.ledger.model import Account

_OPENED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The same for all, so that opening an account twice is opening it once."""


def owed(store_id: str, currency: str) -> str:
    """What the marketplace owes a store: below zero by what is frozen."""
    name = f"frozen:owed:{currency}:{store_id}"
    return name if len(name) <= LENGTH_MAX else derived("frozen:owed", currency, store_id)


def held(freeze_id: str, currency: str) -> str:
    """The money of a freeze."""
    return f"frozen:held:{currency}:{freeze_id}"


def buyers(currency: str) -> str:
    """What went back to buyers."""
    return f"frozen:buyers:{currency}"


def account(name: str, currency: str) -> Account:
    """The account of this name; of a freeze it has a floor."""
    floor = 0 if name.startswith("frozen:held:") else None
    return Account(id=name, unit=currency, kind=":".join(name.split(":")[:2]), opened_at=_OPENED, floor=floor)
