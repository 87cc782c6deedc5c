"""The policy of sign-ups; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=2, le=1_000_000)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class AccountsMin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many accounts make each kind of sign."""

    device: Count
    network: Count
    subnet: Count
    phone: Count
    identity: Count
    referrer: Count
    pattern: Count
    burst: Count


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds; see the shipped file."""

    start: Weight
    device: Weight
    many: Weight
    network: Weight
    subnet: Weight
    phone: Weight
    identity: Weight
    referrer: Weight
    pattern: Weight
    burst: Weight
    own_identity: Weight


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    window_days: Annotated[int, msgspec.Meta(ge=1, le=90)]
    burst_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)]
    guessed_min: Count
    guessing_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)]
    accounts_min: AccountsMin
    weights: Weights


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "sign-ups", __package__, path)
