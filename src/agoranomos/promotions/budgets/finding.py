"""Places of caps that are free, for claims that have found their first ones taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from zlib import crc32

import sqlalchemy as sa

from agoranomos.promotions.budgets import queries
from agoranomos.promotions.budgets.places import COLUMNS, Held
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.budgets.wishes import Wish

LOOKED_AT: Final = 512
"""Places of one cap that are looked at, at first."""


def choose(connection: sa.Connection, terms: Terms, wishes: Sequence[Wish], now: datetime) -> list[tuple[Wish, Held]]:
    """Gives each the numbers of places that are free; returns those that find none, with the cap that is full."""
    for wish in wishes:
        wish.look_at(terms)
    taken: set[str] = set()
    for kind in dict.fromkeys(held.cap.kind for wish in wishes for held in wish.held):
        mine = ((held, wish) for wish in wishes for held in wish.held if held.cap.kind == kind)
        places = [held.place(number) for held, wish in mine for number in _some_numbers(held, wish)]
        taken |= queries.taken(connection, COLUMNS[kind], places, now)
    full: list[tuple[Wish, Held]] = []
    for wish in wishes:
        numbers = []
        for held in wish.held:
            number = next((each for each in _some_numbers(held, wish) if held.place(each) not in taken), None)
            if number is None:
                full.append((wish, held))
                break
            numbers.append(number)
        else:
            wish.places = tuple(numbers)
            taken.update(held.place(number) for held, number in zip(wish.held, numbers, strict=True))
    return full


def _some_numbers(held: Held, wish: Wish) -> Iterable[int]:
    if held.cap.count <= LOOKED_AT:
        return range(held.cap.count)
    start = crc32(wish.asked.coupon_id.encode(), len(wish.places) + sum(wish.places) & 0xFFFF)
    return ((start + step) % held.cap.count for step in range(LOOKED_AT))
