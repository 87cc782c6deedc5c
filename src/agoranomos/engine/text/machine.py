"""The compiled heart: one pass per listing folds its texts, finds phrases and decides whether to look closer.

For every row the title, description and brand field are folded into a small scratch buffer that stays in the
first-level cache (squeezed letters, what stood between them, how they were written, where they came from).
From each place where a word may begin, a bitmap of prefixes says in one load whether any phrase can start
here; only then a trie is walked. A hit must begin and end on a boundary, and its gaps must be none, the
phrase's own, all (N I K E) or a break inside a word that no ordinary words explain (Ni ke).

The row's weights of evidence are summed as if every hit were meant in the worst way. A row whose worst case
stays under the line is dropped here; everything else goes to the detectors, which look at the context. So
the sieve is a bound, not a second opinion: it never drops what the detectors would report.

The functions take plain arrays because numba compiles them; `matching` is the door for everyone else.
Method: multi-pattern matching over a normalised text with a way back to the source, as in Aho and Corasick
(1975) and Wu and Manber (1994); the prefix bitmap plays the part of Wu-Manber's shift table.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

# Boundary bits before a folded byte.
GAP_BEFORE = 1  # a space, punctuation, an emoji, the start of a field
EDGE = 2  # beside a character of a script written without spaces
WEAK = 4  # between letter and digit, before a capital in the middle, at an apostrophe
SIGN_EDGE = 8  # beside a sign that may be a letter or punctuation
INSIDE = 16  # a continuation byte: not the start of a character
UNDERSCORE = 32  # the gap is an underscore, as in account names
STRONG = GAP_BEFORE | EDGE | SIGN_EDGE

# Rules of a spelling.
MAY_TOUCH = 1  # may begin or end where letters meet digits
MAY_SPACE = 2  # may be fully spaced
MAY_BREAK = 4  # may be broken by a gap of its own
MAY_LEET = 8  # other letters of a class count
KEEPS_GAPS = 16  # its gaps must stand where it has them: 1-1 is not 11

# Letter classes of the fold, for weak boundaries.
_NONE = 0
_LETTER = 1
_DIGIT = 2
_IDEOGRAPH = 3
_SIGN = 4

GAP_BYTES_MAX = 24
"""A longer gap in the source separates words for good."""
HITS_PER_ROW_MAX = 256
HARMLESS_PER_ROW_MAX = 160
SOURCE_BITS = 26
"""The low bits of a hit's place are the byte offset inside its field; the bits above name the field."""
WORD_BITS = 22
"""log2 of the size of the table of words: a byte a slot, a bit a language; the last bit: a word of any of them."""
DIGIT_RUN_MIN = 7
DIGITS_SPELLING = -1
"""Stands in the place of a spelling for a run of at least `DIGIT_RUN_MIN` digits."""
NEAR_SPELLING = -2
"""Stands for a word one mistake away from a name, or a name with letters repeated."""
ODD_SPELLING = -4
"""Stands for a Chinese name with one character exchanged."""
ODD_MIN = 3
SOUND_SPELLING = -3
"""Stands for Chinese characters that sound like a phrase and are not it."""
NEAR_MIN = 5
NEAR_MAX = 16
SOUND_MAX = 5
"""Longest name, in syllables, that is looked for by sound."""
CHANCY = 8192 | 65536
"""The flags of `folding` (another shape, reversed) of variants that two words can make up together."""
NUMBER_WORDS = np.frombuffer(b"zeronetwothrfoufivsixseveignin", np.uint8)
"""The first three letters of zero … nine."""
HANDLE_REACH = 40
"""Folded bytes behind an app's name in which an account name is looked for."""
PICTOGRAPH_REACH = 4
"""Characters between a pictograph and the number that it announces."""
ACCESSORY_KIND = 1 << 31
"""The bit of a row's kinds of goods that says it is an accessory or part."""
OTHER_NUMBER = 0.65
"""What a number that is no mobile number weighs at most, as a share of one that is."""
NEAR_WEIGHT = 6.0
"""What such a hit may come to at most (log-odds); the reader decides."""
SET_BITS = 22
"""log2 of the bits in the Bloom filters of near names and of sounds."""
REPEATED = np.uint64(0x51ED270B7B2D4F6D)
"""Keeps names with their repeated letters squeezed apart from names with a letter dropped."""

_K = np.uint64(0x9E3779B97F4A7C15)
# The length of a prefix, mixed into its hash as `_prefix` does.
SIX = np.uint64(6 << 56)
FOUR = np.uint64(4 << 56)
THREE = np.uint64(3 << 56)
TWO = np.uint64(2 << 56)


@nb.njit(inline="always")
def _prefix(buffer: Any, at: int, size: int) -> Any:
    """Hash of 2, 3, 4 or 6 bytes into 64 bits; the length is mixed in so that lengths do not meet."""
    value = np.uint64(buffer[at]) | (np.uint64(buffer[at + 1]) << np.uint64(8))
    if size >= 3:
        value |= np.uint64(buffer[at + 2]) << np.uint64(16)
    if size >= 4:
        value |= np.uint64(buffer[at + 3]) << np.uint64(24)
    if size >= 6:
        value |= np.uint64(buffer[at + 4]) << np.uint64(32)
        value |= np.uint64(buffer[at + 5]) << np.uint64(40)
    return (value + (np.uint64(size) << np.uint64(56))) * _K


