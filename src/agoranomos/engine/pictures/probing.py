"""Looking up which known pictures share marks with an asked one. Compiled.

Multi-index hashing (Norouzi, Punjani, Fleet 2012) over the keys of marks: each table maps one key of a mark to the
pictures with such a mark. A key is asked for as it is and with its doubtful bits the other way.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.pictures.codes import TABLES, key_of

FLIPPED_MAX: Final = 3
"""Doubtful bits of a key that are tried both ways: up to 8 keys a table. Four find no more."""
MARKS_ASKED_MAX: Final = 250
"""Marks that are asked for: the tally counts in a byte."""
CROWD_MAX: Final = 256
"""A key shared by more marks says little (a letter, a plain corner) and costs much: it is passed over, unless the
index is so large that so many are to be expected."""


@nb.njit(cache=True, nogil=True)
def fill(words: Any, pictures: Any, table: int, bits: int, starts: Any, postings: Any) -> None:
    """One table in the form of sorted lists: those of key k are `postings[starts[k]:starts[k + 1]]`.

    `words` uint64 (n, 2), `pictures` int32 (n) whose they are; `starts` uint32 (2**bits + 1), `postings` int32 (n).
    """
    starts[:] = 0
    for k in range(len(words)):
        starts[key_of(words[k], table, bits) + 1] += np.uint32(1)
    for key in range(1, len(starts)):
        starts[key] += starts[key - 1]
    cursor = starts[:-1].copy()
    for k in range(len(words)):
        key = key_of(words[k], table, bits)
        postings[cursor[key]] = pictures[k]
        cursor[key] += np.uint32(1)


@nb.njit(cache=True, nogil=True)
def _probe(words: Any, doubts: Any, bits: int, starts: Any, crowd: int, begins: Any, ends: Any, marks: Any) -> int:
    """Lists the parts of the tables that are to be read, and for which mark; their number.

    Apart from the reading itself: the places in memory do not depend on each other, so the processor fetches many
    at once.
    """
    flips = np.empty(FLIPPED_MAX, np.int64)
    probes = 0
    for mark in range(len(words)):
        for table in range(TABLES):
            key = key_of(words[mark], table, bits)
            doubt = key_of(doubts[mark], table, bits)
            count = 0
            # The upper bits of a key are the less steady ones.
            for bit in range(bits - 1, -1, -1):
                if doubt >> bit & 1 and count < FLIPPED_MAX:
                    flips[count] = 1 << bit
                    count += 1
            for choice in range(1 << count):
                probe = key
                for k in range(count):
                    if choice >> k & 1:
                        probe ^= flips[k]
                begin, end = starts[table, probe], starts[table, probe + 1]
                if begin < end and end - begin <= crowd:
                    begins[probes], ends[probes], marks[probes] = begin, end, mark * TABLES + table
                    probes += 1
    return probes


@nb.njit(cache=True, nogil=True)
def vote(words: Any, doubts: Any, bits: int, starts: Any, postings: Any, tally: Any, touched: Any) -> int:
    """Counts, for each known picture, the asked marks that share a key with one of its marks.

    `starts` uint32 (TABLES, 2**bits + 1), `postings` int32 (TABLES, n); `tally` uint16 a picture, all zero, takes the
    last mark that voted (upper half) and the votes; `touched` int32 takes the pictures with votes. Returns their
    number; `most_voted` clears the tally.
    """
    asked = min(len(words), MARKS_ASKED_MAX)
    room = asked * TABLES << FLIPPED_MAX
    begins, ends, marks = np.empty(room, np.uint32), np.empty(room, np.uint32), np.empty(room, np.int32)
    crowd = max(CROWD_MAX, 16 * (postings.shape[1] >> bits))
    probes = _probe(words[:asked], doubts, bits, starts, crowd, begins, ends, marks)
    seen = 0
    for probe in range(probes):
        table = marks[probe] & (TABLES - 1)
        stamp = np.uint16(((marks[probe] // TABLES) + 1) << 8)
        for at in range(begins[probe], ends[probe]):
            picture = postings[table, at]
            known = tally[picture]
            if known & np.uint16(0xFF00) == stamp:
                continue
            if known == 0:
                if seen == len(touched):
                    continue
                touched[seen] = picture
                seen += 1
            tally[picture] = stamp | ((known & np.uint16(0xFF)) + np.uint16(1))
    return seen


@nb.njit(cache=True, nogil=True)
def most_voted(tally: Any, touched: Any, seen: int, least: int, gone: Any, chosen: Any) -> int:
    """Puts the pictures with most votes, at least `least`, into `chosen` (int32), most first; clears the tally.

    `gone` bool a picture: these are passed over.
    """
    count = 0
    votes = np.zeros(len(chosen), np.int64)
    for k in range(seen):
        picture = touched[k]
        own = np.int64(tally[picture] & np.uint16(0xFF))
        tally[picture] = 0
        if own < least or gone[picture] or (count == len(chosen) and own <= votes[count - 1]):
            continue
        at = count if count < len(chosen) else count - 1
        if count < len(chosen):
            count += 1
        while at > 0 and votes[at - 1] < own:
            votes[at] = votes[at - 1]
            chosen[at] = chosen[at - 1]
            at -= 1
        votes[at] = own
        chosen[at] = picture
    return count
