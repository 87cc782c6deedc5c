"""The rooms of cases, as `wiring` asks for them: what they work with, over all desks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from agoranomos.cases.bulk.service import BulkService
from agoranomos.cases.calibration.service import CalibrationService
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.papers.service import PaperService
from agoranomos.cases.policy import NAME, CasePolicy, load_policy
from agoranomos.cases.quality.service import QualityService
from agoranomos.cases.service import CaseService
from agoranomos.cases.trail.following import follow
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.goods.rooms import Rooms
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.policies import policy_in
from agoranomos.kernel.store import Store
from agoranomos.rules.policy import QueuePolicy
from agoranomos.sellers.rooms import Sellers
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Cases:
    """What the rooms work with: `hearers` hear the events that are told here, and the rooms of goods and sellers that
    follow the log hear them at once; policies are looked for in `policy_folders`; `draws` gives random bytes.
    """

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    hearers: Hearers
    goods: Rooms
    sellers: Sellers
    action_policy: ActionPolicy
    queue_policy: QueuePolicy
    clock: Clock
    policy_folders: Sequence[Path] = ()
    draws: Callable[[int], bytes] = secrets.token_bytes

    @cached_property
    def policy(self) -> CasePolicy:
        """`cases.toml` in a folder of policies, else the shipped one."""
        return load_policy(policy_in(self.policy_folders, NAME))

    @cached_property
    def tools(self) -> Tools:
        """What the verbs work with."""
        return Tools(
            self.open_vault(), self.hearers, self._follow, self.policy, self.queue_policy, self.action_policy,
            self.draws,
        )  # fmt: skip

    @cached_property
    def service(self) -> CaseService:
        """Cases, queues and decisions."""
        complaining = self.sellers.conduct_policies.appeals.complainants
        return CaseService(self.open_store(), self.tools, complaining, self.clock)

    @cached_property
    def papers(self) -> PaperService:
        """What is attached to cases."""
        return PaperService(self.open_store(), self.tools, self.clock)

    @cached_property
    def bulk(self) -> BulkService:
        """Decisions about many cases."""
        return BulkService(self.open_store(), self.tools, self.clock)

    @cached_property
    def quality(self) -> QualityService:
        """Second opinions and known cases."""
        return QualityService(self.service)

    @cached_property
    def calibration(self) -> CalibrationService:
        """Curves for scores."""
        return CalibrationService(self.open_store(), self.tools, self.clock)

    def tell_trail(self) -> None:
        """What people did in this system's own pages becomes events, up to the end of the audit log."""
        at_end = False
        while not at_end:
            with self.open_store().transaction() as connection:
                at_end = follow(connection, self.tools, self.clock())

    def _follow(self, connection: sa.Connection, now: datetime) -> None:
        self.sellers.conduct.catch_up(connection, now)
        self.goods.live.catch_up(connection, now)
