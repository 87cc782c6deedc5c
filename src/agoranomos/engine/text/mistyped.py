"""Latin words one mistake away from a name: how names are marked for that, and how a word of a listing is looked up.

Few words make up most of all titles, and the tables that they are looked up in are large. So whoever calls keeps a
table of the words that are no such thing (`apart`), from batch to batch: most words cost a hash and one look.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import EDGE, GAP_BEFORE, WEAK
from agoranomos.engine.text.nearby import (
    NEAR_MAX,
    NEAR_MIN,
    TAIL,
    has,
    known,
    put,
    set_bit,
    word_hash,
)
from agoranomos.engine.text.trie import MIX

REPEATED = np.uint64(0x51ED270B7B2D4F6D)
"""Keeps names with their repeated letters squeezed apart from names with a letter dropped."""
_HEADED = np.uint64(0x2545F4914F6CDD1D)
"""Keeps first words with the beginning of the second apart from names of one word."""
HEAD_BYTES_MAX = 4
"""Bytes from the last letter of a first word to the second."""
TAILS_SIZE = 1 << 12
"""Bytes of the table of beginnings of second words: a bit for each `TAIL` letters of five bits."""
APART_SIZE = 1 << 16
"""Words remembered as far from every name; a power of two."""
_BASE = np.uint64(0x100000001B3)
_INVERSE = np.uint64(0xCE965057AFF6957B)
"""Of `_BASE`, modulo 2**64."""


@nb.njit(cache=True)
def mark_near(letters: Any, starts: Any, bitmap: Any) -> None:
    """Marks each name, the name without each one of its letters, and the name with repeats squeezed."""
    base = np.uint64(0x100000001B3)
    for name in range(len(starts) - 1):
        begin, end = starts[name], starts[name + 1]
        for skip in range(begin - 1, end):
            hashed = np.uint64(0)
            for at in range(begin, end):
                if at != skip:
                    hashed = hashed * base + np.uint64(letters[at])
            put(bitmap, set_bit(hashed, end - begin - (1 if skip >= begin else 0)))
        hashed = np.uint64(0)
        size = 0
        for at in range(begin, end):
            if at == begin or letters[at] != letters[at - 1]:
                hashed = hashed * base + np.uint64(letters[at])
                size += 1
        put(bitmap, set_bit(hashed ^ REPEATED, size))


@nb.njit(inline="always")
def _tail_of(letters: Any, at: int) -> Any:
    """The `TAIL` letters from `at` on as one number."""
    tail = np.uint64(0)
    for place in range(at, at + TAIL):
        tail = tail << np.uint64(8) | np.uint64(letters[place])
    return tail * MIX ^ _HEADED


@nb.njit(inline="always")
def _tail_place(letters: Any, at: int) -> Any:
    """The place of the `TAIL` letters from `at` on in the table of tails."""
    place = np.int64(0)
    for k in range(at, at + TAIL):
        place = place << 5 | (np.int64(letters[k]) & 31)
    return place


@nb.njit(cache=True)
def mark_heads(letters: Any, starts: Any, seconds: Any, bitmap: Any, tails: Any) -> None:
    """Marks the first word of each name, and it without each of its letters, with how the second begins.

    letters uint8, starts int64 (n + 1): the names' folded letters; seconds int64 (n): where the second word begins;
    tails uint8 (`TAILS_SIZE`), a bit for each beginning.
    """
    base = np.uint64(0x100000001B3)
    for name in range(len(starts) - 1):
        begin, end = starts[name], seconds[name]
        tail = _tail_of(letters, end)
        place = _tail_place(letters, end)
        tails[place >> 3] |= np.uint8(1 << (place & 7))
        for skip in range(begin - 1, end):
            hashed = np.uint64(0)
            for at in range(begin, end):
                if at != skip:
                    hashed = hashed * base + np.uint64(letters[at])
            put(bitmap, set_bit(hashed ^ tail, end - begin - (1 if skip >= begin else 0)))


@nb.njit(inline="always")
def _is_year(meta: Any, at: int, limit: int) -> Any:
    """Whether a year of this century stands at `at`, alone or before ideographs: RIMOWA2024新款.

    Chinese titles set it directly behind a name, which ends there. Bits 16 to 23 of `meta` are the signs as written.
    """
    if at + 4 > limit or (meta[at] >> np.uint32(16)) & np.uint32(0xFF) != np.uint32(50):
        return False
    if (meta[at + 1] >> np.uint32(16)) & np.uint32(0xFF) != np.uint32(48):
        return False
    for place in range(at + 2, at + 4):
        digit = (meta[place] >> np.uint32(16)) & np.uint32(0xFF)
        if digit < np.uint32(48) or digit > np.uint32(57):
            return False
    return at + 4 == limit or meta[at + 4] & np.uint32(GAP_BEFORE | EDGE) != 0


@nb.njit(inline="always")
def near_words(
    out: Any, meta: Any, source: Any, begin: int, limit: int, words: Any, bitmap: Any, tails: Any, apart: Any
) -> Any:
    """The end of the word at `begin` when it may be a name with one mistake or repeated letters; else of the word
    behind it when both may begin a name with a mistake in its first word; else -1.

    apart: uint64 (`APART_SIZE`), hashes of words that are no such thing, kept from call to call. What most words come
    to stands here, without a call: handing over as many arrays costs more than the look.
    """
    end: Any = begin
    whole = np.uint64(0)
    found: Any = np.int64(-1)
    plain = True
    dated = False
    while end < limit and end - begin <= 2 * NEAR_MAX:
        if end > begin and meta[end] & np.uint32(GAP_BEFORE | EDGE):
            break
        if meta[end] & np.uint32(WEAK) and _is_year(meta, end, limit):
            dated = True
            break
        letter = out[end]
        if letter < 97 or letter > 122:
            plain = False
            break
        whole = whole * _BASE + np.uint64(letter)
        end += 1
    size = end - begin
    if plain and size >= NEAR_MIN - 1 and size <= 2 * NEAR_MAX:
        key = set_bit(whole, size)
        slot = key & np.uint64(len(apart) - 1)
        if apart[slot] != key:
            if _is_near(out, begin, end, whole, words, bitmap):
                found = end
            else:
                apart[slot] = key
    if plain and found < 0 and not dated and size >= 2 and size <= NEAR_MAX:
        behind = end + 1 if out[end] == 38 else end  # Dolce & Gabbana
        if behind + TAIL <= limit and source[behind] - source[end - 1] <= HEAD_BYTES_MAX:
            place = _tail_place(out, behind)
            if (tails[place >> 3] >> (place & 7)) & 1 != 0:
                found = _pair_end(out, meta, begin, end, behind, limit, whole, bitmap)
    return found


@nb.njit(cache=True, nogil=True)
def _pair_end(out: Any, meta: Any, begin: int, middle: int, behind: int, limit: int, whole: Any, bitmap: Any) -> Any:
    """The end of the second word, at `behind`, where it and the first (hash `whole`) may begin a name; else -1."""
    for at in range(behind, behind + TAIL):
        if out[at] < 97 or out[at] > 122 or (at > behind and meta[at] & np.uint32(GAP_BEFORE | EDGE)):
            return -1
    if not _is_head(out, begin, middle, whole, _tail_of(out, behind), bitmap):
        return -1
    end = behind + TAIL
    while end < limit and out[end] >= 97 and out[end] <= 122 and meta[end] & np.uint32(GAP_BEFORE | EDGE) == 0:
        if meta[end] & np.uint32(WEAK) and _is_year(meta, end, limit):
            break
        end += 1
    return end


@nb.njit(cache=True, nogil=True)
def _is_head(out: Any, begin: int, end: int, whole: Any, tail: Any, bitmap: Any) -> bool:
    """Whether the letters from `begin` to `end` may be the first word of a name that goes on with `tail`, or are but
    for one of them.
    """
    size = end - begin
    if has(bitmap, set_bit(whole ^ tail, size)):
        return True
    power = np.uint64(1)
    suffix = np.uint64(0)
    head = whole
    for back in range(size):
        letter = np.uint64(out[end - 1 - back])
        head = (head - letter) * _INVERSE
        if has(bitmap, set_bit((head * power + suffix) ^ tail, size - 1)):
            return True
        suffix += letter * power
        power *= _BASE
    return False


@nb.njit(cache=True, nogil=True)
def _is_near(out: Any, begin: int, end: int, whole: Any, words: Any, bitmap: Any) -> bool:
    """Whether the letters from `begin` to `end`, with the hash `whole`, are no ordinary word and may be a name with one
    mistake or with letters repeated.
    """
    if known(word_hash(out, begin, end), words):
        return False
    size = end - begin
    hashed = np.uint64(0)
    squeezed = 0
    for at in range(begin, end):
        if at == begin or out[at] != out[at - 1]:
            hashed = hashed * _BASE + np.uint64(out[at])
            squeezed += 1
    if squeezed < size and has(bitmap, set_bit(hashed ^ REPEATED, squeezed)):
        return True
    if size > NEAR_MAX:
        return False
    if has(bitmap, set_bit(whole, size)):
        return True
    # The hash without the letter at `at`: the prefix shifted over the suffix, from the right.
    power = np.uint64(1)
    suffix = np.uint64(0)
    head = whole
    for back in range(size):
        letter = np.uint64(out[end - 1 - back])
        head = (head - letter) * _INVERSE
        without = head * power + suffix
        if has(bitmap, set_bit(without, size - 1)):
            return True
        suffix += letter * power
        power *= _BASE
    return False
