"""With which few characters a pattern can begin: never too few."""

from __future__ import annotations

import re

import pytest

from agoranomos.goods.complaints.folding import Folded
from agoranomos.goods.complaints.prefixes import ANY, can_begin, prefixes
from agoranomos.goods.complaints.vocabulary import shipped_language
from benchmarks.complaints import written


@pytest.mark.parametrize(
    ("pattern", "forms"),
    [
        ("假货", {"假货"}),
        ("假|仿的", {"假", "仿的"}),
        ("fakes?", {"fak"}),
        ("(?:very )?fake", {"ver", "fak"}),
        (r"a\w*b", {"ab", f"a{ANY}{ANY}"}),
        ("[xy]{0,2}z", {"z", f"x{ANY}{ANY}", f"y{ANY}{ANY}"}),
        (r"(?<!n)\bno(?=t)", {"no"}),
        (r"k\.{1,2}(?:s|t)?", {f"k.{ANY}"}),
    ],
)
def test_what_a_match_can_begin_with(pattern: str, forms: set[str]) -> None:
    assert prefixes(pattern, 3) == forms


def test_the_end_of_a_text_is_no_character() -> None:
    assert can_begin(frozenset({"fake"}), "fake")
    assert not can_begin(frozenset({"fake"}), "fak")
    assert can_begin(frozenset({"fa"}), "fak")
    assert can_begin(frozenset({f"f{ANY}"}), "fx")


@pytest.mark.parametrize(("lang", "length"), [("zh", 2), ("en", 4), ("en", 1)])
def test_no_phrase_of_the_vocabulary_is_left_out_where_it_matches(lang: str, length: int) -> None:
    phrases = [re.compile(one.pattern) for one in shipped_language(lang).phrase]
    beginnings = [prefixes(one.pattern, length) for one in shipped_language(lang).phrase]
    matched = 0
    for row in [*written(lang), *written(lang, "later")][::4]:
        text = Folded(row.text).text
        for pattern, forms in zip(phrases, beginnings, strict=True):
            for found in pattern.finditer(text):
                matched += 1
                assert can_begin(forms, text[found.start() : found.start() + length]), (pattern.pattern, found[0])
    assert matched > 60
