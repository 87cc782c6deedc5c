"""What is no disguise whoever wrote it keeps no row; what may be one does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agoranomos.goods.listings.judge import TextJudge, listings_batch
from agoranomos.goods.listings.screening import rows_worth_reading
from tests.builders import make_listing


def kept(judge: TextJudge, titles: Sequence[str], brand: str = "") -> tuple[set[int], set[int]]:
    """The rows that the sieve keeps, and those of them that are read."""
    batch = listings_batch([make_listing(title=title, brand=brand) for title in titles])
    hits = judge._hits(judge._matcher, batch)
    return set(hits.row.tolist()), set(rows_worth_reading(batch, hits, judge._reader, judge._matcher))


CODES = ("lampu IP54 taman", "4 MEN jacket", "mask for 30 days")
DISGUISED = ("N1ke running shoes", "Lоuіs Vuіttоn bag", "ad1das hoodie", "R0lex automatic")


def test_a_code_keeps_no_row_and_a_disguise_does(judge: TextJudge) -> None:
    sieved, read = kept(judge, [*CODES, *DISGUISED])
    assert sieved == set(range(len(CODES) + len(DISGUISED)))
    assert read == {len(CODES) + number for number in range(len(DISGUISED))}


@pytest.mark.parametrize("title", DISGUISED)
def test_a_code_beside_a_disguise_takes_nothing_away(judge: TextJudge, title: str) -> None:
    assert kept(judge, [f"{title} {CODES[0]}", f"{CODES[0]} {title}"])[1] == {0, 1}


def test_a_spelling_is_judged_once_and_the_same_ever_after(judge: TextJudge) -> None:
    titles = [*CODES, *DISGUISED]
    assert kept(judge, titles) == kept(judge, titles)


_CUES = ("微信", "加微信", "威信号", "QQ", "抖音", "飞机", "电话", "手机号", "wechat", "咨询客服")
_BEHIND = (
    *("伊酒吾耳六七八九", "号伊酒吾耳六七八九", "：伊 酒 吾 耳 六 七 八", "一三八一二三四五六七八", "〇二伍零三四五六"),
    *(
        "abc12345",
        "：bag_88",
        " abc＿defg",
        "：＠bagking",
        " id: bagking",
        "账号 bag-88k",
        "🐧oB2i5IZIBS7I",
        "ａｂｃ１２３４",
    ),
    *("one three eight one five nine four two", "聊天视频通话", "", "里的朋友都说好用又便宜", "号伊酒", "一二三楼"),
)


@pytest.mark.parametrize("cue", _CUES)
def test_what_a_contact_says_is_read_wherever_it_counts(judge: TextJudge, cue: str) -> None:
    listings = [make_listing(title=f"运动鞋 黑色{cue}{behind}") for behind in _BEHIND]
    found = judge.assess_batch(listings_batch(listings))
    for row, listing in enumerate(listings):
        alone = judge.explain(listing)[1]
        together = dict(zip(found.rows, found.assessments, strict=True)).get(row)
        assert alone.findings == (together.findings if together else ()), listing.title


_READ_IN_VAIN = (
    ("Warrants LL6772 running shoes", "Watches"),  # a model's number, no 1:1
    ("商业街一一 黑衣 石英手表", "手表"),
    ("上海蓝牙耳机 玩具", "数码>耳机"),  # 海蓝 is cut out of two words
    ("Lottery usb cable white", "Electronics > Cables"),
)


@pytest.mark.parametrize(("title", "category"), _READ_IN_VAIN)
def test_what_no_context_can_lift_to_the_line_is_not_read_closely(judge: TextJudge, title: str, category: str) -> None:
    batch = listings_batch([make_listing(title=title, category=category)])
    assert judge.assess_batch(batch).rows == ()


@pytest.mark.parametrize("title", ["Nike 1:1 running shoes", "Nike l:l running shoes", "Nike 一:一 跑步鞋"])
def test_a_ratio_is_read_where_its_sign_stands(judge: TextJudge, title: str) -> None:
    batch = listings_batch([make_listing(title=title, category="shoes")])
    assert judge.assess_batch(batch).rows == (0,)
