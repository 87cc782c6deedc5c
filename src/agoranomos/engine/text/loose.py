"""Names looked for where a whole-word look-up fails: drawn letters (`drawn`), letters repeated, one mistake.

Names of several words, whose words alone are too ordinary to be looked for with a mistake in them, are followed letter
by letter as well (`slipped`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.drawn import (
    DIGITS,
    EDITS,
    FIELDS,
    GAPS,
    HOW,
    POS,
    REPEATS,
    SIGNS,
    STACK,
    decode,
    entry_of,
    follow,
    is_worth_it,
    ones,
    starts_word,
    walk,
    word_ends,
    year_follows,
)  # fmt: skip
from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.nearby import HASH_FACTOR, HASH_SEED, stirred
from agoranomos.engine.text.tangling import is_tangled, letters_apart

_HEAD_LETTERS = 3
"""So many letters of a name must be right before a mistake in it is looked for."""
PAIR_MIN = 6
"""Fewest letters of a name of several words that is looked for with a mistake."""
_TWICE_MAX = 3
"""Second letters of a pair, in the words of one name, of which each may be the name's own or repeated."""
_KNOTS_MAX = 3
"""Tangled words in a row that may be one name."""
_STARTS_MAX = 10
"""Places in one word, and before it, from which a name is walked."""
IDLE_SIZE = 1 << 15
"""Words remembered as holding nothing; a power of two."""

# How a hit came about, packed into one number behind the name's.
NAME_BITS = 16
REPEATS_AT = 16
EDITS_AT = 20
SIGNS_AT = 22

_SPELLING = -5  # machine.LOOSE_SPELLING
_TANGLED = -7  # machine.TANGLED_SPELLING
_LEET = 4
_SPACED = 1024
_BROKEN = 2048
_MISSPELT = 131072


@nb.njit(inline="always")
def _descend(
    data: Any, pos: int, end: int, node: Any, size: int, last: Any, repeats: int, gaps: Any,
    entries: Any, nodes: Any, ends: Any, over: int,
) -> Any:  # fmt: skip
    """Follows plain letters from `node` as far as names go; letters repeated and gaps are passed over.

    A second letter of a pair is the name's own where some name goes on with it, but for those whose bit of `over` is
    set, counted from the first such letter.
    Returns where and how it stopped (pos, node, size, last, repeats, gaps), the name it passed last at the end of a
    word (name or -1, the place behind it, repeats, gaps), and how many letters might have been passed over. Nothing
    behind the character at `pos` was looked at.
    """
    twice = 0
    name = np.int64(-1)
    name_end = pos
    name_repeats = repeats
    name_gaps = gaps
    phrase = np.int64(0)
    while True:
        if phrase > 0 and word_ends(data, pos, end, entries):
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
            code, width = decode(data, pos, end)
            entry = entry_of(code, entries)
        kind = entry & np.uint32(7)
        if kind == 2 or (kind == 5 and data[pos] == 38):
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            if letter < 97 and letter != 38:
                break
            link = follow(nodes, ends, node, letter)
            if link >= 0 and letter == last:
                if over >> min(twice, 62) & 1:
                    link = np.int64(-1)
                twice += 1
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
    return pos, node, size, last, repeats, gaps, name, name_end, name_repeats, name_gaps, twice


