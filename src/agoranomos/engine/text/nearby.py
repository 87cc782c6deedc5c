"""Bloom filters over words: names one mistake away, names by sound, names with a character exchanged, ordinary words."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import GAP_BEFORE
from agoranomos.engine.text.trie import MIX

NEAR_MIN = 5
NEAR_MAX = 16
SOUND_MAX = 8
"""Longest name, in syllables, that is looked for by sound."""
ODD_MIN = 3
BY_CHARACTER, BY_SYLLABLE, BY_TWIN, BY_PAIR = 1, 11, 21, 31
"""Keep the ways in which a name may be left open apart in one filter."""
HEAD_BITS = 9
"""Bits of a syllable's number; coarsely heard there are some 330."""
HEADS_SIZE = 1 << (2 * HEAD_BITS - 3)
PAIR_MAX = 6
"""Longest name, in ideographs, of which two may be exchanged."""
APART_BYTES_MAX = 16
"""Bytes from one part of a Chinese name to the next that is still read with it."""
RARE = 0x8000
"""Marks, beside its syllable, an ideograph that everyday Chinese does without."""
POWERS = np.array([pow(0x100000001B3, k, 1 << 64) for k in range(SOUND_MAX + 1)], np.uint64)
"""Of the base of the hashes over ideographs and syllables."""
ENTRY_BITS = 128
"""Bits of a Bloom filter of near names, sounds or exchanges for each of its entries, at least: of what was never put in,
a probe finds one in 4,000 and fewer. What passes is looked at in Python, which is dearer than the memory."""
_IN_LINE = np.uint64(511)
"""Both bits of an entry lie in one line of the cache (Putze, Sanders and Singler 2007)."""
TAIL = 3
"""Letters of the second word of a name that vouch for a mistake in the first."""
WORD_BITS = 24
"""log2 of the size of the table of words: a byte a slot, a bit a language; the last bit: a word of any of them.

One in twenty slots is taken, so that of words that are none three in a thousand pass for one."""
HASH_SEED = np.uint64(1469598103934665603)
HASH_FACTOR = np.uint64(1099511628211)


@nb.njit(inline="always")
def set_bit(hashed: Any, size: int) -> Any:
    """64 bits for a near name or a sound of `size` letters or syllables."""
    mixed = (hashed + np.uint64(size) * np.uint64(0xC2B2AE3D27D4EB4F)) * MIX
    return mixed ^ (mixed >> np.uint64(29))


def empty_filter(entries: int) -> npt.NDArray[np.uint8]:
    """A Bloom filter for so many entries: a power of two of bytes."""
    return np.zeros(max(1024, 1 << int(np.ceil(np.log2(max(1, entries) * ENTRY_BITS / 8)))), np.uint8)


@nb.njit(inline="always")
def put(bitmap: Any, mixed: Any) -> None:
    """Sets two bits of a Bloom filter (Bloom 1970)."""
    mask = (np.uint64(len(bitmap)) << np.uint64(3)) - np.uint64(1)
    first = (mixed >> np.uint64(32)) & mask
    for bit in (first, (first & ~_IN_LINE) | (mixed & _IN_LINE)):
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))


