"""Words written so that nobody looks for them: which are, and which name is in them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from agoranomos.engine.text import frequencies, machine
from agoranomos.engine.text.folding import INVISIBLE, LEET, LOOKALIKE, MISSPELT, REVERSED, SPACED
from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.frequencies import word_arrays
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.matching import Matcher
from agoranomos.engine.text.tangled import TangledNames
from agoranomos.engine.text.words import WordTable
from tests.engine.text.builders import make_matcher, make_phrase, raw_hits
from tests.keeping import kept_arrays

NAMES = ("Huawei", "Oakley", "Zara", "Karl Lagerfeld", "Guess", "Bang & Olufsen", "Rolex")


@cache
def names() -> Matcher:
    return make_matcher(*(make_phrase(name, by_near=True) for name in NAMES))


@cache
def resolver() -> TangledNames:
    table = kept_arrays("words", (frequencies,), lambda: Lexicon(word_arrays()))
    return TangledNames(names().lexicon, WordTable(table.arrays))


def tangled(title: str) -> list[str]:
    """The stretches of `title` that the machine calls tangled."""
    hits = raw_hits(names(), [(title, "", "")], every=False)
    offsets, raw = (1 << SOURCE_BITS) - 1, title.encode()
    found = []
    for place in np.flatnonzero(hits.spelling == machine.TANGLED_SPELLING).tolist():
        end = (int(hits.end[place]) & offsets) + 1
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end += 1
        found.append(raw[int(hits.begin[place]) & offsets : end].decode())
    return found


@pytest.mark.parametrize(
    "written",
    ["R o i e x", "g․u․e․s․z", "H\tu\ta\tw\te", "О　a　k　1　y", "o_a_k_i_e_y_s", "Rоlеxx", "hu\u200bavei", "R°l$&x7"],
)
@pytest.mark.parametrize("around", ["{}", "{} shoes 42", "新款 {} 男鞋"])
def test_a_word_that_nobody_looks_for_is_seen(written: str, around: str) -> None:
    assert tangled(around.format(written)) == [written]


@pytest.mark.parametrize(
    "title",
    [
        "S M L", "sizes 36 37 38 39 40", "1 2 3 4 5 6", "Кроссовки мужские 42", "café crème déjà", "USB-C 3.0 24V/12A",
        "2x4 m 10cm*20cm", "don't (new) [ok] !", "黑色 白色 A 款 B 款", "❤️ sale ❤️", "กระเป๋า สะพาย",
    ],
)  # fmt: skip
def test_what_honest_sellers_write_is_not(title: str) -> None:
    assert tangled(title) == []


@pytest.mark.parametrize(
    ("written", "name", "how"),
    [
        ("R o l e x", "Rolex", SPACED),
        ("r.o.l.e.z", "Rolex", SPACED | MISSPELT),
        ("H u a w e", "Huawei", SPACED | MISSPELT),
        ("Оаk1еу", "Oakley", LOOKALIKE | LEET),
        ("0аkIay", "Oakley", LOOKALIKE | LEET | MISSPELT),
        ("hu\u200bawi", "Huawei", INVISIBLE | MISSPELT),
        ("&u€$$", "Guess", LEET),
        ("K a r l L a g e r f e l t", "Karl Lagerfeld", SPACED | MISSPELT),
        ("x3|0®", "Rolex", LEET | REVERSED),
        ("K4®| L4g€r|=€|d", "Karl Lagerfeld", LEET),
        ("R o e l x", "Rolex", SPACED | MISSPELT),
        ("H.u.a.w.i.e", "Huawei", SPACED | MISSPELT),
    ],
)
def test_a_name_is_read_through_several_tricks_and_a_mistake(written: str, name: str, how: int) -> None:
    found = resolver().resolve(written)
    assert found is not None
    assert (names().lexicon.text_of(found.phrase), found.how) == (name, how)
    exact = resolver().resolve(name.replace("l", "1"))
    assert exact is None or exact.weight >= found.weight


def test_the_first_of_several_tangled_words_may_be_the_name() -> None:
    title = "R\u043el\u0435xx €x\u0430r@"
    assert tangled(title) == [title]
    found = resolver().resolve(title)
    assert found is not None
    assert title[: found.length] == "R\u043el\u0435xx"


@pytest.mark.parametrize(("written", "name"), [("Z*ra", "Zara"), ("Hu**ei", "Huawei"), ("gue#s", "Guess")])
def test_letters_that_a_sign_stands_for_are_guessed(written: str, name: str) -> None:
    assert tangled(f"{written} new") == [written]
    found = resolver().resolve(written)
    assert found is not None
    assert names().lexicon.text_of(found.phrase) == name


@pytest.mark.parametrize("written", ["*ara", "Z**a", "Z*r*", "Hu***ei", "G*e*t"])
def test_what_leaves_too_much_to_be_guessed_is_no_name(written: str) -> None:
    assert resolver().resolve(written) is None


def test_a_year_is_no_part_of_a_word() -> None:
    assert tangled("R\u043el\u0435xx2024新款") == ["R\u043el\u0435xx"]
    assert tangled("R.o.l.e.x2024新款") == ["R.o.l.e.x"]


@pytest.mark.parametrize(
    "written",
    [
        "z a r t",  # of four letters every one must be right
        "G U E S T",  # a word of its own
        "RO-123",  # a code
        "r o x",
        "S M L X L",
        "",
        "·" * 80,
        "|" * 80,
    ],
)
def test_other_words_are_no_names(written: str) -> None:
    assert resolver().resolve(written) is None
