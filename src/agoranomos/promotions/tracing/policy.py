"""The policy of rings; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class HoldersMax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many accounts may share something for it to tie them."""

    device: Count
    network: Count
    address: Count
    payee: Count
    payer: Count


class Lockstep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See `engine.rings.lockstep.Settings`."""

    windows_s: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1, max_length=4)]
    things_min: Count
    crowd_max: Count


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds; see the shipped file."""

    start: Weight
    device: Weight
    network: Weight
    address: Weight
    payee: Weight
    payer: Weight
    conduct: Weight
    registration: Weight
    dense: Weight
    large: Weight
    heavy: Weight
    own_history: Weight
    bought_before: Weight
    modest: Weight
    own_payee: Weight
    own_address: Weight


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    window_days: Days
    sharing_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)]
    accounts_min: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    household_max: Count
    household_claims_max: Count
    heavy_claims: Count
    modest_claims_max: Count
    own_history_days: Days
    holders_max: HoldersMax
    lockstep: Lockstep
    weights: Weights


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "rings", __package__, path)