@nb.njit(inline="always")
def _keep(best: Any, stop: int, repeats: int, edits: int, gaps: Any) -> None:
    for k in range(FIELDS):
        best[k] = 0
    best[POS] = stop
    best[REPEATS] = repeats
    best[EDITS] = edits
    best[GAPS] = gaps


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
    best: Any, looked: Any,
) -> Any:  # fmt: skip
    """The name of several words at `start` with letters repeated or one mistake behind the third letter; else -1.

    The mistake is a letter too much, exchanged, left out, or swapped with the next (Damerau 1964), and is looked for
    where no name goes on without it. Arrays as for `walk`; looked int64 (1,): gets the place of the last character
    that was looked at.
    """
    pos = start
    node = np.int64(0)
    size = 0
    repeats = 0
    gaps = np.int64(0)
    tries = 1
    far = start
    over = 0
    while over < tries:
        # Jiimmy: some names begin with jil, which is read as jii.
        at, to, letters, _last, doubled, apart, name, stop, seen, passed, twice = _descend(
            data, start, end, 0, 0, np.uint8(0), 0, np.int64(0), entries, nodes, ends, over
        )
        far = max(far, at)
        if over == 0:
            pos, node, size, repeats, gaps = at, to, letters, doubled, apart
            tries = 1 << min(twice, _TWICE_MAX)
        over += 1
        if name >= 0:
            looked[0] = far
            if seen > 0 and size_of[name] >= PAIR_MIN and passed & ~np.int64(gaps_of[name]) == 0:
                _keep(best, stop, seen, 0, passed)
                return name
            return -1
    looked[0] = far
    if size < _HEAD_LETTERS:
        return -1
    code, width = decode(data, pos, end) if pos < end else (np.uint32(32), 0)
    entry = entry_of(code, entries)
    letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
    a_letter = entry & np.uint32(7) == 2 and letter >= 97
    behind = pos + width
    looked[0] = max(far, behind)
    other: Any = np.uint8(0)
    other_width = 0
    if a_letter and behind < end:
        following, other_width = decode(data, behind, end)
        next_entry = entry_of(following, entries)
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
                link = follow(nodes, ends, child, letter) if other == byte else np.int64(-1)
                if link < 0:
                    continue
                to = link & 0xFFFFFFFF
                into = behind + other_width
            name = np.int64(-1)
            looked[0] = max(looked[0], into)
            if ends[to] and byte >= 97 and word_ends(data, into, end, entries):
                name = np.int64(ends[to]) - 1
                stop, seen, passed = into, repeats, gaps
            elif into < end:
                reached, _, _, _, _, _, name, stop, seen, passed, _ = _descend(
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
                    0,
                )
                looked[0] = max(looked[0], reached)
            if name >= 0 and size_of[name] >= PAIR_MIN and passed & ~np.int64(gaps_of[name]) == 0:
                _keep(best, stop, seen, 1, passed)
                return name
    return -1


@nb.njit(inline="always")
def packed(name: int, best: Any) -> Any:
    """The name and how it was reached as one number: see `NAME_BITS`."""
    return (
        name | min(best[REPEATS], 15) << REPEATS_AT | min(best[EDITS], 3) << EDITS_AT | min(best[SIGNS], 15) << SIGNS_AT
    )


@nb.njit(cache=True, nogil=True)
def flags(best: Any, gaps: Any, size: int) -> Any:
    """How the name in `best` is written, in the flags of `folding`."""
    how = best[HOW]
    if best[SIGNS] or best[DIGITS]:
        how |= _LEET
    foreign = ones(best[GAPS] & ~np.int64(gaps))
    if foreign:
        how |= _SPACED if foreign >= size - 1 - ones(np.int64(gaps)) else _BROKEN
    if best[REPEATS] or best[EDITS]:
        how |= _MISSPELT
    return how


@nb.njit(inline="always")
def _holds_together(data: Any, word: int, end: int, entries: Any) -> Any:
    """Whether no letters set apart can begin at `word`, told from its first two characters: a letter touches the next."""
    if data[word] >= 128:
        return False
    kind = entries[data[word]] & np.uint32(7)
    if kind != 2 and kind != 5:
        return kind != 0 and kind != 3 and kind != 4
    if word + 1 == end:
        return False
    lower = data[word + 1] | 32
    return (lower >= 97 and lower <= 122) or (data[word + 1] >= 48 and data[word + 1] <= 57)


@nb.njit(cache=True, nogil=True)
def _knot_goes_on(data: Any, stop: int, end: int, entries: Any) -> int:
    """The end of tangled words in a row of which the first ends at `stop`: M4|2( J4(0|3$."""
    for _ in range(_KNOTS_MAX - 1):
        if stop + 1 >= end or data[stop] != 32:
            break
        at = stop + 1
        while at < end and data[at] > 32 and not (data[at] >= 0xE3 and data[at] <= 0xEF):
            at += 1
        if not is_tangled(data, stop + 1, at, entries) and not (at == stop + 2 and data[stop + 1] == 38):
            break
        stop = at
    return stop


