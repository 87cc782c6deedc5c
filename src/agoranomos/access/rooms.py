"""The rooms of the access desk, as `wiring` asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from agoranomos.access.exposure import policy as exposure
from agoranomos.access.harvest import policy as harvest
from agoranomos.access.harvest.monitor import HarvestMonitor
from agoranomos.access.harvest.telling import NAME
from agoranomos.access.insiders.monitor import InsiderMonitor
from agoranomos.access.insiders.policy import load_policy as load_insiders
from agoranomos.access.insiders.service import InsiderService
from agoranomos.access.insiders.telling import NAME as INSIDERS
from agoranomos.access.policies import policy_file
from agoranomos.access.scope.service import ScopeService
from agoranomos.access.service import AccessService
from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Access:
    """What the rooms work with; `key` signs the audit log; policies are looked for in `policy_folders` in order;
    `consultant` knows the rules of checks."""

    open_store: Callable[[], Store]
    open_vault: Callable[[], Vault]
    hearers: Hearers
    action_policy: ActionPolicy
    clock: Clock
    key: Callable[[], SigningKey]
    policy_folders: Sequence[Path] = ()
    consultant: Callable[[], Consultant] = lambda: NO_RULES

    @cached_property
    def service(self) -> AccessService:
        """Readers, exports and canaries."""
        return AccessService(
            self.open_store(), self.open_vault, self.hearers, self.exposure_policy, self.clock, self.consultant
        )

    @cached_property
    def scopes(self) -> ScopeService:
        """What a reader was shown, sealed."""
        return ScopeService(self.open_store(), self.clock, self.key)

    @cached_property
    def insiders(self) -> InsiderService:
        """What was found about the staff."""
        return InsiderService(self.open_store())

    @cached_property
    def exposure_policy(self) -> exposure.Policy:
        """`exposure.toml` in a folder of policies, else the shipped one."""
        return exposure.load_policy(policy_file("exposure", self.policy_folders))

    @cached_property
    def harvest_policy(self) -> harvest.Policy:
        """`harvest.toml` in a folder of policies, else the shipped one."""
        return harvest.load_policy(policy_file("harvest", self.policy_folders))

    def followed(self) -> Mapping[str, Callable[[], Monitor]]:
        """The monitors that follow the log live, by name; reads are decided by the check."""
        return {NAME: partial(self._monitor, NO_RULES, decides=False), INSIDERS: self._insiders}

    def _insiders(self) -> Monitor:
        return InsiderMonitor(load_insiders(policy_file("insiders", self.policy_folders)))

    def _monitor(self, rules: Consultant, *, decides: bool) -> Monitor:
        return HarvestMonitor(
            self.harvest_policy, self.exposure_policy, needs_of(self.action_policy), decides=decides, rules=rules
        )
