"""The policy of appeals and complainants; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.policies import loaded

Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Weight = Annotated[float, msgspec.Meta(gt=0.0, le=1_000.0)]


class Appealing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long an appeal may wait."""

    decide_days: Days


class Complaining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a record makes of a complainant; see the shipped file."""

    prior_right: Weight
    prior_wrong: Weight
    counts_days: Days
    complaint_min: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    bad_share: Share
    bad_sure: Share


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of appeals and complainants; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    appeals: Appealing
    complainants: Complaining


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "appeals", __package__, path)
