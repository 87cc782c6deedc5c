"""Which rows repeat an id seen before: an exact set of 64-bit hashes in one numpy array.

Open addressing with linear probing; the slot is the hash's top bits, so that a sorted batch walks
through memory in one direction. The array doubles when it is three quarters full: 11 to 22 bytes
per id.

What a collision would cost: two different listing_ids with equal xxh3 hashes make the later
listing a reject with the reason `duplicate`, in the open, with its id. For n ids the chance of any
is about n² / 2^65: 7e-7 for 5 million, 3e-4 for 100 million. The hash is not keyed: whoever
chooses ids at will could build a collision, and would gain that his own second listing is refused.
"""

from __future__ import annotations

import numpy as np
import xxhash
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
_SLOTS_MIN_BITS = 10
_LOAD_MAX = 0.75


def hashes_of(ids: list[str]) -> Hashes:
    """The xxh3 hash of each id (UTF-8); 0 stands for an empty slot and becomes 1."""
    hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, ids), np.uint64, len(ids))
    np.maximum(hashes, np.uint64(1), out=hashes)
    return hashes


def repeats_within(hashes: Hashes) -> NDArray[np.bool_] | None:
    """True where a hash stands earlier in the same array; None when all differ (the usual case)."""
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    _, first = np.unique(hashes, return_index=True)
    mask = np.ones(len(hashes), np.bool_)
    mask[first] = False
    return mask


class Uniques:
    """The set. Hashes must not be 0."""

    def __init__(self) -> None:
        self._bits = _SLOTS_MIN_BITS
        self._slots: Hashes = np.zeros(1 << self._bits, np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes held by the slots."""
        return int(self._slots.nbytes)

    def repeats(self, hashes: Hashes) -> NDArray[np.bool_] | None:
        """Adds `hashes` in order; True where one was there already. None when all are new."""
        mask = repeats_within(hashes)
        fresh = np.sort(hashes if mask is None else hashes[~mask])
        self._make_room(len(fresh))
        known = fresh[~self._insert(fresh)]
        if known.size:
            seen = np.isin(hashes, known)
            return seen if mask is None else seen | mask
        return mask

    def _make_room(self, more: int) -> None:
        bits = self._bits
        while (self._count + more) > _LOAD_MAX * (1 << bits):
            bits += 1
        if bits == self._bits:
            return
        old = self._slots[self._slots != 0]
        old.sort()
        self._bits, self._count = bits, 0
        self._slots = np.zeros(1 << bits, np.uint64)
        self._insert(old)

    def _insert(self, ordered: Hashes) -> NDArray[np.bool_]:
        """Puts distinct, sorted hashes in; True where one was new."""
        new = np.zeros(len(ordered), np.bool_)
        slots, mask = self._slots, np.int64((1 << self._bits) - 1)
        at = (ordered >> np.uint64(64 - self._bits)).astype(np.int64)
        waiting = np.arange(len(ordered))
        while waiting.size:
            here, mine = at[waiting], ordered[waiting]
            free = slots[here] == 0
            # Several may aim at one free slot; the last write stays, the others see it and move on.
            slots[here[free]] = mine[free]
            settled = slots[here] == mine
            new[waiting[settled & free]] = True
            waiting = waiting[~settled]
            at[waiting] = (at[waiting] + 1) & mask
        self._count += int(new.sum())
        return new
