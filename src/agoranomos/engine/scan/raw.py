"""What the three readers hand to the checks: columns as the file has them, and which rows they
are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agoranomos.engine.scan.rejects import Rejects
from agoranomos.engine.scan.schema import BATCH_BYTES, BATCH_ROWS

Numbers = NDArray[np.int64]


def rejected_only() -> Raw:
    """No rows; a place for a reject."""
    return Raw({}, np.zeros(0, np.int64))


class Tally:
    """What a reader counts of its unit: data rows (rejected ones too), lines, and what went
    wrong."""

    def __init__(self) -> None:
        self.rows = 0
        self.lines = 0
        self.notes: list[str] = []


class Raw:
    """Rows with `columns` by our names in any readable type.

    `rows` and `lines` are their numbers within the unit, from 0; `lines` is None for Parquet.
    `rejects` are rows that could not even be taken apart; `repaired` marks rows mended on the way.
    """

    def __init__(
        self,
        columns: dict[str, pa.Array],
        rows: Numbers,
        lines: Numbers | None = None,
        *,
        rejects: Rejects | None = None,
        repaired: NDArray[np.bool_] | None = None,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.lines = lines
        self.rejects = rejects or Rejects()
        self.repaired = repaired

    def slices(self) -> list[Raw]:
        """The same in batches of at most BATCH_ROWS; rejects go with the first."""
        if len(self.rows) <= BATCH_ROWS:
            return [self]
        return [self._slice(at) for at in range(0, len(self.rows), BATCH_ROWS)]

    def _slice(self, at: int) -> Raw:
        cut = slice(at, at + BATCH_ROWS)
        return Raw(
            {name: array.slice(at, BATCH_ROWS) for name, array in self.columns.items()},
            self.rows[cut],
            None if self.lines is None else self.lines[cut],
            rejects=None if at else self.rejects,
            repaired=None if self.repaired is None else self.repaired[cut],
        )


class Rows:
    """Gathers rows one by one where a file cannot be read in bulk."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._begin()

    def _begin(self) -> None:
        self._columns: dict[str, list[object]] = {name: [] for name in self._names}
        self._rows: list[int] = []
        self._lines: list[int] = []
        self._repaired: list[bool] = []
        self._bytes = 0
        self.rejects = Rejects()

    def add(self, row: int, line: int, values: list[object], *, repaired: bool, size: int) -> None:
        """One row of `size` bytes, its values in the order of the names."""
        for name, value in zip(self._names, values, strict=True):
            self._columns[name].append(value)
        self._rows.append(row)
        self._lines.append(line)
        self._repaired.append(repaired)
        self._bytes += size

    @property
    def full(self) -> bool:
        """Whether a batch's worth has come together."""
        return len(self._rows) >= BATCH_ROWS or self._bytes >= BATCH_BYTES or len(self.rejects) >= BATCH_ROWS

    @property
    def empty(self) -> bool:
        """Whether there is nothing to hand on."""
        return not self._rows and not len(self.rejects)

    def take(self) -> Raw:
        """What was gathered; the gathering starts anew."""
        repaired = np.array(self._repaired, np.bool_)
        raw = Raw(
            {name: _array(name, values) for name, values in self._columns.items()},
            np.array(self._rows, np.int64),
            np.array(self._lines, np.int64),
            rejects=self.rejects,
            repaired=repaired if repaired.any() else None,
        )
        self._begin()
        return raw


def _array(name: str, values: list[object]) -> pa.Array:
    if name == "picture_paths" and any(isinstance(value, list) for value in values):
        return pa.array(values, pa.list_(pa.string()))
    if name == "price_amount" and any(isinstance(value, int) for value in values):
        return pa.array(values, pa.int64())
    return pa.array(values, pa.string())
