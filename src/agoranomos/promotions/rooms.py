"""The rooms of the promotions desk, as `wiring` asks for them: what each works with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.evidence.keys import evidence_key
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.promotions.campaigns.service import CampaignService
from agoranomos.promotions.guard.following import Follower
from agoranomos.promotions.guard.model import Policies as GuardPolicies
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.seeing import Keep
from agoranomos.promotions.guard.service import GuardService
from agoranomos.promotions.guard.store_desk import StoreDesk
from agoranomos.promotions.lint.monitor import NAME as LINT
from agoranomos.promotions.lint.monitor import LintMonitor
from agoranomos.promotions.lint.policy import Policy as LintPolicy
from agoranomos.promotions.lint.service import LintService
from agoranomos.promotions.policies import guard_policies, lint_policy, remedy_policy, ring_policies
from agoranomos.promotions.remedies.service import RemedyService
from agoranomos.promotions.tracing.monitor import NAME as RINGS
from agoranomos.promotions.tracing.monitor import RingMonitor
from agoranomos.promotions.tracing.service import TraceService


@dataclass(frozen=True)
class Promotions:
    """What the rooms work with: `open_store` opens what a history does without; policies are looked for in
    `policy_folders`, the first first; `keep` keeps what is found (None: findings and actions, and nothing else);
    `draws` gives random bytes; the key that signs evidence lies in `home`.
    """

    open_store: Callable[[], Store]
    action_policy: ActionPolicy
    clock: Clock
    policy_folders: Sequence[Path] = ()
    keep: Keep | None = None
    draws: Callable[[int], bytes] = secrets.token_bytes
    home: Path = Path()

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

    @cached_property
    def guard(self) -> GuardService:
        """Budgets, caps and the breaker over the store."""
        store, keep = self.open_store(), self.keep or self._keeping
        return GuardService(store, self.desk, Follower(self.desk, keep), self.clock, lambda: GroupWriter(store))

    @cached_property
    def desk(self) -> StoreDesk:
        """The guard, given an open transaction."""
        needs, keep = needs_of(self.action_policy), self.keep or self._keeping
        return StoreDesk(
            Rules(self.guard_policies), needs, keep, holder_id=f"h_{self.draws(8).hex()}",
            draw=lambda: f"l_{self.draws(12).hex()}",
        )  # fmt: skip

    def _keeping(self, connection: sa.Connection, said: Sequence[Output], now: datetime) -> None:
        keep_findings(connection, [each for each in said if isinstance(each, Finding)], now=now)
        asked = [each for each in said if isinstance(each, Action)]
        enforcing.take(connection, asked, policy=self.action_policy, now=now)

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name."""
        return {RINGS: self._rings, LINT: lambda: LintMonitor(self.lint_policy)}

    def _rings(self) -> Monitor:
        return RingMonitor(*ring_policies(self.policy_folders), needs_of(self.action_policy))

    @cached_property
    def traces(self) -> TraceService:
        """Where coupons went."""
        return TraceService(self.open_store(), ring_policies(self.policy_folders)[0])

    @cached_property
    def remedies(self) -> RemedyService:
        """What is done about incidents."""
        policy = remedy_policy(self.policy_folders)
        return RemedyService(
            self.open_store(), self.traces, policy, self.action_policy, self.clock,
            lambda: evidence_key(self.home, self.draws),
        )  # fmt: skip
