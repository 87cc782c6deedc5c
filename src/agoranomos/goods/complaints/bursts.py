"""Since when buyers speak of fakes: the start that makes the days since then most unlike what is usual.

A scan over all windows that end today (Kulldorff, "A spatial scan statistic", 1997, in time alone), each judged by the
same weight as the whole. Whoever looks at many windows finds something in one of them: the logarithm of their number
is taken off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from agoranomos.goods.complaints.rates import Settings, Usual, weight

BUYERS_MIN: Final = 3
"""Fewer people are no burst."""


class Burst(msgspec.Struct, frozen=True):
    """Since `first_day` (days since 1970 in the calendar's zone) `accusers` people spoke of fakes, on `orders` orders.

    `weight` is what that weighs, less the price of having looked at many windows.
    """

    first_day: int
    accusers: float
    people: int
    orders: float
    weight: float


def burst(
    voices: Mapping[int, tuple[float, int]], orders: Mapping[int, float], today: int, about: Usual, settings: Settings
) -> Burst | None:
    """The burst that lasts until `today`, if any. `voices`: day → (summed scores, people); `orders`: day → orders.

    A window begins on a day with a voice; what was ordered up to a week before may be what is complained about.
    """
    best: Burst | None = None
    accusers, people, bought = 0.0, 0, 0.0
    day = today
    price = math.log(max(2, settings.window_days))
    for first in sorted(voices, reverse=True):
        while day >= first - 7:
            bought += orders.get(day, 0.0)
            day -= 1
        accusers += voices[first][0]
        people += voices[first][1]
        if people < BUYERS_MIN:
            continue
        found = weight(accusers, bought, about, settings) - price
        if best is None or found > best.weight:
            best = Burst(first, accusers, people, bought, found)
    return best if best is not None and best.weight > 0 else None
