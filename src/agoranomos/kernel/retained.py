"""How a room declares what it keeps about people, so that a schedule can end it: tables stay the room's own.

The schedule (how many days, on which basis) is policy; what can be done at all, and what would break, is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

Action = Literal["delete", "thin", "erase"]
"""`delete`: the rows go. `thin`: words in them go, the rows stay. `erase`: the data key of the person goes, and with it
all that the vault keeps of them; rows stay."""


@dataclass(frozen=True)
class Kept:
    """A kind of data: rows of `table` that age from `at`.

    `subjects`: kind of subject → the column that names it; a hold on one of them keeps its rows. `names`: a column of
    JSON in which any id that is held is looked for, where no column says whom a row is about. `where`: only such rows.
    `children`: tables whose rows go with those that have the same key, first. `fields`: of `thin`, which texts in the
    column `names` go. `person`: of `erase`, the kind of subject: a person, or a case whose attachments lie under a key
    of their own. `least_days`: fewer would break what still asks for such rows. `leaving`: of `delete`, told the keys
    of rows that are about to go, in their transaction, where something counts them. `about`: what it is, in words.
    """

    kind: str
    about: str
    table: sa.Table
    at: sa.Column[Any]
    action: Action = "delete"
    subjects: Mapping[str, sa.Column[Any]] | None = None
    names: sa.Column[Any] | None = None
    where: sa.ColumnElement[bool] | None = None
    children: tuple[sa.Table, ...] = ()
    fields: tuple[str, ...] = ()
    person: Literal["seller", "account", "case"] | None = None
    least_days: int = 30
    leaving: Callable[[sa.Connection, Sequence[tuple[Any, ...]]], None] | None = None

    @property
    def key(self) -> tuple[sa.Column[Any], ...]:
        """What names a row."""
        return tuple(self.table.primary_key.columns)
