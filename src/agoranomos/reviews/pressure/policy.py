"""The policy of pressure on reviewers; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Hours = Annotated[int, msgspec.Meta(ge=1, le=24 * 30)]
Days = Annotated[int, msgspec.Meta(ge=1, le=730)]
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]
Imagined = Annotated[float, msgspec.Meta(gt=0.0, le=1e6)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    bad_rating: Annotated[int, msgspec.Meta(ge=1, le=4)]
    raise_stars: Annotated[int, msgspec.Meta(ge=1, le=4)]
    within_hours: Hours
    answer_hours: Hours
    window_days: Days
    episode_days: Days
    own_share: Share
    own_weight: Imagined
    reached_share: Share
    reached_weight: Imagined
    store_max: Count
    bought_share: Share
    bought_weight: Imagined
    people_min: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    false_share: Share
    chance_max: Share
    prior: Weight
    per_nat: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    per_paid: Weight
    per_report: Weight
    counted_max: Count
    report_line: Share
    score_max: Share
    reports_share: Share
    reports_weight: Imagined
    reports_chance_max: Share
    reports_score: Share

    @property
    def within(self) -> timedelta:
        """How soon after a contact."""
        return timedelta(hours=self.within_hours)

    @property
    def window(self) -> timedelta:
        """How long a review is followed."""
        return timedelta(days=self.window_days)


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "review pressure", __package__, path)
