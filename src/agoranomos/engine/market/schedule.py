"""Runs lives side by side and gives what they tell in the order of the contract: time, source, id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from agoranomos.engine.market.lives import Event, Life
from agoranomos.engine.market.truth import Truth

# When, source ("" when something is due that is no event), id or running number, what to tell, who goes on after it.
_Entry: TypeAlias = "tuple[int, str, str | int, Event | Truth | None, Life | None]"
_LONG_AGO = -(1 << 62)


def run(lives: Iterable[Life], until: int) -> Iterator[Event | Truth]:
    """What `lives` and those they begin tell before `until` (milliseconds).

    A life may not tell of the past: AssertionError. Lives that do not hear of one another tell the same, whoever else
    is there; and with a later `until` the same comes first.
    """
    heap: list[_Entry] = []
    numbers = count()
    for life in lives:
        _go_on(life, _LONG_AGO, heap, numbers)
    while heap and heap[0][0] < until:
        now = heap[0][0]
        moment: list[Event | Truth] = []
        while heap and heap[0][0] == now:  # a life may tell more of the same millisecond
            _, _, _, told, going_on = heappop(heap)
            if told is not None:
                moment.append(told)
            if going_on is not None:
                _go_on(going_on, now, heap, numbers)
        if len(moment) > 1:
            moment.sort(key=_place)
        yield from moment


def _go_on(life: Life, now: int, heap: list[_Entry], numbers: Iterator[int]) -> None:
    """Lets `life` tell until it has to wait."""
    for step in life:
        if type(step) is Event:
            assert step.at >= now, f"{step.type} of {_name(life)} lies {now - step.at} ms in the past"
            heappush(heap, (step.at, step.source, step.id, step, life))
            return
        if type(step) is int:
            assert step >= now, f"{_name(life)} waits for a moment {now - step} ms ago"
            heappush(heap, (step, "", next(numbers), None, life))
            return
        if type(step) is Truth:
            heappush(heap, (max(now, step.started_at), "", next(numbers), step, None))
        else:
            _go_on(step, now, heap, numbers)  # type: ignore[arg-type] # what remains is a life


def _place(told: Event | Truth) -> tuple[str, str]:
    """Where something stands among what happens in the same millisecond: the truth, then events by source and id."""
    return (told.source, told.id) if type(told) is Event else ("", told.subject_id)  # type: ignore[union-attr]


def _name(life: Life) -> str:
    return getattr(life, "__qualname__", "a life")
