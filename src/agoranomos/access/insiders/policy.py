"""The policy of insiders; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Strength = Annotated[float, msgspec.Meta(gt=0.0, le=10_000.0)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    window_days: Annotated[int, msgspec.Meta(ge=1, le=365)]
    chance_max: Share
    prior: Annotated[float, msgspec.Meta(ge=-20.0, le=0.0)]
    per_nat: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    score_max: Share
    peers_min: Count
    trimmed: Annotated[float, msgspec.Meta(ge=0.0, le=0.5)]
    shape_max: Strength
    cases_min: Count
    outcome_chance_max: Share
    queue_weight: Strength
    outcome_strength: Strength
    steering_strength: Strength
    looks_min: Count
    approvals_min: Count
    pair_strength: Strength
    night_from: Hour
    night_until: Hour
    exports_min: Count
    rare_share: Share
    peers_weight: Strength
    export_strength: Strength
    restores_min: Count
    remembered_max: Count


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "insiders", __package__, path)
