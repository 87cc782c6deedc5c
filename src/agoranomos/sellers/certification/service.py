"""Certification in person: the map, who needs it, appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.store import Store
from agoranomos.sellers.certification import queries
from agoranomos.sellers.certification.judging import tallies
from agoranomos.sellers.certification.model import Policy, Region, concentration
from agoranomos.sellers.certification.queries import Appointment


@dataclass(frozen=True, slots=True)
class CertificationService:
    """The store, the policy and the clock."""

    store: Store
    policy: Policy
    clock: Clock

    def regions(self) -> list[Region]:
        """All regions with what is known of them, the highest rate first."""
        with self.store.reading() as connection:
            return self._regions(connection)

    def book(self, seller_id: str, region: str, at: datetime, *, by: Actor) -> Appointment:
        """An appointment; the same again is the same. Raises Invalid, Conflict for a second one while one is booked."""
        if not is_id(seller_id) or not is_id(region):
            raise Invalid("a seller and a region are named by ids")
        if at.tzinfo is None or at <= self.clock():
            raise Invalid("an appointment lies ahead, at a time with an offset", pointer="/at")
        name = derived("cp", seller_id, region, rfc3339(at))
        with self.store.transaction() as connection:
            booked = queries.appointments(connection, seller_id=seller_id)
            if any(each.state == "booked" and each.appointment_id != name for each in booked):
                raise Conflict("the seller has an appointment; cancel it first")
            appointment = Appointment(appointment_id=name, seller_id=seller_id, region=region, at=at)
            queries.put_appointment(connection, appointment)
            self._record(connection, appointment, "certification.book", by)
        return appointment

    def cancel(self, appointment_id: str, *, by: Actor) -> Appointment:
        """Raises NotFound, Conflict when it was held."""
        with self.store.transaction() as connection:
            found = queries.appointment(connection, appointment_id)
            if found.state == "held":
                raise Conflict("this appointment was held")
            cancelled = Appointment(
                appointment_id=found.appointment_id, seller_id=found.seller_id, region=found.region, at=found.at,
                state="cancelled",
            )  # fmt: skip
            queries.put_appointment(connection, cancelled)
            self._record(connection, cancelled, "certification.cancel", by)
        return cancelled

    def appointments(self, *, region: str | None = None, after: str = "", limit: int = 100) -> list[Appointment]:
        """See `queries.appointments`."""
        with self.store.reading() as connection:
            return queries.appointments(connection, region=region, after=after, limit=limit)

    def _regions(self, connection: sa.Connection) -> list[Region]:
        return concentration(tallies(connection), self.policy)

    def _record(self, connection: sa.Connection, appointment: Appointment, verb: str, by: Actor) -> None:
        entry = Entry(
            at=self.clock(), actor=by, verb=verb, subject_kind="appointment", subject_id=appointment.appointment_id
        )
        record(connection, entry)
