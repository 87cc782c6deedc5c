"""What is read in texts, and how well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.complaints.language import language_of
from agoranomos.goods.complaints.reading import Mark, Reader
from agoranomos.goods.complaints.samples import HITS, MISSES
from agoranomos.goods.complaints.scorer import CHARACTERS_MAX, read_text
from agoranomos.goods.complaints.vocabulary import (
    Around,
    Code,
    Codes,
    Language,
    Phrase,
    filled,
    shipped_codes,
    shipped_language,
)  # fmt: skip
from agoranomos.goods.complaints.weighing import RESOLVED, weights
from agoranomos.kernel.errors import Invalid

WRITTEN = Path(__file__).parent / "data"
REAL = Path(os.environ.get("AGORA_SHARED_DATA", "none")) / "complaints" / "dev.jsonl"


class Labelled(NamedTuple):
    text: str
    says_fake: bool


class Found(NamedTuple):
    """Of texts: `right` found and right, `found`, `wanted`; and the same at 0.9."""

    right: int
    found: int
    wanted: int
    surely_right: int
    surely: int

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.wanted)

    @property
    def precision_surely(self) -> float:
        return self.surely_right / self.surely


def judged(texts: Iterator[Labelled]) -> Found:
    rows = [(read_text(one.text).score, one.says_fake) for one in texts]
    found = [says for score, says in rows if score >= 0.5]
    surely = [says for score, says in rows if score >= 0.9]
    return Found(sum(found), len(found), sum(says for _, says in rows), sum(surely), len(surely))


def written(lang: str, name: str) -> Iterator[Labelled]:
    for line in (WRITTEN / f"{name}_{lang}.tsv").read_text("utf-8").splitlines():
        label, _, text = line.split("\t")
        yield Labelled(text, label == "1")


@pytest.mark.parametrize("text", HITS)
def test_what_must_be_found(text: str) -> None:
    reading = read_text(text)
    assert reading.score >= 0.5
    against = [span for span in reading.spans if span.weight > 0]
    assert against
    assert all(0 <= span.start < span.end <= len(text) for span in reading.spans)


@pytest.mark.parametrize("text", MISSES)
def test_what_must_be_left_alone(text: str) -> None:
    assert read_text(text).score < 0.5


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["written", "later"])
def test_our_own_sentences_are_read_as_they_are_meant(lang: str, name: str) -> None:
    found = judged(written(lang, name))
    assert found.f1 >= 0.93
    assert found.precision_surely >= 0.97


@pytest.mark.skipif(not REAL.exists(), reason="set AGORA_SHARED_DATA to the folder of real data")
@pytest.mark.parametrize(("lang", "least"), [("zh", 0.95), ("en", 0.8)])
def test_real_reviews(lang: str, least: float) -> None:
    rows = [json.loads(line) for line in REAL.read_text("utf-8").splitlines()]
    found = judged(Labelled(row["text"], row["label"] == "1") for row in rows if row["lang"] == lang)
    assert found.f1 >= least
    assert found.precision_surely >= 0.95


def codes_of(text: str) -> list[str]:
    return [span.code for span in read_text(text).spans]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("是不是正品啊", "asks_genuine"),
        ("不是正品", "says_not_genuine"),
        ("这个不知道是不是真的", "unsure"),
        ("没有假货", "not_fake"),
        ("这不是假货是什么", "says_fake"),
        ("有人说是假的", "hearsay"),
        ("怕买到假货", "fears"),
        ("发票是假的", "other_object"),
        ("是翻新机", "refurbished"),
        ("港版", "parallel"),
        ("it is not fake", "not_fake"),
        ("i think it is a counterfeit", "suspects"),
        ("this is a replica", "says_copy"),
        ("not oem", "not_oem"),
        ("is this original?", "asks_genuine"),
        ("verified the serial, it is genuine", "verified"),
    ],
)
def test_what_is_said_has_a_name(text: str, code: str) -> None:
    assert code in codes_of(text)


def test_places_are_those_of_the_given_text() -> None:
    text = "Ａ\u200b这是\u200b假\u200b貨！ＦＡＫＥ"
    spans = [text[span.start : span.end] for span in read_text(text).spans]
    assert "假\u200b貨" in spans
    assert [text[s.start : s.end] for s in read_text("İİ This is a FAKE.").spans] != []
    assert read_text("ＴＨＩＳ ＩＳ Ａ ＦＡＫＥ．").score >= 0.5
    assert read_text("thіs is a fаke").score >= 0.5, "Cyrillic letters among Latin ones"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    reading = read_text(text)
    assert 0 <= reading.score <= 1
    assert all(0 <= span.start < span.end <= len(text) for span in reading.spans)
    assert reading == read_text(text)


def test_only_so_much_is_read() -> None:
    assert read_text("。" * CHARACTERS_MAX + "假货").score == read_text("").score


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("鞋子不错", "zh"), ("iPhone 不错", "zh"), ("Great phone", "en"), ("ok", "en"), ("", "other"), ("!!!", "other"),
        ("とても良いです", "other"), ("подделка", "other"), ("el producto es falso y no sirve", "other"),
        ("ce produit est une contrefaçon", "other"), ("正品ですか、とても心配です", "other"), ("가짜", "other"),
    ],
)  # fmt: skip
def test_languages(text: str, lang: str) -> None:
    assert language_of(text.lower()) == lang


def test_a_doubt_that_is_resolved_hardly_counts() -> None:
    codes = Codes(
        -4.0,
        {
            "doubts": Code("", 4.0, displeased=1.0, pleased=-1.0, doubt=True),
            "settles": Code("", -2.0, settles=True),
            "displeased": Code("", 0.0),
            "pleased": Code("", 0.0),
        },
    )

    def of(*said: str) -> list[float]:
        return weights([Mark(at, at + 1, code) for at, code in enumerate(said)], codes)

    assert of("doubts") == [4.0]
    assert of("doubts", "settles") == [4.0 * RESOLVED, -2.0]
    assert of("settles", "doubts") == [-2.0, 4.0], "who doubts in the end, doubts"
    assert of("doubts", "displeased")[0] == 5.0
    assert of("doubts", "displeased", "displeased", "displeased")[0] == 5.5
    assert of("doubts", "pleased")[0] == 3.0
    assert of("doubts", "displeased", "pleased")[0] == 4.6, "praise beside blame"
    assert of("doubts", "doubts", "doubts") == [4.0, 2.0, 1.0]


def test_the_first_phrase_and_the_first_reading_that_fit_win() -> None:
    language = Language(
        phrase=(
            Phrase(code="plain", pattern="假发"),
            Phrase(code="fake", family="fake", pattern="假货?", instead={"says": "whispers"}),
        ),
        reading=(
            Around(family="fake", code="denies", before="不是$"),
            Around(family="fake", code="asks", after="吗"),
            Around(family="fake", code="says", before="是$"),
        ),
        otherwise={"fake": "mentions"},
        macro={},
    )
    reader = Reader("zh", language)
    assert [mark.code for mark in reader.marks("假发,不是假货,是假货吗,是假货,假")] == [
        "plain", "denies", "asks", "whispers", "mentions",
    ]  # fmt: skip
    assert [mark.code for mark in reader.marks("不是,假货")] == ["mentions"], "a reading stays in its clause"


def test_the_vocabulary_explains_itself() -> None:
    codes = shipped_codes().code
    assert all(code.means for code in codes.values())
    for lang in ("zh", "en"):
        language = shipped_language(lang)
        assert all(one.family in language.otherwise for one in language.phrase if one.family)
        assert {one.family for one in language.reading} <= set(language.otherwise)
    with pytest.raises(Invalid, match="no macro"):
        filled("{nothing}", {})


def test_every_code_has_words_in_both_languages() -> None:
    assert [name for name, code in shipped_codes().code.items() if not (code.means and code.means_zh)] == []
