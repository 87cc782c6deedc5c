"""The policy of hired operators; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Weight = Annotated[float, msgspec.Meta(ge=-20.0, le=20.0)]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-odds; see the shipped file."""

    start: Weight
    doubling: Weight
    exports: Weight
    harvests: Weight
    contacts: Weight
    endings: Weight
    payee_of_two: Weight
    payee_of_more: Weight
    nights: Weight
    contracted: Weight


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    rating_max: Annotated[int, msgspec.Meta(ge=1, le=4)]
    window_days: Days
    sellers_min: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    network_sellers_max: Count
    stores_max: Count
    bulk_people: Count
    session_hours: Hours
    contact_days: Days
    ended_hours: Hours
    contact_base: Share
    ended_base: Share
    chance_max: Share
    times_min: Annotated[float, msgspec.Meta(ge=1.0, le=100.0)]
    contract_share: Share
    report_line: Share
    weights: Weights


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "hired operators", __package__, path)
