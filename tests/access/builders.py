"""What the tests of access have in common: events, readers, and a desk over a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agoranomos.access.exposure.model import Limits
from agoranomos.access.exposure.policy import Policy, load_policy
from agoranomos.access.rooms import Access
from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from tests.builders import make_vault

DAY0 = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai."""
POLICY = load_policy()
ACTIONS = load_actions()
VAULT = make_vault()
KEY = SigningKey("log.example", bytes(32))


def told(kind: str, name: str, hours: float, /, **data: Any) -> Event:
    """An event of a type, so many hours after DAY0."""
    at = rfc3339(DAY0 + timedelta(hours=hours))
    return parse_event({"id": name, "source": "gateway", "type": kind, "time": at, "data": data})


def read(
    principal: str, people: Sequence[str] | int, hours: float = 0, *, kind: str = "partner", name: str = "", **more: Any
) -> Event:
    """A read of these people, or of so many without a name."""
    shown = {"subject_count": people} if isinstance(people, int) else {"subject_ids": list(people)}
    data = {"principal_id": principal, "principal_kind": kind, "endpoint": "/people", "fields": ["phone"], **shown}
    return told("data.read", name or f"r{principal}{hours}", hours, **{**data, **more})


def order(buyer: str, store: str = "s1", hours: float = -24) -> Event:
    yuan = {"amount": 100, "currency": "CNY"}
    lines = [{"listing_id": "l1", "quantity": 1, "price": yuan}]
    name = f"o{buyer}{store}"
    return told(
        "order.placed", name, hours, order_id=name, buyer_id=buyer, store_id=store, lines=lines, paid=yuan
    )  # fmt: skip


def contract(principal: str = "p1", hours: float = -48, *, days: int = 90, **more: Any) -> Event:
    ends = rfc3339(DAY0 + timedelta(days=days))
    data = {"store_ids": ["s1"], "purposes": ["fulfilment"], "fields": ["phone", "name"], "ends_at": ends}
    return told("partner.contracted", f"c{principal}{hours}", hours, **{"principal_id": principal, **data, **more})


def people(first: int, last: int) -> list[str]:
    """The ids of the people first to last - 1."""
    return [f"a{number}" for number in range(first, last)]


def with_limits(**limits: int) -> Policy:
    """The shipped policy with these limits for everybody, and no others that matter."""
    import msgspec

    wide = dict.fromkeys(Limits.__struct_fields__, 1_000_000)
    return msgspec.structs.replace(POLICY, kinds=dict.fromkeys(POLICY.kinds, Limits(**{**wide, **limits})))


class Desk:
    """The access desk over a store, and a clock that stands where it is set."""

    def __init__(self, store: Store, policy: Policy = POLICY, folder: Path | None = None) -> None:
        self.store = store
        self.hours = 0.0
        self.rooms = Access(
            lambda: store, lambda: VAULT, {}, ACTIONS, self.now, lambda: KEY, [folder] if folder else []
        )
        self.rooms.__dict__["exposure_policy"] = policy
        self.service = self.rooms.service

    def now(self) -> datetime:
        return DAY0 + timedelta(hours=self.hours)

    def hear(self, *events: Event) -> None:
        """Takes events into the log and lets the desk hear them."""
        with self.store.transaction() as connection:
            accept(connection, VAULT, events, now=self.now())
        self.service.follow()
