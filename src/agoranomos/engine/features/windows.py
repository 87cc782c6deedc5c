"""One feature's windows over all of its keys: the arrays that the compiled part works on, and their growth."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.features import kernels
from agoranomos.engine.features.encoding import Key128
from agoranomos.kernel.errors import Conflict

Integers = NDArray[np.int64]
EXACT: Final = 128
"""Events of one key that are kept one by one; when there are more in its window, they are merged into 64ths of it."""
EXACT_DISTINCT: Final = 1024
"""Distinct values of one key that are counted exactly; of more, a sample of 256 to 1,024 is kept."""
KEYS_MAX: Final = 5_000_000
AGGREGATES: Final = {
    "count": kernels.COUNT, "sum": kernels.SUM, "avg": kernels.AVG, "ratio": kernels.RATIO, "min": kernels.MIN,
    "max": kernels.MAX, "last": kernels.LAST, "count_distinct": kernels.DISTINCT,
}  # fmt: skip
_NONE: Final[Integers] = np.empty(0, np.int64)
_ROWS_FIRST: Final = 1024
_LOAD_MAX: Final = 0.6
_GROWTH: Final = 1.5
_WHEEL: Final = slice(kernels.FREE_BLOCK, kernels.META)


class Counters(msgspec.Struct, frozen=True):
    """How it goes.

    `late`: came after something newer; `missed`: of these, too old for any window to come; `forgotten`: keys that had
    to go because there were too many; `coarsened` and `sampled`: how often a key became inexact, or more so.
    """

    keys: int
    late: int
    missed: int
    forgotten: int
    coarsened: int
    sampled: int
    memory_bytes: int


class _Arrays(NamedTuple):
    """See `kernels`. Always replaced as a whole, so that a thread that only reads sees arrays that belong together."""

    keys: NDArray[Any]
    table: NDArray[np.int32]
    times: Integers
    values: Integers
    numbers: NDArray[np.int32]
    meta: Integers


class Windows:
    """Sliding windows of `window_us` for each of at most `keys_max` keys; values are 64-bit integers.

    `exact` is a power of two: 4 or more for events, at most 2**15.
    """

    def __init__(self, aggregate: str, window_us: int, *, exact: int | None = None, keys_max: int = KEYS_MAX) -> None:
        code = AGGREGATES[aggregate]
        distinct = code == kernels.DISTINCT
        exact = exact or (EXACT_DISTINCT if distinct else EXACT)
        assert exact >= 4
        assert exact & (exact - 1) == 0
        self._two = code in (kernels.AVG, kernels.RATIO)
        meta = np.zeros(kernels.META, np.int64)
        meta[_WHEEL] = -1
        meta[kernels.WINDOW] = window_us
        meta[kernels.BUCKET] = max(1, window_us * 2 // exact)
        meta[kernels.WIDTH] = -(-window_us // (kernels.WHEEL - 2))
        meta[kernels.AGGREGATE] = code
        meta[kernels.TOP] = 0 if code == kernels.LAST else exact.bit_length() - 1
        meta[kernels.KEYS_MAX] = keys_max
        meta[kernels.FREE_ROW] = -1
        meta[[kernels.NOW, kernels.CURSOR]] = kernels.NEVER
        self._spare = (2 if code == kernels.LAST else 2 * exact) + (2 * kernels.LEVELS if distinct else 0)
        self._arrays = self._empty(_ROWS_FIRST, _ROWS_FIRST + self._spare, meta)

    def _empty(self, rows: int, cells: int, meta: Integers) -> _Arrays:
        return _Arrays(
            np.zeros(rows, kernels.KEY),
            np.full(_table_size(rows), -1, np.int32),
            np.zeros(cells, np.int64),
            np.zeros(cells, np.int64),
            np.zeros(cells if self._two else 1, np.int32),
            meta,
        )

    def put(self, key: Key128, at: int, value: int) -> None:
        """An event of `key` at `at`."""
        while not kernels.put(*self._arrays, key[0], key[1], at, value):
            self._grow()

    def read(self, key: Key128, at: int, more: Integers = _NONE) -> tuple[int, int]:
        """(value, over how many) for the window that ends with `at`, as if `more` (each once) had come then."""
        found: tuple[int, int] = kernels.read(*self._arrays, key[0], key[1], at, more)
        return found

    def put_many(self, keys: Integers, ats: Integers, given: Integers) -> None:
        """Many events in order; `keys` has two columns."""
        his, los = np.ascontiguousarray(keys[:, 0]), np.ascontiguousarray(keys[:, 1])
        done = 0
        while True:
            done = kernels.put_many(*self._arrays, done, his, los, ats, given)
            if done == len(ats):
                return
            self._grow()

    def advance(self, now: int) -> None:
        """Forgets keys that have been idle for a window."""
        keys, table, times, _, _, meta = self._arrays
        kernels.advance(keys, table, times, meta, now)

    def counters(self) -> Counters:
        """See `Counters`."""
        places = (kernels.KEYS, kernels.LATE, kernels.MISSED, kernels.FORGOTTEN, kernels.COARSENED, kernels.SAMPLED)
        keys, late, missed, forgotten, coarsened, sampled = (int(self._arrays.meta[place]) for place in places)
        memory = sum(array.nbytes for array in self._arrays)
        return Counters(keys, late, missed, forgotten, coarsened, sampled, memory)

    def codes(self) -> Integers:
        """The values that are kept, each once; for features of texts."""
        kept = self._in_order()
        return np.unique(self._arrays.values[self._arrays.keys["start"][kept]])

    def recode(self, old: Integers, new: Integers) -> None:
        """Puts new values in the place of `old`, which are sorted and all that there are."""
        starts = self._arrays.keys["start"][self._in_order()]
        values = self._arrays.values
        values[starts] = new[np.searchsorted(old, values[starts])]

    def _grow(self) -> None:
        keys, table, times, values, numbers, meta = self._arrays
        if len(times) - meta[kernels.USED] < self._spare:
            cells = int(len(times) * _GROWTH) + self._spare
            times, values = _longer(times, cells), _longer(values, cells)
            numbers = _longer(numbers, cells) if self._two else numbers
        if meta[kernels.ROWS] == len(keys) and meta[kernels.FREE_ROW] < 0:
            keys = _longer(keys, int(len(keys) * _GROWTH))
            if (size := _table_size(len(keys))) > len(table):
                table = np.full(size, -1, np.int32)
                kernels.enter_all(keys, table, meta)
        self._arrays = _Arrays(keys, table, times, values, numbers, meta)

    def _in_order(self) -> Integers:
        """The rows of all keys in the order of the wheel."""
        rows = np.empty(self._arrays.meta[kernels.KEYS], np.int64)
        kernels.in_order(self._arrays.keys, self._arrays.meta, rows)
        return rows

    def state(self) -> list[bytes]:
        """Everything, without what is free: meta, rows, times, values, numbers."""
        return [array.tobytes() for array in self.state_arrays()]

    def state_arrays(self) -> list[NDArray[Any]]:
        """The same before it is bytes. Nothing may be put in meanwhile; who reads is not kept waiting."""
        rows = self._in_order()
        keys, _, times_in, values_in, numbers_in, meta = self._arrays
        kept = np.empty(len(rows), kernels.KEY)
        kernels.picked(keys, rows, kept)
        sizes = kernels.sizes(kept, meta)
        cells = int(sizes.sum())
        times, values = np.empty(cells, np.int64), np.empty(cells, np.int64)
        numbers = np.empty(cells if self._two else 1, np.int32)
        kernels.gather(kept, sizes, times_in, values_in, numbers_in, times, values, numbers)
        kernels.unplaced(kept)
        meta = meta[: kernels.FREE_BLOCK].copy()
        meta[[kernels.ROWS, kernels.USED]] = 0  # where things lie here says nothing there
        meta[kernels.FREE_ROW] = -1
        return [meta, kept, times, values, numbers if self._two else numbers[:0]]

    def resume(self, state: list[bytes]) -> None:
        """Knows again what `state` said. Raises Conflict when it was made with other settings."""
        meta, kept = np.frombuffer(state[0], np.int64), np.frombuffer(state[1], kernels.KEY)
        times, values = np.frombuffer(state[2], np.int64), np.frombuffer(state[3], np.int64)
        numbers = np.frombuffer(state[4], np.int32)
        if (meta[: kernels.KEYS_MAX] != self._arrays.meta[: kernels.KEYS_MAX]).any():
            raise Conflict("these windows were kept with other settings; make them again from the event log")
        fresh = self._arrays.meta.copy()
        keys_max = fresh[kernels.KEYS_MAX]
        fresh[: kernels.FREE_BLOCK] = meta
        fresh[kernels.KEYS_MAX] = keys_max
        fresh[_WHEEL] = -1
        cells = int(kernels.blocks(kept, fresh) * 1.1) + _ROWS_FIRST + self._spare
        arrays = self._empty(max(_ROWS_FIRST, int(len(kept) * 1.1)), cells, fresh)
        kernels.scatter(kept, times, values, numbers, *arrays)
        self._arrays = arrays


def _table_size(rows: int) -> int:
    return 1 << int(rows / _LOAD_MAX).bit_length()


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.zeros(size, array.dtype)
    longer[: len(array)] = array
    return longer
