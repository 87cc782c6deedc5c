"""Sums of evidence that are kept apart by class: words of different classes say nothing about each other.

A set of classes is a number of 64 bits, one for each class. Of the classes below `APART_FROM` the weightiest alone
counts, and so of those from there on; the two add up.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb

CLASSES_MAX: Final = 64
APART_FROM: Final = 48
"""The first class of the second family."""
WORDS_MAX: Final = 12
"""Different words with a class that are told apart in one row; a row of more is looked at in any case."""
SETS_MAX: Final = 256
"""Sets of classes that are told apart; in the place of the last stands that of all."""
# Columns of the kinds of goods of a class (uint32): what it is of, and what it never is where a listing states its own.
OF_KINDS, OTHER_KINDS = range(2)
_UNLISTED: Final = np.uint32(1 << 30)
"""The bit of kinds of goods that have none of their own, so that they are not known apart."""
_NOTHING: Final = np.uint64(0)


@nb.njit(inline="always")
def add(word: Any, classes: Any, weight: float, count: int, words: Any, sets: Any, weights: Any) -> int:
    """Notes a word of the set of `classes` that weighs `weight`, each word once by its weightiest; how many there are.

    words int32, sets uint64, weights float64 (`WORDS_MAX`). One more than fit makes `WORDS_MAX` + 1.
    """
    for k in range(min(count, WORDS_MAX)):
        if words[k] == word:
            weights[k] = max(weights[k], weight)
            return count
    if count < WORDS_MAX:
        words[count] = word
        sets[count] = classes
        weights[count] = weight
    return min(count + 1, WORDS_MAX + 1)


@nb.njit(inline="always")
def _fits(kinds: Any, number: int, kinds_of: Any) -> Any:
    """Whether words of a class mean its goods in a listing whose category states `kinds` (bits, 0 unknown)."""
    stated = kinds & np.uint32(0x7FFFFFFF)
    if stated == 0 or stated & _UNLISTED != 0:
        return True
    if kinds_of[number, OF_KINDS] != 0:
        return stated & kinds_of[number, OF_KINDS] != 0
    return stated & ~kinds_of[number, OTHER_KINDS] != 0


@nb.njit(cache=True, nogil=True)
def most_of_classes(
    count: int, sets: Any, weights: Any, beside: Any, beside_most: float, kinds: Any, kinds_of: Any
) -> float:
    """The most that the noted words can weigh (log-odds): in each class the strongest in full, others by half at most.

    beside: bits of the classes of which an everyday word stands in the row, which adds `beside_most` at most; kinds:
    bits of the kinds of goods that are stated; kinds_of: uint32 (`CLASSES_MAX`, 2).
    """
    if count > WORDS_MAX:
        return np.inf
    left = np.uint64(0)
    for k in range(count):
        left |= sets[k]
    best = 0.0
    apart = 0.0
    for number in range(CLASSES_MAX):
        bit = np.uint64(1) << np.uint64(number)
        if left & bit == _NOTHING or not _fits(kinds, number, kinds_of):
            continue
        strongest = 0.0
        total = 0.0
        for k in range(count):
            if sets[k] & bit != _NOTHING:
                strongest = max(strongest, weights[k])
                total += weights[k]
        weight = 0.5 * (strongest + total)
        if beside & bit != _NOTHING:
            weight += beside_most
        if number < APART_FROM:
            best = max(best, weight)
        else:
            apart = max(apart, weight)
    return best + apart