@nb.njit(inline="always")
def has(bitmap: Any, mixed: Any) -> Any:
    mask = (np.uint64(len(bitmap)) << np.uint64(3)) - np.uint64(1)
    bit = (mixed >> np.uint64(32)) & mask
    if (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1 == 0:
        return False
    bit = (bit & ~_IN_LINE) | (mixed & _IN_LINE)
    return (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1 == 1


@nb.njit(inline="always")
def put_pair(pairs: Any, one: Any, other: Any) -> None:
    """Sets the bit of two syllables in a row."""
    place = (np.int64(one) << HEAD_BITS) | np.int64(other)
    pairs[place >> 3] |= np.uint8(1 << (place & 7))


@nb.njit(inline="always")
def has_pair(pairs: Any, one: Any, other: Any) -> Any:
    place = (np.int64(one) << HEAD_BITS) | np.int64(other)
    return (pairs[place >> 3] >> (place & 7)) & 1 == 1


@nb.njit(cache=True)
def mark_middles(syllables: Any, starts: Any, middles: Any) -> None:
    """Marks the third and fourth syllable of each name (uint32, four or more)."""
    for name in range(len(starts) - 1):
        put_pair(middles, syllables[starts[name] + 2], syllables[starts[name] + 3])


@nb.njit(cache=True)
def mark_sounds(syllables: Any, starts: Any, bitmap: Any, heads: Any) -> None:
    """Marks each sequence `syllables[starts[i]:starts[i+1]]` (uint16) in the bitmap of sounds, and how it begins."""
    for name in range(len(starts) - 1):
        put_pair(heads, syllables[starts[name]], syllables[starts[name] + 1])
        hashed = np.uint64(0)
        for at in range(starts[name], starts[name + 1]):
            hashed = hashed * np.uint64(0x100000001B3) + np.uint64(syllables[at])
        put(bitmap, set_bit(hashed, starts[name + 1] - starts[name]))


@nb.njit(inline="always")
def opened(values: Any, total: Any, size: int, skip: int, salt: int) -> Any:
    """The hash of `values` (uint32) with the one at `skip` left open; `total` is that of all of them."""
    seed = np.uint64(salt + skip) * POWERS[size]
    return seed + total - np.uint64(values[skip]) * POWERS[size - 1 - skip]


@nb.njit(inline="always")
def _total(values: Any, size: int) -> Any:
    total = np.uint64(0)
    for k in range(size):
        total = total * POWERS[1] + np.uint64(values[k])
    return total


@nb.njit(cache=True, nogil=True)
def odd(values: Any, total: Any, size: int, salt: int, bitmap: Any) -> Any:
    """Whether `values` may be a name of `size` ideographs (`BY_CHARACTER`) or syllables, but for one of them."""
    for skip in range(size):
        if has(bitmap, set_bit(opened(values, total, size, skip, salt), size)):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def twin(heard: Any, total: Any, codes: Any, size: int, bitmap: Any) -> Any:
    """Whether `heard` are the syllables of a name but for one ideograph, which looks like the name's."""
    for skip in range(size):
        rest = opened(heard, total, size, skip, BY_TWIN)
        if has(bitmap, set_bit(rest + np.uint64(codes[skip]) * POWERS[size - 1 - skip], size)):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def pair(codes: Any, total: Any, size: int, bitmap: Any) -> Any:
    """Whether `codes` may be a name of `size` ideographs with two of them exchanged."""
    for skip in range(size):
        rest = opened(codes, total, size, skip, BY_PAIR)
        for other in range(skip + 1, size):
            if has(bitmap, set_bit(opened(codes, rest, size, other, BY_PAIR), size)):
                return True
    return False


@nb.njit(cache=True)
def mark_odd(values: Any, starts: Any, salt: int, bitmap: Any) -> None:
    """Marks each sequence of ideographs or of syllables (uint32) with each one of them left open."""
    for name in range(len(starts) - 1):
        own = values[starts[name] : starts[name + 1]]
        for skip in range(len(own)):
            put(bitmap, set_bit(opened(own, _total(own, len(own)), len(own), skip, salt), len(own)))


@nb.njit(cache=True)
def mark_twins(heard: Any, skips: Any, codes: Any, starts: Any, bitmap: Any) -> None:
    """Marks each sequence of syllables (uint32) with the ideograph `codes[i]` in the place `skips[i]`."""
    for name in range(len(starts) - 1):
        own = heard[starts[name] : starts[name + 1]]
        size, skip = len(own), skips[name]
        rest = opened(own, _total(own, size), size, skip, BY_TWIN)
        put(bitmap, set_bit(rest + np.uint64(codes[name]) * POWERS[size - 1 - skip], size))


@nb.njit(cache=True)
def mark_pairs(codes: Any, starts: Any, bitmap: Any, places: Any) -> None:
    """Marks each sequence of ideographs (uint32) with any two left open; `places` uint8: where each may stand."""
    for name in range(len(starts) - 1):
        own = codes[starts[name] : starts[name + 1]]
        size = len(own)
        for skip in range(size):
            places[own[skip]] |= np.uint8(1 << skip)
            rest = opened(own, _total(own, size), size, skip, BY_PAIR)
            for other in range(skip + 1, size):
                put(bitmap, set_bit(opened(own, rest, size, other, BY_PAIR), size))


@nb.njit(cache=True, nogil=True)
def chinese_alike(
    out: Any, meta: Any, source: Any, begin: int, known_end: int, syllable_of: Any, sounds: Any, odds: Any,
    places: Any, heads: Any, middles: Any, codes: Any, heard: Any,
) -> Any:  # fmt: skip
    """What sounds or looks like a Chinese name from `begin` on: (its end by sound, by an exchange, whether rare).

    -1 stands for no end; ends at or before `known_end` say nothing new. Parts of a name may stand apart where the
    first opens a word: all of them (路★易★威★登) or in one place. `codes`, `heard`: scratch of `SOUND_MAX` uint32.
    """
    by_sound = -1
    by_exchange = -1
    rare = False
    heard_total = np.uint64(0)
    codes_total = np.uint64(0)
    gaps = 0
    in_place: Any = 0
    intact = False
    opens = meta[begin] & np.uint32(GAP_BEFORE) != 0
    step = begin
    for size in range(1, SOUND_MAX + 1):
        if out[step] < 0xE3 or out[step] > 0xEF:
            break
        if size > 1 and meta[step] & np.uint32(GAP_BEFORE):
            if not opens or source[step] - source[step - 1] > APART_BYTES_MAX:
                break
            gaps += 1
        if gaps > 1 and gaps != size - 1:
            break
        code = (
            ((np.uint32(out[step]) & np.uint32(15)) << np.uint32(12))
            | ((np.uint32(out[step + 1]) & np.uint32(63)) << np.uint32(6))
            | (np.uint32(out[step + 2]) & np.uint32(63))
        )
        syllable = syllable_of[code]
        if size == 1 and syllable & np.uint16(RARE):
            rare = True
        syllable &= np.uint16(RARE - 1)
        if syllable == 0:
            break
        heard_total = heard_total * POWERS[1] + np.uint64(syllable)
        codes_total = codes_total * POWERS[1] + np.uint64(code)
        codes[size - 1] = code
        heard[size - 1] = syllable
        step += 3
        if opens and size <= PAIR_MAX:
            in_place += (np.int64(places[code]) >> (size - 1)) & 1
        if size == 1 or step <= known_end:
            continue
        closes = meta[step] & np.uint32(GAP_BEFORE) != 0
        # Few syllables are said too often; they count where a name would stand.
        if gaps:
            stands = closes or size > ODD_MIN or (size == ODD_MIN and (gaps > 1 or out[step] < 0xE3))
        else:
            stands = opens or size > ODD_MIN or (closes and size == ODD_MIN)
        if stands and has(sounds, set_bit(heard_total, size)):
            by_sound = step
        if size < ODD_MIN or not opens or (gaps and gaps != size - 1):
            continue
        if size == ODD_MIN:
            found = odd(codes, codes_total, size, BY_CHARACTER, odds)
            found = found or twin(heard, heard_total, codes, size, odds)
        else:
            # Two exchanged are looked for where two others are in their places.
            # Where one syllable is another, the first two or the next two are the name's.
            if size == ODD_MIN + 1:
                intact = has_pair(heads, heard[0], heard[1]) or has_pair(middles, heard[2], heard[3])
            found = intact and odd(heard, heard_total, size, BY_SYLLABLE, odds)
            found = found or (in_place > 1 and size <= PAIR_MAX and pair(codes, codes_total, size, odds))
        if found:
            by_exchange = step
    return by_sound, by_exchange, rare


@nb.njit(inline="always")
def stirred(hashed: Any) -> Any:
    mixed = hashed * MIX
    return mixed ^ (mixed >> np.uint64(31))


@nb.njit(inline="always")
def word_hash(letters: Any, begin: int, end: int) -> Any:
    hashed = HASH_SEED
    for at in range(begin, end):
        hashed = (hashed ^ np.uint64(letters[at])) * HASH_FACTOR
    return stirred(hashed)


@nb.njit(inline="always")
def known(hashed: Any, words: Any) -> Any:
    """The bits of the languages that have a word of this hash."""
    return words[hashed >> np.uint64(64 - WORD_BITS)] & words[hashed & np.uint64((1 << WORD_BITS) - 1)]


@nb.njit(inline="always")
def languages(letters: Any, begin: int, end: int, words: Any) -> Any:
    """The bits of the languages in which the letters are a word (a Bloom filter a bit: rarely too many)."""
    if end - begin == 1:
        letter = letters[begin]
        vowel = letter == 97 or letter == 101 or letter == 105 or letter == 111 or letter == 117 or letter == 121
        return np.uint8(255) if vowel else np.uint8(0)
    return known(word_hash(letters, begin, end), words)


@nb.njit(cache=True)
def mark_words(letters: Any, starts: Any, languages: Any, table: Any) -> None:
    """Adds the words `letters[starts[i]:starts[i+1]]` with language bits `languages[i]` to the table (uint8)."""
    for word in range(len(starts) - 1):
        hashed = word_hash(letters, starts[word], starts[word + 1])
        table[hashed >> np.uint64(64 - WORD_BITS)] |= languages[word]
        table[hashed & np.uint64((1 << WORD_BITS) - 1)] |= languages[word]
