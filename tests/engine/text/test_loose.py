"""Names read letter by letter: letters drawn with signs, repeated, mistaken; and what is no such name."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from agoranomos.engine.text import loose, machine, signart
from agoranomos.engine.text.folding import INVISIBLE, LEET, MISSPELT, SPACED, letters_of
from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.matching import Matcher
from tests.engine.text.builders import make_matcher, make_phrase, raw_hits

NAMES = ("Huawei", "Oakley", "Zara", "Karl Lagerfeld", "Red Wing", "Guess", "Bang & Olufsen", "Lancôme")


@cache
def names() -> Matcher:
    return make_matcher(*(make_phrase(name, by_near=True) for name in NAMES))


def read(title: str, brand: str = "") -> list[tuple[str, str, int]]:
    """What was written, the name that it was read as, and how."""
    hits = raw_hits(names(), [(title, "", brand)], every=False)
    phrases = names().lexicon.arrays["loose_phrases"]
    found = []
    for place in np.flatnonzero(hits.spelling == machine.LOOSE_SPELLING).tolist():
        raw = (title, "", brand)[hits.begin[place] >> SOURCE_BITS].encode()
        offsets = (1 << SOURCE_BITS) - 1
        text = raw[hits.begin[place] & offsets : (hits.end[place] & offsets) + 1].decode()
        phrase = phrases[hits.extra[place] & (1 << loose.NAME_BITS) - 1]
        found.append((text, names().lexicon.text_of(int(phrase)), int(hits.how[place])))
    return found


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("|-|u@w&!", "Huawei"),
        ("#u/-\\wei", "Huawei"),
        ("[]/-\\|<l3'/", "Oakley"),
        ("0@|{ley", "Oakley"),
        ("z/-\\r@", "Zara"),
        ("|<ar| lag€|2feld", "Karl Lagerfeld"),
        ("®&d \\/\\/ing", "Red Wing"),
        ("&(_)ess", "Guess"),
        ("l@nc()me", "Lancôme"),
        ("13@n& & ()lufsen", "Bang & Olufsen"),
    ],
)
@pytest.mark.parametrize("around", ["{} shoes 42", "新款 {} 男鞋", "太阳镜{}2024新款"])
@pytest.mark.slow
def test_drawn_letters_are_read_and_traced_back(written: str, name: str, around: str) -> None:
    [(text, reads, how)] = read(around.format(written))
    assert (text, reads) == (written, name)
    assert how & LEET


@pytest.mark.slow
def test_several_tricks_at_once_keep_the_name() -> None:
    [(_, name, how)] = read("|-|u\u200b@w&!!! watch")
    assert name == "Huawei"
    assert how & LEET
    assert how & INVISIBLE
    [(_, name, how)] = read("|-| . u . @ . w . & . !")
    assert name == "Huawei"
    assert how & SPACED


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("karrl laagerfeld", "Karl Lagerfeld"),
        ("Karl Lagerfled", "Karl Lagerfeld"),
        ("KARL LAGERFEKD", "Karl Lagerfeld"),
        ("karl lagefeld", "Karl Lagerfeld"),
        ("Karl-Lagerfeldd", "Karl Lagerfeld"),
        ("redd wiing", "Red Wing"),
        ("Red Wimg", "Red Wing"),
    ],
)
@pytest.mark.slow
def test_names_of_several_words_are_read_with_a_slip(written: str, name: str) -> None:
    for title in (f"{written} bag", f"新款{written} 包", f"men's {written}"):
        [(text, reads, how)] = read(title)
        assert (text, reads) == (written, name)
        assert how & MISSPELT
        assert not how & LEET


@pytest.mark.parametrize(
    "title",
    [
        *NAMES,
        "[HUAWEI] (Oakley) {Zara} Guess+Zara Huawei/Oakley Guess! Karl Lagerfeld(女)",
        "1/2 inch (12 pcs) 5*10*20cm 50% off & more!!! A/C [new] {x} | y",
        "8055 6100 2122 13-17 #1 @home $20 50€ 10£",
        "karl marx, bang olaf",
        "red wingspan",
        "|-|",
        "",
    ],
)
def test_plain_names_numbers_and_brackets_are_not(title: str) -> None:
    assert read(title) == []


def test_the_brand_field_is_read_and_the_description_is_not() -> None:
    assert [name for _, name, _ in read("shirt", brand="&(_)ess")] == ["Guess"]
    hits = raw_hits(names(), [("shirt", "&(_)ess", "")], every=False)
    assert machine.LOOSE_SPELLING not in hits.spelling


def test_a_text_made_to_be_slow_is_left_after_so_many_steps() -> None:
    assert len(read("[]" * 5000 + " " + "(_)|" * 5000)) <= 1


def test_rows_are_read_in_order_however_many_there_are() -> None:
    rows = [(f"|-|u@w&! {i}", "", "") for i in range(20_000)]
    hits = raw_hits(names(), rows, every=False)
    drawn = hits.row[hits.spelling == machine.LOOSE_SPELLING]
    assert drawn.tolist() == list(range(20_000))
    assert np.all(np.diff(hits.row) >= 0)


def test_drawings_are_of_letters_the_fold_knows() -> None:
    assert set(signart.DRAWN) == {letters_of(char)[0] for char in "abcdefghijkmnopqrstuvwxyz"}
    for raw, letter in signart.drawings():
        assert chr(letter) in signart.DRAWN
        known = f"{signart.DRAWN[chr(letter)]} {signart.EMOJI.get(chr(letter), '')}"
        assert raw.decode() in known.split()


@pytest.mark.parametrize("written", ["Jiimmy Choo", "Jiimmy Chhoo", "Jimmyy Choo", "Jiill Sanderr"])
def test_letters_are_repeated_where_other_names_have_two(written: str) -> None:
    matcher = make_matcher(*(make_phrase(name, by_near=True) for name in ("Jimmy Choo", "Jil Sander", "Jiliana")))
    hits = raw_hits(matcher, [(f"{written} bag", "", "")], every=False)
    [place] = np.flatnonzero(hits.spelling == machine.LOOSE_SPELLING).tolist()
    assert int(hits.how[place]) & MISSPELT
