"""Certification in person: the map, who needs it, appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.store import Store
from agoranomos.sellers.certification import queries
from agoranomos.sellers.certification.desk import NAME
from agoranomos.sellers.certification.model import Policy, Region, concentration
from agoranomos.sellers.certification.queries import Appointment
from agoranomos.sellers.points import queries as points

REQUIRED = "sellers.certification_required"


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

    def required(self, seller_id: str, region: str | None) -> Reason | None:
        """Why somebody who applies in a region has to be certified in person; None when it is not so, or was done."""
        with self.store.reading() as connection:
            return self._required(connection, seller_id, region)

    def judged(self, connection: sa.Connection, event: Event) -> list[Finding]:
        """What an application is told that has to be certified in person; see `identity.advising`. It is no suspicion:
        its score is 0.
        """
        reason = self._required(connection, event.data["seller_id"], event.data.get("region"))
        if reason is None:
            return []
        subject = Subject("application", event.data["application_id"])
        return [
            Finding(
                id=finding_id(REQUIRED, subject, event.time), at=rfc3339(event.time), code=REQUIRED, subject=subject,
                score=0.0, reasons=(reason,), detector=NAME, version=self.policy.version, event_ids=(event.id,),
            )
        ]  # fmt: skip

    def _required(self, connection: sa.Connection, seller_id: str, region: str | None) -> Reason | None:
        if region is None or not is_id(seller_id):
            return None
        found = next((each for each in self._regions(connection) if each.region == region), None)
        if found is None or not found.required:
            return None
        since = self.clock() - timedelta(days=self.policy.valid_days)
        if queries.passed_since(connection, seller_id, self.policy.passed, since):
            return None
        words = "Sellers of this region are certified in person before they open a store; make an appointment."
        zh = "该地区卖家开店前须完成现场认证，请预约。"
        return Reason(REQUIRED, words, {"region": region, "rate": found.rate, "message_zh": zh})

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
        return concentration(queries.tallies(connection, points.offenders(connection)), self.policy)

    def _record(self, connection: sa.Connection, appointment: Appointment, verb: str, by: Actor) -> None:
        entry = Entry(
            at=self.clock(), actor=by, verb=verb, subject_kind="appointment", subject_id=appointment.appointment_id
        )
        record(connection, entry)
