"""Which of the rows that the sieve kept are read: what can be told from a hit alone is told before a row is.

A disguise weighs much in the sieve, and many are none whoever wrote them: "só" is a word, "IP54" a code. That hangs on
the spelling and on the seller's characters alone, so it is found out once for each and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import machine
from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.matching import FIELDS, Hits, Matcher, raw_texts
from agoranomos.goods.listings.reading import Reader

_Raw = Callable[[int, int, int], bytes]


def rows_worth_reading(batch: pa.RecordBatch, hits: Hits, reader: Reader, matcher: Matcher) -> list[int]:
    """The rows with hits (ascending), without those that nothing kept but what is neither name nor disguise."""
    rows = set(np.unique(hits.row).tolist())
    columns = [raw_texts(batch[name]) for name in FIELDS]

    def raw(row: int, begin: int, end: int) -> bytes:
        return columns[begin >> SOURCE_BITS].at(row, begin, end)

    rows -= _only_resembling(hits, reader, raw)
    idle = _idle(hits, reader, raw)
    rows -= _openly_written(hits, idle, reader, matcher, raw, columns[FIELDS.index("brand")].offsets)
    return sorted(rows)


def _only_resembling(hits: Hits, reader: Reader, raw: _Raw) -> set[int]:
    """The rows that only something kept that resembles a name and is none."""
    resembling = (hits.spelling < machine.DIGITS_SPELLING) & (hits.spelling != machine.LOOSE_SPELLING)
    doubtful = np.flatnonzero((hits.extra == 1) & resembling)
    if not doubtful.size:
        return set()
    alone = set(hits.row[(hits.extra == 1) & (hits.spelling != machine.LOOSE_SPELLING)].tolist())
    alone -= set(hits.row[hits.spelling == machine.LOOSE_SPELLING].tolist())
    places = zip(*(array[doubtful].tolist() for array in (hits.row, hits.spelling, hits.begin, hits.end)), strict=True)
    for row, spelling, begin, end in places:
        if row in alone and reader.could_mean(spelling, raw(row, begin, end)):
            alone.discard(row)
    return alone


def _idle(hits: Hits, reader: Reader, raw: _Raw) -> npt.NDArray[np.bool_]:
    """Which hits are tangled words in which no name is (bool, one a hit)."""
    idle = np.zeros(len(hits), np.bool_)
    for at in np.flatnonzero(hits.spelling == machine.TANGLED_SPELLING).tolist():
        written = raw(int(hits.row[at]), int(hits.begin[at]), int(hits.end[at]))
        idle[at] = not reader.could_mean(machine.TANGLED_SPELLING, written)
    return idle


def _openly_written(
    hits: Hits, idle: npt.NDArray[np.bool_], reader: Reader, matcher: Matcher, raw: _Raw,
    brand_at: npt.NDArray[np.int64],
) -> set[int]:  # fmt: skip
    """The rows that only seeming disguises kept: all else in them are names that say little by themselves."""
    known = np.where(hits.spelling < 0, 0, hits.spelling)
    spellings: npt.NDArray[Any] = matcher.lexicon.arrays["spellings"][known]
    slight = (spellings["name_of"] >= 0) & (spellings["plain_weight"] <= machine.SMALL) & (spellings["floor"] == 0)
    slight &= spellings["classes"] == 0
    hidden = (hits.spelling >= 0) & (hits.how != 0)
    weighty = ((hits.spelling < 0) | ~(slight | hidden)) & ~idle
    rows = set(hits.row[hidden].tolist()) - set(hits.row[weighty].tolist())
    if not rows:
        return rows
    named = np.bincount(hits.row[slight], weights=spellings["names_in"][slight], minlength=len(brand_at))
    limits = matcher.limits
    for row in list(rows):
        weight = machine.SMALL + (limits.stuffed if named[row] >= limits.stuffed_from else 0.0)
        weight += limits.contradicted if brand_at[row + 1] > brand_at[row] else 0.0
        if weight >= limits.line[0]:
            rows.discard(row)
    columns = (hits.row, hits.spelling, hits.how, hits.begin, hits.end, slight)
    for row, spelling, how, begin, end, name in zip(*(column[hidden].tolist() for column in columns), strict=True):
        if row in rows and reader.could_hide(spelling, how, raw(row, begin, end), slight=name):
            rows.discard(row)
    return rows
