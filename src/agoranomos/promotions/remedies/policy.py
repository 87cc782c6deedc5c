"""The policy of remedies; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded
from agoranomos.promotions.tracing.model import Tier

Amount = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done about each state that value can be in; `refer`: the evidence goes to the authorities."""

    unused: Literal["void", "replace", "keep"]
    unshipped: Literal["stop", "keep"]
    spent: Literal["claw_back", "ask", "inform", "keep"]
    refer: bool


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    replaced_by: Amount
    kept_value_max: Amount
    tiers: Mapping[str, Measures]


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    policy = loaded(Policy, "remedies", __package__, path)
    for tier in Tier:
        if tier.value not in policy.tiers:
            raise Invalid(f"tiers.{tier.value} is missing from the policy of remedies")
    return policy
