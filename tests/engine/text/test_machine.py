"""The compiled heart: it never leaves its arrays, finds through disguises, and shows the way back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agoranomos.engine.text import machine
from agoranomos.engine.text.entering import BLOCK
from agoranomos.engine.text.lexicon import Phrase
from agoranomos.engine.text.matching import Matcher
from tests.drawing import examples
from tests.engine.text.builders import (
    Texts,
    folded,
    found,
    make_matcher,
    make_phrase,
    raw_hits,
    texts_in,
)

NAMES = (
    "Nike",
    "Louis Vuitton",
    "adidas",
    "耐克",
    "莆田",
    "Ray-Ban",
    "3M",
    "나이키",
    "Häagen-Dazs",
    "プーマ",
)


@cache
def names() -> Matcher:
    return make_matcher(*NAMES)


# Characters that take room when spelled out, that combine, turn, hide, or end in the middle of a word.
_ODD = (
    "\0\t\n  　\u200b\u200d\u2060\ufeff\u00ad\u0301\u0308\u0336\u20e3\u202e\u2067\ue0001\uffff\ufffd"
    "İıßﬁﬃ㎏™'’`:：∶!|@$€+&＆0O1lI①７七〇Ｎｋⓔ𝐍𝓲🅺🇪ñéʞǝЕкᴋ"
    "耐克莆田나이키プー龍אبग🐧✈☎👨\u200d👩\U0001f3fb\U00020000\U000e0041\U0010ffff"
)
_CHARS = st.one_of(
    st.sampled_from(_ODD),
    st.sampled_from("NIKEnikeadslouv tn-._"),
    st.characters(exclude_categories=["Cs"]),
)
_PIECES = st.one_of(st.text(_CHARS, max_size=12), st.sampled_from(NAMES), st.just(" "))
# As long as the spellings of these characters are, no text of them may leave the buffers.
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)


@given(st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS), max_size=6), st.booleans())
def test_reads_any_text_and_every_hit_lies_in_its_field(rows: list[Texts], every: bool) -> None:
    for hit in found(names(), rows, every=every):
        assert 0 <= hit.start < hit.end <= len(rows[hit.row][("title", "description", "brand").index(hit.field)])


@given(st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS), min_size=1, max_size=4))
@example([("x€uro N!ke", "Nike's", "NIKE")])
@example([("İ Nike", "ß耐克", "ﬁﬁ adidas")])
def test_a_hit_folds_to_its_phrase(rows: list[Texts]) -> None:
    for hit in found(names(), rows):
        # What a sign stands for depends on its neighbours, so it is read with letters around it too.
        readings = {
            folded(before + hit.text + after).removeprefix(before.encode()).removesuffix(after.encode())
            for before in ("", "x")
            for after in ("", "x")
        }
        assert folded(hit.phrase) in readings, hit


@pytest.mark.parametrize(
    "before",
    [
        "",
        "İ ",
        "ß ",
        "ﬁ, ",
        "𝔘𠀀 ",
        "한글 ",
        "e\u0301 ",
        "👨\u200d👩\u200d👧 ",
        "龍",
        "\0",
        "a\u0336 ",
    ],
)
@pytest.mark.parametrize("name", ["Nike", "Ｎ１ＫＥ", "𝐍𝐢𝐤𝐞", "N\u200bike", "ñíke", "耐克", "나이키", "Louis  Vuitton"])
@pytest.mark.parametrize("after", ["", " İ", " 鞋", "!", "\u200b "])
def test_offsets_are_right_behind_any_characters(before: str, name: str, after: str) -> None:
    hits = found(names(), [(before + name + after, "", "")])
    assert [(hit.start, hit.text) for hit in hits] == [(len(before), name)]


def test_fields_are_told_apart() -> None:
    hits = found(names(), [("é Nike", "ü adidas", "ß 耐克")])
    assert {(hit.field, hit.start, hit.text) for hit in hits} == {
        ("title", 2, "Nike"),
        ("description", 2, "adidas"),
        ("brand", 2, "耐克"),
    }


def test_no_hit_runs_over_the_border_of_two_fields() -> None:
    assert found(names(), [("Ni", "ke", "Ni")]) == []
    assert found(names(), [("耐", "克", "耐")]) == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Nike", ()),
        ("NIKE", ()),
        ("nike", ()),
        ("Nike's", ()),
        ("ＮＩＫＥ", ("styled",)),
        ("𝐍𝐢𝐤𝐞", ("styled",)),
        ("🄽🄸🄺🄴", ("styled",)),
        ("Niкe", ("lookalike",)),
        ("Νіке", ("lookalike",)),
        ("n1ke", ("leet",)),
        ("nik3", ("leet",)),
        ("ad!das", ("leet",)),
        ("ni\u200bke", ("invisible",)),
        ("n\u20e3i\u20e3k\u20e3e\u20e3", ("invisible",)),
        ("niʞe", ("turned",)),
        ("ñike", ("marked",)),
        ("ñīkë", ("marked", "mark_game")),
        ("nIkE", ("case_game",)),
        ("N I K E", ("spaced",)),
        ("n.i.k.e", ("spaced",)),
        ("n🔥i🔥k🔥e", ("spaced",)),
        ("nlke", ("swapped",)),
        ("Louis Vuitton", ()),
        ("LOUIS-VUITTON", ()),
        ("LouisVuitton", ()),
        ("Lоuіs Vuіttоn", ("lookalike",)),
        ("L0uis Vuitt0n", ("leet",)),
        ("L.o.u.i.s V.u.i.t.t.o.n", ("spaced",)),
        ("Adidas", ()),
        ("ad1das", ("leet",)),
        ("@didas", ("leet",)),
        ("adida$", ("leet",)),
        ("аdidаs", ("lookalike",)),
        ("ａｄｉｄａｓ", ("styled",)),
        ("a d i d a s", ("spaced",)),
        ("耐克", ()),
        ("耐 克", ("spaced",)),
        ("耐\u200b克", ("invisible",)),
        ("耐★克", ("spaced",)),
        ("莆田", ()),
        ("莆 田", ("spaced",)),
    ],
)  # fmt: skip
def test_disguises_are_found_with_the_way_they_are_written(text: str, way: tuple[str, ...]) -> None:
    for title in (text, f"men {text} 42", f"({text})", f"鞋 {text} 鞋"):
        hits = found(names(), [(title, "", "")])
        assert [set(way) <= set(hit.ways) for hit in hits] == [True], (title, hits)
        assert bool(hits[0].ways) == bool(way), (title, hits)
        assert hits[0].text.rstrip("\u20e3") == text.rstrip("\u20e3").removesuffix("'s")


@pytest.mark.parametrize(
    "title",
    [
        "you can on any day use it",
        "1200 W",
        "em tape",
        "snike",
        "niker",
        "Nik Efron",
        "adidasa",
        "田莆",
        "rayband",
        "3 metres",
        "nike" * 10 + "s",
        "",
        "\0" * 50,
    ],
)
def test_innocent_texts(title: str) -> None:
    lexicon = make_matcher("Canon", "3M", "Nike", "adidas", "莆田", "Ray-Ban", "W W", "Louis Vuitton")
    assert texts_in(lexicon, title) == []


def test_a_letter_where_the_name_has_a_digit_is_another_word() -> None:
    matcher = make_matcher("3M", "тг", "7 For All")
    assert texts_in(matcher, "em tr t for all") == []
    assert texts_in(matcher, "3M тг 7 for all") == ["3M", "тг", "7 for all"]


def test_a_break_that_words_of_one_language_explain_is_none() -> None:
    matcher = make_matcher("Canon", "Nike")
    assert texts_in(matcher, "as you can on sunday") == []
    assert texts_in(matcher, "Ni ke shoes") == ["Ni ke"]


def test_a_gap_too_long_parts_words_for_good() -> None:
    assert texts_in(names(), "Louis" + " " * machine.GAP_BYTES_MAX * 2 + "Vuitton") == []
    assert texts_in(names(), "Louis" + " " * 4 + "Vuitton") == ["Louis    Vuitton"]


def test_a_phrase_is_found_across_the_border_of_two_blocks() -> None:
    for before in range(BLOCK - 24, BLOCK + 2):
        for filler in ("x" * (before - 1) + " ", "鞋" * (before // 3)):
            hits = found(names(), [("", filler + " Louis Vuitton 莆田", "")])
            assert [hit.text for hit in hits] == ["Louis Vuitton", "莆田"], (before, filler[:1])


def test_phrases_of_one_beginning_are_told_apart_by_what_follows() -> None:
    matcher = make_matcher("abcdef", "abcdefg", "abcdefghi", "运动", "运动鞋", "abcd", "abcde", "ab", "abc")
    for text in ("abcdef", "abcdefg", "abcdefghi", "运动", "运动鞋", "abcd", "abcde", "ab", "abc"):
        assert texts_in(matcher, f"z {text}, z")[-1] == text
    assert texts_in(matcher, "abcdefx") == []
    assert texts_in(matcher, "abcdefgh") == []


def test_a_word_far_from_every_name_does_not_hide_one_that_is_near() -> None:
    matcher = make_matcher(make_phrase("Chanel", by_near=True), line=4.0)
    titles = ["wonderbag", "chanell", "wonderbag", "chanell"] * 50
    hits = raw_hits(matcher, [(title, "", "") for title in titles], every=False)
    assert hits.row.tolist() == [row for row, title in enumerate(titles) if title == "chanell"]
    assert set(hits.spelling.tolist()) == {machine.NEAR_SPELLING}


@pytest.mark.parametrize("name", ["路易威登", "巴黎世家包", "江诗丹顿手表"])
def test_a_long_chinese_name_may_have_any_one_character_exchanged(name: str) -> None:
    matcher = make_matcher(make_phrase(name, by_sound=True, by_odd=True), line=4.0)
    for place in range(len(name)):
        hits = raw_hits(matcher, [(name[:place] + "猫" + name[place + 1 :], "", "")], every=False)
        assert machine.ODD_SPELLING in hits.spelling.tolist(), place


def test_rules_of_a_phrase_are_kept() -> None:
    strict = make_matcher(make_phrase("Nike", rules=0), make_phrase("1-1", rules=machine.KEEPS_GAPS))
    for title in ("n1ke", "n i k e", "ni ke", "nike8"):
        assert texts_in(strict, title) == [], title
    assert texts_in(strict, "nike 1-1 11 1 1") == ["nike", "1-1", "1 1"]


def test_a_blanket_makes_what_it_covers_innocent() -> None:
    matcher = make_matcher("莆田", make_phrase("莆田桂圆", blanket=True, plain=0.0))
    assert [hit.text for hit in found(matcher, [("莆田桂圆干", "", "")], every=False)] == []
    assert [hit.text for hit in found(matcher, [("莆田鞋", "", "")], every=False)] == ["莆田"]


@pytest.mark.parametrize("name", ["Häagen-Dazs", "나이키", "プーマ", "Đồng Hồ", "Mötley Crüe"])
def test_composed_accents_are_found_in_composed_and_plain_names(name: str) -> None:
    assert texts_in(make_matcher(name), f"x {name} y") == [name]
    assert texts_in(make_matcher(unicodedata.normalize("NFC", name)), name.upper()) == [name.upper()]


@pytest.mark.parametrize("name", ["Häagen-Dazs", "Lancôme", "Mötley Crüe"])
def test_decomposed_latin_is_found(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert texts_in(make_matcher(name), f"x {decomposed} y") == [decomposed]
    assert texts_in(make_matcher(decomposed), f"x {name} y") == [name]


# --- what it must not depend on ---


def _as_set(matcher: Matcher, rows: Sequence[Texts], every: bool) -> list[tuple[object, ...]]:
    hits = raw_hits(matcher, rows, every=every)
    columns = (hits.spelling, hits.begin, hits.end, hits.how, hits.extra)
    return [(row, *rest) for row, *rest in zip(hits.row.tolist(), *(c.tolist() for c in columns), strict=True)]


@given(
    st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS), min_size=2, max_size=8),
    st.integers(0, 8),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_order_and_cut_of_the_batch_change_nothing(rows: list[Texts], cut: int, random: object, every: bool) -> None:
    whole = _as_set(names(), rows, every)
    at = min(cut, len(rows))
    second = [(row + at, *rest) for row, *rest in _as_set(names(), rows[at:], every)]  # type: ignore[operator]
    assert whole == _as_set(names(), rows[:at], every) + second
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    turned = _as_set(names(), [rows[i] for i in order], every)
    assert sorted((order[row], *rest) for row, *rest in turned) == sorted(whole)  # type: ignore[call-overload]


def test_more_hits_than_the_first_arrays_hold() -> None:
    rows = [("nike " * 300, "", "")] * 700
    hits = raw_hits(names(), rows)
    counts = np.bincount(hits.row, minlength=len(rows))
    assert set(counts.tolist()) == {machine.HITS_PER_ROW_MAX}
    assert len(hits) > 65_536


def test_empty_batches_and_nulls() -> None:
    assert len(raw_hits(names(), [])) == 0
    assert len(raw_hits(names(), [("", "", "")] * 3)) == 0


# --- long texts ---


@pytest.mark.parametrize(
    "unit",
    [
        "nike",
        "nik ",
        "N I K E ",
        "a",
        "耐克",
        "n\u0301",
        "\u200b",
        "1",
        "1 ",
        "!",
        ":",
        "İ",
        "ﬁ",
        "\0",
        "莆",
        "𝐍",
        "l",
        "'",
    ],
)
def test_a_title_of_a_mebibyte_in_bounded_time(unit: str) -> None:
    raw_hits(names(), [("warm", "", "")])
    title = unit * ((1 << 20) // len(unit.encode()))
    began = time.perf_counter()
    raw_hits(names(), [(title, "", "")], every=False)
    raw_hits(names(), [("", title, title)], every=True)
    assert time.perf_counter() - began < 5


# --- against plain Python ---

_SMALL = st.text("akm", min_size=2, max_size=9)


@settings(max_examples=examples(15))
@given(st.sets(_SMALL, min_size=1, max_size=60), st.lists(_SMALL, max_size=60))
def test_holds_exactly_the_phrases(phrases: set[str], others: list[str]) -> None:
    """Against a plain set, phrases that begin alike among them."""
    held = {folded(phrase): phrase for phrase in phrases}
    matcher = make_matcher(*(make_phrase(phrase, rules=0) for phrase in sorted(phrases)))
    titles = [*sorted(phrases), *others]
    hits = found(matcher, [(title, "", "") for title in titles])
    whole = {hit.row: hit.phrase for hit in hits if hit.text == titles[hit.row]}
    assert whole == {row: held[folded(title)] for row, title in enumerate(titles) if folded(title) in held}
    assert len(hits) == len(whole), "a word in the middle of a word is none"


_WORDS = st.lists(st.text("akm", min_size=1, max_size=3), min_size=1, max_size=3).map(" ".join)


def _expected(title: str, phrases: set[str]) -> set[tuple[int, int, str]]:
    """By definition: joined words that are a phrase, with no gap where the phrase has none."""
    words: list[tuple[int, int]] = []
    at = 0
    for word in title.split(" "):
        words.append((at, at + len(word)))
        at += len(word) + 1
    answer = set()
    for phrase in phrases:
        own = _gaps(phrase)
        for i in range(len(words)):
            for j in range(i, len(words)):
                piece = title[words[i][0] : words[j][1]]
                if piece.replace(" ", "") == phrase.replace(" ", "") and _gaps(piece) <= own:
                    answer.add((words[i][0], words[j][1], phrase))
    return answer


def _gaps(text: str) -> set[int]:
    gaps, at = set(), 0
    for char in text:
        if char == " ":
            gaps.add(at)
        else:
            at += 1
    return gaps


@settings(max_examples=examples(15))
@given(st.sets(_WORDS, min_size=1, max_size=8), st.lists(_WORDS, min_size=1, max_size=10))
def test_finds_what_a_search_by_definition_finds(phrases: set[str], text: list[str]) -> None:
    long_enough = {phrase for phrase in phrases if len(phrase.replace(" ", "")) >= 2}
    matcher = make_matcher(*(make_phrase(phrase, rules=0) for phrase in sorted(long_enough)))
    title = " ".join(text)
    hits = {(hit.start, hit.end, hit.phrase) for hit in found(matcher, [(title, "", "")])}
    assert hits == _expected(title, long_enough)


@given(st.lists(_TEXTS, min_size=1, max_size=8), st.floats(0.0, 30.0))
def test_the_sieve_keeps_whole_rows_and_the_higher_the_line_the_fewer(titles: list[str], line: float) -> None:
    rows = [(title, "", "") for title in titles]
    low, high = _sieves()[0], _sieves()[1]
    all_hits = _as_set(low, rows, False)
    kept = _as_set(high, rows, False)
    rows_kept = {row for row, *_ in kept}
    left = [hit for hit in all_hits if hit[0] in rows_kept]
    # The last column says that only a resemblance keeps the row, which a higher line makes true of more rows.
    assert [hit[:-1] for hit in kept] == [hit[:-1] for hit in left]
    assert all(low[-1] <= high[-1] for low, high in zip(left, kept, strict=True))  # type: ignore[operator]


@cache
def _sieves() -> tuple[Matcher, Matcher]:
    phrases: list[Phrase] = [make_phrase(name, plain=2.0, hidden=3.0, name=i) for i, name in enumerate(NAMES)]
    return make_matcher(*phrases), make_matcher(*phrases, line=4.5)


_BOUNDS = """
import random, sys, unicodedata
import numpy as np
from tests.engine.text.builders import make_matcher, raw_hits
from tests.engine.text.test_machine import NAMES, _ODD

