"""A row against all others: who holds its keys, and how each of those agrees with it. Compiled.

Online and in bulk this is the same code, so that the nightly sweep says what the check of an application said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from agoranomos.engine.compiled import nb
from agoranomos.engine.links.comparing import compare
from agoranomos.engine.links.keys import KEYS_MAX, KIND, keys_of
from agoranomos.engine.links.parameters import CLASSES, FIELDS, Numbers
from agoranomos.engine.links.postings import ASKED_MAX, Postings, ask
from agoranomos.engine.links.weighing import likelihoods, log_odds


class Rows(NamedTuple):
    """All rows (`table`, uint64, n x WIDTH); of each, whose it is (`owner`, int32), which sellers are taken to be one
    (`hand`, int32), and whether it stands (`alive`).
    """

    table: npt.NDArray[np.uint64]
    owner: npt.NDArray[np.int32]
    hand: npt.NDArray[np.int32]
    alive: npt.NDArray[np.bool_]


class Crowds(NamedTuple):
    """Keys (uint64, in order) that more hold than are told apart, and how many rows hold each (int64): in place of what
    the postings say, where those are of a part of all rows.
    """

    keys: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]


CANDIDATES_MAX: Final = 1_024
_LED_TO: Final = 8
"""A fact that no more hold leads to each of them."""
_LED_TO_TOGETHER: Final = 32
"""The same for facts that are common by nature: parts of identities, halves of photos."""
_TOGETHER, _PHOTO = KIND["together"], KIND["photo"]
_SWEPT_AT_ONCE: Final = 2_000_000
NO_CROWDS: Final = Crowds(np.empty(0, np.uint64), np.empty(0, np.int64))
_FIELDS, _CLASSES = len(FIELDS), len(CLASSES)


def pairs_of(
    first: int, last: int, rows: Rows, postings: Postings, crowds: Crowds, known: Numbers, line: float
) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]]:
    """All rows from `first` to `last` (not included) against those before them: pairs (row, earlier row) that are at
    least so likely of one seller, and their log-odds, in order and in parts that are good until the next one.
    """
    room = max(4 * CANDIDATES_MAX, min(_SWEPT_AT_ONCE, last - first))
    pairs, odds = np.empty((room, 2), np.int32), np.empty(room)
    while first < last:
        until = min(last, first + max(1, room - CANDIDATES_MAX) // 2)
        found = swept(first, until, rows, postings, crowds, known, line, pairs, odds)
        while found < 0:  # full: what is there first, in halves
            until = first + max(1, (-1 - found - first) // 2)
            found = swept(first, until, rows, postings, crowds, known, line, pairs, odds)
        yield pairs[:found], odds[:found]
        first = until


@nb.njit(cache=True, nogil=True)
def led_to_max(kind: int) -> int:
    """How many others may hold a key of this kind for it to lead to them."""
    return _LED_TO_TOGETHER if kind in (_TOGETHER, _PHOTO) else _LED_TO


@nb.njit(cache=True, nogil=True)
def tally(
    holders: Any, counts: Any, kinds: Any, n: int, index: Any, own: int, own_hand: int, others: Any, candidates: Any
) -> int:
    """Fills `others` (int64): how many other sellers hold each of `n` keys; and `candidates` (int32): the rows to
    compare with, each once, in order. Returns how many those are. `index` is a `Rows`; rows of the seller `own` are
    left aside, and those of one hand count once, those of `own_hand` not at all.
    """
    found = 0
    for k in range(n):
        if counts[k] > ASKED_MAX:
            others[k] = counts[k]
            continue
        others[k] = 0
        for m in range(counts[k]):
            row = holders[k, m]
            if not index.alive[row] or index.hand[row] == own_hand:
                continue
            new = True
            for earlier in range(m):
                before = holders[k, earlier]
                if index.alive[before] and index.hand[before] == index.hand[row]:
                    new = False
                    break
            others[k] += new
        if others[k] > led_to_max(kinds[k]):
            continue
        for m in range(counts[k]):
            row = holders[k, m]
            if index.alive[row] and index.owner[row] != own and found < len(candidates):
                candidates[found] = row
                found += 1
    ordered = np.sort(candidates[:found])
    kept = 0
    for k in range(found):
        if k == 0 or ordered[k] != ordered[k - 1]:
            candidates[kept] = ordered[k]
            kept += 1
    return kept


@nb.njit(cache=True, nogil=True)
def judged(
    row: Any,
    own_hand: int,
    index: Any,
    candidates: Any,
    n_candidates: int,
    asked: Any,
    others: Any,
    n: int,
    known: Any,
    out: Any,
) -> None:
    """Fills `out` (float64): the log-odds that `row` is of the seller of each candidate."""
    levels, parts, held = np.empty(_FIELDS, np.int64), np.empty(5, np.bool_), np.empty(_FIELDS, np.int64)
    logs, totals = np.empty((_FIELDS, _CLASSES)), np.empty(_CLASSES)
    for k in range(n_candidates):
        at = candidates[k]
        counted = 1 if index.hand[at] != own_hand else 0
        compare(row, index.table[at], asked, others, n, counted, known.handful, known.photo_bits, levels, parts, held)
        likelihoods(levels, parts, held, known, logs)
        out[k] = log_odds(levels, held, logs, known, totals)


@nb.njit(cache=True, nogil=True)
def _crowded(crowds: Any, asked: Any, n: int, counts: Any) -> None:
    """Of the keys that are crowded, how many rows hold them, instead of how many of those that are here."""
    for k in range(n):
        at = np.searchsorted(crowds.keys, asked[k])
        if at < len(crowds.keys) and crowds.keys[at] == asked[k]:
            counts[k] = crowds.counts[at]


@nb.njit(cache=True, nogil=True)
def swept(
    first: int, last: int, index: Any, postings: Any, crowds: Any, known: Any, line: float, pairs: Any, odds: Any
) -> int:  # fmt: skip
    """All rows from `first` to `last` against those before them: fills `pairs` (int32, x 2: row, earlier row) and
    `odds` (float64) with those at or above `line`. Returns how many, or minus one more than the place where `pairs` was
    full.
    """
    asked, kinds = np.empty(KEYS_MAX, np.uint64), np.empty(KEYS_MAX, np.int64)
    counts, others = np.empty(KEYS_MAX, np.int64), np.empty(KEYS_MAX, np.int64)
    holders, candidates = np.zeros((KEYS_MAX, ASKED_MAX), np.int32), np.empty(CANDIDATES_MAX, np.int32)
    out = np.empty(CANDIDATES_MAX)
    found = 0
    for row in range(first, last):
        if not index.alive[row]:
            continue
        if found + CANDIDATES_MAX > len(odds):
            return -1 - row
        n = keys_of(index.table[row], asked, kinds)
        counts[:n] = 0
        ask(postings, asked, n, counts, holders)
        if len(crowds.keys):
            _crowded(crowds, asked, n, counts)
        # As wide as Python's own numbers, with which both are called elsewhere: narrower ones are compiled once more.
        owner, hand = np.int64(index.owner[row]), np.int64(index.hand[row])
        many = tally(holders, counts, kinds, n, index, owner, hand, others, candidates)
        kept = 0
        for k in range(many):
            if candidates[k] < row:
                candidates[kept] = candidates[k]
                kept += 1
        judged(index.table[row], hand, index, candidates, kept, asked, others, n, known, out)
        for k in range(kept):
            if out[k] >= line:
                pairs[found, 0], pairs[found, 1], odds[found] = row, candidates[k], out[k]
                found += 1
    return found
