"""The port to whoever gives out numbers, a telephone company or the embedded exchange, with the terms of AXB calling.

A number (X) is bound to a buyer (A) and to those who may ring it (B: the store, the courier) until it expires. Parties
are named by ids; whoever gives out the numbers knows whose telephones these are, and we do not. Both calls may be
repeated after an answer was lost, and do nothing the second time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is wanted: `a` is reached by it, `b` may ring it."""

    binding_id: str
    a: str
    b: tuple[str, ...]
    expires_at: datetime


class Provider(Protocol):
    """Gives out numbers. Both raise Conflict, with what to do next, when no answer can be had."""

    def bind(self, wish: Wish, now: datetime) -> str:
        """A number that stands for nobody else, and for nobody else for a while after it expires."""

    def expire(self, binding_id: str, now: datetime) -> None:
        """From now on nobody is put through; a binding that is not known has ended already."""
