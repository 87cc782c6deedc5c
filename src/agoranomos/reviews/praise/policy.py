"""The policy of bought praise; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class HoldersMax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many accounts may share something for it to tie them."""

    device: Count
    network: Count
    text: Count
    payer: Count


class Lockstep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See `engine.rings.lockstep.Settings`."""

    windows_s: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1, max_length=4)]
    things_min: Count
    crowd_max: Count
    false_pairs_max: Annotated[float, msgspec.Meta(gt=0.0, le=1_000.0)]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds; see the shipped file."""

    start: Weight
    device: Weight
    network: Weight
    conduct: Weight
    text: Weight
    payment: Weight
    devoted: Weight
    diluted: Weight


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    rating_min: Annotated[int, msgspec.Meta(ge=2, le=5)]
    window_days: Days
    accounts_min: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    household_max: Count
    job_days: Days
    job_share: Share
    paid_days: Days
    payer_authors_min: Count
    text_margin_bits: Annotated[float, msgspec.Meta(ge=0.0, le=1_000.0)]
    report_line: Share
    holders_max: HoldersMax
    lockstep: Lockstep
    weights: Weights


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "bought praise", __package__, path)