@nb.njit(inline="always")
def _set_bit(hashed: Any, size: int) -> Any:
    """64 bits for a near name or a sound of `size` letters or syllables."""
    mixed = (hashed + np.uint64(size) * np.uint64(0xC2B2AE3D27D4EB4F)) * _K
    return mixed ^ (mixed >> np.uint64(29))


@nb.njit(inline="always")
def _put(bitmap: Any, mixed: Any) -> None:
    """Sets two bits of a Bloom filter (Bloom 1970)."""
    for bit in (mixed >> np.uint64(64 - SET_BITS), mixed & np.uint64((1 << SET_BITS) - 1)):
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))


@nb.njit(inline="always")
def _has(bitmap: Any, mixed: Any) -> Any:
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
            _put(bitmap, _set_bit(hashed, end - begin - (1 if skip >= begin else 0)))
        hashed = np.uint64(0)
        size = 0
        for at in range(begin, end):
            if at == begin or letters[at] != letters[at - 1]:
                hashed = hashed * base + np.uint64(letters[at])
                size += 1
        _put(bitmap, _set_bit(hashed ^ REPEATED, size))


@nb.njit(cache=True)
def mark_sounds(syllables: Any, starts: Any, bitmap: Any) -> None:
    """Marks each sequence `syllables[starts[i]:starts[i+1]]` (uint16) in the bitmap of sounds."""
    for name in range(len(starts) - 1):
        hashed = np.uint64(0)
        for at in range(starts[name], starts[name + 1]):
            hashed = hashed * np.uint64(0x100000001B3) + np.uint64(syllables[at])
        _put(bitmap, _set_bit(hashed, starts[name + 1] - starts[name]))


@nb.njit(inline="always")
def _odd_hash(codes: Any, size: int, skip: int) -> Any:
    hashed = np.uint64(skip + 1)
    for k in range(size):
        hashed = hashed * np.uint64(0x100000001B3) + (np.uint64(0) if k == skip else np.uint64(codes[k]))
    return hashed


@nb.njit(cache=True, nogil=True)
def _odd(codes: Any, size: int, bitmap: Any) -> Any:
    """Whether `codes` may be a name of `size` ideographs with one of them exchanged."""
    for skip in range(size):
        if _has(bitmap, _set_bit(_odd_hash(codes, size, skip), size)):
            return True
    return False


@nb.njit(cache=True)
def mark_odd(codes: Any, starts: Any, bitmap: Any) -> None:
    """Marks each sequence of ideographs (uint32) with each one of them left open."""
    for name in range(len(starts) - 1):
        size = starts[name + 1] - starts[name]
        for skip in range(size):
            _put(
                bitmap,
                _set_bit(_odd_hash(codes[starts[name] : starts[name + 1]], size, skip), size),
            )


@nb.njit(cache=True, nogil=True)
def _near(out: Any, meta: Any, begin: int, limit: int, words: Any, bitmap: Any) -> int:
    """The end of the word at `begin` when it may be a name with one mistake or repeated letters, else -1."""
    end = begin
    while end < limit and end - begin <= 2 * NEAR_MAX:
        if end > begin and meta[end] & np.uint32(GAP_BEFORE | EDGE):
            break
        if out[end] < 97 or out[end] > 122:
            return -1
        end += 1
    size = end - begin
    if size < NEAR_MIN or size > 2 * NEAR_MAX or _languages(out, begin, end, words):
        return -1
    base = np.uint64(0x100000001B3)
    hashed = np.uint64(0)
    squeezed = 0
    for at in range(begin, end):
        if at == begin or out[at] != out[at - 1]:
            hashed = hashed * base + np.uint64(out[at])
            squeezed += 1
    if squeezed < size and _has(bitmap, _set_bit(hashed ^ REPEATED, squeezed)):
        return end
    if size > NEAR_MAX:
        return -1
    whole = np.uint64(0)
    for at in range(begin, end):
        whole = whole * base + np.uint64(out[at])
    if _has(bitmap, _set_bit(whole, size)):
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
        if _has(bitmap, _set_bit(without, size - 1)):
            return end
        suffix += letter * power
        power *= base
    return -1


