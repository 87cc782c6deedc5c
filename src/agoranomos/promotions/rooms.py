"""The rooms of the promotions desk, as `wiring` asks for them: what each works with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.campaigns.service import CampaignService
from agoranomos.promotions.guard.model import Policies as GuardPolicies
from agoranomos.promotions.guard.monitor import GuardMonitor
from agoranomos.promotions.lint.monitor import NAME as LINT
from agoranomos.promotions.lint.monitor import LintMonitor
from agoranomos.promotions.lint.policy import Policy as LintPolicy
from agoranomos.promotions.lint.service import LintService
from agoranomos.promotions.policies import guard_policies, lint_policy, ring_policies
from agoranomos.promotions.tracing.monitor import NAME as RINGS
from agoranomos.promotions.tracing.monitor import RingMonitor


@dataclass(frozen=True)
class Promotions:
    """What the rooms work with: `open_store` opens what a history does without; policies are looked for in
    `policy_folders`, the first first.
    """

    open_store: Callable[[], Store]
    action_policy: ActionPolicy
    clock: Clock
    policy_folders: Sequence[Path] = ()

    @cached_property
    def campaigns(self) -> CampaignService:
        """What was declared."""
        return CampaignService(self.open_store(), self.clock)

    @cached_property
    def lint(self) -> LintService:
        """Whether campaigns make sense together."""
        return LintService(self.open_store, self.lint_policy, self.clock)

    @cached_property
    def lint_policy(self) -> LintPolicy:
        """`lint.toml` in a folder of policies, else the shipped one."""
        return lint_policy(self.policy_folders)

    @cached_property
    def guard_policies(self) -> GuardPolicies:
        """`budgets.toml` and `breaker.toml` in a folder of policies, else the shipped ones; read once."""
        return guard_policies(self.policy_folders)

    def monitors(self, known: Iterable[Declared] = ()) -> list[Monitor]:
        """The monitors of a replay, in the order in which they hear; `known` campaigns are declared from the start."""
        given = list(known)
        guard = GuardMonitor(self.guard_policies, needs_of(self.action_policy), given)
        return [LintMonitor(self.lint_policy, given), guard, self._rings()]

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        return {RINGS: self._rings, LINT: lambda: LintMonitor(self.lint_policy)}

    def _rings(self) -> Monitor:
        return RingMonitor(*ring_policies(self.policy_folders), needs_of(self.action_policy))
