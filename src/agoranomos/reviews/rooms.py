"""The rooms of the reviews desk, as `wiring` asks for them: what each works with, and hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.reviews.anonymity.monitor import NAME as ANONYMITY
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import Policy, load_policy
from agoranomos.reviews.anonymity.service import ReviewService
from agoranomos.reviews.policies import policy_file


@dataclass(frozen=True)
class Reviews:
    """What the rooms work with: `open_store` opens what a history does without; policies are looked for in
    `policy_folders`, the first first.
    """

    open_store: Callable[[], Store]
    action_policy: ActionPolicy
    clock: Clock
    policy_folders: Sequence[Path] = ()

    @cached_property
    def anonymity_policy(self) -> Policy:
        """`anonymous-reviews.toml` in a folder of policies, else the shipped one."""
        return load_policy(policy_file("anonymous-reviews", self.policy_folders))

    @cached_property
    def checks(self) -> ReviewService:
        """The check of reviews."""
        return ReviewService(self.open_store(), self.anonymity_policy, self.clock)

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        return {ANONYMITY: self._anonymity}

    def _anonymity(self) -> Monitor:
        return AnonymityMonitor(self.anonymity_policy, needs_of(self.action_policy))