@nb.njit(inline="always")
def _is_set(bitmap: Any, hashed: Any, shift: Any) -> Any:
    bit = hashed >> shift
    return (bitmap[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1


@nb.njit(inline="always")
def _follow(keys: Any, links: Any, mask: Any, node: Any, byte: Any) -> Any:
    """The link from `node` along `byte` (child | phrase << 32), or -1.

    Nodes are numbered depth first and probed for from one and a half times their number, so that the links of a
    chain of letters lie side by side in memory.
    """
    key = ((np.uint64(node) << np.uint64(8)) | np.uint64(byte)) + np.uint64(1)
    slot = ((np.uint64(node) * np.uint64(3)) >> np.uint64(1)) & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return links[slot]
        slot = (slot + np.uint64(1)) & mask
    return -1


@nb.njit(inline="always")
def _jump(jump_keys: Any, jump_links: Any, mixed: Any) -> Any:
    """The link to the node behind a whole prefix (its hash `mixed`), or -1."""
    mask = np.uint64(len(jump_keys) - 1)
    slot = (mixed >> np.uint64(20)) & mask
    while jump_keys[slot] != 0:
        if jump_keys[slot] == mixed:
            return jump_links[slot]
        slot = (slot + np.uint64(1)) & mask
    return -1


@nb.njit(cache=True)
def count_links(letters: Any, starts: Any) -> int:
    """How many links a trie over phrases in byte order has: the letters that a phrase does not share with the last."""
    total = 0
    for phrase in range(len(starts) - 1):
        size = starts[phrase + 1] - starts[phrase]
        shared = 0
        if phrase:
            before = starts[phrase] - starts[phrase - 1]
            while (
                shared < size
                and shared < before
                and letters[starts[phrase] + shared] == letters[starts[phrase - 1] + shared]
            ):
                shared += 1
        total += size - shared
    return total


@nb.njit(cache=True)
def build_trie(letters: Any, starts: Any, capacity: int, jump_capacity: int, bitmap: Any, shift: Any) -> Any:
    """All phrases, given in byte order, into one open-addressed table of links.

    letters: uint8, the folded bytes of all phrases and eight more; starts: int64 (n + 1); capacities: powers of two,
    above the links and the phrases; bitmap: uint8, filled in place with the phrases' prefixes. Returns keys
    (uint64) and links (int64: child | (phrase + 1) << 32), and the same for jumps: the hash of a prefix of 6, 4, 3
    or 2 letters, by the length of the phrase, and the link to the node behind it.
    """
    keys = np.zeros(capacity, np.uint64)
    links = np.zeros(capacity, np.int64)
    jump_keys = np.zeros(jump_capacity, np.uint64)
    jump_slots = np.zeros(jump_capacity, np.int64)
    mask = np.uint64(capacity - 1)
    jump_mask = np.uint64(jump_capacity - 1)
    nodes = 1
    for phrase in range(len(starts) - 1):
        begin = starts[phrase]
        end = starts[phrase + 1]
        length = end - begin
        size = 6 if length >= 6 else (4 if length >= 4 else length)
        node = 0
        last: Any = np.uint64(0)
        behind: Any = np.uint64(0)
        for at in range(begin, end):
            key = ((np.uint64(node) << np.uint64(8)) | np.uint64(letters[at])) + np.uint64(1)
            slot = ((np.uint64(node) * np.uint64(3)) >> np.uint64(1)) & mask
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == 0:
                keys[slot] = key
                links[slot] = nodes
                nodes += 1
            node = links[slot] & np.int64(0xFFFFFFFF)
            last = slot
            if at - begin + 1 == size:
                behind = slot
        links[last] |= np.int64(phrase + 1) << np.int64(32)
        mixed = _prefix(letters, begin, size)
        bit = mixed >> shift
        bitmap[bit >> np.uint64(3)] |= np.uint8(1 << (bit & np.uint64(7)))
        slot = (mixed >> np.uint64(20)) & jump_mask
        while jump_keys[slot] != 0 and jump_keys[slot] != mixed:
            slot = (slot + np.uint64(1)) & jump_mask
        jump_keys[slot] = mixed
        jump_slots[slot] = np.int64(behind)
    jump_links = np.full(jump_capacity, -1, np.int64)
    for place in range(jump_capacity):
        if jump_keys[place] != 0:
            jump_links[place] = links[jump_slots[place]]
    return keys, links, jump_keys, jump_links


@nb.njit(inline="always")
def _word_hash(letters: Any, begin: int, end: int) -> Any:
    hashed = np.uint64(1469598103934665603)
    for at in range(begin, end):
        hashed = (hashed ^ np.uint64(letters[at])) * np.uint64(1099511628211)
    mixed = hashed * _K
    return mixed ^ (mixed >> np.uint64(31))


@nb.njit(inline="always")
def _languages(letters: Any, begin: int, end: int, words: Any) -> Any:
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
def fold_into(
    data: Any, begin: int, end: int, field: int, at: int,
    entries: Any, spell_at: Any, spellings: Any,
    out: Any, meta: Any, source: Any, runs: Any, runs_used: int,
) -> Any:  # fmt: skip
    """Folds `data[begin:end]` (UTF-8) behind position `at` of the scratch buffers.

    out: uint8 folded bytes; meta: uint32 = boundary bits | how written << 8 | light byte << 16;
    source: int32 = field << SOURCE_BITS | byte offset in the field of the character that gave the byte;
    runs: int32 (m, 4), filled with (start, end, digits, first two digits) of long runs of digits.
    Returns the new position and the number of runs used.
    """
    i = begin
    bound = np.uint32(GAP_BEFORE)
    pending = np.uint32(0)
    last = _NONE
    upper_may_follow = False
    uppers = 0
    place = np.int32(field) << np.int32(SOURCE_BITS)
    digits = 0
    digits_first: Any = 0
    pictograph = 0
    digits_start = 0
    digits_end = 0
    digit_gap = 0
    while i < end:
        c = data[i]
        if c < 128:
            code = np.uint32(c)
            size = 1
        elif c < 0xE0:
            code = ((np.uint32(c) & np.uint32(31)) << np.uint32(6)) | (np.uint32(data[i + 1]) & np.uint32(63))
            size = 2
        elif c < 0xF0:
            code = (
                ((np.uint32(c) & np.uint32(15)) << np.uint32(12))
                | ((np.uint32(data[i + 1]) & np.uint32(63)) << np.uint32(6))
                | (np.uint32(data[i + 2]) & np.uint32(63))
            )
            size = 3
        else:
            code = (
                ((np.uint32(c) & np.uint32(7)) << np.uint32(18))
                | ((np.uint32(data[i + 1]) & np.uint32(63)) << np.uint32(12))
                | ((np.uint32(data[i + 2]) & np.uint32(63)) << np.uint32(6))
                | (np.uint32(data[i + 3]) & np.uint32(63))
            )
            size = 4
        if code < np.uint32(0x20000):
            entry = entries[code]
        elif code < np.uint32(0xE0000):
            entry = np.uint32(3) | np.uint32(15 << 19)
        else:
            entry = np.uint32(32 << 11) | np.uint32(15 << 19)
        kind = entry & np.uint32(7)
        how = (entry >> np.uint32(11)) & np.uint32(0xFF)

        pictograph = PICTOGRAPH_REACH if kind == 1 and code >= np.uint32(0x2190) else pictograph - 1
        # Long runs of digits, in whatever writing, with at most two other characters between two of them.
        digit = (entry >> np.uint32(19)) & np.uint32(15)
        if digit != 15:
            if digits == 0:
                digits_start = i
                # Behind a plus, or a pictograph that may stand for an app or a telephone: 100 and more.
                digits_first = 1 if pictograph > 0 or (i > begin and data[i - 1] == 43) else 0
            if digits < 2:
                digits_first = digits_first * 10 + np.int64(digit)
            digits += 1
            digit_gap = 0
            digits_end = i
        elif digits:
            stands_for_digit = digits > 2 and (c == 111 or c == 79 or c == 108 or c == 73)
            if stands_for_digit:
                digits += 1
                digit_gap = 0
                digits_end = i
            elif kind == 0 or ((kind == 1 or kind == 5) and digit_gap < 3):
                if kind != 0:
                    digit_gap += 1
            else:
                if digits >= DIGIT_RUN_MIN and runs_used < len(runs):
                    runs[runs_used, 0] = place | np.int32(digits_start - begin)
                    runs[runs_used, 1] = place | np.int32(digits_end - begin)
                    runs[runs_used, 2] = digits
                    runs[runs_used, 3] = digits_first
                    runs_used += 1
                digits = 0
                digit_gap = 0

        if kind == 2:
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            is_digit = light >= np.uint32(48) and light <= np.uint32(57)
            now = _DIGIT if is_digit else _LETTER
            if last == _IDEOGRAPH:
                bound |= np.uint32(EDGE)
            elif last != now and last != _NONE and last != _SIGN:
                bound |= np.uint32(WEAK)
            if bound & np.uint32(GAP_BEFORE | EDGE):
                uppers = 0
            if c < 128 and c >= 65 and c <= 90:
                uppers += 1
                if upper_may_follow and bound & np.uint32(GAP_BEFORE) == 0:
                    bound |= np.uint32(WEAK)
                    how |= np.uint32(64)
                upper_may_follow = False
            else:
                upper_may_follow = c >= 97 and c <= 122
                if upper_may_follow and uppers >= 2:
                    how |= np.uint32(64)
                uppers = 0
            out[at] = letter
            meta[at] = bound | (how | pending) << np.uint32(8) | light << np.uint32(16)
            source[at] = place | np.int32(i - begin)
            at += 1
            bound = np.uint32(0)
            pending = np.uint32(0)
            last = now
        elif kind == 1:
            bound = np.uint32(GAP_BEFORE | UNDERSCORE) if c == 95 else np.uint32(GAP_BEFORE)
            pending = np.uint32(0)
            last = _NONE
            upper_may_follow = False
        elif kind == 3 or kind == 4:
            wide = size >= 3 and kind == 3
            length: Any = size
            if kind == 4:
                length = np.int64((entry >> np.uint32(3)) & np.uint32(0xFF))
                wide = spellings[spell_at[code]] >= 0xE0
            if wide or last == _IDEOGRAPH:
                bound |= np.uint32(EDGE)
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            for k in range(length):
                out[at] = data[i + k] if kind == 3 else spellings[spell_at[code] + k]
                inside = np.uint32(0)
                if k and out[at] & 0xC0 == 0x80:
                    inside = np.uint32(INSIDE)
                meta[at] = (bound if k == 0 else inside) | (how | pending) << np.uint32(8) | light << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                pending = np.uint32(0)
            bound = np.uint32(0)
            last = _IDEOGRAPH if wide else _LETTER
            upper_may_follow = False
        elif kind == 5:
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            kept = letter == 43 or letter == 38
            follows = i + size < end and (
                (data[i + size] >= 48 and data[i + size] <= 57)
                or (data[i + size] >= 65 and data[i + size] <= 90)
                or (data[i + size] >= 97 and data[i + size] <= 122)
                or data[i + size] >= 128
            )
            joined = at > 0 and bound & np.uint32(GAP_BEFORE) == 0 and last != _IDEOGRAPH and last != _NONE
            # A stroke between single letters is a gap: H|E|R|M|E|S.
            if (
                (c == 124 or size == 3 or c == 0xC7)
                and letter == 105
                and at > 0
                and i + 2 * size < end + size
                and (data[i + size] | 32) >= 97
                and (data[i + size] | 32) <= 122
                and ((i + size + 1 < end and data[i + size + 1] == c) or meta[at - 1] & np.uint32(GAP_BEFORE))
            ):
                follows = False
            # A sign is a letter only inside a word, or at its head or end where it is no punctuation: n!ke, $upreme.
            ends = last == _LETTER and joined and letter != 105
            if kept or ends or (follows and (joined or letter == 115 or letter == 97)):
                light = (entry >> np.uint32(23)) & np.uint32(0xFF)
                out[at] = letter
                meta[at] = (bound | np.uint32(SIGN_EDGE)) | (how | pending) << np.uint32(8) | light << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                bound = np.uint32(SIGN_EDGE)
                pending = np.uint32(0)
                last = _SIGN
            else:
                bound = np.uint32(GAP_BEFORE)
                last = _NONE
            upper_may_follow = False
        elif kind == 6:
            bound |= np.uint32(WEAK)
            upper_may_follow = False
        elif kind == 7:
            nxt = i + size
            if nxt < end and data[nxt] == 32:
                nxt += 1
            if at > 0 and nxt < end and digits > 0 and data[nxt] >= 48 and data[nxt] <= 57:
                out[at] = np.uint8(58)
                meta[at] = np.uint32(58) << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                bound = np.uint32(0)
                last = _DIGIT
            else:
                bound = np.uint32(GAP_BEFORE)
                last = _NONE
            upper_may_follow = False
        elif how == np.uint32(16) and at > 0 and bound == np.uint32(0):
            # A combining mark belongs to the letter before it, as if the two were one character.
            meta[at - 1] |= np.uint32(16 << 8) | np.uint32(0xFF << 16)
        else:
            pending |= how
        i += size
    if digits >= DIGIT_RUN_MIN and runs_used < len(runs):
        runs[runs_used, 0] = place | np.int32(digits_start - begin)
        runs[runs_used, 1] = place | np.int32(digits_end - begin)
        runs[runs_used, 2] = digits
        runs[runs_used, 3] = digits_first
        runs_used += 1
    out[at] = np.uint8(10)
    meta[at] = np.uint32(GAP_BEFORE)
    source[at] = place | np.int32(end - begin)
    return at + 1, runs_used


@nb.njit(cache=True, nogil=True)
def fold_column(
    data: Any, at: Any, entries: Any, spell_at: Any, spellings: Any,
    out: Any, meta: Any, source: Any, runs: Any, letters: Any, own: Any, starts: Any, gaps: Any, characters: Any,
) -> None:  # fmt: skip
    """Folds many texts (UTF-8 `data` with offsets `at`), each as it would be folded inside a listing.

    letters uint8, own uint32 (how written << 8 | light byte << 16), one behind the other with starts int64 (n + 1);
    gaps uint64: the places, up to the 63rd byte, where the text has a gap or may have one; characters int32. A text
    may be spaced as the writer likes where its own signs, digits, capitals or scripts meet: H & M, Reno 8, Air Pods.
    """
    used = 0
    for text in range(len(at) - 1):
        end, _ = fold_into(data, at[text], at[text + 1], 0, 0, entries, spell_at, spellings, out, meta, source, runs, 0)
        starts[text] = used
        bits = np.uint64(0)
        count = 0
        for k in range(end - 1):
            letters[used] = out[k]
            own[used] = meta[k] & np.uint32(0x00FFFF00)
            used += 1
            if meta[k] & np.uint32(INSIDE) == 0:
                count += 1
            if k == 0 or k > 63:
                continue
            free = np.uint32(GAP_BEFORE | SIGN_EDGE | WEAK)
            if out[k] < 128 or out[k - 1] < 128:
                free |= np.uint32(EDGE)
            if meta[k] & free:
                bits |= np.uint64(1) << np.uint64(k)
        gaps[text] = bits
        characters[text] = count
    starts[len(at) - 1] = used


@nb.njit(cache=True, nogil=True)
def _written(meta: Any, begin: int, end: int, own: Any, own_at: int, own_gaps: Any, rules: int) -> int:
    """How the text between `begin` and `end` writes the spelling `own[own_at:]`; -1 when it is another word.

    own: uint32 = how written << 8 | light byte << 16 of the spelling itself; own_gaps: bits of the places where
    it has a gap, so that RayBan is no game with capitals. Returns the flags of `folding`.
    """
    how = 0
    cases = 0
    marks = 0
    for k in range(end - begin):
        text = meta[begin + k]
        name = own[own_at + k]
        text_how: Any = np.int64((text >> np.uint32(8)) & np.uint32(0xFF))
        name_how: Any = np.int64((name >> np.uint32(8)) & np.uint32(0xFF))
        text_light = (text >> np.uint32(16)) & np.uint32(0xFF)
        name_light = (name >> np.uint32(16)) & np.uint32(0xFF)
        if k == 0:
            text_how &= ~(64 | 32)
            name_how &= ~64
        if text_how & 64 and (k > 63 or (own_gaps >> np.uint64(k)) & np.uint64(1) == np.uint64(0)):
            cases += 1
        if name_how & 64:
            cases -= 1
        extra = text_how & ~name_how & ~64
        if text_light != name_light:
            text_letter = text_light >= np.uint32(97) and text_light <= np.uint32(122)
            if name_light < np.uint32(97) and text_letter:
                return -1  # the name has a digit or sign here and the text a letter: em is not 3M
            if name_light >= np.uint32(128):
                if name_how & 10 and not name_how & 16:
                    return -1  # a letter of another script was meant: тг is not tr
                if not text_letter:
                    how |= extra
                continue
            if rules & MAY_LEET == 0:
                return -1
            if text_letter:
                how |= 128
            elif text_light < np.uint32(128):
                how |= 4
        if extra & 16:
            marks += 1
        how |= extra
    if cases >= 2:
        how |= 256
    elif cases == 1:
        how |= 64
    if marks >= 2:
        how |= 512
    return how


@nb.njit(cache=True, nogil=True)
def _handle_follows(out: Any, meta: Any, begin: int, end: int, limit: int) -> Any:
    """Whether an account name or a spelled-out number may follow the app's name from `begin` to `end`.

    Behind an ideograph anything may; behind Latin letters a digit, an @, an underscore, "id" or a number word.
    """
    if out[begin] >= 0xC0:
        return True
    first, second, third = out[end], out[end + 1], out[end + 2]
    if first == 105 and second == 100:  # id
        return True
    for k in range(10):
        if first == NUMBER_WORDS[3 * k] and second == NUMBER_WORDS[3 * k + 1] and third == NUMBER_WORDS[3 * k + 2]:
            return True
    for k in range(end, min(end + HANDLE_REACH, limit)):
        light = (meta[k] >> np.uint32(16)) & np.uint32(0xFF)
        if (light >= 48 and light <= 57) or light == 64 or (k > end and meta[k] & np.uint32(UNDERSCORE)):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def read_rows(
    first: int, last: int,
    title_at: Any, title: Any, text_at: Any, text: Any, brand_at: Any, brand: Any, price: Any, stated: Any,
    entries: Any, spell_at: Any, spellings: Any,
    keys: Any, links: Any, jump_keys: Any, jump_links: Any, bitmap: Any, shift: Any, words: Any, sizes: Any,
    first_spelling: Any, next_spelling: Any, own: Any, own_at: Any, own_gaps: Any, rules: Any, inherent: Any,
    syllable_of: Any, sounds: Any, odds: Any, near: Any,
    plain_weight: Any, hidden_weight: Any, handle_weight: Any, concern: Any, needs_name: Any, name_of: Any, floor: Any, floor_kinds: Any, blanket: Any,
    how_weight: Any, price_weight: float, stuffed_weight: float, run_weight: float, line: Any, every: bool,
    out: Any, meta: Any, source: Any, runs: Any,
    hit_row: Any, hit_spelling: Any, hit_from: Any, hit_to: Any, hit_how: Any, hit_extra: Any,
) -> Any:  # fmt: skip
    """Reads rows `first` to `last`; returns (next row, hits written). Stops early when the hit arrays are full.

    *_at: int32 or int64 Arrow offsets; title, text, brand: uint8 Arrow data; price: float64 in the reference currency
    (0 = unknown); stated: uint32, a bit for each kind of goods that the category names and
    `ACCESSORY_KIND`, 0 unknown; line: float64 (2,), the
    evidence that a row must be able to reach in each concern. hit_*: int32 output, `hit_extra` the digits of a run.

    Per spelling: rules, inherent (int32, the flags of a phrase that is a disguise itself), plain_weight and
    hidden_weight float32; concern, needs_name, blanket uint8; name_of int32 (-1: no brand); floor float32 (reference
    currency; negative for brands of technical goods), for the kinds of goods `floor_kinds` (uint32). `blanket` spellings make what they cover innocent. With
    `every` nothing is weighed: all rows and all lengths of a phrase are returned.
    """
    codes = np.zeros(SOUND_MAX, np.uint32)
    used = 0
    capacity = len(hit_row) - HITS_PER_ROW_MAX - 2
    mask = np.uint64(len(keys) - 1)
    for row in range(first, last):
        if used > capacity:
            return row, used
        row_start = used
        kinds = stated[row]
        runs_used = 0
        at, runs_used = fold_into(
            title,
            title_at[row],
            title_at[row + 1],
            0,
            0,
            entries,
            spell_at,
            spellings,
            out,
            meta,
            source,
            runs,
            runs_used,
        )
        if brand_at[row + 1] > brand_at[row]:
            at, runs_used = fold_into(
                brand,
                brand_at[row],
                brand_at[row + 1],
                2,
                at,
                entries,
                spell_at,
                spellings,
                out,
                meta,
                source,
                runs,
                runs_used,
            )
        if text_at[row + 1] > text_at[row]:
            at, runs_used = fold_into(
                text,
                text_at[row],
                text_at[row + 1],
                1,
                at,
                entries,
                spell_at,
                spellings,
                out,
                meta,
                source,
                runs,
                runs_used,
            )
        for k in range(8):
            out[at + k] = 10
            meta[at + k] = np.uint32(GAP_BEFORE)
        score_fake = 0.0
        score_fake_named = 0.0
        score_away = 0.0
        named = False
        names_seen = 0
        name_last = -1
        counted: Any = 0.0
        harmless = 0
        covered = 0
        for begin in range(at):
            if meta[begin] & np.uint32(STRONG | WEAK) == 0:
                continue
            in_front = source[begin] >> SOURCE_BITS != 1 and meta[begin] & np.uint32(STRONG) != 0
            strong_start = meta[begin] & np.uint32(STRONG) != 0
            best = -1
            best_end = 0
            best_how = 0
            two = np.uint64(out[begin]) | (np.uint64(out[begin + 1]) << np.uint64(8))
            four = two | (np.uint64(out[begin + 2]) << np.uint64(16)) | (np.uint64(out[begin + 3]) << np.uint64(24))
            six = four | (np.uint64(out[begin + 4]) << np.uint64(32)) | (np.uint64(out[begin + 5]) << np.uint64(40))
            for size_class in range(4):
                if size_class == 0:
                    prefix = 6
                    depth_max = 1 << 30
                    mixed = (six + SIX) * _K
                elif size_class == 1:
                    prefix = 4
                    depth_max = 5
                    if (meta[begin + 4] | meta[begin + 5]) & np.uint32(STRONG | WEAK) == 0:
                        continue
                    mixed = (four + FOUR) * _K
                elif size_class == 2:
                    prefix = 3
                    depth_max = 3
                    if meta[begin + 3] & np.uint32(STRONG | WEAK) == 0:
                        continue
                    mixed = ((four & np.uint64(0xFFFFFF)) + THREE) * _K
                else:
                    prefix = 2
                    depth_max = 2
                    if meta[begin + 2] & np.uint32(STRONG | WEAK) == 0:
                        continue
                    mixed = (two + TWO) * _K
                if not _is_set(bitmap, mixed, shift):
                    continue
                link = _jump(jump_keys, jump_links, mixed)
                if link < 0:
                    continue
                gaps = 0
                gap_bits = np.uint64(0)
                place = begin + 1
                while place < begin + prefix:
                    if meta[place] & np.uint32(GAP_BEFORE):
                        if source[place] - source[place - 1] > GAP_BYTES_MAX:
                            break
                        gaps += 1
                        gap_bits |= np.uint64(1) << np.uint64(place - begin)
                    place += 1
                if place < begin + prefix:
                    continue
                while True:
                    phrase = link >> 32
                    if phrase:
                        edge = meta[place] & np.uint32(STRONG | WEAK)
                        if edge != 0:
                            solid = strong_start and edge & np.uint32(STRONG) != 0
                            spelling = first_spelling[phrase - 1]
                            while spelling >= 0:
                                rule = rules[spelling]
                                good = solid or rule & MAY_TOUCH
                                how = 0
                                if rule & KEEPS_GAPS and gap_bits != own_gaps[spelling]:
                                    good = False
                                elif good and gaps and gap_bits & ~own_gaps[spelling] != np.uint64(0):
                                    if gaps == sizes[phrase - 1] - 1 and rule & MAY_SPACE:
                                        how = 1024
                                    elif rule & MAY_BREAK and gaps <= 3:
                                        # A break is only a disguise when no words of one language explain it.
                                        how = 2048
                                        piece = begin
                                        plainly = np.uint8(255)
                                        for k in range(begin + 1, place + 1):
                                            if k == place or meta[k] & np.uint32(GAP_BEFORE):
                                                plainly &= _languages(out, piece, k, words) & np.uint8(127)
                                                piece = k
                                        if plainly:
                                            good = False
                                    else:
                                        good = False
                                if good:
                                    written = _written(
                                        meta, begin, place, own, own_at[spelling], own_gaps[spelling], rule
                                    )
                                    if inherent[spelling] & 8 and written >= 0 and written & 11 == 0:
                                        written = -1  # an upside-down spelling with no letter turned is another word
                                    if inherent[spelling] & CHANCY and out[begin] >= 0xE4 and sizes[phrase - 1] <= 3:
                                        # Few ideographs are said by chance; they count where a name would stand.
                                        beside = meta[begin]
                                        if sizes[phrase - 1] == 3:
                                            beside |= meta[place]
                                        if beside & np.uint32(GAP_BEFORE) == 0:
                                            written = -1
                                    if written >= 0:
                                        how |= written | inherent[spelling]
                                        if every and used - row_start < HITS_PER_ROW_MAX:
                                            hit_row[used] = row
                                            hit_spelling[used] = spelling
                                            hit_from[used] = source[begin]
                                            hit_to[used] = source[place - 1]
                                            hit_how[used] = how
                                            hit_extra[used] = 0
                                            used += 1
                                        if best < 0 or place > best_end or (place == best_end and how < best_how):
                                            best = spelling
                                            best_end = place
                                            best_how = how
                                spelling = next_spelling[spelling]
                    if place - begin == depth_max or place >= at:
                        break
                    if meta[place] & np.uint32(GAP_BEFORE):
                        if source[place] - source[place - 1] > GAP_BYTES_MAX:
                            break
                        gaps += 1
                        if place - begin < 64:
                            gap_bits |= np.uint64(1) << np.uint64(place - begin)
                    link = _follow(keys, links, mask, link & 0xFFFFFFFF, out[place])
                    if link < 0:
                        break
                    place += 1
            if in_front and not every and begin >= covered and (best < 0 or best_how == 0):
                # What no phrase explains may still be a name one mistake away, or one that sounds like it.
                near_end = -1
                odd_end = -1
                kind = NEAR_SPELLING
                if out[begin] < 128:
                    if best < 0:
                        near_end = _near(out, meta, begin, at, words, near)
                elif out[begin] >= 0xE4:
                    kind = SOUND_SPELLING
                    hashed = np.uint64(0)
                    step = begin
                    for size in range(1, SOUND_MAX + 1):
                        if out[step] < 0xE4 or (size > 1 and meta[step] & np.uint32(GAP_BEFORE)):
                            break
                        code = (
                            ((np.uint32(out[step]) & np.uint32(15)) << np.uint32(12))
                            | ((np.uint32(out[step + 1]) & np.uint32(63)) << np.uint32(6))
                            | (np.uint32(out[step + 2]) & np.uint32(63))
                        )
                        syllable = syllable_of[code]
                        if syllable == 0:
                            break
                        hashed = hashed * np.uint64(0x100000001B3) + np.uint64(syllable)
                        codes[size - 1] = code
                        step += 3
                        if (
                            size >= ODD_MIN
                            and near_end < step
                            and step > best_end
                            and (meta[begin] | meta[step]) & np.uint32(GAP_BEFORE)
                            and _odd(codes, size, odds)
                        ):
                            odd_end = step
                        if size >= 2 and step > best_end and _has(sounds, _set_bit(hashed, size)):
                            # Few syllables are said too often; they count where a name would stand.
                            apart = meta[begin]
                            if size > 2:
                                apart |= meta[step]
                            if size > 3 or apart & np.uint32(GAP_BEFORE):
                                near_end = step
                if odd_end > near_end:
                    near_end = odd_end
                    kind = ODD_SPELLING
                if near_end > 0 and used - row_start < HITS_PER_ROW_MAX:
                    score_fake += NEAR_WEIGHT
                    score_away += NEAR_WEIGHT
                    named = True
                    hit_row[used] = row
                    hit_spelling[used] = kind
                    hit_from[used] = source[begin]
                    hit_to[used] = source[near_end - 1]
                    hit_how[used] = 0
                    hit_extra[used] = 0
                    used += 1
            if best < 0 or every or best_end <= covered:
                continue
            if best_how == 128 and _languages(out, begin, best_end, words) & np.uint8(127):
                continue  # "daily" shares its letters with Dally
            if blanket[best]:
                covered = best_end
                continue
            weight: Any = np.float64(plain_weight[best])
            if name_of[best] >= 0 and name_of[best] == name_last:
                weight = max(0.0, weight - counted)  # one brand counts once, by its weightiest name
            if name_of[best] >= 0:
                counted = weight + (counted if name_of[best] == name_last else 0.0)
            if best_how:
                hidden = 0.0
                for k in range(len(how_weight)):
                    if best_how & (1 << k):
                        hidden += how_weight[k]
                if hidden > hidden_weight[best]:
                    hidden = hidden_weight[best]
                weight += hidden
            if name_of[best] >= 0:
                named = True
                if name_of[best] != name_last:
                    name_last = name_of[best]
                    names_seen += 1
                    least = floor[best]
                    of_kind = kinds == 0 or kinds & floor_kinds[best] != 0
                    if of_kind and kinds < np.uint32(ACCESSORY_KIND) and price[row] > 0 and price[row] < abs(least):
                        # Parts and accessories of technical goods are cheap; unless the category is stated,
                        # the price says half as much.
                        weight += price_weight * 0.5 if least < 0 and kinds == 0 else price_weight
                score_fake += weight
            elif concern[best] == 1:
                score_away += weight
                if handle_weight[best] > 0 and _handle_follows(out, meta, begin, best_end, at):
                    score_away += handle_weight[best]
            elif needs_name[best]:
                score_fake_named += weight
            else:
                score_fake += weight
            if best_how == 0 and weight <= 1.0:
                harmless += 1
                if harmless > HARMLESS_PER_ROW_MAX:
                    continue  # a flood of plain names must not crowd out what it is to hide
            if used - row_start < HITS_PER_ROW_MAX:
                hit_row[used] = row
                hit_spelling[used] = best
                hit_from[used] = source[begin]
                hit_to[used] = source[best_end - 1]
                hit_how[used] = best_how
                hit_extra[used] = 0
                used += 1
        for run in range(runs_used):
            mobile = (runs[run, 2] == 11 and runs[run, 3] >= 13 and runs[run, 3] <= 19) or runs[run, 3] >= 100
            if mobile:
                score_away += run_weight
            elif score_away > 0:
                score_away += run_weight * OTHER_NUMBER  # counts only right behind a contact cue
            if used - row_start < HITS_PER_ROW_MAX:
                hit_row[used] = row
                hit_spelling[used] = DIGITS_SPELLING
                hit_from[used] = runs[run, 0]
                hit_to[used] = runs[run, 1]
                hit_how[used] = 0
                hit_extra[used] = runs[run, 2]
                used += 1
        if names_seen >= 4:
            score_fake += stuffed_weight
        if named:
            score_fake += score_fake_named
        if not every and score_fake < line[0] and score_away < line[1]:
            used = row_start
    return last, used
