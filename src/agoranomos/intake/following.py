"""The log followed into tables of a desk: a part and how far it came are one transaction, in one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from agoranomos.intake.model import Logged
from agoranomos.intake.queries import last_position, read_types_after
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.events import Event


class Part(NamedTuple):
    """The next events of some types, up to which position that is everything, and whether the log ends there."""

    found: list[Logged]
    position: int
    at_end: bool


def next_part(connection: sa.Connection, types: Collection[str], position: int, most: int) -> Part:
    """At most `most` events of `types` behind `position`."""
    end = last_position(connection)  # asked first: what arrives in between is read, and read again is not
    found = read_types_after(connection, types, position, most)
    if len(found) == most:
        return Part(found, found[-1].position, at_end=False)
    return Part(found, max([end, *(each.position for each in found)]), at_end=True)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a desk stands in the log: the row `name` of its table `progress` (`name`, `position`). Whoever holds `lock`
    reads on.
    """

    progress: sa.Table
    name: str
    lock: int

    def position(self, connection: sa.Connection) -> int:
        """Everything of the log up to here was heard."""
        table = self.progress.c
        found = connection.execute(sa.select(table.position).where(table.name == self.name)).scalar_one_or_none()
        return found or 0

    def step(
        self, connection: sa.Connection, types: Collection[str], most: int, hear: Callable[[Sequence[Event]], None]
    ) -> bool:
        """Hears the next part and moves on; whether the end is reached. An event is heard once."""
        dialects.take_turn(connection, self.lock)
        before = self.position(connection)
        part = next_part(connection, types, before, most)
        if part.position != before:
            hear([each.event for each in part.found])
            upsert(connection, self.progress, [{"name": self.name, "position": part.position}], ["name"])
        return part.at_end
