"""The policy of exposure: how many people each kind of reader may be shown; read from a TOML file, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.access.exposure.model import KINDS, Kind, Limits
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded

Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the shipped file. `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    business_days: Days
    contact_days: Days
    home_region: Annotated[str, msgspec.Meta(min_length=2, max_length=32)]
    export_days: Days
    approvers_at_home: Annotated[int, msgspec.Meta(ge=1, le=2)]
    approvers_abroad: Annotated[int, msgspec.Meta(ge=1, le=2)]
    kinds: Mapping[Kind, Limits]

    def approvers(self, region: str) -> int:
        """How many people beside who asks must agree to an export to `region`."""
        return self.approvers_at_home if region == self.home_region else self.approvers_abroad


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    policy = loaded(Policy, "exposure", __package__, path)
    if missing := sorted(set(KINDS) - set(policy.kinds)):
        raise Invalid(f"the policy of exposure says nothing of kinds.{missing[0]}")
    return policy
