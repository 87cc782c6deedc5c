"""Disguised spellings made beforehand: none is the phrase itself, none an honest word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.text.folding import DISGUISES, LOOKALIKE, REVERSED, ROMANISED, TURNED, light
from agoranomos.engine.text.frequencies import chinese_words, zipf_latin
from agoranomos.engine.text.variants import (
    backwards,
    chinese_variants,
    shape_alikes,
    taken_apart,
    telling_parts,
    twins_of,
    two_for_one,
    upside_down,
)

CHINESE = (
    "莆田",
    "耐克",
    "高仿",
    "微信",
    "阿迪达斯",
    "复刻",
    "路易威登",
    "原单",
    "香奈儿",
    "精仿鞋",
)
_IDEOGRAPHS = st.sampled_from("莆田耐克高仿微信阿迪达斯复刻路易威登原单香奈儿鞋包你好吃水")
_LATIN = st.text("abcdefghijklmnopqrstuvwxyz ", min_size=1, max_size=12)


@given(st.one_of(st.sampled_from(CHINESE), st.text(_IDEOGRAPHS, min_size=1, max_size=4)))
@pytest.mark.slow
def test_chinese_variants_are_new_and_no_words(phrase: str) -> None:
    variants = list(chinese_variants(phrase))
    texts = [variant.text for variant in variants]
    assert phrase not in texts
    assert len(texts) == len(set(texts)), "each once"
    assert not any(text in chinese_words() for text in texts)
    assert all(variant.how in DISGUISES for variant in variants), "one way each"
    assert all(1 <= variant.changed <= variant.length <= len(phrase) for variant in variants)


@pytest.mark.parametrize("phrase", ["", "田", "Nike", "a田"])
def test_what_is_too_short_has_none(phrase: str) -> None:
    assert list(chinese_variants(phrase)) == []


@pytest.mark.slow
def test_variants_come_in_the_same_order() -> None:
    assert list(chinese_variants("阿迪达斯")) == list(chinese_variants("阿迪达斯"))


@pytest.mark.slow
def test_a_word_of_its_own_is_left_out() -> None:
    assert "克耐" in {v.text for v in chinese_variants("耐克") if v.how == REVERSED}
    assert not {v.text for v in chinese_variants("现实") if v.how == REVERSED}, "实现 is a word"


@given(_IDEOGRAPHS)
def test_shape_alikes_are_other_characters(char: str) -> None:
    alikes = shape_alikes(char)
    assert char not in alikes
    assert len(alikes) == len(set(alikes))
    assert all(len(other) == 1 for other in alikes)


def test_known_shapes_and_parts() -> None:
    assert "埔" in shape_alikes("浦") or "浦" in shape_alikes("埔")
    assert "亻方" in taken_apart("仿")
    assert taken_apart("a") == ()


@given(_IDEOGRAPHS)
def test_a_character_taken_apart_is_longer_than_one(char: str) -> None:
    assert all(2 <= len(form) <= 4 for form in taken_apart(char))


@pytest.mark.parametrize(("one", "other"), [("萍", "评"), ("士", "土"), ("湖", "葫"), ("鸟", "乌")])
def test_twins_share_a_telling_part_or_are_taught_apart(one: str, other: str) -> None:
    assert other in twins_of(one)
    assert one not in twins_of(one)


@pytest.mark.parametrize(("char", "part"), [("垚", "土"), ("嘙", "婆"), ("凊", "青"), ("箶", "胡")])
def test_parts_that_tell(char: str, part: str) -> None:
    assert part in telling_parts(char)


def test_radicals_tell_nothing() -> None:
    assert not telling_parts("江") & {"水", "氵"}
    assert not telling_parts("钉") & {"金", "钅", "釒"}


def test_initials_are_counted() -> None:
    mixed = {v.text: v.initials for v in chinese_variants("茅台镇") if v.how == ROMANISED}
    assert mixed["茅tai镇"] == 0
    assert mixed["茅t镇"] == 1
    assert mixed["m台z"] == 2
    assert not any(v.initials for v in chinese_variants("茅台")), "a letter beside a character is any word"


def test_kana_in_place_of_a_character() -> None:
    assert "ニ锅头" in {v.text for v in chinese_variants("二锅头") if v.how == LOOKALIKE}


@given(st.one_of(_LATIN, st.sampled_from(["Nike", "Louis Vuitton", "adidas", "Hermès", "耐克"])))
def test_backwards_twice_is_the_name(name: str) -> None:
    turned = backwards(name)
    if turned is None:
        return
    assert turned.how == REVERSED
    assert light(turned.text) == light(name)[::-1] != light(name)
    assert turned.text[::-1] == name
    assert zipf_latin(light(turned.text)) < 4.0, "no frequent word"


@pytest.mark.parametrize("name", ["", "abc", "level", "no on", "star", "3M Nike", "耐克"])
def test_names_that_are_not_turned_round(name: str) -> None:
    assert backwards(name) is None, "too short, the same, a word, or no letters alone"


@given(_LATIN)
def test_upside_down_is_never_the_name(name: str) -> None:
    for turned in upside_down(name):
        assert turned.how == TURNED
        assert turned.text != name.casefold()
        assert len(turned.text) == len(name)


def test_upside_down_as_the_fold_reads_it() -> None:
    assert "sɐpipɐ".replace("ɐ", "a") in {variant.text for variant in upside_down("adidas")}
    assert "semreh" in {variant.text for variant in upside_down("Hermes")}, "no letter of it becomes another"
    assert list(upside_down("耐克")) == list(upside_down("abc")) == []


@given(_LATIN)
def test_two_letters_for_one(name: str) -> None:
    pairs = {"m": "rn", "w": "vv", "d": "cl"}
    word = light(name)
    for variant in two_for_one(name):
        assert variant.text in {word.replace(one, pair) for one, pair in pairs.items()}
        assert len(variant.text) > len(word)
