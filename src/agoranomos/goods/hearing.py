"""The goods desk as one monitor: what its rooms put on the scales (`goods.evidence`) is added up by listing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.desk.monitor import GoodsMonitor
from agoranomos.goods.listings.context import profile_chooser
from agoranomos.goods.listings.fusion import FUSION_VERSION
from agoranomos.goods.listings.judge import TextJudge, build_judge
from agoranomos.goods.listings.monitor import BatchJudge, ListingMonitor, MakeJudge
from agoranomos.goods.listings.policy import ListingPolicy
from agoranomos.goods.listings.vocabulary import shipped_version
from agoranomos.goods.monitors import weighing_monitors
from agoranomos.goods.pictures.monitor import PictureMonitor, Sight
from agoranomos.goods.policies import Policies
from agoranomos.kernel.consulting import Consultant

Eyes = Callable[[TextJudge, RegistrySnapshot], BatchJudge]
"""Gives a judge eyes."""
Lower = Callable[[Iterable[Brand]], Iterable[Brand]]
"""What lies below the brands that are registered."""


@dataclass(frozen=True)
class GoodsHearing:
    """What the monitor is made of. `cache` is the folder of compiled names; `seeing` makes what gives judges eyes and
    what the monitor of pictures sees with (None: no picture is looked at).
    """

    policies: Policies
    policy: ListingPolicy
    cache: Path
    seeing: Callable[[], tuple[Eyes, Sight]] | None = None

    def monitor(
        self, consultant: Consultant, *, brands: Iterable[Brand] = (), lower: Lower, speaks: bool
    ) -> GoodsMonitor:  # fmt: skip
        """`brands` are registered from the start; `speaks`: nobody else speaks of notices."""
        eyes, sight = self.seeing() if self.seeing else (None, None)
        listings = ListingMonitor(
            self._judges(eyes),
            self.policy,
            version=f"{shipped_version()}:{FUSION_VERSION}",
            brands=brands,
            rules=consultant,
            lower=lower,
        )
        return GoodsMonitor(
            [listings, PictureMonitor(sight), ComplaintMonitor(), *weighing_monitors(self.policies, speaks=speaks)],
            profiles=self.policy.profiles,
            profile_of=profile_chooser(self.policy.profiles),
            needs=needs_of(self.policies.actions),
        )

    def _judges(self, eyes: Eyes | None) -> MakeJudge:
        """Makes the judges of histories, by what is registered."""

        def make(snapshot: RegistrySnapshot) -> BatchJudge:
            judge = judge_of(snapshot, self.policy, self.cache)
            return judge if eyes is None else eyes(judge, snapshot)

        return make


def judge_of(snapshot: RegistrySnapshot, policy: ListingPolicy, cache: Path) -> TextJudge:
    """The judge that knows the brands of `snapshot`, by the policy."""
    return build_judge(
        snapshot, cache=cache, report_line=policy.report_line, profiles=policy.profiles, restricted=policy.restricted
    )  # fmt: skip
