"""Events for tests of the intake."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from agoranomos.intake.actions import accept
from agoranomos.intake.model import Counts
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault
from tests.builders import NOW, make_data, make_event

PERSON = {
    "legal_name": "Plain Wang Xiaoming",
    "id_number": "PLAIN11010519491231",
    "birth_date": "PLAIN-1990-01-02",
    "phone": "+86 138 0000 PLAIN",
    "email": "plain.person@example.com",
    "bank_account": "PLAIN6222021001",
    "licence_number": "PLAIN91310000MA",
    "address": "PLAIN Caoxi Road 1",
    "id_photo": "PLAIN/id.jpg",
    "holding_photo": "PLAIN/holding.jpg",
    "face_photo": "PLAIN/face.jpg",
}
"""What may stand in no table, file or answer as it is."""


def event(event_id: str, kind: str = "order.delivered", *, minutes: float = 0, **changes: Any) -> Event:
    """The event at NOW and so many minutes; `data` changes fields of the least that its type needs."""
    return parse_event(raw(event_id, kind, minutes=minutes, **changes))


def raw(event_id: str, kind: str = "order.delivered", *, minutes: float = 0, **changes: Any) -> dict[str, Any]:
    """The same as decoded JSON."""
    data = make_data(kind) | changes.pop("data", {})
    return make_event(kind, id=event_id, time=rfc3339(NOW + timedelta(minutes=minutes)), data=data, **changes)


def applied(event_id: str = "a1", **changes: Any) -> dict[str, Any]:
    """`seller.applied` with everything that names a person."""
    return raw(event_id, "seller.applied", data={"seller_id": "s-1", **PERSON, **changes})


def take(store: Store, vault: Vault, *events: Event, now: datetime = NOW) -> Counts:
    """Accepts `events` in a transaction."""
    with store.transaction() as connection:
        return accept(connection, vault, events, now=now)
