"""Key → rows, in three flat arrays: built by scattering into buckets, asked without a search. Compiled.

The keys are evenly spread, so their upper bits say nearly where they stand: a directory of buckets leads there, and a
bucket holds a dozen entries. No pass sorts all of it, and nothing is copied, so that a million rows take seconds.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.keys import KEYS_MAX, keys_of

_PER_BUCKET: Final = 8
ASKED_MAX: Final = 64
"""More holders of a key are not told apart: it ties nobody in any case."""


class Postings(NamedTuple):
    """`keys` (uint64) in order, `rows` (int32) beside them, `starts` (int64) of the buckets and one past the last;
    `shift` takes a key to its bucket.
    """

    keys: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    shift: int


def postings_of(table: npt.NDArray[np.uint64], first: int, last: int) -> Postings:
    """The postings of the rows `first` to `last` (not included) of `table`."""
    total = total_of(table, first, last)
    bits = bits_for(total)
    starts = np.zeros((1 << bits) + 1, np.int64)
    keys, rows = np.empty(total, np.uint64), np.empty(total, np.int32)
    _fill(table, first, last, keys, rows, starts, 64 - bits)
    return Postings(keys, rows, starts, 64 - bits)


def bits_for(total: int) -> int:
    """How many upper bits of a key name its bucket, among `total` entries."""
    return max(1, int(total // _PER_BUCKET).bit_length())


@nb.njit(cache=True, nogil=True)
def total_of(table: Any, first: int, last: int) -> int:
    """How many keys these rows have together."""
    keys, kinds = np.empty(KEYS_MAX, np.uint64), np.empty(KEYS_MAX, np.int64)
    total = 0
    for row in range(first, last):
        total += keys_of(table[row], keys, kinds)
    return total


@nb.njit(cache=True, nogil=True)
def _fill(table: Any, first: int, last: int, keys: Any, rows: Any, starts: Any, shift: int) -> None:
    own, kinds = np.empty(KEYS_MAX, np.uint64), np.empty(KEYS_MAX, np.int64)
    for row in range(first, last):
        for k in range(keys_of(table[row], own, kinds)):
            starts[np.int64(own[k] >> np.uint64(shift)) + 1] += 1
    for bucket in range(1, len(starts)):
        starts[bucket] += starts[bucket - 1]
    free = starts[:-1].copy()
    for row in range(first, last):
        for k in range(keys_of(table[row], own, kinds)):
            at: Any = np.int64(own[k] >> np.uint64(shift))
            place = free[at]
            free[at] += 1
            # Sorted as it comes in: a bucket is short, but for keys that thousands hold, which lie together anyway.
            while place > starts[at] and keys[place - 1] > own[k]:
                keys[place], rows[place] = keys[place - 1], rows[place - 1]
                place -= 1
            keys[place], rows[place] = own[k], row


@nb.njit(cache=True, nogil=True)
def found(postings: Any, key: Any) -> tuple[int, int]:
    """Where the entries of `key` begin and end."""
    keys, starts = postings.keys, postings.starts
    bucket = np.int64(key >> np.uint64(postings.shift))
    low, high = starts[bucket], starts[bucket + 1]
    end = high
    while low < high:  # the first that is not smaller
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    first, step = low, 1
    while low < end and keys[low] == key:  # a few, or thousands: doubling, then back
        low = min(low + step, end)
        step *= 2
    high = low
    low = max(first, low - step // 2)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] <= key:
            low = middle + 1
        else:
            high = middle
    return first, low


@nb.njit(cache=True, nogil=True)
def ask(postings: Any, asked: Any, n: int, counts: Any, holders: Any) -> None:
    """Adds the holders of the first `n` keys of `asked`: how many in `counts` (int64), and as long as there are no more
    than ASKED_MAX, which rows, in `holders` (int32, n x ASKED_MAX).
    """
    for k in range(n):
        low, high = found(postings, asked[k])
        before = counts[k]
        counts[k] += high - low
        if counts[k] <= ASKED_MAX:
            for place in range(low, high):
                holders[k, before + place - low] = postings.rows[place]
