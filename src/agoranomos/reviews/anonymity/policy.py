"""The policy of anonymous reviews; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    k: Annotated[int, msgspec.Meta(ge=2, le=10_000)]
    margin: Annotated[float, msgspec.Meta(ge=1.0, le=100.0)]
    hold_days_max: Days
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)]
    wait_for_numbers: bool
    listened_share: Share
    lags: Annotated[tuple[Share, ...], msgspec.Meta(min_length=1, max_length=365)]
    lags_weight: Positive
    way_days: Days
    before_it_came: Share
    bad_rating: Annotated[int, msgspec.Meta(ge=1, le=4)]
    trouble_bad: Positive
    trouble_good: Positive
    trouble_weight: Positive
    orders_days: Days

    @property
    def bound(self) -> float:
        """The posterior that no author may go beyond."""
        return 1.0 / (self.k * self.margin)


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "anonymous reviews", __package__, path)
