"""Who sits with whom: seats dealt to processes so that the last of them ends early.

A process takes time for each event, by what its seats cost and which events they need parsed, and once to get ready,
by what they need: compiled code, a vocabulary, a dictionary. Who needs the same shares it by sitting together; getting
ready counts for more in a short history. Whoever is ready early reads for the others meanwhile, so that all begin to
hear at one time: what each takes to hear has to be alike, not what each takes in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from agoranomos.engine.replay.desks import Seat
from agoranomos.engine.scan.sources import Source

_EVENT_BYTES: Final = 310
"""Of text, as events of a market are long on the average."""
_PACKED: Final = 8
"""How many times longer than its file a compressed history is, about."""

NO_PARSING: Final[Mapping[str, float]] = MappingProxyType({})
READ_US: Final = 6.5
"""What it takes to read and check an event."""
START_US: Final = 300_000.0
"""What a process takes before it can do anything."""

Burden = tuple[tuple[float, ...], tuple[tuple[int, ...], ...]]
"""After how many microseconds the shares end, the latest first; then the shares, so that of equal ones one is first."""


def events_in(sources: Iterable[Source]) -> int:
    """About how many events these files hold, before any is read."""
    return sum(
        each.size * (_PACKED if each.compression or each.format == "parquet" else 1) // _EVENT_BYTES for each in sources
    )


def dealt(
    seats: Sequence[Seat], ready_us: Mapping[str, float], processes: int, events: int,
    parsed_us: Mapping[str, float] = NO_PARSING,
) -> list[list[int]]:  # fmt: skip
    """The numbers of `seats` for each of at most so many processes, for a history of about so many `events`;
    `ready_us`: what it takes to get ready what seats need; `parsed_us`: to parse what they need, for each event of all.

    The longest processing time first (Graham, "Bounds on multiprocessing timing anomalies", 1969), each to where it
    ends earliest; then, while that helps, one seat moves or two change places.
    """

    def hears_us(share: Iterable[int]) -> float:
        parsed = sum(parsed_us.get(need, 0.0) for need in _needs(seats, share))
        return events * (parsed + sum(seats[number].cost_us for number in share))

    def prepares_us(share: Iterable[int]) -> float:
        return sum(ready_us.get(need, 0.0) for need in _needs(seats, share))

    def burden(shares: Sequence[tuple[int, ...]]) -> Burden:
        prepares = [*map(prepares_us, shares)]
        # Who gets ready, and the process of the command, which reads as well, have the cores between them.
        begins = max(*prepares, (START_US + events * READ_US + sum(prepares)) / len(shares))
        return tuple(sorted((begins + hears_us(share) for share in shares), reverse=True)), tuple(shares)

    shares: list[tuple[int, ...]] = [()] * min(processes, len(seats))
    for number in sorted(range(len(seats)), key=lambda number: (-hears_us((number,)) - prepares_us((number,)), number)):
        shares = min((_moved(shares, number, to) for to in range(len(shares))), key=burden)
    while (better := min(_neighbours(shares), key=burden, default=shares)) and burden(better) < burden(shares):
        shares = better
    return [list(share) for share in sorted(shares) if share]


def _needs(seats: Sequence[Seat], share: Iterable[int]) -> list[str]:
    """What the seats with these numbers need, each once."""
    return sorted({need for number in share for need in seats[number].needs})


def _moved(shares: Sequence[tuple[int, ...]], number: int, to: int) -> list[tuple[int, ...]]:
    """With this seat in that share, and in no other."""
    return [
        tuple(sorted((set(share) - {number}) | ({number} if place == to else set())))
        for place, share in enumerate(shares)
    ]


def _neighbours(shares: Sequence[tuple[int, ...]]) -> Iterable[list[tuple[int, ...]]]:
    """What comes of moving one seat, or of two changing places."""
    for place, share in enumerate(shares):
        for number in share:
            for other, others in enumerate(shares):
                if other != place:
                    moved = _moved(shares, number, other)
                    yield moved
                    yield from (_moved(moved, each, place) for each in others if other > place)
