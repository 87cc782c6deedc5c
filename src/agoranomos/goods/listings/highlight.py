"""The seller's text cut into plain and suspicious pieces, so that a page can mark the suspicious
ones.

Offsets are Unicode code points, as everywhere in Python, so characters outside the basic plane
count once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.sentences import reads_otherwise

_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


class Words(msgspec.Struct, frozen=True):
    """A span and what it reads as; `text` guards against offsets of another text."""

    start: int
    end: int
    text: str
    reads: str

    @property
    def reads_otherwise(self) -> bool:
        """Whether `reads` says more than the words themselves do."""
        return reads_otherwise(self.text, self.reads)


class Piece(msgspec.Struct, frozen=True):
    """A piece of the text; `reads` are the normal forms of a marked piece that differ from what it
    shows.
    """

    text: str
    marked: bool = False
    reads: tuple[str, ...] = ()


def pieces(text: str, spans: Iterable[Words]) -> list[Piece]:
    """`text` in pieces that join to exactly `text`; spans that overlap or touch inside become one
    mark.

    A mark never parts a letter from its accents: browsers would draw the accent on a letter of its
    own. Spans that do not fit the text are left out; a page with one mark too few beats no page.
    """
    fitting = sorted(
        (span for span in spans if 0 <= span.start < span.end and text[span.start : span.end] == span.text),
        key=lambda span: (span.start, -span.end),
    )
    marks: list[tuple[int, int, list[Words]]] = []
    for span in fitting:
        start, end = _whole(text, span.start, span.end)
        if marks and start < marks[-1][1]:
            first, last, members = marks[-1]
            marks[-1] = (first, max(last, end), [*members, span])
        else:
            marks.append((start, end, [span]))
    found: list[Piece] = []
    done = 0
    for start, end, members in marks:
        if start > done:
            found.append(Piece(text[done:start]))
        reads = dict.fromkeys(span.reads for span in members if reads_otherwise(span.text, span.reads))
        found.append(Piece(text[start:end], marked=True, reads=tuple(reads)))
        done = end
    if done < len(text):
        found.append(Piece(text[done:]))
    return found


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened to whole characters as people see them."""
    while start > 0 and _belongs_to_previous(text, start):
        start -= 1
    while end < len(text) and _belongs_to_previous(text, end):
        end += 1
    return start, end


def _belongs_to_previous(text: str, place: int) -> bool:
    char = text[place]
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me")
        or char == _ZERO_WIDTH_JOINER
        or text[place - 1] == _ZERO_WIDTH_JOINER
        or _SKIN_TONES[0] <= char <= _SKIN_TONES[1]
    )
