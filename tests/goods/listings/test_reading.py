"""From hits to facts: who is named, how, and what the words around make of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.text.resemblance import damerau
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.honest import chance_digits
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.texts import digits_in
from tests.builders import make_listing, make_money

_WORDS = st.text("abc", max_size=6)


def read(judge: TextJudge, title: str, **fields: Any) -> ListingFacts:
    return judge.explain(make_listing(title=title, **{"category": "", **fields}))[0]


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("İstanbul Nike shoes", (9, 13)),
        ("Straße, Nike", (8, 12)),
        ("𝔘𝔘 Nike", (3, 7)),
        ("한국 Nike", (3, 7)),
        ("e\u0301e\u0301 Nike", (5, 9)),
        ("ﬁﬁ 👟 Nike", (5, 9)),
        ("耐克 Nike", (3, 7)),
    ],
)
def test_places_are_code_points(judge: TextJudge, title: str, place: tuple[int, int]) -> None:
    facts = read(judge, title)
    assert place in {(m.place.start, m.place.end) for m in facts.mentions if m.text == "Nike"}
    for mention in facts.mentions:
        assert title[mention.place.start : mention.place.end] == mention.text


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("case compatible with Samsung", "compatible"),
        ("strap for Rolex", "compatible"),
        ("适用于 华为 手机壳", "compatible"),
        ("Nike style shoes", "style"),
    ],
)
def test_the_words_around_a_name(judge: TextJudge, title: str, role: str) -> None:
    roles = {one for mention in read(judge, title).mentions for one in mention.roles}
    assert role in roles


def test_a_role_carries_over_a_list_of_names(judge: TextJudge) -> None:
    facts = read(judge, "case for Samsung, Xiaomi, Huawei")
    assert facts.claimed == ()
    assert len(facts.mentions) == 3


def test_a_role_does_not_carry_over_a_whole_text(judge: TextJudge) -> None:
    facts = read(judge, "made for long walks in the wild mountains with friends and family Nike shoes")
    assert [mention.brand.brand_id for mention in facts.claimed] == ["nike"]


def test_everyday_words_are_no_claims(judge: TextJudge) -> None:
    for title in ("apple juice", "小米粥", "gap filler", "coach bus ticket"):
        assert read(judge, title).claimed == (), title


def test_a_category_is_stated_or_read(judge: TextJudge) -> None:
    assert read(judge, "x", category="Men > Shoes > Sneakers").categories == {"shoes"}
    assert read(judge, "x", category="Men > Shoes > Sneakers").stated
    guessed = read(judge, "running shoes")
    assert "shoes" in guessed.categories
    assert not guessed.stated
    assert read(judge, "qqq zzz").categories == frozenset()


@pytest.mark.parametrize(
    ("category", "found"),
    [
        ("化妆品", {"cosmetics"}),
        ("鞋", {"shoes"}),
        ("食品", {"food"}),
        ("cosmetics", {"cosmetics"}),
        ("Shoes", {"shoes"}),
        ("food", {"food"}),
        ("日用 > 护肤品 ", {"cosmetics"}),
        ("鞋柜收纳", set()),
    ],
)
def test_a_plain_word_is_a_category(judge: TextJudge, category: str, found: set[str]) -> None:
    facts = read(judge, "全新", category=category)
    assert facts.categories == found
    assert facts.stated == bool(found)


def test_a_piece_of_a_disguised_name_is_no_word_for_goods(judge: TextJudge) -> None:
    assert read(judge, "Cha nel 口红 全新").categories == {"cosmetics"}
    assert read(judge, "chá verde orgânico").categories == {"food"}
    assert "watches" in read(judge, "Apple Watch SE").categories


def test_accessories(judge: TextJudge) -> None:
    assert read(judge, "phone case", category="phones").accessory
    assert read(judge, "x", category="Phones > Cases").accessory
    assert not read(judge, "iPhone 15 128 GB", category="phones").accessory


def test_price(judge: TextJudge) -> None:
    assert read(judge, "x", price=make_money(5_000)).price_yuan == pytest.approx(50.0)
    assert read(judge, "x", price=None).price_yuan == 0.0


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("138 1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("一三八一二三四五六七八", "13812345678"),
        ("①③⑧", "138"),
        ("l3O", "130"),
        ("壹叁捌", "138"),
        ("abc", ""),
    ],
)
def test_digits_in_any_writing(text: str, digits: str) -> None:
    assert digits_in(text) == digits


def test_runs_of_digits_are_found_where_they_stand(judge: TextJudge) -> None:
    facts = read(judge, "é 鞋", description="𝔘 call 138 1234 5678 now")
    assert [(run.digits, run.text) for run in facts.runs] == [("13812345678", "138 1234 5678")]
    run = facts.runs[0]
    assert facts.listing.description[run.place.start : run.place.end] == run.text


@given(_WORDS, _WORDS)
def test_edits_between_words(one: str, other: str) -> None:
    assert damerau(one, other) == damerau(other, one) == min(2, _edits(one, other))


def _edits(one: str, other: str) -> int:
    """Optimal string alignment, by the book."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


