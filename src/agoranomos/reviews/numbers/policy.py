"""The policy of virtual numbers; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded

Days = Annotated[int, msgspec.Meta(ge=1, le=730)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who gives out numbers."""

    url: Annotated[str, msgspec.Meta(max_length=2_000)]
    key_file: Annotated[str, msgspec.Meta(max_length=200)]
    allow_private: bool
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=60)]
    prefix: Annotated[str, msgspec.Meta(min_length=1, max_length=15, pattern=r"^\+?[0-9]+$")]
    size: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    rest_days: Days


class Looks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When calls are worth a look."""

    late_share: Share
    unknown_share: Share
    imagined: Annotated[float, msgspec.Meta(gt=0.0, le=1e7)]
    numbers_min: Count
    chance_max: Share
    kept_days: Days
    refused_day_max: Count
    after_delivery_max: Count
    score: Share
    score_max: Share
    report_score: Share


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    life_days: Days
    life_days_max: Days
    block_days: Days
    provider: Source
    findings: Looks


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    policy = loaded(Policy, "virtual numbers", __package__, path)
    if policy.life_days > policy.life_days_max:
        raise Invalid("virtual numbers: life_days is more than life_days_max")
    return policy
