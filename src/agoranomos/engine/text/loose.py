"""Names read letter by letter where a whole-word look-up fails: drawn letters, letters repeated, one mistake.

The fold gives each character one reading, and the trie of the sieve one path. Here a name is walked with every reading
that its signs allow (`signart`), with letters repeated, gaps between letters and invisible characters all at once. A
branch dies with the first letter that no name goes on with, so a walk is short; `STEPS_MAX` bounds it on texts made
to be slow. Names of several words, whose words alone are too ordinary to be looked for with a mistake in them, are
followed letter by letter as well (`slipped`).
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from agoranomos.engine.text.folds import SOURCE_BITS

NAME_MIN = 4
"""Fewest letters of a name that is walked."""
_HEAD_LETTERS = 3
"""So many letters of a name must be right before a mistake in it is looked for."""
PAIR_MIN = 6
"""Fewest letters of a name of several words that is looked for with a mistake."""
STEPS_MAX = 320
STACK = 192
_GAP_CHARS_MAX = 3
_STARTS_MAX = 10
"""Places in one word, and before it, from which a name is walked."""
NAME_MAX = 60
_WAYS = 27
"""The flags of `folding` that a character carries by itself: styled, look-alike, turned, marked."""
FIELDS = 12
# What a state of the walk holds, and `best` behind it.
_POS, _NODE, _PHRASE, _SIZE, _SIGNS, _DIGITS, _PLAIN, _REPEATS, _EDITS, _LAST, _HOW, _GAPS = range(FIELDS)

# How a hit came about, packed into one number behind the name's.
NAME_BITS = 16
REPEATS_AT = 16
EDITS_AT = 20
SIGNS_AT = 22

_SPELLING = -5  # machine.LOOSE_SPELLING
_LEET = 4
_SPACED = 1024
_BROKEN = 2048
_MISSPELT = 131072


@nb.njit(cache=True, nogil=True)
def _decode(data: Any, at: int, end: int) -> Any:
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
def _entry_of(code: Any, entries: Any) -> Any:
    if code < np.uint32(0x20000):
        return entries[code]
    return np.uint32(0) if code >= np.uint32(0xE0000) else np.uint32(3)


@nb.njit(cache=True, nogil=True)
def _ends(data: Any, at: int, end: int, entries: Any) -> Any:
    """Whether a word may end before `at`: no letter or digit goes on."""
    if at >= end:
        return True
    code, _ = _decode(data, at, end)
    return _entry_of(code, entries) & np.uint32(7) != 2


@nb.njit(inline="always")
def _year_follows(data: Any, at: int, end: int) -> Any:
    """Whether four digits follow: names and years are often written without a blank between them."""
    if at + 4 > end:
        return False
    for place in range(at, at + 4):
        if data[place] < 48 or data[place] > 57:
            return False
    return True


@nb.njit(inline="always")
def _ones(bits: Any) -> Any:
    count = 0
    left = bits
    while left:
        left &= left - 1
        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def _accepts(state: Any, gaps: Any, size: int) -> Any:
    """Whether what was walked is no accident: signs enough between plain letters."""
    foreign = _ones(state[_GAPS] & ~gaps)
    own = _ones(gaps)
    signs, digits, plain = state[_SIGNS], state[_DIGITS], state[_PLAIN]
    if foreign and foreign < size - 1 - own and (foreign > (2 if size < 6 else 3) or size < 5):
        return False
    if signs == 0:
        return digits > 0 and size >= 6 and plain >= size - 2 and foreign == 0
    if size == NAME_MIN:
        return plain >= 2 or (plain == 1 and signs >= 2)
    return plain >= 2 or (signs >= 2 and plain + digits >= 1) or (signs >= 1 and plain >= 1) or signs >= 4


@nb.njit(inline="always")
def _follow(nodes: Any, ends: Any, node: Any, byte: Any) -> Any:
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
    stack[top, _POS] = pos
    stack[top, _NODE] = link & 0xFFFFFFFF
    stack[top, _PHRASE] = link >> 32
    stack[top, _SIZE] = size
    stack[top, _SIGNS] = state[_SIGNS] + signs
    stack[top, _DIGITS] = state[_DIGITS] + digits
    stack[top, _PLAIN] = state[_PLAIN] + plain
    stack[top, _REPEATS] = state[_REPEATS] + repeats
    stack[top, _EDITS] = state[_EDITS] + edits
    stack[top, _LAST] = letter
    stack[top, _HOW] = state[_HOW]
    stack[top, _GAPS] = state[_GAPS]
    return top + 1


@nb.njit(inline="always")
def _here(state: Any) -> Any:
    """The link that leads to where `state` is."""
    return state[_NODE] | (state[_PHRASE] << 32)


@nb.njit(cache=True, nogil=True)
def _drawn(
    data: Any, pos: int, end: int, nodes: Any, ends: Any,
    art_first: Any, art_at: Any, art_bytes: Any, art_letters: Any, stack: Any, top: int, state: Any,
) -> Any:  # fmt: skip
    """States behind each drawing of a letter that stands at `pos`."""
    first = data[pos]
    size = state[_SIZE]
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
        link = _follow(nodes, ends, state[_NODE], letter)
        if sign:
            digit = 0
        if link >= 0:
            top = _push(stack, top, state, pos + length, link, size + 1, letter, sign, digit, 0, 0, 0)
        elif sign and size > 0 and state[_LAST] == letter:
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
        code, width = _decode(data, behind, end)
        may_be_sign = data[behind] < 128 and data[behind] != 32 and data[behind] != 46
        if _entry_of(code, entries) & np.uint32(7) != 1 or may_be_sign:
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
    stack int64 (STACK, 12), state and best int64 (12,): scratch; `best` holds what was found, the place behind it in
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
        pos = state[_POS]
        size = state[_SIZE]
        if state[_PHRASE] > 0 and (_ends(data, pos, end, entries) or _year_follows(data, pos, end)):
            name = state[_PHRASE] - 1
            if (found < 0 or pos > best[_POS]) and _accepts(state, np.int64(gaps_of[name]), size_of[name]):
                found = name
                for k in range(FIELDS):
                    best[k] = state[k]
        if pos >= end or size > NAME_MAX:
            continue
        code, width = _decode(data, pos, end)
        entry = _entry_of(code, entries)
        kind = entry & np.uint32(7)
        how = np.int64((entry >> np.uint32(11)) & np.uint32(0xFF))
        letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
        if kind == 0 or kind == 6:
            seen = state[_HOW]
            state[_HOW] |= how
            top = _push(stack, top, state, pos + width, _here(state), size, state[_LAST], 0, 0, 0, 0, 0)
            state[_HOW] = seen
        kept = letter == 38 or letter == 43
        if kind == 2 or kind == 5:
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            digit = 1 if light >= np.uint32(48) and light <= np.uint32(57) else 0
            sign = 1 if kind == 5 and not kept else 0
            plain = 1 - digit if kind == 2 else 0
            link = _follow(nodes, ends, state[_NODE], letter)
            if link >= 0:
                top = _push(stack, top, state, pos + width, link, size + 1, letter, sign, digit, plain, 0, 0)
                if kind == 2:
                    stack[top - 1, _HOW] |= how & _WAYS
            if size > 0 and state[_LAST] == letter and plain:
                top = _push(stack, top, state, pos + width, _here(state), size, letter, 0, 0, 0, 1, 0)
        top = _drawn(data, pos, end, nodes, ends, art_first, art_at, art_bytes, art_letters, stack, top, state)
        if size > 0 and (kind == 1 or kind == 5 or kind == 7):
            behind = _behind_gap(data, pos, end, width, entries)
            gaps = state[_GAPS]
            state[_GAPS] |= np.int64(1) << min(size, 62)
            top = _push(stack, top, state, behind, state[_NODE], size, state[_LAST], 0, 0, 0, 0, 0)
            state[_GAPS] = gaps
    return found


@nb.njit(inline="always")
def _descend(
    data: Any, pos: int, end: int, node: Any, size: int, last: Any, repeats: int, gaps: Any,
    entries: Any, nodes: Any, ends: Any,
) -> Any:  # fmt: skip
    """Follows plain letters from `node` as far as names go; letters repeated and gaps are passed over.

    Returns where and how it stopped (pos, node, size, last, repeats, gaps) and the name it passed last at the end of a
    word (name or -1, the place behind it, repeats, gaps).
    """
    name = np.int64(-1)
    name_end = pos
    name_repeats = repeats
    name_gaps = gaps
    phrase = np.int64(0)
    while True:
        if phrase > 0 and _ends(data, pos, end, entries):
            name = phrase - 1
            name_end = pos
            name_repeats = repeats
            name_gaps = gaps
        if pos >= end:
            break
        if data[pos] < 128:
            entry = entries[data[pos]]
            width = 1
        else:
            code, width = _decode(data, pos, end)
            entry = _entry_of(code, entries)
        kind = entry & np.uint32(7)
        if kind == 2:
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            if letter < 97:
                break
            link = _follow(nodes, ends, node, letter)
            if link >= 0:
                node = link & 0xFFFFFFFF
                phrase = link >> 32
                size += 1
            elif letter == last:
                repeats += 1
            else:
                break
            last = letter
        elif kind == 0 or kind == 6:
            pass
        elif kind == 3 or kind == 4 or size == 0 or gaps >> min(size, 62) & 1:
            break
        else:
            gaps |= np.int64(1) << min(size, 62)
            phrase = np.int64(0)
        pos += width
    return pos, node, size, last, repeats, gaps, name, name_end, name_repeats, name_gaps


@nb.njit(inline="always")
def _keep(best: Any, stop: int, repeats: int, edits: int, gaps: Any) -> None:
    for k in range(FIELDS):
        best[k] = 0
    best[_POS] = stop
    best[_REPEATS] = repeats
    best[_EDITS] = edits
    best[_GAPS] = gaps


@nb.njit(inline="always")
def _may_slip(data: Any, at: int, end: int, entries: Any, nodes: Any) -> Any:
    """Whether names of several words begin with the letters at `at`, as far as three plain ones tell at a glance."""
    node = np.int64(0)
    last = np.int64(0)
    for place in range(at, min(at + _HEAD_LETTERS, end)):
        byte = data[place]
        if byte >= 128:
            return place > at or byte < 0xE3
        entry = entries[byte]
        letter = np.int64((entry >> np.uint32(3)) & np.uint32(0xFF))
        if entry & np.uint32(7) != 2 or letter < 97:
            return place > at
        if letter != last:
            node = np.int64(nodes[node, letter - 97])
            if node == 0:
                return False
        last = letter
    return True


@nb.njit(cache=True, nogil=True)
def slipped(
    data: Any, start: int, end: int, entries: Any, nodes: Any, ends: Any, gaps_of: Any, size_of: Any,
    best: Any,
) -> Any:  # fmt: skip
    """The name of several words at `start` with letters repeated or one mistake behind the third letter; else -1.

    The mistake is a letter too much, exchanged, left out, or swapped with the next (Damerau 1964), and is looked for
    where no name goes on without it. Arrays as for `walk`.
    """
    pos, node, size, _last, repeats, gaps, name, stop, seen, passed = _descend(
        data, start, end, 0, 0, np.uint8(0), 0, np.int64(0), entries, nodes, ends
    )
    if name >= 0:
        if seen > 0 and size_of[name] >= PAIR_MIN and passed & ~np.int64(gaps_of[name]) == 0:
            _keep(best, stop, seen, 0, passed)
            return name
        return -1
    if size < _HEAD_LETTERS:
        return -1
    code, width = _decode(data, pos, end) if pos < end else (np.uint32(32), 0)
    entry = _entry_of(code, entries)
    letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
    a_letter = entry & np.uint32(7) == 2 and letter >= 97
    behind = pos + width
    other: Any = np.uint8(0)
    other_width = 0
    if a_letter and behind < end:
        following, other_width = _decode(data, behind, end)
        next_entry = _entry_of(following, entries)
        if next_entry & np.uint32(7) == 2:
            other = np.uint8((next_entry >> np.uint32(3)) & np.uint32(0xFF))
    for byte in range(96, 123):
        # Before the first child: a letter too much; for each child: it was exchanged, left out, or swapped with the next.
        child = np.int64(node) if byte < 97 else np.int64(nodes[node, byte - 97])
        if byte >= 97 and child == 0:
            continue
        for way in range(3 if byte >= 97 else 1):
            into = pos if way == 1 else behind
            to = child
            if way != 1 and not a_letter:
                continue
            if way == 2:
                link = _follow(nodes, ends, child, letter) if other == byte else np.int64(-1)
                if link < 0:
                    continue
                to = link & 0xFFFFFFFF
                into = behind + other_width
            name = np.int64(-1)
            if ends[to] and byte >= 97 and _ends(data, into, end, entries):
                name = np.int64(ends[to]) - 1
                stop, seen, passed = into, repeats, gaps
            elif into < end:
                _, _, _, _, _, _, name, stop, seen, passed = _descend(
                    data,
                    into,
                    end,
                    to,
                    size + (0 if byte < 97 else (2 if way == 2 else 1)),
                    letter,
                    repeats,
                    gaps,
                    entries,
                    nodes,
                    ends,
                )
            if name >= 0 and size_of[name] >= PAIR_MIN and passed & ~np.int64(gaps_of[name]) == 0:
                _keep(best, stop, seen, 1, passed)
                return name
    return -1


@nb.njit(cache=True, nogil=True)
def _is_worth_it(data: Any, start: int, end: int, triggers: Any) -> Any:
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


@nb.njit(inline="always")
def packed(name: int, best: Any) -> Any:
    """The name and how it was reached as one number: see `NAME_BITS`."""
    return (
        name
        | min(best[_REPEATS], 15) << REPEATS_AT
        | min(best[_EDITS], 3) << EDITS_AT
        | min(best[_SIGNS], 15) << SIGNS_AT
    )


@nb.njit(cache=True, nogil=True)
def flags(best: Any, gaps: Any, size: int) -> Any:
    """How the name in `best` is written, in the flags of `folding`."""
    how = best[_HOW]
    if best[_SIGNS] or best[_DIGITS]:
        how |= _LEET
    foreign = _ones(best[_GAPS] & ~np.int64(gaps))
    if foreign:
        how |= _SPACED if foreign >= size - 1 - _ones(np.int64(gaps)) else _BROKEN
    if best[_REPEATS] or best[_EDITS]:
        how |= _MISSPELT
    return how


@nb.njit(cache=True, nogil=True)
def _starts_word(data: Any, begin: int, at: int) -> Any:
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


@nb.njit(cache=True, nogil=True)
def read_rows(
    first: int, last: int, title_at: Any, title: Any, brand_at: Any, brand: Any,
    triggers: Any, entries: Any, nodes: Any, ends: Any, gaps_of: Any, size_of: Any,
    pair_nodes: Any, pair_ends: Any, pair_gaps: Any, pair_sizes: Any, pair_names: Any,
    art_first: Any, art_at: Any, art_bytes: Any, art_letters: Any,
    hit_row: Any, hit_spelling: Any, hit_from: Any, hit_to: Any, hit_how: Any, hit_extra: Any,
) -> Any:  # fmt: skip
    """Names written loosely in the titles and brand fields of rows `first` to `last`; at most one a field.

    Returns (next row, hits written); stops early when the hit arrays (int32) are full. triggers uint8 (256): bytes with
    which signs begin that may be letters; pair_*: the same for names of several words alone, with `pair_names`
    int32, their numbers among all; the rest as for `walk`.
    """
    stack = np.zeros((STACK, FIELDS), np.int64)
    state = np.zeros(FIELDS, np.int64)
    best = np.zeros(FIELDS, np.int64)
    starts = np.zeros(2, np.int64)
    used = 0
    for row in range(first, last):
        if used + 2 > len(hit_row):
            return row, used
        for field in range(0, 3, 2):
            data = title if field == 0 else brand
            begin = np.int64(title_at[row] if field == 0 else brand_at[row])
            end = np.int64(title_at[row + 1] if field == 0 else brand_at[row + 1])
            name = np.int64(-1)
            how = np.int64(0)
            start = begin
            at = begin
            starts[0] = starts[1] = -1
            while at < end and name < 0:
                byte = data[at]
                if byte <= 32 or (byte >= 0xE3 and byte <= 0xEF):
                    if byte > 32:
                        starts[0] = starts[1] = -1
                        at += 2  # the rest of an ideograph
                    at += 1
                    continue
                word = at
                worth = False
                while at < end and data[at] > 32 and not (data[at] >= 0xE3 and data[at] <= 0xEF):
                    worth |= triggers[data[at]] != 0 or (data[at] >= 48 and data[at] <= 57)
                    at += 1
                start = word
                if _may_slip(data, word, at, entries, pair_nodes):
                    name = slipped(data, word, end, entries, pair_nodes, pair_ends, pair_gaps, pair_sizes, best)
                if name >= 0:
                    how = flags(best, pair_gaps[name], pair_sizes[name])
                    name = pair_names[name]
                    break
                if name < 0 and worth and _is_worth_it(data, word, at, triggers):
                    tries = 0
                    for step in range(-2, at - word):
                        start = starts[-1 - step] if step < 0 else word + step
                        if start < 0 or (step > 0 and not _starts_word(data, word, start)):
                            continue
                        tries += 1
                        if tries > _STARTS_MAX:
                            break
                        name = walk(
                            data, start, end, entries, nodes, ends, gaps_of, size_of,
                            art_first, art_at, art_bytes, art_letters, stack, state, best,
                        )  # fmt: skip
                        if name >= 0:
                            how = flags(best, gaps_of[name], size_of[name])
                            break
                starts[1] = starts[0]
                starts[0] = word
            if name >= 0:
                hit_row[used] = row
                hit_spelling[used] = _SPELLING
                hit_from[used] = field << SOURCE_BITS | (start - begin)
                hit_to[used] = field << SOURCE_BITS | (best[_POS] - 1 - begin)
                hit_how[used] = how
                hit_extra[used] = packed(name, best)
                used += 1
    return last, used
