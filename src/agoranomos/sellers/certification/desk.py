"""Hears where sellers are, who applies and who was certified, behind the event log; see `conduct.desk`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.schema.sellers import CertificationHeld, SellerApplied, StoreOpened
from agoranomos.sellers.certification import queries
from agoranomos.sellers.certification.advising import NAME


class CertificationDesk:
    """See `conduct.desk.Desk`."""

    name = NAME
    hears = ("certification.held", "seller.applied", "store.opened")

    def __init__(self, connection: sa.Connection, judged: Callable[[sa.Connection, Event], Sequence[Finding]]) -> None:
        self._connection = connection
        self._judged = judged

    def hear(self, event: Event) -> list[Output]:
        """One of `hears`."""
        match event.body:
            case StoreOpened() as body if body.region:
                queries.put_seller(self._connection, body.seller_id, body.region)
            case SellerApplied():
                return [*self._judged(self._connection, event)]
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
