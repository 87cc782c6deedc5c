"""The policy of extortion; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds; see the shipped file."""

    start: Weight
    paid: Weight
    refunded: Weight
    asked_first: Weight
    store_first: Weight
    harassed: Weight
    stands: Weight
    stands_max: Count


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    rating_max: Annotated[int, msgspec.Meta(ge=1, le=4)]
    window_days: Days
    hours_max: Count
    sellers_min: Annotated[int, msgspec.Meta(ge=2, le=100)]
    device_accounts_max: Count
    report_line: Share
    weights: Weights


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "extortion", __package__, path)
