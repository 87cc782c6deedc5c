"""Who sits with whom: seats dealt to processes so that the last of them ends early.

A process takes time for each event, by what its seats cost, and once to get ready, by what they need: compiled code, a
vocabulary, a dictionary. Who needs the same shares it by sitting together, which counts for more in a short history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agoranomos.engine.replay.desks import Seat
from agoranomos.engine.scan.sources import Source

_EVENT_BYTES: Final = 310
"""Of text, as events of a market are long on the average."""
_PACKED: Final = 8
"""How many times longer than its file a compressed history is, about."""

Burden = tuple[tuple[float, ...], tuple[tuple[int, ...], ...]]
"""What the shares take in microseconds, the longest first; then the shares, so that of equal ones one is first."""


def events_in(sources: Iterable[Source]) -> int:
    """About how many events these files hold, before any is read."""
    return sum(
        each.size * (_PACKED if each.compression or each.format == "parquet" else 1) // _EVENT_BYTES for each in sources
    )


def dealt(seats: Sequence[Seat], ready_us: Mapping[str, float], processes: int, events: int) -> list[list[int]]:
    """The numbers of `seats` for each of at most so many processes, for a history of about so many `events`;
    `ready_us`: what it takes to get ready what seats need.

    The longest processing time first (Graham, "Bounds on multiprocessing timing anomalies", 1969), each to where it
    ends earliest; then, while that helps, one seat moves or two change places.
    """

    def takes_us(share: Iterable[int]) -> float:
        needs = {need for number in share for need in seats[number].needs}
        return events * sum(seats[number].cost_us for number in share) + sum(ready_us[need] for need in sorted(needs))

    def burden(shares: Sequence[tuple[int, ...]]) -> Burden:
        return tuple(sorted(map(takes_us, shares), reverse=True)), tuple(shares)

    shares: list[tuple[int, ...]] = [()] * min(processes, len(seats))
    for number in sorted(range(len(seats)), key=lambda number: (-takes_us((number,)), number)):
        shares = min((_moved(shares, number, to) for to in range(len(shares))), key=burden)
    while (better := min(_neighbours(shares), key=burden, default=shares)) and burden(better) < burden(shares):
        shares = better
    return [list(share) for share in sorted(shares) if share]


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
