"""One request, one transaction: what HTTP and commands share of curves."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.cases.calibration import actions, queries
from agoranomos.cases.calibration.fitting import Fit
from agoranomos.cases.calibration.queries import Calibrated
from agoranomos.cases.desk.tools import Tools
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.lists import Place
from agoranomos.kernel.store import Store


@dataclass(frozen=True, slots=True)
class CalibrationService:
    """The store, what the verbs work with, and the clock."""

    store: Store
    tools: Tools
    clock: Clock

    def fits(self) -> list[Fit]:
        """How the scores of every code fare, those that drifted first."""
        with self.store.reading() as connection:
            return actions.fits(connection, self.tools, self.clock())

    def listed(self, *, after: Place | None, limit: int) -> list[Calibrated]:
        """Curves, newest first."""
        with self.store.reading() as connection:
            return queries.listed(connection, after=after, limit=limit)

    def propose(self, code: str, *, by: Actor) -> Calibrated:
        """See `actions.propose`."""
        with self.store.transaction() as connection:
            return actions.propose(connection, self.tools, code, by=by, now=self.clock())

    def apply(self, calibration_id: str, *, by: Actor, approval_id: str | None = None) -> Calibrated | Approval:
        """See `actions.apply`."""
        with self.store.transaction() as connection:
            return actions.apply(connection, calibration_id, by=by, now=self.clock(), approval_id=approval_id)

    def end(self, code: str, *, by: Actor) -> bool:
        """See `actions.end`."""
        with self.store.transaction() as connection:
            return actions.end(connection, code, by=by, now=self.clock())
