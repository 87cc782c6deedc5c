"""The scorecard: pure. A seller's conduct in figures becomes a score, with a reason for every point that is missing.

Points-based, as lenders know it (Siddiqi, "Intelligent Credit Scoring", 2nd ed., chapter 6), with weights that people
wrote and that can be read: nothing is learned from outcomes that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped
from agoranomos.sellers.education.courses import Words

RATES = ("disputes", "late_delivery", "attitude")
NAMES = ("experience", "violations", "points_in_force", *RATES)
"""The characteristics that there are."""


class Bin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values up to `up_to` (None: all others) get so many points."""

    points: Annotated[int, msgspec.Meta(ge=0, le=1_000)]
    up_to: float | None = None


class Characteristic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked at. `grows`: more is better; `usual`: the usual rate, of those that are rates."""

    about: Words
    grows: bool
    bins: Annotated[tuple[Bin, ...], msgspec.Meta(min_length=2, max_length=20)]
    usual: Annotated[float, msgspec.Meta(ge=0.0)] = 0.0

    def points(self, value: float) -> int:
        """The points of the first bin that holds `value`."""
        return next(each.points for each in self.bins if each.up_to is None or value <= each.up_to)

    @property
    def points_max(self) -> int:
        """The most that there is to be had."""
        return max(each.points for each in self.bins)


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of credit; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    base: Annotated[int, msgspec.Meta(ge=0, le=1_000)]
    window_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)]
    shrink_orders: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    purposes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    characteristics: Mapping[str, Characteristic]


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a seller in the window; counts."""

    orders: int = 0
    violations: int = 0
    points_in_force: int = 0
    disputes: int = 0
    late_delivery: int = 0
    attitude: int = 0


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """One characteristic: its value, the points that it gave, and how many there were to be had."""

    name: str
    value: float
    points: int
    points_max: int
    about: Words


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """`base` and the points of `weighed` add up to `score`; what cost most comes first."""

    score: int
    base: int
    score_max: int
    weighed: list[Weighed]


def scored(conduct: Conduct, card: Scorecard) -> Score:
    """The score of a seller's conduct."""
    weighed = []
    for name in NAMES:
        characteristic = card.characteristics[name]
        value = _value(name, conduct, characteristic, card)
        weighed.append(
            Weighed(
                name=name, value=value, points=characteristic.points(value), points_max=characteristic.points_max,
                about=characteristic.about,
            )
        )  # fmt: skip
    weighed.sort(key=lambda each: (each.points - each.points_max, each.name))
    return Score(
        score=card.base + sum(each.points for each in weighed), base=card.base,
        score_max=card.base + sum(each.points_max for each in weighed), weighed=weighed,
    )  # fmt: skip


def _value(name: str, conduct: Conduct, characteristic: Characteristic, card: Scorecard) -> float:
    if name == "experience":
        return float(conduct.orders)
    count = getattr(conduct, name)
    if name not in RATES:
        return float(count)
    prior = characteristic.usual / 100.0 * card.shrink_orders
    return float(round(100.0 * (count + prior) / (conduct.orders + card.shrink_orders), 4))


def load_scorecard(path: Path | None = None) -> Scorecard:
    """The scorecard in `path`, by default the shipped one. Raises Invalid, naming the key."""
    raw = (path or resources.files(__package__) / "data" / "policy.toml").read_bytes()
    return parse_scorecard(raw)


def parse_scorecard(raw: bytes) -> Scorecard:
    """The scorecard in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    card = parsed(raw, Scorecard, "credit")
    if sorted(card.characteristics) != sorted(NAMES):
        raise Invalid(f"characteristics are exactly {', '.join(NAMES)}")
    for name, each in card.characteristics.items():
        lines = [one.up_to for one in each.bins]
        if lines[-1] is not None or None in lines[:-1]:
            raise Invalid(f"characteristics.{name}: the last bin alone has no up_to")
        if any(one >= other for one, other in pairwise([line for line in lines if line is not None])):
            raise Invalid(f"characteristics.{name}: the bins stand in the order of up_to")
        steps = [other.points - one.points for one, other in pairwise(each.bins)]
        if any(step < 0 if each.grows else step > 0 for step in steps):
            raise Invalid(f"characteristics.{name}: points must {'grow' if each.grows else 'fall'} from bin to bin")
        if each.grows != (name == "experience"):
            raise Invalid(f"characteristics.{name}.grows: only experience speaks for a seller")
    return msgspec.structs.replace(card, version=stamped(card.version, raw))
