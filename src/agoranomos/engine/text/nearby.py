"""Bloom filters over words: names one mistake away, names by sound, names with a character exchanged, ordinary words."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.text.compiled import nb
from agoranomos.engine.text.folds import EDGE, GAP_BEFORE, WEAK
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
SET_BITS = 22
"""log2 of the bits in the Bloom filters of near names and of sounds."""
REPEATED = np.uint64(0x51ED270B7B2D4F6D)
"""Keeps names with their repeated letters squeezed apart from names with a letter dropped."""
TAIL = 3
"""Letters of the second word of a name that vouch for a mistake in the first."""
_HEADED = np.uint64(0x2545F4914F6CDD1D)
"""Keeps first words with the beginning of the second apart from names of one word."""
WORD_BITS = 24
"""log2 of the size of the table of words: a byte a slot, a bit a language; the last bit: a word of any of them.

One in twenty slots is taken, so that of words that are none three in a thousand pass for one."""
HEAD_BYTES_MAX = 4
"""Bytes from the last letter of a first word to the second."""
APART_SIZE = 8192
"""Words remembered as far from every name; a power of two."""
APART_FROM_ROWS = 64
"""Fewer rows do not repay the clearing of the table."""
_HASH_SEED = np.uint64(1469598103934665603)
_HASH_FACTOR = np.uint64(1099511628211)


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
def _stirred(hashed: Any) -> Any:
    mixed = hashed * MIX
    return mixed ^ (mixed >> np.uint64(31))


@nb.njit(inline="always")
def _word_hash(letters: Any, begin: int, end: int) -> Any:
    hashed = _HASH_SEED
    for at in range(begin, end):
        hashed = (hashed ^ np.uint64(letters[at])) * _HASH_FACTOR
    return _stirred(hashed)


@nb.njit(inline="always")
def _known(hashed: Any, words: Any) -> Any:
    """The bits of the languages that have a word of this hash."""
    return words[hashed >> np.uint64(64 - WORD_BITS)] & words[hashed & np.uint64((1 << WORD_BITS) - 1)]


@nb.njit(inline="always")
def languages(letters: Any, begin: int, end: int, words: Any) -> Any:
    """The bits of the languages in which the letters are a word (a Bloom filter a bit: rarely too many)."""
    if end - begin == 1:
        letter = letters[begin]
        vowel = letter == 97 or letter == 101 or letter == 105 or letter == 111 or letter == 117 or letter == 121
        return np.uint8(255) if vowel else np.uint8(0)
    return _known(_word_hash(letters, begin, end), words)


@nb.njit(cache=True)
def mark_words(letters: Any, starts: Any, languages: Any, table: Any) -> None:
    """Adds the words `letters[starts[i]:starts[i+1]]` with language bits `languages[i]` to the table (uint8)."""
    for word in range(len(starts) - 1):
        hashed = _word_hash(letters, starts[word], starts[word + 1])
        table[hashed >> np.uint64(64 - WORD_BITS)] |= languages[word]
        table[hashed & np.uint64((1 << WORD_BITS) - 1)] |= languages[word]


@nb.njit(inline="always")
def _tail_of(letters: Any, at: int) -> Any:
    """The `TAIL` letters from `at` on as one number."""
    tail = np.uint64(0)
    for place in range(at, at + TAIL):
        tail = tail << np.uint64(8) | np.uint64(letters[place])
    return tail * MIX ^ _HEADED


@nb.njit(cache=True)
def mark_heads(letters: Any, starts: Any, seconds: Any, bitmap: Any) -> None:
    """Marks the first word of each name, and it without each of its letters, with how the second begins.

    letters uint8, starts int64 (n + 1): the names' folded letters; seconds int64 (n): where the second word begins.
    """
    base = np.uint64(0x100000001B3)
    for name in range(len(starts) - 1):
        begin, end = starts[name], seconds[name]
        tail = _tail_of(letters, end)
        for skip in range(begin - 1, end):
            hashed = np.uint64(0)
            for at in range(begin, end):
                if at != skip:
                    hashed = hashed * base + np.uint64(letters[at])
            put(bitmap, set_bit(hashed ^ tail, end - begin - (1 if skip >= begin else 0)))


@nb.njit(inline="always")
def is_year(meta: Any, at: int, limit: int) -> Any:
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


@nb.njit(cache=True, nogil=True)
def near_pair(out: Any, meta: Any, source: Any, begin: int, limit: int, bitmap: Any, apart: Any) -> int:
    """The end of the second of two words at `begin` that may begin a name with a mistake in its first word, else -1.

    apart: as for `near_word`.
    """
    base = np.uint64(0x100000001B3)
    middle = begin
    whole = np.uint64(0)
    while middle < limit and middle - begin <= NEAR_MAX:
        if middle > begin and meta[middle] & np.uint32(GAP_BEFORE | EDGE):
            break
        if out[middle] < 97 or out[middle] > 122:
            return -1
        whole = whole * base + np.uint64(out[middle])
        middle += 1
    size = middle - begin
    behind = middle + 1 if out[middle] == 38 else middle  # Dolce & Gabbana
    if size < 2 or size > NEAR_MAX or behind + TAIL > limit or source[behind] - source[middle - 1] > HEAD_BYTES_MAX:
        return -1
    for at in range(behind, behind + TAIL):
        if out[at] < 97 or out[at] > 122 or (at > behind and meta[at] & np.uint32(GAP_BEFORE | EDGE)):
            return -1
    tail = _tail_of(out, behind)
    mixed = _stirred(whole ^ tail ^ np.uint64(size))
    slot = mixed & np.uint64(len(apart) - 1)
    if apart[slot] == mixed:
        return -1
    found = has(bitmap, set_bit(whole ^ tail, size))
    power = np.uint64(1)
    suffix = np.uint64(0)
    head = whole
    inverse = np.uint64(0xCE965057AFF6957B)
    for back in range(size):
        if found:
            break
        letter = np.uint64(out[middle - 1 - back])
        head = (head - letter) * inverse
        found = has(bitmap, set_bit((head * power + suffix) ^ tail, size - 1))
        suffix += letter * power
        power *= base
    if not found:
        apart[slot] = mixed
        return -1
    end = behind + TAIL
    while end < limit and out[end] >= 97 and out[end] <= 122 and meta[end] & np.uint32(GAP_BEFORE | EDGE) == 0:
        if meta[end] & np.uint32(WEAK) and is_year(meta, end, limit):
            break
        end += 1
    return end


@nb.njit(cache=True, nogil=True)
def near_word(out: Any, meta: Any, begin: int, limit: int, words: Any, bitmap: Any, apart: Any) -> int:
    """The end of the word at `begin` when it may be a name with one mistake or repeated letters, else -1.

    apart: uint64 (`APART_SIZE`, or another power of two), hashes of words that are no such thing, kept from call to call: few words make up most
    of all titles, and the tables that they are looked up in are large.
    """
    end = begin
    hashed = _HASH_SEED
    while end < limit and end - begin <= 2 * NEAR_MAX:
        if end > begin and meta[end] & np.uint32(GAP_BEFORE | EDGE):
            break
        if meta[end] & np.uint32(WEAK) and is_year(meta, end, limit):
            break
        if out[end] < 97 or out[end] > 122:
            return -1
        hashed = (hashed ^ np.uint64(out[end])) * _HASH_FACTOR
        end += 1
    size = end - begin
    if size < NEAR_MIN - 1 or size > 2 * NEAR_MAX:
        return -1
    hashed = _stirred(hashed)
    slot = hashed & np.uint64(len(apart) - 1)
    if apart[slot] == hashed:
        return -1
    if _known(hashed, words) or not _is_near(out, begin, end, bitmap):
        apart[slot] = hashed
        return -1
    return end


@nb.njit(cache=True, nogil=True)
def _is_near(out: Any, begin: int, end: int, bitmap: Any) -> bool:
    """Whether the letters from `begin` to `end` may be a name with one mistake or with letters repeated."""
    size = end - begin
    base = np.uint64(0x100000001B3)
    hashed = np.uint64(0)
    squeezed = 0
    for at in range(begin, end):
        if at == begin or out[at] != out[at - 1]:
            hashed = hashed * base + np.uint64(out[at])
            squeezed += 1
    if squeezed < size and has(bitmap, set_bit(hashed ^ REPEATED, squeezed)):
        return True
    if size > NEAR_MAX:
        return False
    whole = np.uint64(0)
    for at in range(begin, end):
        whole = whole * base + np.uint64(out[at])
    if has(bitmap, set_bit(whole, size)):
        return True
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
            return True
        suffix += letter * power
        power *= base
    return False
