"""How much one caller may ask: a token bucket for each, in this process.

A bucket holds `burst` tokens and fills at `rate` a second; a request takes one. (Turner, "New directions in
communications", IEEE Communications 1986: the leaky bucket as a meter.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import Final

from agoranomos.kernel.errors import AgoranomosError

_CALLERS_MAX: Final = 100_000


class TooManyRequests(AgoranomosError):
    """That is more than one caller may ask; wait as long as Retry-After says."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class RateLimit:
    """At most `rate` requests a second and caller in the long run, `burst` at once; `clock` counts seconds."""

    def __init__(self, rate: float = 2_000, burst: float = 4_000, *, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens, and when that was

    def take(self, caller: str) -> None:
        """A request of `caller`. Raises TooManyRequests."""
        now = self._clock()
        tokens, then = self._buckets.get(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        if tokens < 1:
            self._buckets[caller] = (tokens, now)
            raise TooManyRequests(math.ceil((1 - tokens) / self._rate))
        if len(self._buckets) >= _CALLERS_MAX:
            self._forget(now)
        self._buckets[caller] = (tokens - 1, now)

    def _forget(self, now: float) -> None:
        """Forgets the callers whose bucket is full again."""
        full_after = self._burst / self._rate
        self._buckets = {name: (t, then) for name, (t, then) in self._buckets.items() if now - then < full_after}
