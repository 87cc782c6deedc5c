"""Texts that came to nothing, remembered by their hash: who offers the same goods writes the same words.

Of the listings of a real market every third has the texts of another. The hash is keyed, so that nobody who knows this
code can write a text that passes for another: SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
2012), as Python hashes its own strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.eights import eight_bytes

KEY_BYTES: Final = 16
_REMEMBERED: Final = 1 << 21
"""Texts remembered, a power of two; of those whose place is the same the last."""
_START: Final = tuple(np.uint64(value) for value in (
    0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573,
))  # fmt: skip


@nb.njit(inline="always")
def _rotated(value: Any, by: int) -> Any:
    return (value << np.uint64(by)) | (value >> np.uint64(64 - by))


@nb.njit(inline="always")
def _round(a: Any, b: Any, c: Any, d: Any) -> Any:
    a += b
    b = _rotated(b, 13) ^ a
    a = _rotated(a, 32)
    c += d
    d = _rotated(d, 16) ^ c
    a += d
    d = _rotated(d, 21) ^ a
    c += b
    b = _rotated(b, 17) ^ c
    c = _rotated(c, 32)
    return a, b, c, d


@nb.njit(cache=True, nogil=True)
def _take_in(at: Any, data: Any, state: Any) -> None:
    """Takes one more column into the hashes: of each row how long its text is, and its bytes.

    at: int64 (n + 1) offsets into data (uint8); state: uint64 (n, 4).
    """
    for row in range(len(at) - 1):
        place, end = np.int64(at[row]), np.int64(at[row + 1])
        a, b, c, d = state[row, 0], state[row, 1], state[row, 2], state[row, 3]
        word = np.uint64(end - place)
        d ^= word
        a, b, c, d = _round(a, b, c, d)
        a ^= word
        while place + 8 <= end:
            word = eight_bytes(data, place)
            d ^= word
            a, b, c, d = _round(a, b, c, d)
            a ^= word
            place += 8
        if place < end:
            word = np.uint64(0)
            for k in range(end - place):
                word |= np.uint64(data[place + k]) << np.uint64(8 * k)
            d ^= word
            a, b, c, d = _round(a, b, c, d)
            a ^= word
        state[row, 0], state[row, 1], state[row, 2], state[row, 3] = a, b, c, d


@nb.njit(cache=True, nogil=True)
def _finish(state: Any, hashes: Any) -> None:
    for row in range(len(hashes)):
        a, b, c, d = state[row, 0], state[row, 1], state[row, 2] ^ np.uint64(0xFF), state[row, 3]
        for _ in range(3):
            a, b, c, d = _round(a, b, c, d)
        hashes[row] = max(a ^ b ^ c ^ d, np.uint64(1))


@nb.njit(cache=True, nogil=True)
def _mark_leads(hashes: Any, price: Any, places: Any, leads: Any) -> None:
    """Marks in `leads` (bool) of each hash the row with the lowest price, of several the first.

    places: int32, zeros, a power of two above the number of hashes: the table in which they are found (one behind).
    """
    mask = np.uint64(len(places) - 1)
    for row in range(len(hashes)):
        place = hashes[row] & mask
        while places[place] != 0 and hashes[places[place] - 1] != hashes[row]:
            place = (place + np.uint64(1)) & mask
        lead = places[place] - 1
        if lead >= 0 and price[lead] <= price[row]:
            continue
        if lead >= 0:
            leads[lead] = False
        leads[row] = True
        places[place] = row + 1


class Harmless:
    """The texts that came to nothing at a price, and so do at every higher one."""

    def __init__(self, key: bytes) -> None:
        """key: `KEY_BYTES` that nobody outside knows; what is found does not hang on it."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key has {len(key)} bytes: give {KEY_BYTES}")
        low, high = (np.uint64(int.from_bytes(half, "little")) for half in (key[:8], key[8:]))
        self._begun = np.array([_START[0] ^ low, _START[1] ^ high, _START[2] ^ low, _START[3] ^ high], np.uint64)
        self._hashes = np.zeros(_REMEMBERED, np.uint64)
        self._from = np.zeros(_REMEMBERED)

    def hashes(
        self, columns: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]], rows: int
    ) -> npt.NDArray[np.uint64]:
        """A hash of all texts of each row: columns of offsets (n + 1) and data (UTF-8)."""
        state = np.tile(self._begun, (rows, 1))
        for at, data in columns:
            _take_in(at, data, state)
        hashes = np.zeros(rows, np.uint64)
        _finish(state, hashes)
        return hashes

    def known(self, hashes: npt.NDArray[np.uint64], price: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Whether each text came to nothing at its price (0 unknown, which says least) or a lower one."""
        place = hashes & np.uint64(_REMEMBERED - 1)
        known: npt.NDArray[np.bool_] = (self._hashes[place] == hashes) & (self._from[place] <= _or_infinite(price))
        return known

    def remember(self, hashes: npt.NDArray[np.uint64], price: npt.NDArray[np.float64]) -> None:
        """These texts came to nothing at these prices."""
        place = hashes & np.uint64(_REMEMBERED - 1)
        self._hashes[place] = hashes
        self._from[place] = _or_infinite(price)

    def in_turns(
        self, hashes: npt.NDArray[np.uint64], price: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
    ) -> Iterator[npt.NDArray[np.int64]]:
        """Those of `rows` that must be read: first each text once, at its lowest price; then, by what was remembered
        meanwhile, the others.
        """
        new = rows[~self.known(hashes[rows], price[rows])]
        leads = np.zeros(len(new), np.bool_)
        _mark_leads(hashes[new], _or_infinite(price[new]), np.zeros(1 << (2 * len(new)).bit_length(), np.int32), leads)
        if new.size:
            yield new[leads]
        rest = new[~leads]
        rest = rest[~self.known(hashes[rest], price[rest])]
        if rest.size:
            yield rest


def _or_infinite(price: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Prices with infinity for unknown ones."""
    shown: npt.NDArray[np.float64] = np.where(price > 0, price, np.inf)
    return shown
