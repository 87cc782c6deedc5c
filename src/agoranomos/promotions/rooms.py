"""The rooms of the promotions desk, as `wiring` asks for them: what each works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.promotions.campaigns.service import CampaignService
from agoranomos.promotions.lint import policy as lint_policy
from agoranomos.promotions.lint.service import LintService


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
    def lint_policy(self) -> lint_policy.Policy:
        """`lint.toml` in a folder of policies, else the shipped one."""
        found = (path for folder in self.policy_folders if (path := folder / "lint.toml").exists())
        return lint_policy.load_policy(next(found, None))
