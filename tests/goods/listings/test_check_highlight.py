"""Marking the suspicious words never changes the text around them."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.listings.highlight import Piece, Words, pieces


def words(text: str, start: int, end: int, reads: str = "") -> Words:
    return Words(start, end, text[start:end], reads)


ALPHABET = st.one_of(
    st.sampled_from(
        "ab <>&\"'\n\u0301\u0483\u200b\u200d\u202e\u05d0\u0639\u4f60\ufe0f\U0001f468\U0001f469\U0001f3fd\U00020bb7"
    ),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.text(ALPHABET, max_size=40)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Words]]:
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(places, places), max_size=6))
    return text, [words(text, min(pair), max(pair), draw(st.text(max_size=3))) for pair in spans]


@given(texts_with_spans())
def test_pieces_join_to_the_text_and_cover_every_span(case: tuple[str, list[Words]]) -> None:
    text, spans = case
    found = pieces(text, spans)
    assert "".join(piece.text for piece in found) == text
    assert all(piece.text for piece in found)
    marked = [piece.marked for piece in found for _ in piece.text]
    for span in spans:
        assert all(marked[span.start : span.end])
    asked = {place for span in spans for place in range(span.start, span.end)}
    # Beyond what was asked, at most the rest of a character that people see as one is marked.
    for place in set(range(len(text))) - asked:
        if marked[place]:
            neighbours = text[max(0, place - 40) : place + 40]
            assert any(
                unicodedata.category(char).startswith("M")
                or char in "\u200d\U0001f3fd"
                or "\U0001f3fb" <= char <= "\U0001f3ff"
                for char in neighbours
            )


@given(texts_with_spans())
def test_no_piece_begins_with_an_accent(case: tuple[str, list[Words]]) -> None:
    found = pieces(*case)
    for before, piece in pairwise(found):
        assert before.text
        assert not unicodedata.combining(piece.text[0])


@given(texts_with_spans())
def test_spans_of_another_text_are_left_out(case: tuple[str, list[Words]]) -> None:
    text, spans = case
    shifted = [Words(span.start + 1, span.end + 1, span.text + "x", span.reads) for span in spans]
    assert pieces(text, shifted) == ([Piece(text)] if text else [])


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        (
            "\U0001f45f N1ke \U0001f525",
            [(2, 6, "nike")],
            [Piece("\U0001f45f "), Piece("N1ke", True, ("nike",)), Piece(" \U0001f525")],
        ),
        (
            "Ni\u0301ke",
            [(0, 2, "nl")],
            [Piece("Ni\u0301", True, ("nl",)), Piece("ke")],
        ),
        (
            "abcdef",
            [(0, 3, "x"), (2, 5, "y"), (2, 5, "x")],
            [Piece("abcde", True, ("x", "y")), Piece("f")],
        ),
        ("abcd", [(0, 2, "ab"), (2, 4, "")], [Piece("ab", True), Piece("cd", True)]),
        (
            "\u05d0\u05d1 wx",
            [(3, 5, "\u5fae\u4fe1")],
            [Piece("\u05d0\u05d1 "), Piece("wx", True, ("\u5fae\u4fe1",))],
        ),
        ("VX wx", [(0, 2, "vx")], [Piece("VX", True), Piece(" wx")]),
        ("", [], []),
    ],
)
def test_known_cases(text: str, spans: list[tuple[int, int, str]], expected: list[Piece]) -> None:
    assert pieces(text, [words(text, *span) for span in spans]) == expected
