"""Which of the rows that the sieve kept are read: what can be told from a hit alone is told before a row is.

Hits that are nothing by themselves are struck out, and what is left of a row is weighed again by the machine's rule.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import machine, weighing
from agoranomos.engine.text.matching import FIELDS, Hits, Matcher, spans
from agoranomos.engine.text.written import Spans
from agoranomos.goods.listings.alone import HIDDEN, NOTHING, Alone
from agoranomos.goods.listings.detectors.contact_in_text import BEFORE_NUMBER, BEHIND_CUE, DETECTOR, holds_mailbox

_BYTES: Final = 4
"""Bytes of a character at most."""
_FOLLOWED: Final = weighing.ACCOUNT | weighing.IN_WORDS
_CUED_WITHIN: Final = DETECTOR.settings.reach * _BYTES + _BYTES


def rows_worth_reading(
    batch: pa.RecordBatch,
    hits: Hits,
    alone: Alone,
    matcher: Matcher,
    price: npt.NDArray[np.float64],
    stated: npt.NDArray[np.uint32],
) -> list[int]:
    """The rows with hits (ascending) that may still reach a line when what is nothing by itself is left out.

    price, stated: as the matcher was given them.
    """
    loosely = (hits.spelling == machine.LOOSE_SPELLING) | (hits.spelling == machine.TANGLED_SPELLING)
    resembling = (hits.spelling < weighing.DIGITS_SPELLING) & ~loosely
    heavy = np.unique(hits.row[~loosely & (hits.extra & weighing.RESEMBLING == 0)])
    columns = [batch[name] for name in FIELDS]
    reach = np.zeros(batch.num_rows, np.bool_)
    reach[heavy] = True
    reach[_sunk(hits.where(reach[hits.row]), columns, alone, matcher, price, stated)] = False
    doubtful = hits.where((resembling | loosely) & ~reach[hits.row])
    said = spans(columns, doubtful).all()
    each = (doubtful.row, doubtful.spelling, doubtful.how, doubtful.extra)
    for row, spelling, how, extra, raw in zip(*(column.tolist() for column in each), said, strict=True):
        if not reach[row]:
            reach[row] = alone.could_mean(spelling, raw, how, extra)
    rows: list[int] = np.flatnonzero(reach).tolist()
    return rows


def _sunk(
    hits: Hits, columns: list[Any], alone: Alone, matcher: Matcher, price: npt.NDArray[np.float64],
    stated: npt.NDArray[np.uint32],
) -> list[int]:  # fmt: skip
    """The rows of `hits` that reach no line without the hits that are nothing."""
    spellings: npt.NDArray[Any] = matcher.lexicon.arrays["spellings"]
    form = spellings[np.maximum(hits.spelling, 0)]
    seeming = (hits.spelling >= 0) & ((hits.how != 0) | (form["name_of"] < 0))
    doubtful = np.flatnonzero(seeming | (hits.spelling == weighing.DIGITS_SPELLING))
    left = Hits(hits.row, hits.spelling.copy(), hits.begin, hits.end, hits.how.copy(), hits.extra.copy())
    asked = hits.where(doubtful)
    where = spans(columns, asked)
    calling = (form["concern"][doubtful] == 1) & (asked.spelling >= 0)
    _strike(asked, where, calling, left, doubtful, alone)
    changed = np.zeros(len(price), np.bool_)
    for one, other in ((left.spelling, hits.spelling), (left.how, hits.how), (left.extra, hits.extra)):
        changed[hits.row[one != other]] = True
    fielded = np.zeros(len(price), np.bool_)
    fielded[changed] = [bool(text) for text in columns[FIELDS.index("brand")].filter(pa.array(changed)).to_pylist()]
    rows, reached = matcher.weigh_again(left.where(changed[hits.row]), price, stated, fielded)
    by_mail = rows[reached == weighing.BY_MAIL].tolist()
    without = [row for row in by_mail if not any(holds_mailbox(column[row].as_py() or "") for column in columns[:2])]
    return [*rows[reached == weighing.BELOW].tolist(), *without]


def _strike(
    asked: Hits, where: Spans, calling: npt.NDArray[np.bool_], left: Hits, places: npt.NDArray[np.int64], alone: Alone
) -> None:
    """Strikes out of `left` those of the hits `asked`, which stand there at `places`, that are nothing.

    calling: which of them are contact cues.
    """
    said = where.all()
    columns = (asked.spelling, asked.how, asked.extra, calling, places)
    cues: dict[tuple[int, int], list[int]] = {}  # row and field → where its cues end
    rows: set[int] = set()
    numbers: list[int] = []
    for number, (spelling, how, extra, calls, at) in enumerate(zip(*(each.tolist() for each in columns), strict=True)):
        raw = said[number]
        if spelling < 0:
            numbers.append(number)
            continue
        if how:
            seems = alone.seems(spelling, how, raw)
            if seems == NOTHING:
                left.spelling[at] = weighing.STRUCK_SPELLING
                continue
            if seems != HIDDEN:
                left.how[at] = 0
        elif not alone.is_said(spelling, raw):
            left.spelling[at] = weighing.STRUCK_SPELLING
            continue
        if calls:
            row, field = int(asked.row[number]), int(where.field[number])
            cues.setdefault((row, field), []).append(int(where.stop[number]))
            rows.add(row)
            if extra & _FOLLOWED:
                behind = where.behind(number, BEHIND_CUE * _BYTES)
                left.extra[at] = (extra & ~_FOLLOWED) | alone.followed(spelling, raw, behind)
    for number in numbers:
        row, field, start = int(asked.row[number]), int(where.field[number]), int(where.start[number])
        gaps = [start - stop for stop in cues.get((row, field), ()) if 0 <= start - stop <= _CUED_WITHIN]
        chinese = bool(asked.extra[number] & weighing.HAN)
        before = where.before(number, BEFORE_NUMBER * _BYTES)
        # A letter in front of it makes it a code, unless the cue itself does.
        cued = 0 in gaps or (bool(gaps) and not before[-1:].isalpha())
        if not alone.is_number(said[number], before, cued=cued, chinese=chinese):
            left.spelling[places[number]] = weighing.STRUCK_SPELLING
