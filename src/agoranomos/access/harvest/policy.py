"""The policy of harvests; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.access.exposure.model import Kind
from agoranomos.kernel.policies import loaded

Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class Strangers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people without business count against readers who have business with people."""

    usual_share: Mapping[Kind, Share]
    harvest_share: Share
    prior: Weight
    per_nat: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    coverage_people_min: Count
    coverage_line: Share
    coverage_weight: Weight


class Visitors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How readers are judged who need no business with whom they look at."""

    readers_min: Count
    people_min: Count
    prior: Weight
    excess_from: Weight
    per_excess: Weight
    excess_max: Weight
    group_readers_min: Count
    group_overlap_line: Share
    group_weight: Weight
    writes_weight: Weight
    pairs_max: Count
    group_spread: Annotated[float, msgspec.Meta(gt=0.0, le=10.0)] = 0.5
    group_repeat_line: Share = 0.9
    group_excess_from: Weight = 2.5
    group_excess_max: Weight = 9.0
    quiet_per_nat: Share = 0.1
    quiet_max: Weight = 3.0


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    report_line: Share
    act_line: Share
    throttle_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 90)]
    canary_score: Share
    export_score: Share
    contract_score: Share
    pivot_days: Annotated[int, msgspec.Meta(ge=1, le=30)]
    strangers: Strangers
    visitors: Visitors


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "harvest", __package__, path)
