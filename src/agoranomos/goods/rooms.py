"""The rooms of the goods desk that follow what was bought, where it came from, and who is on the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.goods.batches import policy as batch_policy
from agoranomos.goods.batches.monitor import BatchMonitor
from agoranomos.goods.batches.service import BatchService
from agoranomos.goods.programmes import policy as programme_policy
from agoranomos.goods.programmes.monitor import ProgrammeMonitor
from agoranomos.goods.programmes.service import ProgrammeService
from agoranomos.goods.testbuys import policy as testbuy_policy
from agoranomos.goods.testbuys.monitor import TestBuyMonitor
from agoranomos.goods.testbuys.service import TestBuyService
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Rooms:
    """What the rooms work with: `hearers` hear the events that are said here, `draws` gives random bytes.

    Each service, and with it its policy, is made once: background work asks for them every few seconds.
    """

    store: Store
    vault: Vault
    hearers: Hearers
    action_policy: ActionPolicy
    clock: Clock
    draws: Callable[[int], bytes]

    @cached_property
    def testbuys(self) -> TestBuyService:
        """Test buys: plans, purchases, verdicts."""
        policy = testbuy_policy.load_policy()
        return TestBuyService(self.store, self.vault, self.hearers, policy, self.clock, self.draws)

    @cached_property
    def batches(self) -> BatchService:
        """The way of goods."""
        return BatchService(self.store, batch_policy.load_policy())

    @cached_property
    def programmes(self) -> ProgrammeService:
        """The way back."""
        return ProgrammeService(self.store, programme_policy.load_policy(), self.action_policy, self.clock)


def monitors(action_policy: ActionPolicy) -> list[Monitor]:
    """The monitors of test buys and batches, in the order in which they hear."""
    needs = needs_of(action_policy)
    return [
        TestBuyMonitor(testbuy_policy.load_policy(), needs),
        BatchMonitor(batch_policy.load_policy(), needs),
    ]


def ways_back(action_policy: ActionPolicy) -> Monitor:
    """The monitor of programmes, for histories: live, verbs do the same in the store."""
    return ProgrammeMonitor(programme_policy.load_policy(), needs_of(action_policy))
