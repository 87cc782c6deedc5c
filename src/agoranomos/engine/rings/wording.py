"""Which texts say the same, and how surprising each is to whoever has read the others. Compiled.

Signatures are MinHash over shingles of characters, in bands (Broder 1997; Leskovec et al., "Mining of Massive
Datasets", 3.4): texts that share a band resemble each other. The surprise is that of a model of three characters, in
counters that hashes choose: its size is fixed, and where two share a counter a text looks commoner, never rarer.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb

SHINGLE: Final = 4
BANDS: Final = 4
ROWS: Final = 3
"""Two texts that share nine tenths of their shingles have a band in common with probability .995, three quarters .89,
a third .14.
"""
CONTEXT_BITS: Final = 16
FOLLOWS_BITS: Final = 18
_ALPHABET: Final = 4_000.0
"""Characters that may come next, as far as nothing is known."""
_CONTEXT_SHIFT: Final = np.uint64(64 - CONTEXT_BITS)
_FOLLOWS_SHIFT: Final = np.uint64(64 - FOLLOWS_BITS)
_ONE, _TWO, _THREE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_LARGEST: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


@nb.njit(inline="always")
def _mixed(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(29))) * _MIX
    return value ^ (value >> np.uint64(32))


@nb.njit(cache=True, nogil=True)
def bands(codes: Any) -> Any:
    """The bands of a text of at least SHINGLE characters (`codes`: uint32), as BANDS numbers."""
    least = np.full(BANDS * ROWS, _LARGEST, np.uint64)
    for first in range(len(codes) - SHINGLE + 1):
        shingle = np.uint64(0)
        for place in range(first, first + SHINGLE):
            shingle = (shingle ^ np.uint64(codes[place])) * _ONE
            shingle ^= shingle >> np.uint64(32)
        for row in range(BANDS * ROWS):
            value = _mixed(shingle + np.uint64(row + 1) * _TWO)
            least[row] = min(least[row], value)
    found = np.empty(BANDS, np.uint64)
    for band in range(BANDS):
        whole = np.uint64(band + 1)
        for row in range(ROWS):
            whole = _mixed((whole ^ least[band * ROWS + row]) * _THREE)
        found[band] = whole
    return found


@nb.njit(cache=True, nogil=True)
def surprise(codes: Any, context: Any, follows: Any, less: int) -> Any:
    """Bits of surprise of a text; as if `less` texts had not been read that say the same."""
    bits = 0.0
    before, last = np.uint64(0), np.uint64(0)
    for place in range(len(codes)):
        now = np.uint64(codes[place])
        pair = (before * _ONE) ^ (last * _TWO)
        known = max(0.0, float(context[_mixed(pair) >> _CONTEXT_SHIFT]) - less)
        seen = max(0.0, float(follows[_mixed(pair ^ (now * _THREE)) >> _FOLLOWS_SHIFT]) - less)
        share = (seen + 1.0 / _ALPHABET) / (known + 1.0)
        bits -= min(0.0, np.log2(share))
        before, last = last, now
    return bits


@nb.njit(cache=True, nogil=True)
def learn(codes: Any, context: Any, follows: Any) -> None:
    """Counts what follows what in a text."""
    before, last = np.uint64(0), np.uint64(0)
    for place in range(len(codes)):
        now = np.uint64(codes[place])
        pair = (before * _ONE) ^ (last * _TWO)
        context[_mixed(pair) >> _CONTEXT_SHIFT] += np.uint32(1)
        follows[_mixed(pair ^ (now * _THREE)) >> _FOLLOWS_SHIFT] += np.uint32(1)
        before, last = last, now
