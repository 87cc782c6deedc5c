"""Where phrases may begin in a folded row: the passes that come before any phrase is looked at.

A row has a hundred places where a word may begin, and the tables of a large registry do not fit into the caches of a
core. So what is read from them is asked for in bulk: first a bitmap of prefixes for all places, then, for the few that
pass, the place of the table that says what follows the prefix. No step waits for the one before it, so that the
machine fetches for many places at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import cgutils, types
from numba.core.typing import Signature
from numba.extending import intrinsic

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import SOURCE_BITS, STRONG, WEAK
from agoranomos.engine.text.trie import (
    FOUR,
    SIX,
    THREE,
    TWO,
    first_slot,
    is_set,
    jump,
    jump_slot,
    mixed_with,
    next_bit,
)

BLOCK = 512
"""Bytes of a folded row that are looked over at a time."""
CANDIDATES = 5 * BLOCK
"""So many candidates a block can give: a prefix of each size, and the place itself, for each byte."""
KIND_BITS = 3
IN_FRONT = 4
"""The kind of candidate that stands for the place itself, in the title or brand field; others number their prefix."""
GOES_ON = 1 << 62
"""In a candidate's link: some phrase goes on with the character behind the prefix."""


def _prefetch(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """Has the line of `array[index]` fetched."""
    data = context.make_array(array_type)(context, builder, array).data
    pointer = builder.bitcast(builder.gep(data, [index]), cgutils.voidptr_t)
    word = cgutils.ir.IntType(32)
    function = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [pointer.type, word, word, word])
    fetch = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0")
    builder.call(fetch, [pointer, word(0), word(3), word(1)])
    return context.get_dummy_value()


@intrinsic
def prefetch(_typing: Any, array: Any, _index: Any) -> Any:
    """Asks for the line of the cache that holds `array[index]` (index int64), and waits for nothing."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _prefetch(context, builder, array, *arguments)

    return Signature(types.none, (array, types.int64), None), generate


@nb.njit(inline="always")
def gather(out: Any, meta: Any, begin: int, end: int, starts: Any) -> Any:
    """Fills `starts` (uint32) with the places where a word may begin; (their number, whether one is an ideograph's).

    Without a branch: words are short.
    """
    count = 0
    han = False
    for at in range(begin, end):
        starts[count] = at
        opens = meta[at] & np.uint32(STRONG | WEAK) != 0
        han |= opens & (out[at] >= 0xE3)
        count += opens
    return count, han


@nb.njit(inline="always")
def sift(
    out: Any, meta: Any, source: Any, starts: Any, count: int, bitmap: Any, shift: Any, candidates: Any, hashes: Any
) -> int:
    """Fills `candidates` and `hashes` with the prefixes at `starts` that some phrase may have; their number.

    No phrase is a single character, so few bytes are looked at only where they are more than one.
    """
    ends = np.uint32(STRONG | WEAK)
    used = 0
    for number in range(count):
        begin = np.int64(starts[number])
        lead = out[begin]
        two = np.uint64(lead) | (np.uint64(out[begin + 1]) << np.uint64(8))
        four = two | (np.uint64(out[begin + 2]) << np.uint64(16)) | (np.uint64(out[begin + 3]) << np.uint64(24))
        six = four | (np.uint64(out[begin + 4]) << np.uint64(32)) | (np.uint64(out[begin + 5]) << np.uint64(40))
        mixed = mixed_with(six, SIX)
        hashes[used] = mixed
        candidates[used] = begin << KIND_BITS
        used += is_set(bitmap, mixed, shift)
        if (meta[begin + 4] | meta[begin + 5]) & ends:
            mixed = mixed_with(four, FOUR)
            hashes[used] = mixed
            candidates[used] = begin << KIND_BITS | 1
            used += is_set(bitmap, mixed, shift)
        if lead < 0xE0:
            if meta[begin + 3] & ends:
                mixed = mixed_with(four & np.uint64(0xFFFFFF), THREE)
                hashes[used] = mixed
                candidates[used] = begin << KIND_BITS | 2
                used += is_set(bitmap, mixed, shift)
            if meta[begin + 2] & ends:
                mixed = mixed_with(two, TWO)
                hashes[used] = mixed
                candidates[used] = begin << KIND_BITS | 3
                used += is_set(bitmap, mixed, shift)
        hashes[used] = 0
        candidates[used] = begin << KIND_BITS | IN_FRONT
        used += (meta[begin] & np.uint32(STRONG) != 0) & (source[begin] >> SOURCE_BITS != 1)
    return used


@nb.njit(inline="always")
def settle(
    out: Any, meta: Any, count: int, jumps: Any, table: Any, spellings: Any, candidates: Any, hashes: Any, entries: Any
) -> int:
    """Keeps the candidates that a phrase does begin with and end or go on behind; their number.

    entries (int64) gets the link to the node behind the prefix, with `GOES_ON`.
    """
    for number in range(count):
        prefetch(jumps, jump_slot(jumps, hashes[number]))
    used = 0
    mask = np.uint64((len(table) >> 1) - 1)
    for number in range(count):
        candidate = candidates[number]
        kind = candidate & ((1 << KIND_BITS) - 1)
        if kind == IN_FRONT:
            candidates[used] = candidate
            used += 1
            continue
        entry = jump(jumps, hashes[number])
        if entry < 0:
            continue
        behind = (candidate >> KIND_BITS) + (6 if kind == 0 else 5 - kind)
        link = np.int64(jumps[entry + 1])
        goes_on = jumps[entry + 2] >> next_bit(out, behind) & np.uint64(1) != np.uint64(0)
        if goes_on:
            prefetch(table, np.int64(first_slot(link & 0x7FFFFFFF, mask)) << 1)
            link |= GOES_ON
        if link & ~GOES_ON >> 32 and meta[behind] & np.uint32(STRONG | WEAK):
            prefetch(spellings, ((link & ~GOES_ON) >> 32) - 1)
        elif not goes_on:
            continue
        candidates[used] = candidate
        entries[used] = link
        used += 1
    return used
