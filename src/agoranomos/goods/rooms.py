"""The rooms of the goods desk beside listings, put together over one store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from agoranomos.goods.batches.service import BatchService
from agoranomos.goods.brands.service import BrandService
from agoranomos.goods.live import GoodsLive
from agoranomos.goods.notices.actions import Verbs
from agoranomos.goods.notices.service import NoticeService
from agoranomos.goods.policies import Policies, load_policies
from agoranomos.goods.programmes.service import ProgrammeService
from agoranomos.goods.testbuys.service import TestBuyService
from agoranomos.goods.trade.following import Keep
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault


@dataclass(frozen=True)
class Rooms:
    """What the rooms work with: `hearers` hear the events that are said here, `draws` gives random bytes, `keep` keeps
    what desks say that hear behind the log (None: findings and actions are kept, and nothing else).

    Each service is made once: background work asks for them every few seconds.
    """

    store: Store
    vault: Vault
    hearers: Hearers
    clock: Clock
    draws: Callable[[int], bytes]
    policies: Policies = field(default_factory=load_policies)
    keep: Keep | None = None

    @cached_property
    def brands(self) -> BrandService:
        """The brand registry."""
        return BrandService(self.store, self.clock)

    @cached_property
    def testbuys(self) -> TestBuyService:
        """Test buys: plans, purchases, verdicts."""
        return TestBuyService(self.store, self.vault, self.hearers, self.policies.testbuys, self.clock, self.draws)

    @cached_property
    def batches(self) -> BatchService:
        """The way of goods."""
        return BatchService(self.store, self.policies.batches)

    @cached_property
    def programmes(self) -> ProgrammeService:
        """The way back."""
        return ProgrammeService(self.store, self.policies.programmes, self.policies.actions, self.clock)

    @cached_property
    def live(self) -> GoodsLive:
        """Notices and redress, as they hear behind the log."""
        return GoodsLive(self.policies, self.keep)

    @cached_property
    def notices(self) -> NoticeService:
        """Notices, and what is done with them."""
        verbs = Verbs(self.vault, self.policies.notices, self.live.catch_up, self.draws)
        return NoticeService(self.store, verbs, self.clock)
