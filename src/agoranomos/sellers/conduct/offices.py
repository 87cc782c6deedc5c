"""What HTTP and commands do with conduct: one service for each room, made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.sellers.conduct.live import Conduct
from agoranomos.sellers.freeze.actions import Verbs as FreezeVerbs
from agoranomos.sellers.freeze.service import FreezeService
from agoranomos.sellers.points.actions import Verbs
from agoranomos.sellers.points.service import PointsService
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Offices:
    """The store, and what the services work with."""

    store: Store
    vault: Vault
    hearers: Hearers
    live: Conduct
    clock: Clock

    @cached_property
    def verbs(self) -> Verbs:
        """What puts an event into the log, and lets the rooms hear it at once."""
        return Verbs(self.vault, self.hearers, self.live.catch_up)

    @cached_property
    def points(self) -> PointsService:
        """Penalty points."""
        return PointsService(self.store, self.verbs, self.live.policies.points, self.clock)

    @cached_property
    def freezes(self) -> FreezeService:
        """Frozen money."""
        verbs = FreezeVerbs(self.live.policies.freeze, self.live.actions)
        return FreezeService(self.store, verbs, self.clock, self.live.catch_up)
