"""The shipped vocabulary: read once, of its form, and every entry can be found."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pytest

from agoranomos.goods.brands.model import CATEGORIES
from agoranomos.goods.listings import vocabulary
from agoranomos.goods.listings.classes import class_numbers
from agoranomos.goods.listings.phrases import CONTACT_FAMILIES, context_phrases, term_phrases
from agoranomos.goods.listings.vocabulary import kept_vocabulary, shipped_vocabulary
from agoranomos.kernel.errors import Invalid


def test_read_once_and_versioned() -> None:
    words = shipped_vocabulary()
    assert words is shipped_vocabulary()
    assert len(words.version) == 16
    shipped_vocabulary.cache_clear()
    assert shipped_vocabulary() == words


def test_terms_are_said_once_and_weigh_something() -> None:
    words = shipped_vocabulary()
    repeated = [key for key, n in Counter((t.text, t.family) for t in words.terms).items() if n > 1]
    assert repeated == []
    for term in words.terms:
        assert term.text == term.text.strip() != "", term
        assert 0 < term.weight < 9, term
        assert math.isfinite(term.weight), term
        assert term.text not in term.innocent_in, term


def test_contact_terms_need_no_brand() -> None:
    contact = [term for term in shipped_vocabulary().terms if term.family in CONTACT_FAMILIES]
    assert contact
    assert [term.text for term in contact if term.needs_brand] == []


def test_cues_reach_somewhere() -> None:
    assert all(cue.reach >= 0 and cue.text.strip() for cue in shipped_vocabulary().cues)
    assert {"compatible", "negated", "second_hand", "confession"} <= {cue.role for cue in shipped_vocabulary().cues}


def test_categories_are_those_of_the_registry() -> None:
    assert shipped_vocabulary().categories.keys() <= set(CATEGORIES)


@pytest.mark.slow
def test_phrases_point_to_their_terms() -> None:
    words = shipped_vocabulary()
    for phrase in term_phrases(words.terms, class_numbers(words.restricted)):
        assert 0 <= phrase.ref < len(words.terms)
        assert phrase.text.strip()
        assert phrase.plain >= 0
        assert phrase.concern == (words.terms[phrase.ref].family in CONTACT_FAMILIES) or phrase.blanket
    _, categories, near = context_phrases(words.cues, words.categories, words.terms)
    assert categories == list(words.categories)
    assert near == sorted(set(near))


def test_a_file_of_another_form_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_vocabulary.cache_clear()
    try:
        monkeypatch.setattr(tomllib, "loads", lambda _: {"term": [{"text": "x", "weihgt": 1}]})
        with pytest.raises(Invalid, match=r"replica\.toml"):
            shipped_vocabulary()

        def broken(_: str) -> None:
            raise tomllib.TOMLDecodeError("line 3")

        monkeypatch.setattr(tomllib, "loads", broken)
        with pytest.raises(Invalid, match=r"replica\.toml is not TOML: line 3"):
            shipped_vocabulary()
    finally:
        monkeypatch.undo()
        shipped_vocabulary.cache_clear()


def test_a_kept_vocabulary_is_the_shipped_one(tmp_path: Path) -> None:
    assert kept_vocabulary(tmp_path) == shipped_vocabulary()
    (kept,) = (tmp_path / "vocabularies").iterdir()
    with patch.object(vocabulary, "shipped_vocabulary", side_effect=AssertionError):
        assert kept_vocabulary(tmp_path) == shipped_vocabulary()
    kept.write_bytes(b"broken")
    assert kept_vocabulary(tmp_path) == shipped_vocabulary()
