"""What the commands about conduct share."""

from __future__ import annotations

from typing import Protocol

from agoranomos.kernel.context import Context
from agoranomos.sellers.conduct.offices import Offices


class Rooms(Protocol):
    """The rooms of the sellers desk, as far as these commands need them."""

    @property
    def offices(self) -> Offices: ...

    def hear(self) -> None:
        """Lets the rooms about conduct hear all of the log."""


class ConductContext(Context, Protocol):
    """A context that knows sellers."""

    @property
    def sellers(self) -> Rooms: ...
