"""Tables of pairs, and passes over all pairs. Compiled; one file, since the compiler's cache looks at one file.

A table is open addressing with linear probing over 64-bit keys that are hashes already (Knuth, TAOCP 3, 6.4); 0 is an
empty place. The caller keeps it at most 60 % full.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb

KINDS_MAX: Final = 256
"""Subjects with more readers than this are counted with those that have so many."""
_U = np.uint64


@nb.njit(cache=True, nogil=True)
def place_of(keys: Any, key: Any) -> Any:
    """Where `key` stands, or the empty place where it would."""
    mask = len(keys) - 1
    at = np.int64(key >> _U(7)) & mask
    while keys[at] != _U(0) and keys[at] != key:
        at = (at + 1) & mask
    return at


@nb.njit(cache=True, nogil=True)
def grown(keys: Any, values: Any, wider_keys: Any, wider_values: Any) -> None:
    """Copies a table into a wider, empty one."""
    for i in range(len(keys)):
        if keys[i] != _U(0):
            at = place_of(wider_keys, keys[i])
            wider_keys[at], wider_values[at] = keys[i], values[i]


@nb.njit(cache=True, nogil=True)
def numbered(keys: Any, values: Any, wanted: Any, out: Any, first: int) -> Any:
    """Numbers for `wanted`: the known one, else the next from `first` on; returns the next that is free."""
    for i in range(len(wanted)):
        at = place_of(keys, wanted[i])
        if keys[at] == _U(0):
            keys[at], values[at] = wanted[i], first
            first += 1
        out[i] = values[at]
    return first


@nb.njit(cache=True, nogil=True)
def reads_and_people(rows: Any, windows: Any, bits: int, reads: Any, people: Any) -> None:
    """Counts by window and principal, over rows of subject, principal, age (5 bits) in order."""
    mask = _U((1 << bits) - 1)
    before = _U(0xFFFFFFFFFFFFFFFF)
    for row in rows:
        age = np.int64(row & _U(31))
        principal = np.int64((row >> _U(5)) & mask)
        for w in range(len(windows)):
            if age < windows[w]:
                reads[w, principal] += 1
        if row >> _U(5) != before:  # the first of a pair is its latest
            before = row >> _U(5)
            for w in range(len(windows)):
                if age < windows[w]:
                    people[w, principal] += 1


@nb.njit(cache=True, nogil=True)
def company(
    rows: Any, window: int, bits: int, group_of: Any, trusted: Any, rarity: Any, alone: Any, rare: Any, readers: Any,
    changes: Any, own_reads: Any, union: Any,
) -> Any:  # fmt: skip
    """Who reads what others read too, over the pairs of a window; returns how many pairs trusted readers have.

    `group_of` is the group of each principal, principals being numbered group by group; `trusted` are those whose
    reading stands for what is usual. `rare` adds up, for each principal, `rarity` (KINDS_MAX + 1 numbers) of how many
    trusted ones of other groups read each of its subjects, `alone` counts those that none does. `readers`
    (KINDS_MAX + 1): how many subjects have so many trusted readers; `changes` (groups by KINDS_MAX + 1) what is to be
    added to that to leave a group's own readers out, and `own_reads` how many pairs these have; `union`: the subjects
    of each group.
    """
    mask = _U((1 << bits) - 1)
    shift = _U(5 + bits)
    start, n, pairs = 0, len(rows), 0
    own = np.empty(n if n < 1 << 16 else 1 << 16, np.int64)
    while start < n:
        subject = rows[start] >> shift
        end, found, known = start, 0, 0
        before: Any = -1
        while end < n and rows[end] >> shift == subject:
            principal = np.int64((rows[end] >> _U(5)) & mask)
            if principal != before and np.int64(rows[end] & _U(31)) < window:
                before = principal
                if found < len(own):  # a subject that everybody reads says nothing about anybody
                    own[found] = principal
                    found += 1
                    known += trusted[principal]
            end += 1
        start = end
        pairs += known
        total = min(known, KINDS_MAX)
        readers[total] += found > 0
        i = 0
        while i < found:
            group, j, mine = group_of[own[i]], i, 0
            while j < found and group_of[own[j]] == group:
                mine += trusted[own[j]]
                j += 1
            union[group] += 1
            own_reads[group] += mine
            others = known - mine
            if mine > 0:
                changes[group, total] -= 1
                changes[group, min(others, KINDS_MAX)] += 1
            for k in range(i, j):
                rare[own[k]] += rarity[min(others, KINDS_MAX)]
                alone[own[k]] += others == 0
            i = j
    return pairs
