"""Long listings are read with the same result as short ones, in steps that do not grow with their square."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.matching import FIELDS as MATCHED
from agoranomos.goods.listings import context
from agoranomos.goods.listings.context import Names
from agoranomos.goods.listings.detectors import price_too_low
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.model import Field
from agoranomos.goods.listings.texts import ListingTexts, places
from tests.builders import make_listing

FIELDS: list[Field] = ["title", "brand"]
stretches = st.builds(
    lambda field, start, size: Place(field, start, start + size),
    st.sampled_from(FIELDS), st.integers(0, 60), st.integers(0, 12),
)  # fmt: skip


@given(st.lists(stretches, max_size=12), stretches)
def test_names_inside_a_stretch(places: list[Place], between: Place) -> None:
    names = Names(sorted(places))
    inside = [
        place
        for place in sorted(places)
        if place.field == between.field and between.start <= place.start < between.end and place.end <= between.end
    ]
    assert names.inside(between) == inside
    assert names.length_most(between) >= sum(place.end - place.start for place in inside)


@given(st.lists(st.tuples(*[st.text(st.sampled_from("aé耐👟"), max_size=40)] * 3), min_size=1, max_size=4), st.data())
def test_places_are_those_of_the_characters(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    listings = [make_listing(title=title, description=text, brand=brand) for title, text, brand in rows]
    held = [(row, field) for row, texts in enumerate(rows) for field in range(3) if texts[field]]
    expected, begins, ends = [], [], []
    for row, field in sorted(data.draw(st.lists(st.sampled_from(held), max_size=8))) if held else []:
        text = rows[row][field]
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        begin, last = (len(text[:at].encode()) | field << SOURCE_BITS for at in (start, end - 1))
        expected.append((row, Place(MATCHED[field], start, end)))
        begins.append(begin)
        ends.append(last)
    row_of = np.array([row for row, _ in expected], np.int64)
    found = places(listings, row_of, np.array(begins, np.int32), np.array(ends, np.int32))
    assert found == [place for _, place in expected]
    for (row, _), place in zip(expected, found, strict=True):
        assert ListingTexts(listings[row]).at(place) == rows[row][MATCHED.index(place.field)][place.start : place.end]


def test_characters_are_counted_once_and_without_those_of_a_place() -> None:
    asked: list[str] = []

    def is_a(char: str) -> bool:
        asked.append(char)
        return char == "a"

    texts = ListingTexts(make_listing(title="banana" * 100, description="a b a", brand=""))
    assert texts.count("title", is_a) == 300
    assert texts.count_around(Place("title", 0, 6), is_a) == 300 - 3 + 2
    known = len(asked)
    assert texts.count_around(Place("title", 0, 2), is_a) == 300 - 1 + 2
    assert len(asked) - known == 2


def test_of_a_long_list_of_names_each_is_looked_at_with_its_neighbours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    inside = Names.inside

    def counted(names: Names, between: Place) -> list[Place]:
        found = inside(names, between)
        looked.append(len(found))
        return found

    monkeypatch.setattr(context.Names, "inside", counted)
    count = 200
    text = "some other words of a seller Nike " * count
    names = Names(Place("title", 34 * number + 29, 34 * number + 33) for number in range(count))
    texts = ListingTexts(make_listing(title=text))
    for number in range(count):  # from the first name to each
        between = Place("title", 0, 34 * number + 29)
        assert context._within(between, 2, texts, names) is False
    assert sum(looked) < count


def test_of_a_title_of_a_megabyte_the_head_says_how_dear_the_goods_are(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    class Watched:
        def search(self, text: str) -> re.Match[str] | None:
            looked_at.append(len(text))
            return re.search("tote bag", text)

    monkeypatch.setattr(price_too_low, "_PROPER_GOODS", {"bags": Watched()})
    kinds = price_too_low._proper_goods
    assert kinds("tote bag" + " x" * 500_000) == {"bags"}
    assert kinds("x " * 500_000 + "tote bag") == frozenset()
    assert max(looked_at) <= 2_000, "patterns that look ahead and back take the square of a long text"
