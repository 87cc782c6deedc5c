"""The verbs of exports, given an open transaction: ask, agree, refuse; event and audit entry beside each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.access.exports import queries
from agoranomos.access.exports.model import Export, export_of
from agoranomos.access.exposure.policy import Policy
from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.schema.access import ExportRequested

SOURCE: Final = "agoranomos"
HEARS: Final = ("export.requested", "export.approved")
Accept = Callable[[sa.Connection, Sequence[Event]], object]
"""Takes events into the log, in the given transaction."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants to take out of the house: who will read it, why, which fields, and where it goes."""

    principal_id: str
    purpose: str
    fields: tuple[str, ...]
    destination_region: str
    subject_count: int | None = None


def ask(connection: sa.Connection, wish: Wish, accept: Accept, *, by: Actor, now: datetime) -> Export:
    """Asks for an export; others have to agree. Asking the same at one moment is asking once. Raises Invalid."""
    for name in ("principal_id", "purpose", "destination_region"):
        if not is_id(getattr(wish, name)):
            raise Invalid("1 to 128 printable characters are expected", pointer=f"/{name}")
    if not wish.fields or not all(map(is_id, wish.fields)) or (wish.subject_count or 0) < 0:
        raise Invalid("name the fields that would leave, at least one", pointer="/fields")
    told = msgspec.json.encode(wish, order="sorted").decode()
    export_id = derived("ex", str(by), rfc3339(now), told)
    data = {name: each for name, each in msgspec.to_builtins(wish).items() if each is not None}
    event = _event("export.requested", export_id, now, {"export_id": export_id, **data, "requested_by": str(by)})
    hear(connection, event)
    accept(connection, [event])
    region, reader = derived("rg", wish.destination_region), derived("pr", wish.principal_id)
    _record(connection, "export.ask", export_id, by, now, region=region, reader=reader, fields=len(wish.fields))
    return queries.get(connection, export_id)


def agree(
    connection: sa.Connection, export_id: str, accept: Accept, policy: Policy, *, by: Actor, now: datetime
) -> Export:
    """Agrees to an export. Raises NotFound, Conflict when it no longer waits, Forbidden for who may not agree."""
    export = _open(connection, export_id, policy, now)
    _require_another(export, by)
    agreed = export.agree(str(by), now)
    if agreed == export:
        raise Conflict("you agreed to this already; another person must agree")
    event = _event("export.approved", f"{export_id}:{by}", now, {"export_id": export_id, "staff_id": str(by)})
    queries.put(connection, agreed)
    accept(connection, [event])
    _record(connection, "export.agree", export_id, by, now)
    return agreed


def refuse(connection: sa.Connection, export_id: str, policy: Policy, *, by: Actor, now: datetime) -> Export:
    """Does not agree: nobody else can either. Raises as `agree`."""
    export = _open(connection, export_id, policy, now)
    _require_another(export, by)
    refused = msgspec.structs.replace(export, refused=True)
    queries.put(connection, refused)
    _record(connection, "export.refuse", export_id, by, now)
    return refused


def hear(connection: sa.Connection, event: Event) -> None:
    """What the log tells of exports; what is known already changes nothing."""
    known = queries.find(connection, event.data["export_id"])
    if event.type == "export.requested" and known is None:
        assert isinstance(event.body, ExportRequested)
        asked = export_of(event.body, event.time)
        by = event.data.get("requested_by") if event.source == SOURCE else None
        queries.put(connection, msgspec.structs.replace(asked, requested_by=by) if isinstance(by, str) else asked)
    elif event.type == "export.approved" and known is not None:
        agreed = known.agree(event.data["staff_id"], event.time)
        if agreed != known:
            queries.put(connection, agreed)


def _open(connection: sa.Connection, export_id: str, policy: Policy, now: datetime) -> Export:
    export = queries.get(connection, export_id)
    state = export.state(policy, now)
    if state != "asked":
        raise Conflict(f"this export is {state} already; ask for it anew")
    return export


def _require_another(export: Export, by: Actor) -> None:
    if by.kind != "person":
        raise Forbidden("only a person can agree to this, or refuse it")
    if {str(by), by.id} & {export.principal_id, export.requested_by}:
        raise Forbidden("you asked for this yourself, or would read it; another person must agree")


def _event(kind: str, event_id: str, at: datetime, data: dict[str, Any]) -> Event:
    name = derived("ev", kind, event_id)
    return parse_event({"id": name, "source": SOURCE, "type": kind, "time": rfc3339(at), "data": data})


def _record(
    connection: sa.Connection, verb: str, export_id: str, by: Actor, now: datetime, **params: str | int
) -> None:
    record(
        connection,
        Entry(at=now, actor=by, verb=verb, subject_kind="export", subject_id=derived("ex", export_id), params=params),
    )