assert __import__("numba").config.BOUNDSCHECK
matcher = make_matcher(*NAMES)
rng = random.Random(5)
codes = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
spelled_out = lambda c: len(unicodedata.normalize("NFKC", chr(c)).encode()) > 3 * len(chr(c).encode())
for turn in range(60):
    rows = []
    for _ in range(40):
        pick = lambda: rng.choice([chr(rng.choice(codes)), rng.choice(_ODD), rng.choice(NAMES), " "])
        pieces = [pick() for _ in range(rng.randrange(60))]
        pieces = ["".join(c for c in piece if not spelled_out(ord(c))) for piece in pieces]
        cut = sorted(rng.randrange(61) for _ in range(2))
        rows.append(("".join(pieces[: cut[0]]), "".join(pieces[cut[0] : cut[1]]), "".join(pieces[cut[1] :])))
    raw_hits(matcher, rows, every=turn % 2 == 0)
for text in ("nike" * 5000, "!" * 5000, "1:" * 5000, "耐" * 5000, "\\u0301" * 5000, "N I K E " * 3000, "1 " * 3000):
    raw_hits(matcher, [(text, text, text)], every=False)
print("inside")
"""


@pytest.mark.slow
def test_stays_inside_its_arrays(judge_cache: Path) -> None:
    """With numba's bounds checks on, compiled into a cache of their own."""
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDS],
        env={
            **os.environ,
            "NUMBA_BOUNDSCHECK": "1",
            "NUMBA_CACHE_DIR": str(judge_cache / "numba-bounds"),
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("inside\n"), done.stderr[-2000:]
