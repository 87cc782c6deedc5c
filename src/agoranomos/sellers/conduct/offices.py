"""What HTTP and commands do with conduct: one service for each room, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from agoranomos.audit.notes import SigningKey
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import Consultant
from agoranomos.kernel.store import Store
from agoranomos.sellers.appeals.service import AppealService
from agoranomos.sellers.certification.service import CertificationService
from agoranomos.sellers.conduct.live import Conduct
from agoranomos.sellers.credit.service import CreditService
from agoranomos.sellers.education.service import EducationService
from agoranomos.sellers.freeze.service import FreezeService
from agoranomos.sellers.points.actions import Verbs
from agoranomos.sellers.points.service import PointsService
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Offices:
    """The store, and what the services work with; `key` signs what goes out to lenders; `hear` lets the rooms hear
    what has come into the log; `rules` are asked by checks.
    """

    store: Store
    vault: Vault
    hearers: Hearers
    live: Conduct
    clock: Clock
    key: Callable[[], SigningKey]
    hear: Callable[[], None]
    rules: Callable[[], Consultant]

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
        return FreezeService(self.store, self.live.freezing, self.clock, self.live.catch_up, self.hear, self.rules)

    @cached_property
    def appeals(self) -> AppealService:
        """Appeals and complainants."""
        return AppealService(self.store, self.verbs, self.live.policies.appeals, self.live.actions, self.clock)

    @cached_property
    def education(self) -> EducationService:
        """Courses and quizzes."""
        return EducationService(self.store, self.verbs, self.live.policies.courses, self.clock)

    @cached_property
    def credit(self) -> CreditService:
        """Credit of conduct."""
        return CreditService(self.store, self.live.policies.credit, self.live.policies.points, self.clock, self.key)

    @cached_property
    def certification(self) -> CertificationService:
        """Certification in person."""
        return CertificationService(self.store, self.live.policies.certification, self.clock)
