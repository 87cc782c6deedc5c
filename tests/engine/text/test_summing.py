"""Words with a class add up within it alone, and everyday words only to what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.text import summing
from agoranomos.engine.text.matching import Limits, Matcher
from agoranomos.goods.listings.evidence import together
from tests.engine.text.builders import Texts, compiled, found, make_phrase, raw_hits

SAID = {"goldrak": (1, 4.8), "silvrek": (1, 3.4), "bronzol": (2, 3.4), "licrum": (1 << summing.APART_FROM, 3.0)}
"""Invented words, their classes and what they weigh."""
BESIDE = {"gramm": 1, "karton": 2}
FOOD, TOYS, PETS = 1, 2, 4


def sieve(kinds: Mapping[int, tuple[int, int]] | None = None, line: float = 4.0) -> Matcher:
    phrases = [make_phrase(text, classes=bits, plain=weight, hidden=1.5) for text, (bits, weight) in SAID.items()]
    phrases += [make_phrase(text, beside=bits) for text, bits in BESIDE.items()]
    phrases += [make_phrase("nemorid", name=1)]
    limits = Limits(
        line=(4.0, 4.0), class_line=line, class_below=0.6, class_beside=1.3, class_kinds=kinds or {}
    )  # fmt: skip
    return Matcher(compiled(*phrases), limits)


@pytest.fixture(scope="module")
def usual() -> Matcher:
    return sieve()


def kept(matcher: Matcher, *rows: Texts, stated: int = 0) -> list[bool]:
    title, text, brand = (pa.array([row[i] for row in rows], pa.string()) for i in range(3))
    hits = matcher.read(title, text, brand, np.zeros(len(rows)), np.full(len(rows), stated, np.uint32))
    return [row in hits.row for row in range(len(rows))]


@pytest.mark.parametrize(
    ("title", "text", "read"),
    [
        ("goldrak", "", True),
        ("plain cup", "goldrak", False),  # 2.9
        ("plain cup", "goldrak by the gramm", True),  # 2.9 + 1.3
        ("plain cup", "goldrak in a karton", False),  # of another class
        ("plain cup gramm karton", "", False),
        ("silvrek", "", False),
        ("silvrek", "gramm", True),
        ("silvrek", "goldrak", True),  # 3.4 + half of 2.9
        ("silvrek bronzol", "", False),  # two classes say nothing of each other
        ("silvrek licrum", "", True),  # but a licence is another matter
        ("silvrek silvrek silvrek", "silvrek", False),  # said once or four times
        ("s1lvrek", "", True),  # hidden, it says more
        ("plain cup", "nemorid", True),
    ],
)
def test_a_row_is_read_by_what_its_classes_come_to(usual: Matcher, title: str, text: str, read: bool) -> None:
    assert kept(usual, (title, text, "")) == [read]


def test_rows_are_summed_each_alone(usual: Matcher) -> None:
    assert kept(usual, ("gramm", "", ""), ("silvrek", "", ""), ("licrum", "", ""), ("bronzol", "", "")) == [False] * 4


@pytest.mark.parametrize(
    ("stated", "read"), [(0, True), (FOOD, True), (TOYS, False), (FOOD | TOYS, True), (1 << 30, True), (1 << 31, True)]
)
def test_a_class_is_of_some_kinds_of_goods(stated: int, read: bool) -> None:
    assert kept(sieve({0: (FOOD, 0)}), ("goldrak", "", ""), stated=stated) == [read]


@pytest.mark.parametrize(
    ("stated", "read"), [(0, True), (FOOD, True), (TOYS, False), (TOYS | PETS, True), (1 << 31, True)]
)
def test_a_class_is_never_of_others(stated: int, read: bool) -> None:
    assert kept(sieve({0: (0, TOYS)}), ("goldrak", "", ""), stated=stated) == [read]


def test_words_beside_are_no_hits_and_hide_none(usual: Matcher) -> None:
    assert [hit.phrase for hit in found(usual, [("gramm nemorid karton goldrak gramm", "", "")])] == [
        "nemorid",
        "goldrak",
    ]
    both = Matcher(
        compiled(make_phrase("gramm", name=1), make_phrase("gramm stein", beside=1)), Limits(line=(-1.0, -1.0))
    )
    assert [hit.text for hit in found(both, [("gramm stein", "", "")], every=False)] == ["gramm"]


def test_more_words_than_are_told_apart_keep_their_row() -> None:
    words = [f"wo{a}{b}kr" for a in "abdfg" for b in "aeiou"][: summing.WORDS_MAX + 1]
    matcher = Matcher(
        compiled(*(make_phrase(word, classes=1, plain=0.1, hidden=0.0) for word in words)),
        Limits(line=(4.0, 4.0), class_line=4.0),
    )
    assert kept(matcher, (" ".join(words[:-1]), "", ""), (" ".join(words), "", "")) == [False, True]


_WORDS = st.lists(st.tuples(st.integers(1, 2**64 - 1), st.floats(0.1, 8.0)), min_size=1, max_size=summing.WORDS_MAX)


@given(_WORDS, st.integers(0, 2**64 - 1))
def test_the_sum_is_never_too_low(words: list[tuple[int, float]], beside: int) -> None:
    sets = np.array([bits for bits, _ in words], np.uint64)
    weights = np.array([weight for _, weight in words])
    kinds = np.zeros((summing.CLASSES_MAX, 2), np.uint32)
    most = summing.most_of_classes(len(words), sets, weights, np.uint64(beside), 1.3, np.uint32(0), kinds)
    sums = [0.0, 0.0]
    for number in range(summing.CLASSES_MAX):
        mine = [weight for bits, weight in words if bits >> number & 1]
        if mine:
            whole = together([*mine, *([1.3] if beside >> number & 1 else [])])
            family = int(number >= summing.APART_FROM)
            sums[family] = max(sums[family], whole)
    assert sum(sums) <= most + 1e-9
    assert most <= 1.5 * sum(sums) + 2 * 1.3 + sum(weights), "and not far too high"


def test_hits_are_the_same_whatever_a_class_says(usual: Matcher) -> None:
    hits = raw_hits(usual, [("goldrak nemorid", "silvrek", "")], every=False)
    assert len(hits) == 3
