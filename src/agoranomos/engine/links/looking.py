"""A row against all others: who holds its keys, and how each of those agrees with it. Compiled.

Online and in bulk this is the same code, so that the nightly sweep says what the check of an application said.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.links.comparing import compare
from agoranomos.engine.links.keys import KEYS_MAX, KIND, keys_of
from agoranomos.engine.links.parameters import CLASSES, FIELDS
from agoranomos.engine.links.postings import ASKED_MAX, ask
from agoranomos.engine.links.weighing import likelihoods, log_odds
from agoranomos.engine.text.compiled import nb

CANDIDATES_MAX: Final = 1_024
_LED_TO: Final = 8
"""A fact that no more hold leads to each of them."""
_LED_TO_TOGETHER: Final = 32
"""The same for facts that are common by nature: parts of identities, quarters of photos."""
_TOGETHER, _PHOTO = KIND["together"], KIND["photo"]
_FIELDS, _CLASSES = len(FIELDS), len(CLASSES)


@nb.njit(cache=True, nogil=True)
def tally(
    holders: Any, counts: Any, kinds: Any, n: int, entity: Any, alive: Any, own: int, others: Any, candidates: Any
) -> int:
    """Fills `others` (int64): how many other sellers hold each of `n` keys; and `candidates` (int32): the rows to
    compare with, each once, in order. Returns how many those are. `entity` and `alive` are by row; `own` is whose row
    is asked.
    """
    found = 0
    for k in range(n):
        if counts[k] > ASKED_MAX:
            others[k] = counts[k]
            continue
        others[k] = 0
        for m in range(counts[k]):
            row = holders[k, m]
            if not alive[row] or entity[row] == own:
                continue
            new = True
            for earlier in range(m):
                before = holders[k, earlier]
                if alive[before] and entity[before] == entity[row]:
                    new = False
                    break
            others[k] += new
        most = _LED_TO_TOGETHER if kinds[k] == _TOGETHER or kinds[k] == _PHOTO else _LED_TO
        if others[k] > most:
            continue
        for m in range(counts[k]):
            row = holders[k, m]
            if alive[row] and entity[row] != own and found < len(candidates):
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
    row: Any, table: Any, candidates: Any, n_candidates: int, asked: Any, others: Any, n: int, known: Any, out: Any
) -> None:
    """Fills `out` (float64): the log-odds that `row` is of the seller of each candidate."""
    levels, parts, held = np.empty(_FIELDS, np.int64), np.empty(5, np.bool_), np.empty(_FIELDS, np.int64)
    logs, totals = np.empty((_FIELDS, _CLASSES)), np.empty(_CLASSES)
    for k in range(n_candidates):
        compare(row, table[candidates[k]], asked, others, n, known.handful, known.photo_bits, levels, parts, held)
        likelihoods(levels, parts, held, known, logs)
        out[k] = log_odds(levels, held, logs, known, totals)


@nb.njit(cache=True, nogil=True)
def swept(
    first: int, last: int, table: Any, entity: Any, alive: Any, postings: Any, known: Any, line: float, pairs: Any,
    odds: Any,
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
        if not alive[row]:
            continue
        if found + CANDIDATES_MAX > len(odds):
            return -1 - row
        n = keys_of(table[row], asked, kinds)
        counts[:n] = 0
        ask(postings, asked, n, counts, holders)
        many = tally(holders, counts, kinds, n, entity, alive, entity[row], others, candidates)
        kept = 0
        for k in range(many):
            if candidates[k] < row:
                candidates[kept] = candidates[k]
                kept += 1
        judged(table[row], table, candidates, kept, asked, others, n, known, out)
        for k in range(kept):
            if out[k] >= line:
                pairs[found, 0], pairs[found, 1], odds[found] = row, candidates[k], out[k]
                found += 1
    return found
