"""What characters stand for: the table that texts and phrases pass alike."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.text import folding, orthography
from agoranomos.engine.text.folding import (
    DISGUISES,
    HOW_BITS,
    LOOKALIKE,
    MARKED,
    NO_DIGIT,
    SPELL,
    STYLED,
    TABLE_SIZE,
    TURNED,
    digit_of,
    fold_table,
    hash_of,
    letters_of,
    light,
)
from tests.engine.text.builders import folded


@pytest.mark.parametrize(
    ("char", "letter", "how"),
    [
        ("a", "a", 0),
        ("A", "a", 0),
        ("Ｎ", "n", STYLED),
        ("𝐍", "n", STYLED),
        ("Ⓝ", "n", STYLED),
        ("🅽", "n", STYLED),
        ("🇳", "n", STYLED),
        ("е", "e", LOOKALIKE),
        ("Ε", "e", LOOKALIKE),
        ("վ", "y", LOOKALIKE),
        ("Ꮗ", "w", LOOKALIKE),
        ("ⲙ", "m", LOOKALIKE),
        ("ʞ", "k", TURNED),
        ("ǝ", "e", TURNED),
        ("é", "e", MARKED),
        ("ñ", "n", MARKED),
        ("ﬁ", "fi", 0),
        ("龍", "龙", 0),
        ("龙", "龙", 0),
        ("나", "나", 0),
        ("が", "が", 0),
    ],
)
def test_letters(char: str, letter: str, how: int) -> None:
    assert letters_of(char) == (letter, how)


@pytest.mark.parametrize("char", ["א", "ا", "अ", "中", "한", "あ", "ก็"[1]])
def test_scripts_that_stand_for_themselves_do_not_become_latin(char: str) -> None:
    assert not any("a" <= letter <= "z" for letter in letters_of(char)[0])


@pytest.mark.parametrize(
    ("char", "digit"),
    [("7", 7), ("７", 7), ("⑦", 7), ("七", 7), ("柒", 7), ("𝟕", 7), ("٧", 7), ("〇", 0), ("零", 0)],
)
def test_digits_in_any_writing(char: str, digit: int) -> None:
    assert digit_of(char) == digit


@pytest.mark.parametrize("char", "aO十百½ ")
def test_what_shows_no_single_digit(char: str) -> None:
    assert digit_of(char) == NO_DIGIT


@pytest.mark.slow
def test_table_covers_every_code_point_and_points_inside_itself() -> None:
    table = fold_table()
    assert len(table.entries) == len(table.spell_at) == TABLE_SIZE
    spelled = np.nonzero(table.entries & np.uint32(7) == SPELL)[0]
    lengths = (table.entries[spelled] >> np.uint32(3)) & np.uint32(0xFF)
    ends = table.spell_at[spelled] + lengths
    assert lengths.min() >= 1
    assert ends.max() <= len(table.spellings)
    for code, end in list(zip(spelled.tolist(), ends.tolist(), strict=True))[::37]:
        assert bytes(table.spellings[table.spell_at[code] : end]).decode()


def test_every_flag_has_a_name_and_a_bit_of_its_own() -> None:
    assert len(DISGUISES) == len(set(DISGUISES.values())) == HOW_BITS
    assert sum(DISGUISES) == (1 << HOW_BITS) - 1


@given(st.text(max_size=30))
def test_light_form_is_a_fixed_point(text: str) -> None:
    assert light(light(text)) == light(text)


@given(
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1),
    st.sampled_from(["NFC", "NFD", "NFKC"]),
)
def test_light_form_knows_no_case_width_spacing_or_normal_form(text: str, form: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in text)
    assert light(text) == light(text.upper()) == light(wide) == light(" - ".join(text))
    assert light(unicodedata.normalize(form, text)) == light(text)  # type: ignore[arg-type]


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ耐克阿迪达斯", min_size=1))
@pytest.mark.slow
def test_texts_and_phrases_fold_alike_whatever_their_case_and_width(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() else c for c in text)
    assert folded(text) == folded(text.upper()) == folded(wide) == folded(text.lower())


@given(st.text(max_size=20))
def test_small_hash_fits_32_bits(text: str) -> None:
    assert 0 <= hash_of(text) < 1 << 32


def test_hash_is_that_of_fowler_noll_and_vo() -> None:
    assert hash_of("") == 2166136261
    assert hash_of("foobar") == 0xBF9CF968  # from the authors' table


_TABLE_HASH = """
import hashlib
from agoranomos.engine.text.folding import fold_table
table = fold_table()
parts = (table.entries, table.spell_at, table.spellings)
print(hashlib.blake2b(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.slow
def test_table_is_the_same_in_every_process() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", _TABLE_HASH],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(answers) == 1


def test_sources_hold_what_the_table_was_made_for() -> None:
    assert orthography.simplified()["龍"] == "龙"
    assert folding.tr39_letters()["а"] == "a"
    assert "א" not in folding.tr39_letters()


def test_a_field_of_a_megabyte_is_not_kept() -> None:
    folding._remembered.cache_clear()
    assert light("Ｎ" * 1_000_000) == "n" * 1_000_000
    assert folding._remembered.cache_info().currsize == 0
    assert light("ＮＩＫＥ") == light("nike")
    assert folding._remembered.cache_info().currsize == 2
