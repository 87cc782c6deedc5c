"""Who hears a history: monitors by the seats that they take, shared out among processes.

Monitors that ask each other anything sit together: they are made by one seat, and so hear in one process. All others
know nothing of each other, and where they hear makes no difference to what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.events import Event

View = Callable[[Event], Event]
"""An event as monitors see it: without what only few may see."""
Place = tuple[int, int]
"""The place of a seat among the seats, and of the monitor within it: monitors hear in this order."""


def as_it_is(event: Event) -> Event:
    """The whole event, as it came."""
    return event


def whole_view() -> View:
    """Makes `as_it_is`."""
    return as_it_is


class Seat(msgspec.Struct, frozen=True):
    """Monitors that hear in one process. `make` makes them, where they hear: it goes there as it is, so it can be
    pickled, and imports what it needs when it is called. `cost_us` is what they take for an event of a history, in
    microseconds on the average over all events (measured by `benchmarks.seats`), `needs` what must get ready for them
    once in a process (`Desks.ready_us`) or be parsed there (`Desks.parsed_us`); both say only who sits with whom.
    """

    name: str
    make: Callable[[], Sequence[Monitor]]
    cost_us: float = 1.0
    needs: tuple[str, ...] = ()


class Desks(msgspec.Struct, frozen=True):
    """All seats, in the order in which they hear. `make_view` makes that through which they see events; `ready_us` is
    how long what seats need takes to get ready, `parsed_us` how long to parse it, for each event of a history.
    """

    seats: tuple[Seat, ...]
    make_view: Callable[[], View] = whole_view
    ready_us: dict[str, float] = {}
    parsed_us: dict[str, float] = {}

    def monitors(self, seats: Iterable[int] | None = None) -> list[tuple[Place, Monitor]]:
        """The monitors of the seats with these numbers (None: of all), in the order in which they hear."""
        return [each for seated in self.seated(seats) for each in seated]

    def seated(self, seats: Iterable[int] | None = None) -> list[list[tuple[Place, Monitor]]]:
        """The same, seat by seat."""
        return [
            [((seat, number), monitor) for number, monitor in enumerate(self.seats[seat].make())]
            for seat in (range(len(self.seats)) if seats is None else sorted(seats))
        ]
