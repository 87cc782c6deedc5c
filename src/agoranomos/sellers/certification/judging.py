"""Who has to be certified in person, asked in the store: by the check of applications, and when one comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.certification import queries
from agoranomos.sellers.certification.advising import Daily, finding_on
from agoranomos.sellers.certification.model import Policy, Tally
from agoranomos.sellers.points import queries as points


@dataclass(frozen=True, slots=True)
class Judging:
    """The policy, the clock, and the regions of the day."""

    policy: Policy
    clock: Clock
    daily: Daily

    def judged(self, connection: sa.Connection, event: Event) -> Sequence[Finding]:
        """What is to be said of `seller.applied`: that its region requires certification, unless that was done."""
        region, seller_id = event.data.get("region"), event.data["seller_id"]
        if not region or region not in self.daily.regions(self.clock(), lambda: tallies(connection)):
            return ()
        since = after(event.time, -timedelta(days=self.policy.valid_days))
        done = queries.passed_since(connection, seller_id, self.policy.passed, since)
        return () if done else (finding_on(event),)


def tallies(connection: sa.Connection) -> dict[str, Tally]:
    """Sellers by region, and how many of them have a case that stands."""
    return queries.tallies(connection, points.offenders(connection))