@nb.njit(cache=True, nogil=True)
def read_rows(
    first: int, last: int, title_at: Any, title: Any, brand_at: Any, brand: Any,
    triggers: Any, entries: Any, nodes: Any, ends: Any, gaps_of: Any, size_of: Any,
    pair_nodes: Any, pair_ends: Any, pair_gaps: Any, pair_sizes: Any, pair_names: Any,
    art_first: Any, art_at: Any, art_bytes: Any, art_letters: Any, idle: Any,
    hit_row: Any, hit_spelling: Any, hit_from: Any, hit_to: Any, hit_how: Any, hit_extra: Any,
) -> Any:  # fmt: skip
    """Names written loosely in the titles and brand fields of rows `first` to `last`; at most one a field.

    Of fields without one, the first word that is tangled (`tangling`).

    Returns (next row, hits written); stops early when the hit arrays (int32) are full. triggers uint8 (256): bytes with
    which signs begin that may be letters; pair_*: the same for names of several words alone, with `pair_names`
    int32, their numbers among all; the rest as for `walk`. idle uint64 (`IDLE_SIZE`): hashes of words in which nothing
    was found and nothing can be, whatever stands around them; kept from call to call, as few words make up most titles.
    """
    looked = np.zeros(1, np.int64)
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
            knot = np.int64(-1)
            knot_end = np.int64(-1)
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
                hashed = HASH_SEED
                while at < end and data[at] > 32 and not (data[at] >= 0xE3 and data[at] <= 0xEF):
                    hashed = (hashed ^ np.uint64(data[at])) * HASH_FACTOR
                    at += 1
                hashed = stirred(hashed)
                slot = hashed & np.uint64(len(idle) - 1)
                if idle[slot] == hashed:
                    starts[1] = starts[0]
                    starts[0] = word
                    continue
                worth = False
                wide = False
                for place in range(word, at):
                    worth |= triggers[data[place]] != 0 or (data[place] >= 48 and data[place] <= 57)
                    wide |= data[place] >= 128
                nothing = _holds_together(data, word, at, entries)
                dated = at - word > 4 and year_follows(data, at - 4, at)
                if nothing and (worth or wide):
                    nothing = not dated and not is_tangled(data, word, at, entries)
                if knot < 0:
                    knot_end = letters_apart(data, word, end, entries)
                    if knot_end < 0 and (worth or wide):
                        stop = at - 4 if at < end and dated else at
                        if is_tangled(data, word, stop, entries):
                            knot_end = _knot_goes_on(data, stop, end, entries)
                    if knot_end >= 0:
                        knot = word
                start = word
                while start + 1 < at and data[start] < 128 and entries[data[start]] & np.uint32(7) != 2:
                    start += 1  # a bracket in front of it
                if _may_slip(data, start, at, entries, pair_nodes):
                    name = slipped(
                        data, start, end, entries, pair_nodes, pair_ends, pair_gaps, pair_sizes, best, looked
                    )
                    nothing = nothing and looked[0] < at
                if name >= 0:
                    how = flags(best, pair_gaps[name], pair_sizes[name])
                    name = pair_names[name]
                    break
                if worth and is_worth_it(data, word, at, triggers):
                    nothing = False
                    tries = 0
                    for step in range(-2, at - word):
                        start = starts[-1 - step] if step < 0 else word + step
                        if start < 0 or (step > 0 and not starts_word(data, word, start)):
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
                if nothing and name < 0:
                    idle[slot] = hashed
                starts[1] = starts[0]
                starts[0] = word
            if name >= 0:
                hit_row[used] = row
                hit_spelling[used] = _SPELLING
                hit_from[used] = field << SOURCE_BITS | (start - begin)
                hit_to[used] = field << SOURCE_BITS | (best[POS] - 1 - begin)
                hit_how[used] = how
                hit_extra[used] = packed(name, best)
                used += 1
            elif knot >= 0:
                last_at = knot_end - 1
                while data[last_at] & 0xC0 == 0x80:
                    last_at -= 1
                hit_row[used] = row
                hit_spelling[used] = _TANGLED
                hit_from[used] = field << SOURCE_BITS | (knot - begin)
                hit_to[used] = field << SOURCE_BITS | (last_at - begin)
                hit_how[used] = 0
                hit_extra[used] = 1
                used += 1
    return last, used
