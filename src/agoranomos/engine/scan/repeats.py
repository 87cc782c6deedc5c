"""Finds listings that were judged twice: the first in input order wins, the later ones are rejects.

It is done when all units are finished, over the hashes that they left, so that the outcome does
not depend on which worker was faster. Memory: the set holds at most PASS_IDS ids at a time (about
370 MB); with more, the hashes are gone through several times, each time for another share of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.scan.parts import read_part
from agoranomos.engine.scan.uniques import Uniques
from agoranomos.engine.scan.work import Done

PASS_IDS = 24_000_000


class RowBits:
    """A set of rows of one unit, one bit each."""

    def __init__(self, rows: int) -> None:
        self._bits: NDArray[np.uint8] = np.zeros(rows // 8 + 1, np.uint8)
        self.count = 0

    def add(self, rows: NDArray[np.int64]) -> None:
        """Adds rows that stand close together and are not in the set."""
        begin = int(rows.min()) // 8
        window = np.zeros(int(rows.max()) + 1 - begin * 8, np.bool_)
        window[rows - begin * 8] = True
        packed = np.packbits(window)
        self._bits[begin : begin + len(packed)] |= packed
        self.count += len(rows)

    def has(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """True where a row is in the set."""
        shifts = (7 - rows % 8).astype(np.uint8)
        return ((self._bits[rows // 8] >> shifts) & 1).astype(np.bool_)


def repeated(units: Sequence[Done], folder: Path, *, pass_ids: int = PASS_IDS) -> dict[int, RowBits]:
    """Unit index -> rows whose listing_id stands earlier in the run."""
    total = sum(done.rows for done in units)
    passes = max(1, -(-total // pass_ids))
    found: dict[int, RowBits] = {}
    for share in range(passes):
        seen = Uniques()
        for done in units:
            for batch in read_part(folder, done.index, "ids", ["hash", "row"]):
                hashes, rows = (column.to_numpy() for column in batch.columns)
                if passes > 1:
                    mine = hashes % passes == share
                    hashes, rows = hashes[mine], rows[mine]
                again = seen.repeats(hashes)
                if again is not None:
                    bits = found.setdefault(done.index, RowBits(done.rows))
                    bits.add(rows[again])
    return found
