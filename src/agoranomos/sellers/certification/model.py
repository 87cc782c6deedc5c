"""Where upheld cases concentrate: pure.

Rates of regions are drawn towards the usual one as far as little is known of them: empirical Bayes with a beta-binomial
model (Robbins 1956; Casella, "An introduction to empirical Bayes data analysis", The American Statistician 1985). The
prior is that of all regions together, by the method of moments, so that a region with one seller and one case is not
the worst of the country.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.beta import below, quantile
from agoranomos.kernel.policies import loaded

PRIOR_MIN, PRIOR_MAX = 2.0, 10_000.0
"""Bounds on what the prior weighs, in sellers: with few regions the moments say little."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of certification; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    sure: Annotated[float, msgspec.Meta(gt=0.5, lt=1.0)]
    times_usual: Annotated[float, msgspec.Meta(ge=1.0, le=100.0)]
    offenders_min: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    passed: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)]


class Tally(msgspec.Struct, frozen=True):
    """Sellers of a region, and how many of them have an upheld case that stands."""

    sellers: int
    offenders: int


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a region. `rate` is the shrunk one, `low` and `high` its 95 % interval, `raw` what was counted;
    `required`: who applies there is certified in person.
    """

    region: str
    sellers: int
    offenders: int
    raw: float
    rate: float
    low: float
    high: float
    required: bool


def required_in(tallies: Mapping[str, Tally], policy: Policy) -> frozenset[str]:
    """The regions that require certification: those of `concentration`, without the work of their intervals."""
    tallies = {name: each for name, each in tallies.items() if each.sellers > 0}
    sellers = sum(each.sellers for each in tallies.values())
    if not sellers:
        return frozenset()
    usual = sum(each.offenders for each in tallies.values()) / sellers
    weight = _weight(tallies, usual)
    many = {name: each for name, each in tallies.items() if each.offenders >= policy.offenders_min}
    return frozenset(name for name, each in many.items() if _is_required(each, usual, weight, policy))


def concentration(tallies: Mapping[str, Tally], policy: Policy) -> list[Region]:
    """All regions, the highest rate first."""
    tallies = {name: each for name, each in tallies.items() if each.sellers > 0}
    sellers = sum(each.sellers for each in tallies.values())
    if not sellers:
        return []
    usual = sum(each.offenders for each in tallies.values()) / sellers
    weight = _weight(tallies, usual)
    found = [_region(name, each, usual, weight, policy) for name, each in tallies.items()]
    return sorted(found, key=lambda each: (-each.rate, each.region))


def _region(name: str, tally: Tally, usual: float, weight: float, policy: Policy) -> Region:
    a, b = _posterior(tally, usual, weight)
    return Region(
        region=name, sellers=tally.sellers, offenders=tally.offenders, raw=round(tally.offenders / tally.sellers, 6),
        rate=round(a / (a + b), 6), low=round(quantile(0.025, a, b), 6), high=round(quantile(0.975, a, b), 6),
        required=_is_required(tally, usual, weight, policy),
    )  # fmt: skip


def _is_required(tally: Tally, usual: float, weight: float, policy: Policy) -> bool:
    line = policy.times_usual * usual
    if tally.offenders < policy.offenders_min or line >= 1.0:
        return False
    return 1.0 - below(line, *_posterior(tally, usual, weight)) >= policy.sure


def _posterior(tally: Tally, usual: float, weight: float) -> tuple[float, float]:
    # Half a seller on either side keeps the prior proper where nobody, or everybody, has offended.
    return usual * weight + tally.offenders + 0.5, (1.0 - usual) * weight + tally.sellers - tally.offenders + 0.5


def _weight(tallies: Mapping[str, Tally], usual: float) -> float:
    """What the prior weighs, in sellers: the less regions differ beyond chance, the more."""
    if len(tallies) < 2 or usual in (0.0, 1.0):
        return PRIOR_MAX
    total = sum(each.sellers for each in tallies.values())
    spread = sum(each.sellers * (each.offenders / each.sellers - usual) ** 2 for each in tallies.values())
    binomial = usual * (1.0 - usual)
    size = total - sum(each.sellers**2 for each in tallies.values()) / total
    between = (spread - (len(tallies) - 1) * binomial) / size if size > 0 else 0.0
    if between <= 0.0:
        return PRIOR_MAX
    return min(max(binomial / between - 1.0, PRIOR_MIN), PRIOR_MAX)


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return loaded(Policy, "certification", __package__, path)
