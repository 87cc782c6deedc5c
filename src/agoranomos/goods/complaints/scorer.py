"""The reader of complaints: a text in, its score and the words that make it out."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from agoranomos.goods.complaints.folding import Folded
from agoranomos.goods.complaints.language import language_of
from agoranomos.goods.complaints.model import Reading, Span
from agoranomos.goods.complaints.reading import reader
from agoranomos.goods.complaints.vocabulary import shipped_codes, vocabulary_version
from agoranomos.goods.complaints.weighing import MOODS, probability, weights

SCORER_VERSION: Final = f"1:{vocabulary_version()}"
"""Changes when answers may change."""
CHARACTERS_MAX: Final = 20_000
"""More of a text is not read: nobody complains at such length, and time must be bounded."""
_SILENT: Final = frozenset((*MOODS, "plain"))


@lru_cache(maxsize=64)
def says_fake(text: str) -> float:
    """How probably the writer says or suspects that the goods are fake; remembered for those who ask next."""
    return read_text(text).score


def read_text(text: str) -> Reading:
    """Whether the writer of `text` says or suspects that the goods are fake."""
    folded = Folded(text[:CHARACTERS_MAX])
    lang = language_of(folded.text)
    codes = shipped_codes()
    # A text that is not read may still hold words that are: 正品 in a Japanese one, "fake" in a Spanish one.
    marks = [*reader("zh" if lang == "zh" else "en").marks(folded.text)]
    adds = weights(marks, codes)
    spans = tuple(
        Span(*folded.source(mark.start, mark.end), mark.code, weight)
        for mark, weight in zip(marks, adds, strict=True)
        if mark.code not in _SILENT
    )
    return Reading(probability(codes.prior + sum(adds)), spans, lang)
