"""How far a replay is, a line on stderr now and then."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

_SECONDS: Final = 5.0


class Progress:
    """Tells `say` every few seconds; `clock` counts seconds."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._say = say
        self._clock = clock
        self._last = clock()
        self._heard_from: tuple[float, int] | None = None

    def read(self, lines: int) -> None:
        """So many lines have been read; called now and then."""
        if self._time_to_speak():
            self._say(f"{lines:,} lines read")

    def heard(self, events: int, of: int) -> None:
        """So many of the events have been heard. The first call starts the watch: a rate is told from the second on."""
        if self._heard_from is None:
            self._heard_from = (self._clock(), events)
            return
        if not self._time_to_speak():
            return
        began, before = self._heard_from
        rate = (events - before) / max(1e-9, self._clock() - began)
        left = (of - events) / max(1e-9, rate)
        self._say(f"{events:,} of {of:,} events heard, {rate:,.0f} events/s, about {left:,.0f} s left")

    def _time_to_speak(self) -> bool:
        now = self._clock()
        if now - self._last < _SECONDS:
            return False
        self._last = now
        return True
