"""What is no disguise whoever wrote it keeps no row; what may be one does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from agoranomos.engine.text import machine, weighing
from agoranomos.engine.text.matching import FIELDS, spans
from agoranomos.goods.listings.judge import TextJudge, batch_listings, listings_batch
from agoranomos.goods.listings.screening import rows_worth_reading
from tests.builders import make_listing
from tests.goods.listings.test_judge import make_market


def kept(judge: TextJudge, titles: Sequence[str], brand: str = "") -> tuple[set[int], set[int]]:
    """The rows that the sieve keeps, and those of them that are read."""
    batch = listings_batch([make_listing(title=title, brand=brand) for title in titles])
    beside = judge._weighed_with(batch)
    hits = judge._hits(judge._matcher, batch, *beside)
    return set(hits.row.tolist()), set(rows_worth_reading(batch, hits, judge._reader.alone, judge._matcher, *beside))


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


NO_NUMBERS = (
    "手机壳 13.3 14 15.6 17.3 寸通用",
    "HP laptop battery 10 11 12 13 14 15",
    "联系客服 手机 ABNA18230700549",
    "ins风 2026 春季 新款",
)
NUMBERS = ("手机 13812345678", "call 98 8153 3738 shoes", "ins: bag_8899 新款", "微信 一三八一二三四五六七八")


def test_digits_that_are_no_number_keep_no_row(judge: TextJudge) -> None:
    _, read = kept(judge, [*NO_NUMBERS, *NUMBERS])
    assert read == {len(NO_NUMBERS) + number for number in range(len(NUMBERS))}


def test_a_word_that_asks_to_be_called_admits_no_copy(judge: TextJudge) -> None:
    batch = listings_batch([make_listing(title="Nike shoes 手机"), make_listing(title="Nike shoes 非正品")])
    hits = judge._hits(judge._all_hits, batch, *judge._weighed_with(batch))
    readings = judge._reader.interpret(batch_listings(batch), hits, [0, 1])
    assert [reading.admitted for reading in readings] == [False, True]


def test_a_flood_of_names_does_not_hide_a_row(judge: TextJudge) -> None:
    flood = " ".join(["Zara", "Mango", "Puma"] * 200)
    assert kept(judge, [f"{flood} N1ke"])[1] == {0}


@pytest.mark.parametrize("seed", range(2))
def test_what_nothing_was_struck_out_of_weighs_what_the_machine_said(judge: TextJudge, seed: int) -> None:
    batch = listings_batch(make_market(1_500, 300 + seed))
    price, stated = judge._weighed_with(batch)
    matcher = judge._matcher
    hits = matcher.read(batch["title"], batch["description"], batch["brand"], price, stated)
    fielded = np.array([bool(text) for text in batch["brand"].to_pylist()])
    rows, reached = matcher.weigh_again(hits, price, stated, fielded)
    loosely = (hits.spelling == machine.LOOSE_SPELLING) | (hits.spelling == machine.TANGLED_SPELLING)
    heavy = set(hits.row[~loosely & (hits.extra & weighing.RESEMBLING == 0)].tolist())
    again = set(rows[reached == weighing.REACHES].tolist())
    assert again <= heavy <= again | set(rows[reached == weighing.BY_MAIL].tolist())
    assert len(heavy) > 100


def test_a_hit_says_what_the_seller_wrote(judge: TextJudge) -> None:
    titles = ["耐克 N1KE 鞋 ＡＪ１", "чанел Chanel сумка 𝗡𝗶𝗸𝗲", "“Nike”—Gucci…"]
    listings = [make_listing(title=title, description=f"{title}！", brand=title[:4]) for title in titles]
    batch = listings_batch(listings)
    hits = judge._hits(judge._all_hits, batch, *judge._weighed_with(batch))
    where = spans([batch[name] for name in FIELDS], hits)
    reading = judge._reader.interpret(listings, hits.where(hits.row == 0), [0, 1, 2])[0]
    said = [text.decode() for text in where.all()]
    assert {draft.one.text for draft in reading.drafts} <= set(said)
    for number, (row, field) in enumerate(zip(hits.row.tolist(), where.field.tolist(), strict=True)):
        whole = batch[FIELDS[field]][row].as_py()
        before, behind = where.before(number, 10_000).decode(), where.behind(number, 10_000).decode()
        assert before + said[number] + behind == whole


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
