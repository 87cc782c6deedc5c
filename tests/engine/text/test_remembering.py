"""What a matcher remembers of words from row to row, and the filters behind it: neither changes what is found."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agoranomos.engine.text import machine, mistyped, nearby
from agoranomos.engine.text.folding import fold_table
from agoranomos.engine.text.lexicon import Lexicon, fold_texts
from agoranomos.engine.text.matching import Hits, Limits, Matcher
from tests.engine.text.builders import compiled, make_phrase, raw_hits

NAMES = ("Huawei", "Oakley", "Karl Lagerfeld", "Red Wing", "Bang & Olufsen", "Dolce & Gabbana", "Le Creuset", "耐克")
_WORDS = st.sampled_from(
    [
        *(
            "Karl",
            "Karrl",
            "Lagerfeld",
            "Red",
            "Wing",
            "Wng",
            "Le",
            "Creuset",
            "Dolce",
            "Dolcce",
            "&",
            "Gabbana",
            "Bang",
        ),
        *(
            "Olufsen",
            "Hauwei",
            "Oakkley",
            "0akley",
            "O",
            "a",
            "k",
            "l",
            "e",
            "y",
            "shoes",
            "(O)akley",
            "k@rl",
            "red|wing",
        ),
        *("Кarl", "Oak\u200bley", "耐", "克", "耐克", "Nice", "-", "4", "karl's", "L", "Re", "d", "ＲＥＤ"),
    ]
)
_TITLES = st.lists(st.tuples(_WORDS, st.sampled_from([" ", "", ".", "\u3000"])), max_size=7).map(
    lambda pieces: "".join(word + gap for word, gap in pieces)
)


@cache
def names() -> Lexicon:
    return compiled(*(make_phrase(name, by_near=True, by_sound=True, by_odd=True) for name in NAMES))


def matcher() -> Matcher:
    """One that remembers nothing yet."""
    return Matcher(names(), Limits(line=(0.0, 0.0)))


@cache
def experienced() -> Matcher:
    """One that all examples share."""
    return matcher()


def as_rows(hits: Hits) -> list[tuple[int, ...]]:
    return list(zip(*(getattr(hits, name).tolist() for name in hits.__struct_fields__), strict=True))


@given(st.lists(_TITLES, min_size=1, max_size=5))
@example(["Le", "Le Creuzet", "Le"])
@example(["O", "O akley", "O a k l e y"])
@example(["Karl", "Karl Lagerfled", "karl lager"])
def test_a_word_remembered_as_nothing_is_nothing_in_any_other_row(titles: list[str]) -> None:
    together = as_rows(raw_hits(experienced(), [(title, "", title) for title in titles], every=False))
    alone = [as_rows(raw_hits(matcher(), [(title, "", title)], every=False)) for title in titles]
    assert together == [(row, *rest) for row, found in enumerate(alone) for _, *rest in found]


def test_one_listing_is_read_as_in_a_batch_by_who_remembers() -> None:
    for title in ("Karl Lagerfled", "Karl", "Hauwei", "Karl", "shoes", "Dolcce & Gabbana", "0akley"):
        one = experienced().read_one(title.encode(), b"", b"", 0.0, 0)
        assert as_rows(one) == as_rows(raw_hits(matcher(), [(title, "", "")], every=False))


@pytest.mark.parametrize("title", ["Dolcce & Gabbana", "Dolce&Gabbana", "Karll Lagerfeld", "Rad Wing"])
def test_a_mistake_in_the_first_word_is_vouched_for_by_the_second(title: str) -> None:
    assert len(raw_hits(matcher(), [(title, "", "")], every=False))


def test_what_no_second_word_begins_with_needs_no_look_at_the_first() -> None:
    nothing = np.zeros(mistyped.TAILS_SIZE, np.uint8)
    blind = Matcher(Lexicon({**names().arrays, "tails": nothing}), Limits(line=(0.0, 0.0)))
    near = [raw_hits(one, [("Dolcce & Gabbana", "", "")], every=False).spelling for one in (matcher(), blind)]
    assert [machine.NEAR_SPELLING in spellings for spellings in near] == [True, False]


def test_a_filter_has_all_that_was_put_in_and_hardly_anything_else() -> None:
    words = [f"{'abcdefghij'[n % 10]}{n:x}".translate(str.maketrans("0123456789", "klmnopqrst")) for n in range(4_000)]
    folded = fold_texts(words, fold_table())
    filled = nearby.empty_filter(int(np.diff(folded.starts).sum()) + 2 * len(words))
    mistyped.mark_near(folded.letters, folded.starts, filled)
    assert all(_has(filled, word) for word in words)
    others = [f"z{word}zz" for word in words]
    assert sum(_has(filled, word) for word in others) <= len(others) // 500


def _has(filled: npt.NDArray[np.uint8], word: str) -> bool:
    hashed = 0
    for letter in fold_texts([word], fold_table()).letters.tolist():
        hashed = (hashed * 0x100000001B3 + letter) & 0xFFFFFFFFFFFFFFFF
    return bool(nearby.has(filled, np.uint64(nearby.set_bit(np.uint64(hashed), len(word)))))
