"""How likely chance alone is, and log-odds as probabilities: what the detectors of this desk weigh with."""

from __future__ import annotations

import math


def tail(hits: int, of: int, base: float) -> float:
    """The probability of `hits` or more among `of` tries that each succeed with `base` (binomial, exactly)."""
    if hits <= 0:
        return 1.0
    if hits > of:
        return 0.0
    log_term = (
        math.lgamma(of + 1) - math.lgamma(hits + 1) - math.lgamma(of - hits + 1)
        + hits * math.log(base) + (of - hits) * math.log1p(-base)
    )  # fmt: skip
    term, total = math.exp(log_term), 0.0
    for count in range(hits, of + 1):
        total += term
        if term < total * 1e-12 and count > of * base:
            break
        term *= (of - count) / (count + 1) * base / (1.0 - base)
    return min(1.0, total)


def probability(log_odds: float) -> float:
    """As a score: four digits, so that it is the same on every platform."""
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds)))), 4)
