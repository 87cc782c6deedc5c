"""The policy of the breaker; read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec

from agoranomos.kernel.policies import loaded

Alarm = Literal[
    "paid_below_floor", "paid_below_declared", "claims_too_fast", "claims_far_too_fast", "new_accounts_many",
    "new_accounts_mostly", "new_devices_many", "one_network", "payees_shared",
]  # fmt: skip
ALARMS: Final[tuple[Alarm, ...]] = get_args(Alarm)
"""What the tests can find; a finding is called `promotions.` and one of these."""
Standing = Literal["running", "slowed", "stopped"]
STRENGTH: Final[dict[Standing, int]] = {"running": 0, "slowed": 1, "stopped": 2}

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Times = Annotated[float, msgspec.Meta(ge=1, le=1_000)]
PerMinute = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]


class Ratio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines for what is paid of the list price."""

    floor: Share
    cash_floor: Share
    stop_share: Share
    page_share: Share
    declared_least: Share


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines for claims a minute."""

    page_times: Times
    slow_times: Times
    least: PerMinute


class Newcomers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines for accounts or devices that are new."""

    days: Days
    expected: Share
    times: Times
    least: Share
    mostly: Share = 0.94
    warm_up_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0


class Crowd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line for what comes together in one place."""

    most: Share


class Pace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast a slowed campaign gives."""

    times: Times
    least: PerMinute


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_any": "with"}):
    """What follows when all of `when`, and one of `with_any` if there are any, have alarmed."""

    to: Literal["slowed", "stopped"]
    when: Annotated[tuple[Alarm, ...], msgspec.Meta(min_length=1)]
    with_any: tuple[Alarm, ...] = ()

    def follows(self, alarms: frozenset[Alarm]) -> bool:
        """Whether it does, after these."""
        return alarms.issuperset(self.when) and (not self.with_any or not alarms.isdisjoint(self.with_any))


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of the breaker; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    alpha: Annotated[float, msgspec.Meta(ge=1e-12, le=0.1)]
    ratio: Ratio
    speed: Speed
    new_accounts: Newcomers
    new_devices: Newcomers
    networks: Crowd
    payees: Crowd
    slowed: Pace
    steps: tuple[Step, ...]

    def standing(self, alarms: frozenset[Alarm]) -> Standing:
        """What follows from `alarms`: the strongest of the steps."""
        found: list[Standing] = [step.to for step in self.steps if step.follows(alarms)]
        return max(found, key=STRENGTH.__getitem__, default="running")


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "the breaker", __package__, path)
