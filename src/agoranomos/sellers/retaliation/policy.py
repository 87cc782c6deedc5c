"""The policy of retaliation; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    window_days: Days
    baseline_days: Days
    acts_min: Count
    accounts_min: Count
    chance_max: Annotated[float, msgspec.Meta(gt=0.0, lt=0.5)]
    sellers_per_device_max: Count
    accounts_per_device_max: Count
    orders_max: Count
    devices_max: Count


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "retaliation", __package__, path)