@pytest.mark.parametrize(
    ("text", "chance"), [("IP54", True), ("4 Men", True), ("n1ke", False), ("L0uis Vuitt0n", False)]
)
def test_codes_and_numbers_are_no_disguise(text: str, chance: bool) -> None:
    assert chance_digits(text) is chance


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.text(max_size=40))
def test_any_text_is_read_and_every_quote_is_a_slice(judge: TextJudge, title: str, tail: str) -> None:
    tail = tail.encode("utf-8", "replace").decode()
    listing = make_listing(title=title + " N1ke 加微信 a_12345 ", description=tail + " 耐 克 高仿 13812345678")
    facts = judge.explain(listing)[0]
    quotes = [m.quote for m in facts.mentions] + [s.quote for s in facts.spoken] + [r.quote for r in facts.runs]
    for quote in quotes:
        assert getattr(listing, quote.field)[quote.start : quote.end] == quote.text != ""
    for one, other in pairwise(mention.place for mention in facts.mentions):
        assert one.field != other.field or one.start <= other.start


_ENOUGH = "新款纯棉长袖衬衫宽松显瘦两件套"
"""A title in simplified characters that names nobody."""


@pytest.mark.parametrize(("written", "way"), [("範思哲", "orthography"), ("范思悊", "rebuilt")])
def test_other_characters_than_the_rest_of_the_listing(judge: TextJudge, written: str, way: str) -> None:
    ways = {one for mention in read(judge, f"{written} {_ENOUGH}").mentions for one in mention.ways}
    assert way in ways


def test_a_listing_in_traditional_characters_hides_nothing(judge: TextJudge) -> None:
    facts = read(judge, "範思哲 新款純棉長袖襯衫寬鬆顯瘦兩件套")
    assert {m.how for m in facts.mentions if m.brand.brand_id == "versace"} == {0}


@pytest.mark.parametrize(
    ("written", "brand"),
    [
        ("範思哲", "versace"),
        ("笵偲悊", "versace"),
        ("彪☆码", "puma"),
        ("锐✿布", "reebok"),
    ],
)
def test_chinese_names_disguised_once_more(judge: TextJudge, written: str, brand: str) -> None:
    found = read(judge, f"{written} {_ENOUGH}").mentions
    assert brand in {m.brand.brand_id for m in found if m.hidden > 0}


def test_single_characters_in_a_list_are_no_name(judge: TextJudge) -> None:
    assert not [m for m in read(judge, f"锐 布 {_ENOUGH}").mentions if m.hidden]
    assert not [m for m in read(judge, f"锐/布 {_ENOUGH}").mentions if m.hidden]


@pytest.mark.parametrize("colours", ["藏青/军绿。厂家直发，48小时内发货", "藏青/军绿/米色。当季新品", "军绿，厂家直销"])
def test_words_on_both_sides_of_a_comma_or_full_stop_are_no_name(judge: TextJudge, colours: str) -> None:
    assert not [m for m in read(judge, f"女装 {_ENOUGH} 颜色：{colours}").mentions if m.hidden]


@pytest.mark.parametrize("name", ["耐/克 跑鞋", "耐。克运动鞋", "绿。厂 手机", "阿迪，达斯卫衣"])
def test_a_name_parted_by_them_is_found(judge: TextJudge, name: str) -> None:
    assert [m for m in read(judge, f"{name} {_ENOUGH}").mentions if m.hidden]
