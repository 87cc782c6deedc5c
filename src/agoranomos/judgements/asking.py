"""Checks that are asked with an idempotency key: a repeat gets the first decision again."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.actions import keep_decisions
from agoranomos.judgements.queries import get_decision
from agoranomos.judgements.tables import check_keys
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived, is_id


def answered(connection: sa.Connection, check: str, event: Event, key: str | None) -> Decision | None:
    """The decision that `check` made under the key. Raises Invalid for a key that is none, Conflict for one that was
    used for something else.
    """
    if key is None:
        return None
    if not is_id(key):
        raise Invalid("an idempotency key is a printable string of 1 to 128 characters")
    query = sa.select(check_keys).where(check_keys.c.check == check, check_keys.c.idempotency_key == key)
    known = connection.execute(query).first()
    if known is None:
        return None
    if known.digest != _digest(event):
        raise Conflict("this idempotency key was used for something else; draw a new key for each")
    return get_decision(connection, known.decision_id)


def kept(connection: sa.Connection, decision: Decision, event: Event, key: str | None, *, now: datetime) -> Decision:
    """Keeps a decision under its key; or else the one that stands, when somebody was faster with the key."""
    if key is not None:
        row = {
            "check": decision.check, "idempotency_key": key, "digest": _digest(event), "decision_id": decision.id,
        }  # fmt: skip
        if not insert_ignore(connection, check_keys, [row]):
            first = answered(connection, decision.check, event, key)
            assert first is not None, "the key is taken"
            return first
    keep_decisions(connection, [decision], now=now)
    return decision


def _digest(event: Event) -> str:
    return derived("k", event.source, event.id, msgspec.json.encode(event.data, order="sorted").decode())
