"""Bloom filters over words: names one mistake away, names by sound, names with a character exchanged, ordinary words."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from agoranomos.engine.text.folds import EDGE, GAP_BEFORE
from agoranomos.engine.text.trie import MIX

NEAR_MIN = 5
NEAR_MAX = 16
SOUND_MAX = 8
"""Longest name, in syllables, that is looked for by sound."""
ODD_MIN = 3
SET_BITS = 22
"""log2 of the bits in the Bloom filters of near names and of sounds."""
REPEATED = np.uint64(0x51ED270B7B2D4F6D)
"""Keeps names with their repeated letters squeezed apart from names with a letter dropped."""
WORD_BITS = 22
"""log2 of the size of the table of words: a byte a slot, a bit a language; the last bit: a word of any of them."""


@nb.njit(inline="always")
def set_bit(hashed: Any, size: int) -> Any:
    """64 bits for a near name or a sound of `size` letters or syllables."""
    mixed = (hashed + np.uint64(size) * np.uint64(0xC2B2AE3D27D4EB4F)) * MIX
    return mixed ^ (mixed >> np.uint64(29))


@nb.njit(inline="always")
def put(bitmap: Any, mixed: Any) -> None:
    """Sets two bits of a Bloom filter (Bloom 1970)."""
    for bit in (mixed >> np.uint64(64 - SET_BITS), mixed & np.uint64((1 << SET_BITS) - 1)):
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))


@nb.njit(inline="always")
def has(bitmap: Any, mixed: Any) -> Any:
    bit = mixed >> np.uint64(64 - SET_BITS)
    if (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1 == 0:
        return False
    bit = mixed & np.uint64((1 << SET_BITS) - 1)
    return (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1 == 1


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


@nb.njit(cache=True)
def mark_sounds(syllables: Any, starts: Any, bitmap: Any) -> None:
    """Marks each sequence `syllables[starts[i]:starts[i+1]]` (uint16) in the bitmap of sounds."""
    for name in range(len(starts) - 1):
        hashed = np.uint64(0)
        for at in range(starts[name], starts[name + 1]):
            hashed = hashed * np.uint64(0x100000001B3) + np.uint64(syllables[at])
        put(bitmap, set_bit(hashed, starts[name + 1] - starts[name]))


@nb.njit(inline="always")
def _odd_hash(codes: Any, size: int, skip: int) -> Any:
    hashed = np.uint64(skip + 1)
    for k in range(size):
        hashed = hashed * np.uint64(0x100000001B3) + (np.uint64(0) if k == skip else np.uint64(codes[k]))
    return hashed


@nb.njit(cache=True, nogil=True)
def odd(codes: Any, size: int, bitmap: Any) -> Any:
    """Whether `codes` may be a name of `size` ideographs with one of them exchanged."""
    for skip in range(size):
        if has(bitmap, set_bit(_odd_hash(codes, size, skip), size)):
            return True
    return False


@nb.njit(cache=True)
def mark_odd(codes: Any, starts: Any, bitmap: Any) -> None:
    """Marks each sequence of ideographs (uint32) with each one of them left open."""
    for name in range(len(starts) - 1):
        size = starts[name + 1] - starts[name]
        for skip in range(size):
            put(
                bitmap,
                set_bit(_odd_hash(codes[starts[name] : starts[name + 1]], size, skip), size),
            )


@nb.njit(inline="always")
def _word_hash(letters: Any, begin: int, end: int) -> Any:
    hashed = np.uint64(1469598103934665603)
    for at in range(begin, end):
        hashed = (hashed ^ np.uint64(letters[at])) * np.uint64(1099511628211)
    mixed = hashed * MIX
    return mixed ^ (mixed >> np.uint64(31))


@nb.njit(inline="always")
def languages(letters: Any, begin: int, end: int, words: Any) -> Any:
    """The bits of the languages in which the letters are a word (a Bloom filter a bit: rarely too many)."""
    if end - begin == 1:
        letter = letters[begin]
        vowel = letter == 97 or letter == 101 or letter == 105 or letter == 111 or letter == 117 or letter == 121
        return np.uint8(255) if vowel else np.uint8(0)
    hashed = _word_hash(letters, begin, end)
    return words[hashed >> np.uint64(64 - WORD_BITS)] & words[hashed & np.uint64((1 << WORD_BITS) - 1)]


@nb.njit(cache=True)
def mark_words(letters: Any, starts: Any, languages: Any, table: Any) -> None:
    """Adds the words `letters[starts[i]:starts[i+1]]` with language bits `languages[i]` to the table (uint8)."""
    for word in range(len(starts) - 1):
        hashed = _word_hash(letters, starts[word], starts[word + 1])
        table[hashed >> np.uint64(64 - WORD_BITS)] |= languages[word]
        table[hashed & np.uint64((1 << WORD_BITS) - 1)] |= languages[word]


@nb.njit(cache=True, nogil=True)
def near_word(out: Any, meta: Any, begin: int, limit: int, words: Any, bitmap: Any) -> int:
    """The end of the word at `begin` when it may be a name with one mistake or repeated letters, else -1."""
    end = begin
    while end < limit and end - begin <= 2 * NEAR_MAX:
        if end > begin and meta[end] & np.uint32(GAP_BEFORE | EDGE):
            break
        if out[end] < 97 or out[end] > 122:
            return -1
        end += 1
    size = end - begin
    if size < NEAR_MIN or size > 2 * NEAR_MAX or languages(out, begin, end, words):
        return -1
    base = np.uint64(0x100000001B3)
    hashed = np.uint64(0)
    squeezed = 0
    for at in range(begin, end):
        if at == begin or out[at] != out[at - 1]:
            hashed = hashed * base + np.uint64(out[at])
            squeezed += 1
    if squeezed < size and has(bitmap, set_bit(hashed ^ REPEATED, squeezed)):
        return end
    if size > NEAR_MAX:
        return -1
    whole = np.uint64(0)
    for at in range(begin, end):
        whole = whole * base + np.uint64(out[at])
    if has(bitmap, set_bit(whole, size)):
        return end
    # The hash without the letter at `at`: the prefix shifted over the suffix, from the right.
    power = np.uint64(1)
    suffix = np.uint64(0)
    head = whole
    inverse = np.uint64(0xCE965057AFF6957B)
    for back in range(size):
        letter = np.uint64(out[end - 1 - back])
        head = (head - letter) * inverse
        without = head * power + suffix
        if has(bitmap, set_bit(without, size - 1)):
            return end
        suffix += letter * power
        power *= base
    return -1
