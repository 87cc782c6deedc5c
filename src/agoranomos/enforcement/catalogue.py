"""How many listings and stores are live, as the event log tells it: what the brake takes shares of.

Counted behind the log, in the order of arrival, by a background job; exact up to the position that it has reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.enforcement.tables import catalogue_counts, catalogue_live
from agoranomos.intake import queries as log
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import insert_ignore, upsert

EVENTS: Final = ("listing.removed", "listing.submitted", "listing.updated", "store.closed", "store.opened")
POSITIONS_MAX: Final = 20_000
"""How much of the log is read in one transaction."""
_KINDS: Final = ("listing", "store")
_COUNTING: Final = 0x616374696F6E02  # "action" …: the advisory lock of whoever counts
_AT_A_TIME: Final = 1_000
_table = catalogue_live.c
_Subject = tuple[str, str]


def live(connection: sa.Connection) -> dict[str, int]:
    """Kind of subject → how many of it are live; empty before anything was counted."""
    return {row.subject_kind: row.live for row in connection.execute(sa.select(catalogue_counts))}


def count(connection: sa.Connection) -> bool:
    """Counts on from where it stopped, over at most POSITIONS_MAX of the log; whether it has reached the end."""
    dialects.take_turn(connection, _COUNTING)
    known = {row.subject_kind: row for row in connection.execute(sa.select(catalogue_counts))}
    after = min((row.position for row in known.values()), default=0)
    last = log.last_position(connection)
    if after >= last:
        return True
    until = min(last, after + POSITIONS_MAX)
    change = _Change()
    for kind, data in log.told_between(connection, EVENTS, after, until):
        change.hear(kind, data)
    by_kind = change.apply(connection)
    rows = [
        {"subject_kind": kind, "live": (known[kind].live if kind in known else 0) + by_kind[kind], "position": until}
        for kind in _KINDS
    ]
    upsert(connection, catalogue_counts, rows, ["subject_kind"])
    return until == last


class _Change:
    """What some events, in order, come to: what is live after them, what is gone, and stores whose listings went."""

    def __init__(self) -> None:
        self._live: dict[_Subject, str] = {}
        self._gone: set[_Subject] = set()
        self._emptied: set[str] = set()
        self._of_store: dict[str, set[_Subject]] = {}

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        """One of EVENTS."""
        match kind:
            case "listing.removed":
                self._go(("listing", data["listing_id"]))
            case "store.opened":
                self._come(("store", data["store_id"]), "")
            case "store.closed":
                self._go(("store", data["store_id"]))
                self._emptied.add(data["store_id"])
                for listing in self._of_store.pop(data["store_id"], set()):
                    self._go(listing)
            case _:
                self._come(("listing", data["listing_id"]), data["store_id"])

    def apply(self, connection: sa.Connection) -> dict[str, int]:
        """Writes it; by how many each kind has grown."""
        grown = dict.fromkeys(_KINDS, 0)
        for part in _parts(sorted(self._emptied)):
            grown["listing"] -= _delete(connection, "listing", _table.store_id.in_(part))
        for kind in _KINDS:
            for part in _parts(sorted(name for each, name in self._gone if each == kind)):
                grown[kind] -= _delete(connection, kind, _table.subject_id.in_(part))
            rows = [
                {"subject_kind": kind, "subject_id": name, "store_id": store_id}
                for (each, name), store_id in sorted(self._live.items())
                if each == kind
            ]
            grown[kind] += insert_ignore(connection, catalogue_live, rows)
        return grown

    def _come(self, subject: _Subject, store_id: str) -> None:
        self._gone.discard(subject)
        self._live[subject] = store_id
        if store_id:
            self._of_store.setdefault(store_id, set()).add(subject)

    def _go(self, subject: _Subject) -> None:
        self._live.pop(subject, None)
        self._gone.add(subject)


def _delete(connection: sa.Connection, kind: str, which: sa.ColumnElement[bool]) -> int:
    gone = sa.delete(catalogue_live).where(_table.subject_kind == kind, which)
    return connection.execute(gone, execution_options={"preserve_rowcount": True}).rowcount


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _AT_A_TIME] for start in range(0, len(names), _AT_A_TIME)]
