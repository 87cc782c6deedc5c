"""The verbs of exposure, given an open transaction: judge a read before it is shown, give a reader its own limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.access.exposure import queries
from agoranomos.access.exposure.deciding import STOPPING, Barred, ReadDecision, decide
from agoranomos.access.exposure.model import Limits, Own, Reader
from agoranomos.access.exposure.policy import Policy
from agoranomos.access.exposure.queries import StoreShelf
from agoranomos.access.exposure.tables import access_checks
from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.judgements.actions import keep_decisions
from agoranomos.judgements.queries import get_decision
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import LIVE, NO_RULES, Consultant
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.schema.access import DataRead

_LASTS_MAX: Final = timedelta(days=400)


def digest_of(event: Event) -> str:
    """What tells one request from another with the same key."""
    return derived("r", event.source, event.id, msgspec.json.encode(event.data, order="sorted").decode())


def check(
    connection: sa.Connection, event: Event, policy: Policy, barred: Sequence[Barred], *, agreed: bool, key: str | None,
    now: datetime, rules: Consultant = NO_RULES,
) -> ReadDecision:  # fmt: skip
    """Judges a read that is not in the log yet; what it would show counts at once when it is approved.

    A repeat with the same key gets the first decision again. Raises Invalid for another event, Conflict for a key that
    was used for another read.
    """
    require_read(event, key)
    if key is not None and (known := repeated(connection, event, key)) is not None:
        return known
    decision = decide(StoreShelf(connection), event, policy, barred, agreed=agreed, rules=rules)
    if key is not None:
        row = {
            "idempotency_key": key, "digest": digest_of(event), "decision_id": decision.id, "day": day_of(now),
        }  # fmt: skip
        # A second request with this key waited for the reader's row, and finds it now.
        if not insert_ignore(connection, access_checks, [row]):
            found = repeated(connection, event, key)
            assert found is not None, "a key that is there is found"
            return found
    keep_decisions(connection, [decision], now=now)
    rules.note(connection, decision)
    return decision


def require_read(event: Event, key: str | None) -> None:
    """Raises Invalid unless `event` is a read, and `key` may be one."""
    if not isinstance(event.body, DataRead):
        raise Invalid("this check judges data.read", pointer="/type")
    if key is not None and not is_id(key):
        raise Invalid("an idempotency key is a printable string of 1 to 128 characters")


def repeated(connection: sa.Connection, event: Event, key: str) -> ReadDecision | None:
    """The decision that a request with this key got. Raises Conflict when it was about another read."""
    known = queries.answered(connection, key)
    if known is None:
        return None
    if known[0] != digest_of(event):
        raise Conflict("this idempotency key was used for another read; draw a new key for each")
    return full_decision(connection, known[1])


def full_decision(connection: sa.Connection, decision_id: str) -> ReadDecision:
    """The kept decision with what it told of waiting. Raises NotFound."""
    kept = get_decision(connection, decision_id)
    fields = {name: getattr(kept, name) for name in Decision.__struct_fields__}
    own = [hit.values["retry_after"] for hit in kept.hits if "retry_after" in hit.values]
    ruled = any(hit.status == LIVE and hit.outcome in STOPPING and "retry_after" not in hit.values for hit in kept.hits)
    return ReadDecision(**fields, retry_after=own[0] if own and not ruled else None)


def allow(
    connection: sa.Connection, principal_id: str, limits: Limits | None, until: datetime | None, *, by: Actor,
    now: datetime,
) -> Reader:  # fmt: skip
    """Gives a reader limits of its own until a day; None takes them back. Raises Invalid."""
    if not is_id(principal_id):
        raise Invalid("a reader is named by an id of 1 to 128 printable characters", pointer="/principal_id")
    own = None
    if limits is not None:
        if until is None or not now < until <= now + _LASTS_MAX:
            raise Invalid("own limits end some day, in 400 days at the latest; say until when", pointer="/ends_at")
        own = Own(limits, until)
    shelf = StoreShelf(connection)
    reader = shelf.reader(principal_id) or Reader()
    reader.own = own
    shelf.put_reader(principal_id, reader)
    params: dict[str, str | int] = {"until": rfc3339(until)} if own and until else {}
    params |= msgspec.structs.asdict(limits) if limits else {}
    entry = Entry(
        at=now, actor=by, verb="access.allow" if own else "access.allow_usual", subject_kind="principal",
        subject_id=derived("pr", principal_id), params=params,
    )  # fmt: skip
    record(connection, entry)
    return reader
