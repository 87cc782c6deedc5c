"""The policy of test buys: read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from agoranomos.goods.testbuys.design import Settings
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import AMOUNT_MAX, MINOR_DIGITS
from agoranomos.kernel.policies import parsed, stamped

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Chance = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3_650)]
Minor = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]


class DesignSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the comments in the shipped file."""

    score_unknown: Chance
    store_share: Share
    evidence_days: Days


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minor units, beside the price of the goods."""

    delivery: Minor
    appraisal: Minor


class Shoppers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shoppers are kept unknown to stores."""

    term_days: Days


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What verdicts weigh; see `weighing`."""

    prior: float
    sensitivity: Chance
    false_alarm: Chance
    fakes_sent: Chance
    most: Annotated[float, msgspec.Meta(gt=0)]
    store_counterfeit: Annotated[float, msgspec.Meta(gt=0)]
    store_genuine: Annotated[float, msgspec.Meta(le=0)]
    half_life_days: Days
    counterfeit_half_life_days: Days


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action that is asked for when a finding on a `subject` reaches `score`."""

    subject: Literal["listing", "store"]
    score: Share
    kind: Annotated[str, msgspec.Meta(min_length=1)]
    params: dict[str, Any] = {}


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    currency: str
    approval_above: Minor
    second_share: Share
    design: DesignSettings
    costs: Costs
    shoppers: Shoppers
    weights: Weights
    measures: tuple[Measure, ...] = ()


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "policy.toml").read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "test buys")
    if policy.currency not in MINOR_DIGITS:
        raise Invalid(f"currency: {policy.currency[:8]!r} is no ISO 4217 code such as CNY")
    bands = policy.design.bands
    if not all(0 < low < high <= 1 for low, high in zip(bands, (*bands[1:], 1.0), strict=True)):
        raise Invalid("design.bands must rise from above 0 to below 1, such as [0.1, 0.5]")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
