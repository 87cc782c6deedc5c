"""Chinese by ear, and how ordinary a word is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from agoranomos.engine.text import frequencies, sounds
from agoranomos.engine.text.frequencies import (
    chinese_words,
    ordinary_words,
    word_arrays,
    zipf,
    zipf_latin,
)
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.sounds import sounds_of, syllable_table
from agoranomos.engine.text.words import WordTable, simply
from tests.keeping import kept_arrays


@pytest.mark.parametrize(
    ("one", "other"), [("仿", "访"), ("莆", "葡"), ("耐", "奈"), ("师", "思"), ("京", "金"), ("朗", "兰")]
)
def test_what_sounds_alike(one: str, other: str) -> None:
    assert sounds_of(one) == sounds_of(other) != ()


@pytest.mark.parametrize(("one", "other"), [("耐", "克"), ("高", "仿"), ("红", "混")])
def test_what_sounds_different(one: str, other: str) -> None:
    assert sounds_of(one) != sounds_of(other)


@given(st.text(max_size=6))
def test_only_ideographs_with_a_known_reading_sound(text: str) -> None:
    heard = sounds_of(text)
    assert len(heard) in (0, len(text))
    if heard:
        assert all("一" <= char <= "鿿" for char in text)
        assert all(0 < one <= int(syllable_table().max()) for one in heard)


@given(st.text("高仿莆田耐克微信", max_size=3), st.text("高仿莆田耐克微信", max_size=3))
def test_sounds_join_as_texts_do(one: str, other: str) -> None:
    assert sounds_of(one + other) == sounds_of(one) + sounds_of(other)


def test_table_covers_the_basic_plane() -> None:
    table = syllable_table()
    assert table.shape == (0x10000,)
    assert table.dtype == np.dtype(np.uint16)
    assert not table[:0x4E00].any()
    assert (table[0x4E00:0x9FA6] > 0).mean() > 0.9


@pytest.mark.slow  # reads the lists of all languages
def test_frequencies() -> None:
    assert zipf("the", "en") > 7 > zipf("canon", "en") > 2
    assert zipf("qzxwv", "en") == 0.0
    assert zipf_latin("zapatos") >= zipf("zapatos", "es") > 3


@pytest.mark.slow  # likewise
def test_ordinary_words_are_words_with_languages() -> None:
    words = ordinary_words()
    assert {"can", "on", "the", "and"} <= words.keys()
    assert "louboutin" not in words
    assert all(len(word) >= 2 and 0 < bits < 256 for word, bits in words.items())
    assert list(words) == sorted(words)


@pytest.fixture(scope="module")
def words() -> WordTable:
    return WordTable(kept_arrays("words", (frequencies,), lambda: Lexicon(word_arrays())).arrays)


@pytest.mark.slow  # likewise
def test_the_table_says_what_the_lists_say(words: WordTable) -> None:
    for word in ("the", "zapatos", "canon", "sepatu", "qzxwv"):
        exact = zipf_latin(word)
        assert words.zipf_latin(word) == pytest.approx(exact if exact >= 1.5 else 0.0, abs=0.1), word
    for word in [*list(chinese_words())[:300], "莆葡", "耐尅"]:
        assert words.is_chinese_word(simply(word)) == (simply(word) in chinese_words()), word


@given(st.text(max_size=8))
def test_any_word_can_be_looked_up(words: WordTable, word: str) -> None:
    assert 0.0 <= words.zipf_latin(word) < 9.0
    assert words.is_chinese_word(word) in (True, False)
    assert words.straddles(word, word, word) in (True, False)


def test_chinese_words_and_what_is_cut_out_of_them(words: WordTable) -> None:
    assert words.is_chinese_word("数据")
    assert words.straddles("磁", "吸数", "据线")
    assert words.straddles("磁", "吸數", "據線"), "traditional characters too"
    assert not words.straddles("", "耐克", "")
    assert words.is_foreign_word("mặc")
    assert not words.is_foreign_word("ñîkë")
    assert simply("龍") == "龙"


def test_every_character_is_read_as_pypinyin_reads_it() -> None:
    characters = [chr(code) for code in range(0x3400, 0xA000) if chr(code) not in sounds._MUTE]
    said = (lazy_pinyin(each, style=Style.NORMAL, errors="ignore") for each in characters)
    theirs = [one[0] if one and one[0].isascii() else "" for one in said]
    assert [sounds.reading(each) for each in characters] == theirs
