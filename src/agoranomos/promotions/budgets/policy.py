"""The policy of budgets and caps; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded
from agoranomos.promotions.tries.policy import Tries

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class House(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Caps over all campaigns; None: none."""

    account_day: Count | None = None
    account_year: Count | None = None


class Blocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a budget one process takes at once, and for how long."""

    first: Count
    most: Count
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    lease_s: Annotated[int, msgspec.Meta(ge=1, le=3_600)]


class Rush(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When claims come so fast that they are kept in segments first and in rows a little later.

    `claims`: as soon as so many wait together (None: never). `names_max`: coupons of a campaign up to which each
    process may know all of their names (about 300 bytes each). `waiting_max`: claims without rows, above which whoever
    claims writes rows himself. `quiet_s`: how long nobody has claimed when it is over.
    """

    claims: Count | None = 500
    names_max: Annotated[int, msgspec.Meta(ge=1)] = 2_000_000
    waiting_max: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000
    quiet_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 10


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of budgets; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    zone: str
    reserved_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)]
    house: House
    blocks: Blocks
    tries: Tries = Tries()
    rush: Rush = Rush()


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    policy = loaded(Policy, "coupon budgets", __package__, path)
    try:
        ZoneInfo(policy.zone)
    except (KeyError, ValueError) as error:
        raise Invalid("zone: no such zone of time; write one like Asia/Shanghai") from error
    return policy
