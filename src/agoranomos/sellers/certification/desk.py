"""Hears where sellers are and who was certified, behind the event log; see `conduct.desk`. It says nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.sellers import CertificationHeld, StoreOpened
from agoranomos.sellers.certification import queries

NAME: Final = "sellers.certification"


class CertificationDesk:
    """See `conduct.desk.Desk`."""

    name = NAME
    hears = ("certification.held", "store.opened")

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hear(self, event: Event) -> list[Output]:
        """One of `hears`."""
        match event.body:
            case StoreOpened() as body if body.region:
                queries.put_seller(self._connection, body.seller_id, body.region)
            case CertificationHeld() as body:
                queries.put_held(self._connection, body.seller_id, body.region, body.outcome, event.time)
            case _:
                pass
        return []

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime) -> list[Output]:  # noqa: ARG002 - the contract's
        """Asks for no alarm."""
        return []
