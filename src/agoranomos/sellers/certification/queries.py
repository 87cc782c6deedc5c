"""All SQL of certification."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.certification.model import Tally
from agoranomos.sellers.certification.tables import (
    certification_appointments,
    certification_held,
    certification_sellers,
)

_S, _H, _A = certification_sellers.c, certification_held.c, certification_appointments.c
AppointmentState = Literal["booked", "held", "cancelled"]


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """When a seller is seen in person, and where."""

    appointment_id: str
    seller_id: str
    region: str
    at: datetime
    state: AppointmentState = "booked"


def put_seller(connection: sa.Connection, seller_id: str, region: str) -> None:
    """Where a seller is; the first that was told stands."""
    insert_ignore(connection, certification_sellers, [{"seller_id": seller_id, "region": region}])


def put_held(connection: sa.Connection, seller_id: str, region: str, outcome: str, at: datetime) -> None:
    """How a certification went; the appointments of the seller there up to then are over."""
    row = {"seller_id": seller_id, "at": at, "region": region, "outcome": outcome}
    insert_ignore(connection, certification_held, [row])
    over = sa.update(certification_appointments).where(
        _A.seller_id == seller_id, _A.region == region, _A.state == "booked"
    )
    connection.execute(over.values(state="held"))


def passed_since(connection: sa.Connection, seller_id: str, outcomes: Iterable[str], since: datetime) -> bool:
    """Whether the latest certification of a seller was passed, and is not older than `since`."""
    query = sa.select(_H.outcome, _H.at).where(_H.seller_id == seller_id).order_by(_H.at.desc()).limit(1)
    row = connection.execute(query).first()
    return row is not None and row.outcome in set(outcomes) and row.at >= since


def tallies(connection: sa.Connection, offenders: Iterable[str]) -> dict[str, Tally]:
    """Sellers by region, and how many of them are among `offenders`."""
    query = sa.select(_S.region, sa.func.count()).group_by(_S.region)
    sellers = {row[0]: int(row[1]) for row in connection.execute(query)}
    wrong: dict[str, int] = {}
    ids = sorted(set(offenders))
    for start in range(0, len(ids), 1_000):
        part = sa.select(_S.region).where(_S.seller_id.in_(ids[start : start + 1_000]))
        for region in connection.execute(part).scalars():
            wrong[region] = wrong.get(region, 0) + 1
    return {region: Tally(count, wrong.get(region, 0)) for region, count in sellers.items()}


def put_appointment(connection: sa.Connection, appointment: Appointment) -> None:
    """Keeps an appointment."""
    upsert(
        connection, certification_appointments, [msgspec.structs.asdict(appointment)], ["appointment_id"]
    )  # fmt: skip


def appointment(connection: sa.Connection, appointment_id: str) -> Appointment:
    """Raises NotFound."""
    query = sa.select(certification_appointments).where(_A.appointment_id == appointment_id)
    row = connection.execute(query).first() if is_id(appointment_id) else None
    if row is None:
        raise NotFound("there is no appointment with this id; see `agora sellers appointments`")
    return Appointment(**row._mapping)


def appointments(
    connection: sa.Connection, *, region: str | None = None, seller_id: str | None = None, after: str = "",
    limit: int = 100,
) -> list[Appointment]:  # fmt: skip
    """At most `limit` appointments behind the id `after`, in the order of ids."""
    query = sa.select(certification_appointments).where(_A.appointment_id > after)
    for column, value in ((_A.region, region), (_A.seller_id, seller_id)):
        if value is not None:
            query = query.where(column == value)
    return [Appointment(**row._mapping) for row in connection.execute(query.order_by(_A.appointment_id).limit(limit))]
