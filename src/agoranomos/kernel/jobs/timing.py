"""When a job is tried again, and when it has its next turn."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

BASE_S: Final = 5.0
CAP_S: Final = 3_600.0
Draw = Callable[[], float]
"""A random number from 0 to below 1, such as `random.Random(seed).random`."""


def backoff_s(attempts: int, draw: Draw, *, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Seconds to wait after the `attempts`-th failure: up to `base_s` · 2^(attempts-1), at most `cap_s`.

    Anything between none and that is equally likely ("full jitter"), so that what failed together does not come back
    together: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """
    return draw() * min(cap_s, base_s * 2.0 ** min(attempts - 1, 60))


def next_turn(due_at: datetime, every_s: int, now: datetime) -> datetime:
    """The first moment after `now` that lies a whole number of periods after `due_at`: missed turns are skipped."""
    periods = max(1, math.floor((now - due_at) / timedelta(seconds=every_s)) + 1)
    return due_at + timedelta(seconds=every_s * periods)
