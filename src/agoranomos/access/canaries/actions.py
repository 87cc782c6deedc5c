"""The verbs of canaries, given an open transaction: plant some, and give an export its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
import sqlalchemy as sa

from agoranomos.access.canaries import queries
from agoranomos.access.canaries.queries import PREFIX, Canary
from agoranomos.access.exports import queries as exports
from agoranomos.access.exports.actions import SOURCE, Accept
from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.ids import derived, is_id

Kind = Literal["record", "number", "account"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLANTED_MAX: Final = 10_000
_GIVING: Final = 0x63616E61727901  # "canary": nobody is given what another is given


def plant(
    connection: sa.Connection, kind: Kind, values: Sequence[str], accept: Accept, *, by: Actor, now: datetime
) -> list[Canary]:
    """Plants account ids or numbers that the marketplace has made up; those that are known already are left out.

    Raises Invalid.
    """
    if not values or len(values) > PLANTED_MAX or not all(map(is_id, values)):
        raise Invalid(
            f"give 1 to {PLANTED_MAX:,} ids or numbers, each 1 to 128 printable characters", pointer="/values"
        )
    made = [Canary(canary_id=derived(PREFIX, kind, value), kind=kind, value=value, planted_at=now) for value in values]
    new = queries.add(connection, made)
    accept(connection, [_event(each, now) for each in new])
    entry = Entry(
        at=now, actor=by, verb="canary.plant", subject_kind="canary", subject_id=kind, params={"count": len(new)}
    )  # fmt: skip
    record(connection, entry)
    return new


def assign(connection: sa.Connection, export_id: str, accept: Accept, *, by: Actor, now: datetime) -> list[Canary]:
    """A planted number and a record for one export alone, to be put among its rows; again gives the same.

    A call of that number then names the login. Raises NotFound, Conflict when none are left.
    """
    export = exports.get(connection, export_id)
    take_turn(connection, _GIVING)
    known = queries.of_export(connection, export_id)
    if known:
        return known
    given = []
    for kind in ("number", "record"):
        free = queries.free(connection, kind)
        if free is None:
            raise Conflict(f"no planted {kind} is left for this export; plant more of them first")
        mine = msgspec.structs.replace(free, export_id=export_id, principal_id=export.principal_id)
        queries.give(connection, mine)
        given.append(mine)
    accept(connection, [_event(each, now) for each in given])
    entry = Entry(
        at=now, actor=by, verb="canary.assign", subject_kind="export", subject_id=derived("ex", export_id),
        params={"count": len(given)},
    )  # fmt: skip
    record(connection, entry)
    return given


def hear(connection: sa.Connection, event: Event) -> None:
    """A canary that the marketplace planted itself."""
    data = event.data
    value = data.get("subject_id") or data.get("number")
    if event.source != SOURCE and value is not None:
        canary = Canary(
            canary_id=data["canary_id"], kind=data["kind"], value=value, planted_at=event.time,
            export_id=_text(data.get("export_id")), principal_id=_text(data.get("principal_id")),
        )  # fmt: skip
        queries.add(connection, [canary])


def _text(value: Any) -> str | None:
    return value if is_id(value) else None


def _event(canary: Canary, at: datetime) -> Event:
    field = "number" if canary.kind == "number" else "subject_id"
    data: dict[str, Any] = {"canary_id": canary.canary_id, "kind": canary.kind, field: canary.value}
    if canary.export_id is not None:
        data |= {"export_id": canary.export_id, "principal_id": canary.principal_id}
    name = derived("ev", "canary.planted", canary.canary_id, canary.export_id or "")
    return parse_event({"id": name, "source": SOURCE, "type": "canary.planted", "time": rfc3339(at), "data": data})
