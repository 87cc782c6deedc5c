"""Names walked letter by letter, with every reading that their signs allow.

The fold gives each character one reading, and the trie of the sieve one path. Here a name is walked with letters drawn
with signs (`signart`), with letters repeated, gaps between letters and invisible characters all at once. A branch dies
with the first letter that no name goes on with, so a walk is short; `STEPS_MAX` bounds it on texts made to be slow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb

NAME_MIN = 4
"""Fewest letters of a name that is walked."""
STEPS_MAX = 320
STACK = 192
_GAP_CHARS_MAX = 3
NAME_MAX = 60
_WAYS = 27
"""The flags of `folding` that a character carries by itself: styled, look-alike, turned, marked."""
FIELDS = 13
# What a state of the walk holds, and `best` behind it.
POS, NODE, PHRASE, SIZE, SIGNS, DIGITS, PLAIN, REPEATS, EDITS, LAST, HOW, GAPS, TORN = range(FIELDS)


@nb.njit(cache=True, nogil=True)
def decode(data: Any, at: int, end: int) -> Any:
    """The code point at `at` and its size in bytes."""
    c = np.uint32(data[at])
    if c < 0x80:
        return c, 1
    if c < 0xE0 and at + 1 < end:
        return ((c & np.uint32(31)) << np.uint32(6)) | (np.uint32(data[at + 1]) & np.uint32(63)), 2
    if c < 0xF0 and at + 2 < end:
        return (
            ((c & np.uint32(15)) << np.uint32(12))
            | ((np.uint32(data[at + 1]) & np.uint32(63)) << np.uint32(6))
            | (np.uint32(data[at + 2]) & np.uint32(63))
        ), 3
    if at + 3 < end:
        return (
            ((c & np.uint32(7)) << np.uint32(18))
            | ((np.uint32(data[at + 1]) & np.uint32(63)) << np.uint32(12))
            | ((np.uint32(data[at + 2]) & np.uint32(63)) << np.uint32(6))
            | (np.uint32(data[at + 3]) & np.uint32(63))
        ), 4
    return np.uint32(32), 1


@nb.njit(inline="always")
def entry_of(code: Any, entries: Any) -> Any:
    if code < np.uint32(0x20000):
        return entries[code]
    return np.uint32(0) if code >= np.uint32(0xE0000) else np.uint32(3)


@nb.njit(inline="always")
def year_follows(data: Any, at: int, end: int) -> Any:
    """Whether four digits follow: names and years are often written without a blank between them."""
    if at + 4 > end:
        return False
    for place in range(at, at + 4):
        if data[place] < 48 or data[place] > 57:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def word_ends(data: Any, at: int, end: int, entries: Any) -> Any:
    """Whether a word may end before `at`: no letter or digit goes on, or a year does."""
    if at >= end:
        return True
    code, _ = decode(data, at, end)
    return entry_of(code, entries) & np.uint32(7) != 2 or year_follows(data, at, end)


@nb.njit(inline="always")
def ones(bits: Any) -> Any:
    count = 0
    left = bits
    while left:
        left &= left - 1
        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def _accepts(state: Any, gaps: Any, size: int) -> Any:
    """Whether what was walked is no accident: signs enough between plain letters."""
    foreign = ones(state[GAPS] & ~gaps)
    own = ones(gaps)
    signs, digits, plain = state[SIGNS], state[DIGITS], state[PLAIN]
    if foreign and foreign < size - 1 - own and (foreign > (2 if size < 6 else 3) or size < 5):
        return False
    if signs == 0 and state[TORN] > 0 and size > NAME_MIN:
        return True  # Estée Lau|der: a sign that may be a letter is none, and joins no words
    if signs == 0:
        # Of five letters only one may be drawn with digits: P12ada.
        return digits > 0 and size > NAME_MIN and plain >= size - (2 if size > NAME_MIN + 1 else 1) and foreign == 0
    if size == NAME_MIN:
        return plain >= 2 or (plain == 1 and signs >= 2)
    return plain >= 2 or (signs >= 2 and plain + digits >= 1) or (signs >= 1 and plain >= 1) or signs >= 4


@nb.njit(inline="always")
def follow(nodes: Any, ends: Any, node: Any, byte: Any) -> Any:
    """The node behind `node` along `byte` and the number of the name that ends there plus one: node | name << 32; or -1."""
    place: Any = np.int64(byte) - 97
    if place < 0 or place >= 26:
        place = 26
        if byte != 38:
            return np.int64(-1)
    child = np.int64(nodes[node, place])
    return child | np.int64(ends[child]) << 32 if child else np.int64(-1)


@nb.njit(inline="always")
def _push(
    stack: Any, top: int, state: Any, pos: int, link: Any, size: int, letter: int,
    signs: int, digits: int, plain: int, repeats: int, edits: int,
) -> Any:  # fmt: skip
    """Puts `state` moved to `pos` along `link` on the stack, with what was seen added; returns its new top."""
    if top >= STACK:
        return top
    stack[top, POS] = pos
    stack[top, NODE] = link & 0xFFFFFFFF
    stack[top, PHRASE] = link >> 32
    stack[top, SIZE] = size
    stack[top, SIGNS] = state[SIGNS] + signs
    stack[top, DIGITS] = state[DIGITS] + digits
    stack[top, PLAIN] = state[PLAIN] + plain
    stack[top, REPEATS] = state[REPEATS] + repeats
    stack[top, EDITS] = state[EDITS] + edits
    stack[top, LAST] = letter
    stack[top, HOW] = state[HOW]
    stack[top, GAPS] = state[GAPS]
    stack[top, TORN] = state[TORN]
    return top + 1


@nb.njit(inline="always")
def _here(state: Any) -> Any:
    """The link that leads to where `state` is."""
    return state[NODE] | (state[PHRASE] << 32)


@nb.njit(cache=True, nogil=True)
def _drawn(
    data: Any, pos: int, end: int, nodes: Any, ends: Any,
    art_first: Any, art_at: Any, art_bytes: Any, art_letters: Any, stack: Any, top: int, state: Any,
) -> Any:  # fmt: skip
    """States behind each drawing of a letter that stands at `pos`."""
    first = data[pos]
    size = state[SIZE]
    for option in range(art_first[first], art_first[first + 1]):
        length = art_at[option + 1] - art_at[option]
        if pos + length > end:
            continue
        same = True
        sign = 0
        digit = 0
        for k in range(length):
            byte = art_bytes[art_at[option] + k]
            if data[pos + k] != byte:
                same = False
                break
            if byte >= 48 and byte <= 57:
                digit = 1
            elif (byte | 32) < 97 or (byte | 32) > 122:
                sign = 1
        if not same:
            continue
        letter = art_letters[option]
        link = follow(nodes, ends, state[NODE], letter)
        if sign:
            digit = 0
        if link >= 0:
            top = _push(stack, top, state, pos + length, link, size + 1, letter, sign, digit, 0, 0, 0)
        elif sign and size > 0 and state[LAST] == letter:
            top = _push(stack, top, state, pos + length, _here(state), size, letter, 1, 0, 0, 1, 0)
    return top


@nb.njit(cache=True, nogil=True)
def _behind_gap(data: Any, pos: int, end: int, width: int, entries: Any) -> Any:
    """The place behind a gap of a few characters at `pos`."""
    behind = pos
    for _ in range(_GAP_CHARS_MAX):
        behind += width
        if behind >= end:
            break
        code, width = decode(data, behind, end)
        may_be_sign = data[behind] < 128 and data[behind] != 32 and data[behind] != 46
        if entry_of(code, entries) & np.uint32(7) != 1 or may_be_sign:
            break
    return behind


@nb.njit(cache=True, nogil=True)
def walk(
    data: Any, start: int, end: int, entries: Any,
    nodes: Any, ends: Any, gaps_of: Any, size_of: Any,
    art_first: Any, art_at: Any, art_bytes: Any, art_letters: Any, stack: Any, state: Any, best: Any,
) -> Any:  # fmt: skip
    """The name that `data[start:end]` begins with where signs and digits may be letters; -1 for none.

    nodes int32 (n, 27), ends int32 (n): the trie of the names' folded letters, a to z and &; gaps_of uint64, size_of int32: their own gaps and lengths.
    stack int64 (STACK, FIELDS), state and best int64 (FIELDS,): scratch; `best` holds what was found, the place behind it in
    the first field.
    """
    for k in range(FIELDS):
        state[k] = 0
    top = _push(stack, 0, state, start, 0, 0, 0, 0, 0, 0, 0, 0)
    found = -1
    steps = 0
    while top > 0 and steps < STEPS_MAX:
        steps += 1
        top -= 1
        for k in range(FIELDS):
            state[k] = stack[top, k]
        pos = state[POS]
        size = state[SIZE]
        if state[PHRASE] > 0 and word_ends(data, pos, end, entries):
            name = state[PHRASE] - 1
            if (found < 0 or pos > best[POS]) and _accepts(state, np.int64(gaps_of[name]), size_of[name]):
                found = name
                for k in range(FIELDS):
                    best[k] = state[k]
        if pos >= end or size > NAME_MAX:
            continue
        code, width = decode(data, pos, end)
        entry = entry_of(code, entries)
        kind = entry & np.uint32(7)
        how = np.int64((entry >> np.uint32(11)) & np.uint32(0xFF))
        letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
        if kind == 0 or kind == 6:
            seen = state[HOW]
            state[HOW] |= how
            top = _push(stack, top, state, pos + width, _here(state), size, state[LAST], 0, 0, 0, 0, 0)
            state[HOW] = seen
        kept = letter == 38 or letter == 43
        if kind == 2 or kind == 5:
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            digit = 1 if light >= np.uint32(48) and light <= np.uint32(57) else 0
            sign = 1 if kind == 5 and not kept else 0
            plain = 1 - digit if kind == 2 else 0
            link = follow(nodes, ends, state[NODE], letter)
            if link >= 0:
                top = _push(stack, top, state, pos + width, link, size + 1, letter, sign, digit, plain, 0, 0)
                if kind == 2:
                    stack[top - 1, HOW] |= how & _WAYS
            if size > 0 and state[LAST] == letter and plain:
                top = _push(stack, top, state, pos + width, _here(state), size, letter, 0, 0, 0, 1, 0)
        top = _drawn(data, pos, end, nodes, ends, art_first, art_at, art_bytes, art_letters, stack, top, state)
        if size > 0 and (kind == 1 or kind == 5 or kind == 7):
            behind = _behind_gap(data, pos, end, width, entries)
            gaps = state[GAPS]
            torn = state[TORN]
            state[GAPS] |= np.int64(1) << min(size, 62)
            state[TORN] += kind == 5 and letter == 105 and behind == pos + width
            top = _push(stack, top, state, behind, state[NODE], size, state[LAST], 0, 0, 0, 0, 0)
            state[GAPS] = gaps
            state[TORN] = torn
    return found


@nb.njit(cache=True, nogil=True)
def is_worth_it(data: Any, start: int, end: int, triggers: Any) -> Any:
    """Whether a stretch without blanks holds a sign that may be a letter, other than brackets around it.

    Or one or two digits amid letters: He1ga.
    """
    letters = 0
    digits = 0
    amid = 0
    signs = 0
    for at in range(start, end):
        byte = data[at]
        lower = byte | 32
        if lower >= 97 and lower <= 122:
            letters += 1
            amid = digits
        elif byte >= 48 and byte <= 57:
            digits += 1
        elif triggers[byte]:
            if byte == 0xE2 and (at + 1 >= end or data[at + 1] == 0x80):
                continue  # dashes and quotes
            bracket = byte == 40 or byte == 41 or byte == 91 or byte == 93 or byte == 33
            if not bracket or (at > start and at + 1 < end):
                signs += 1
    if signs == 0:
        return letters >= NAME_MIN and amid > 0 and amid <= 2 and digits <= 6
    letters += digits
    return signs > 0 and (letters > 0 or end - start >= NAME_MIN - 1)


@nb.njit(cache=True, nogil=True)
def starts_word(data: Any, begin: int, at: int) -> Any:
    """Whether a word begins at `at`: no letter, digit or part of a character of an alphabet stands before it."""
    if data[at] & 0xC0 == 0x80:
        return False
    if at == begin:
        return True
    last = data[at - 1]
    if last >= 128:
        back = at - 1
        while back > begin and data[back] & 0xC0 == 0x80:
            back -= 1
        return data[back] >= 0xE2
    return not ((last >= 48 and last <= 57) or ((last | 32) >= 97 and (last | 32) <= 122))
