"""A small lexicon, and what the machine finds with it, in the terms of the people who read texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import folding, folds, frequencies, lexicon, nearby
from agoranomos.engine.text.folding import fold_table
from agoranomos.engine.text.lexicon import Lexicon, Phrase, compile_lexicon, fold_texts
from agoranomos.engine.text.matching import FIELDS, Hits, Limits, Matcher, how_names
from tests.keeping import kept_arrays

Texts = tuple[str, str, str]
"""Title, description and brand field."""


class Hit(NamedTuple):
    """One hit: `field[start:end]` in code points is `text` and stands for `phrase`."""

    row: int
    field: str
    start: int
    end: int
    text: str
    phrase: str
    ways: tuple[str, ...]


def make_phrase(text: str, **fields: Any) -> Phrase:
    """A name that weighs enough to be kept by every sieve."""
    return Phrase(**{"text": text, "kind": 1, "ref": 0, "plain": 9.0, "hidden": 9.0, **fields})


@cache
def _words() -> npt.NDArray[np.uint8]:
    made_by = (folding, folds, frequencies, lexicon, nearby)
    table = kept_arrays("ordinary", made_by, lambda: Lexicon({"words": lexicon._word_table(fold_table())}))
    return table.arrays["words"]


def compiled(*phrases: Phrase) -> Lexicon:
    """A lexicon of `phrases`; the table of ordinary words, which takes seconds, is made once."""
    with mock.patch.object(lexicon, "_word_table", return_value=_words()):
        return compile_lexicon(phrases)


def make_matcher(*phrases: Phrase | str, line: float = -1.0) -> Matcher:
    """A matcher of `phrases`; rows that cannot reach `line` are dropped unless `every` is asked for."""
    given = [make_phrase(one) if isinstance(one, str) else one for one in phrases]
    return Matcher(compiled(*given), Limits(line=(line, line)))


def raw_hits(matcher: Matcher, rows: Sequence[Texts], *, every: bool = True, prices: Sequence[float] = ()) -> Hits:
    """What the machine gives for `rows`."""
    title, text, brand = (pa.array([row[i] for row in rows], pa.string()) for i in range(3))
    known = np.array(prices or [0.0] * len(rows), np.float64)
    return matcher.read(title, text, brand, known, every=every)


def found(matcher: Matcher, rows: Sequence[Texts], *, every: bool = True) -> list[Hit]:
    """The hits of phrases in `rows` (not those of digits, sounds and near misses)."""
    hits = raw_hits(matcher, rows, every=every)
    answer = []
    for row, spelling, begin, last, how in zip(
        hits.row.tolist(),
        hits.spelling.tolist(),
        hits.begin.tolist(),
        hits.end.tolist(),
        hits.how.tolist(),
        strict=True,
    ):
        if spelling < 0:
            continue
        place = (
            begin >> folds.SOURCE_BITS,
            begin & ((1 << folds.SOURCE_BITS) - 1),
            last & ((1 << folds.SOURCE_BITS) - 1),
        )
        assert last >> folds.SOURCE_BITS == place[0], "a hit begins and ends in one field"
        text = rows[row][place[0]]
        start, end = code_points(text, place[1], place[2])
        names = {matcher.lexicon.text_of(phrase) for phrase in matcher.lexicon.phrases_of(spelling)}
        answer.append(Hit(row, FIELDS[place[0]], start, end, text[start:end], min(names), how_names(how)))
    return answer


def code_points(text: str, first: int, last: int) -> tuple[int, int]:
    """Byte offsets of the first and last character of a stretch as start and end in code points."""
    raw = text.encode()
    end = last + 1
    while end < len(raw) and raw[end] & 0xC0 == 0x80:
        end += 1
    start = len(raw[:first].decode())  # raises when the offset is not on a border of characters
    return start, start + len(raw[first:end].decode())


def texts_in(matcher: Matcher, title: str) -> list[str]:
    """The stretches of `title` in which something was found, in order."""
    return [hit.text for hit in found(matcher, [(title, "", "")])]


def folded(text: str) -> bytes:
    """The letters of `text` as the machine reads them."""
    return fold_texts([text], fold_table()).letters_of(0)
