"""The policy of notices: clocks, what a form must say, how records weigh, who decides alone; read from a TOML file.

It is checked strictly and as a whole when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.goods.notices.model import KINDS, Element, Kind
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped

Hours = Annotated[int, msgspec.Meta(ge=0, le=8_760)]
Share = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]
Weight = Annotated[float, msgspec.Meta(gt=0.0, le=1_000.0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours to the decision and for the seller's answer; `wait`: nobody upholds before that is over."""

    decide_hours: Hours
    counter_hours: Hours
    wait: bool


class StandingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a record makes of a holder; see `standing`."""

    prior_upheld: Weight
    prior_rejected: Weight
    bad_share: Share
    bad_sure: Share
    good_share: Share
    good_sure: Share
    trusted: tuple[str, ...]


class RepeatInfringer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many upheld notices by one brand on a store is to be closed."""

    notices: Count


class SecondPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which decisions one person does not take alone."""

    doubtful: bool
    authorised_store: bool
    listings: Count


class NoticePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of notices; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    clocks: Mapping[Kind, Clock]
    required: Mapping[Kind, tuple[Element, ...]]
    standing: StandingPolicy
    repeat_infringer: RepeatInfringer
    second_person: SecondPerson


def load_policy(path: Path | None = None) -> NoticePolicy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    source = path or resources.files(__package__) / "data" / "policy.toml"
    return parse_policy(source.read_bytes())


def parse_policy(raw: bytes) -> NoticePolicy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, NoticePolicy, "notices")
    for kind in KINDS:
        if kind not in policy.clocks or kind not in policy.required:
            raise Invalid(f"the policy of notices says nothing of {kind}: clocks.{kind} and required.{kind} are needed")
        if policy.clocks[kind].wait and policy.clocks[kind].counter_hours > policy.clocks[kind].decide_hours:
            raise Invalid(f"clocks.{kind}: the decision is owed before the seller's time is over")
    if policy.standing.bad_share >= policy.standing.good_share:
        raise Invalid("standing.bad_share lies below standing.good_share")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
