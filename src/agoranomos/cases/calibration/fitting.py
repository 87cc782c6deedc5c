"""Scores fitted to what cases came to: by two parameters, or by any rising curve, and how much better that is. Pure.

Two parameters: a logistic of the score's log-odds (J. Platt, "Probabilistic outputs for support vector machines",
1999, with his smoothed targets). Any rising curve: pool adjacent violators (Ayer et al., Annals of Mathematical
Statistics 26, 1955; for scores: Zadrozny and Elkan, KDD 2002). Errors are measured on folds that a curve was not
fitted to.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, Literal

import msgspec

from agoranomos.cases.desk.gathering import on_curve
from agoranomos.cases.policy import Calibration
from agoranomos.rules.capacity import Z_95, wilson

Method = Literal["platt", "isotonic"]
Curve = tuple[tuple[float, float], ...]
"""Points with rising scores and probabilities that do not fall; straight between them, flat beyond."""
FOLDS: Final = 5
_CLIP: Final = 1e-4
_STEPS: Final = 50
_BINS: Final = 10
_BLOCK_MIN: Final = 10
_PRIOR: Final = 0.1
"""How much it weighs that scores are as they should be, in cases: else a few cases that agree have no curve."""
_Block = tuple[float, float, float, float]
"""Sum, count, first and last score."""
_Data = Sequence[tuple[float, float]]
"""Log-odds of scores, and targets."""


class Labelled(msgspec.Struct, frozen=True):
    """A finding's score when its case was decided, and whether it was right."""

    key: str
    score: float
    right: bool


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Findings with scores from `low` up to `high`: their mean score, the share that was right, and its interval."""

    low: float
    high: float
    count: int
    mean_score: float
    share: float
    share_low: float
    share_high: float


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """Of a code: how its scores fare on decided cases, and a curve, when there are enough and it errs less.

    `drift` is the mean score less the share that was right, `drift_low` and `drift_high` its interval of 95 %;
    `drifted`: the whole interval lies beyond what the policy allows. `brier…`: the mean squared error, of the score,
    and of the curve on folds that it was not fitted to. `why_not`: why there is no curve.
    """

    code: str
    count: int
    right: int
    drift: float | None = None
    drift_low: float | None = None
    drift_high: float | None = None
    drifted: bool = False
    brier: float | None = None
    brier_fitted: float | None = None
    method: Method | None = None
    curve: Curve = ()
    bins: tuple[Bin, ...] = ()
    why_not: str | None = None


def fit(code: str, found: Sequence[Labelled], policy: Calibration) -> Fit:
    """Fits the scores of `code`; the same cases give the same curve, in whatever order."""
    cases = sorted(found, key=lambda each: (each.score, each.key))
    count, right = len(cases), sum(each.right for each in cases)
    if not count:
        return Fit(code=code, count=0, right=0, why_not="no case was decided about it")
    errors = [each.score - each.right for each in cases]
    drift = sum(errors) / count
    spread = Z_95 * math.sqrt(sum((each - drift) ** 2 for each in errors) / max(1, count - 1) / count)
    plain = Fit(
        code=code, count=count, right=right, drift=round(drift, 6), drift_low=round(drift - spread, 6),
        drift_high=round(drift + spread, 6), brier=round(sum(each * each for each in errors) / count, 6),
        drifted=drift - spread > policy.drift_max or drift + spread < -policy.drift_max, bins=_bins(cases),
    )  # fmt: skip
    if count < policy.platt_min or min(right, count - right) < policy.each_min:
        words = f"{count} decided, {right} right: it takes {policy.platt_min}, and {policy.each_min} of each"
        return msgspec.structs.replace(plain, why_not=words)
    method: Method = "isotonic" if count >= policy.isotonic_min else "platt"
    maker: Callable[[Sequence[Labelled]], Curve] = isotonic if method == "isotonic" else platt
    brier = round(_held_out(cases, maker), 6)
    plain = msgspec.structs.replace(plain, method=method, brier_fitted=brier)
    if plain.brier is not None and brier >= plain.brier:
        return msgspec.structs.replace(plain, why_not="the scores are as good as a curve would be")
    return msgspec.structs.replace(plain, curve=maker(cases))


def isotonic(cases: Sequence[Labelled]) -> Curve:
    """The rising curve with the least squared error; `cases` in the order of their scores."""
    blocks: list[_Block] = []
    for score, same in groupby(cases, key=lambda each: each.score):
        labels = [each.right for each in same]
        blocks.append((sum(labels), len(labels), score, score))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            (one, few, first, _), (two, more, _, last) = blocks[-2:]
            blocks[-2:] = [(one + two, few + more, first, last)]
    points: list[tuple[float, float]] = []
    for total, count, first, last in _thick(blocks):
        # Nothing is certain because a few cases were: half a case of each kind is added to every block.
        value = _not_certain((total + 0.5) / (count + 1))
        value = max(value, points[-1][1]) if points else value
        points += [(first, value)] if first == last else [(first, value), (last, value)]
    return tuple(points)


def _thick(blocks: Sequence[_Block]) -> list[_Block]:
    """The blocks, those of a few cases with the one below: at the ends of a curve one case would else be a step."""
    found: list[_Block] = []
    for block in blocks:
        if found and (block[1] < _BLOCK_MIN or found[-1][1] < _BLOCK_MIN):
            total, count, first, _ = found[-1]
            found[-1] = (total + block[0], count + block[1], first, block[3])
        else:
            found.append(block)
    return found


def platt(cases: Sequence[Labelled]) -> Curve:
    """The logistic curve over the log-odds of the scores, as points at every twentieth."""
    rights = sum(each.right for each in cases)
    high, low = (rights + 1) / (rights + 2), 1 / (len(cases) - rights + 2)
    data = [(_logit(each.score), high if each.right else low) for each in cases]
    slope, shift = 1.0, 0.0
    for _ in range(_STEPS):
        slope, shift, moved = _newton(data, slope, shift)
        if moved < 1e-10:
            break
    slope = max(slope, 0.0)  # a curve never falls: a higher score is never worth less
    grid = [each / 20 for each in range(21)]
    return tuple((score, _not_certain(_logistic(slope * _logit(score) + shift))) for score in grid)


def _newton(data: _Data, slope: float, shift: float) -> tuple[float, float, float]:
    """One step down the log-loss with a prior around the scores as they are, so that separable data come to rest; half
    as long until it leads down.
    """
    g_slope, g_shift = _PRIOR * (slope - 1), _PRIOR * shift
    a = c = _PRIOR
    b = 0.0
    for odds, target in data:
        value = _logistic(slope * odds + shift)
        gap, weight = value - target, value * (1 - value)
        g_slope, g_shift = g_slope + gap * odds, g_shift + gap
        a, b, c = a + weight * odds * odds, b + weight * odds, c + weight
    inverse = a * c - b * b
    step_slope, step_shift = (c * g_slope - b * g_shift) / inverse, (a * g_shift - b * g_slope) / inverse
    before, length = _loss(data, slope, shift), 1.0
    while length > 1e-6 and _loss(data, slope - length * step_slope, shift - length * step_shift) > before:
        length /= 2
    moved = length * (abs(step_slope) + abs(step_shift))
    return slope - length * step_slope, shift - length * step_shift, moved


def _loss(data: _Data, slope: float, shift: float) -> float:
    loss = _PRIOR / 2 * ((slope - 1) ** 2 + shift * shift)
    for odds, target in data:
        value = slope * odds + shift
        loss += max(value, 0.0) + math.log1p(math.exp(-abs(value))) - target * value
    return loss


def _held_out(cases: Sequence[Labelled], maker: Callable[[Sequence[Labelled]], Curve]) -> float:
    """The mean squared error on folds by a hash of the case, each against a curve of the others."""
    folds = [hashlib.blake2b(each.key.encode(), digest_size=4).digest()[0] % FOLDS for each in cases]
    total = 0.0
    for fold in range(FOLDS):
        others = [each for each, mine in zip(cases, folds, strict=True) if mine != fold]
        curve = maker(others) if others else ()
        for each, mine in zip(cases, folds, strict=True):
            if mine == fold:
                fitted = on_curve(curve, each.score) if curve else each.score
                total += (fitted - each.right) ** 2
    return total / len(cases)


def _bins(cases: Sequence[Labelled]) -> tuple[Bin, ...]:
    found = []
    for place in range(_BINS):
        low, high = place / _BINS, (place + 1) / _BINS
        inside = [each for each in cases if low <= each.score < high or (place == _BINS - 1 and each.score == 1.0)]
        if inside:
            right = sum(each.right for each in inside)
            share_low, share_high = wilson(right, len(inside))
            found.append(
                Bin(
                    low=low, high=high, count=len(inside),
                    mean_score=round(sum(each.score for each in inside) / len(inside), 4),
                    share=round(right / len(inside), 4), share_low=round(share_low, 4), share_high=round(share_high, 4),
                )
            )  # fmt: skip
    return tuple(found)


def _not_certain(value: float) -> float:
    return round(min(max(value, _CLIP), 1 - _CLIP), 6)


def _logit(score: float) -> float:
    clipped = min(max(score, _CLIP), 1 - _CLIP)
    return math.log(clipped / (1 - clipped))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))
