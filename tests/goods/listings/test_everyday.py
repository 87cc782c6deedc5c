"""Everyday Chinese that sounds like names, or holds them between two words, hides nothing."""

from __future__ import annotations

import pytest

from agoranomos.engine.text.words import WordTable
from agoranomos.goods.listings.judge import TextJudge
from tests.builders import make_listing

SAID = (
    "充电宝 超薄大容量 价格适中 送数据线",
    "连衣裙 夏装新款 价格和专柜一样优惠",
    "收纳盒 价格实惠 买了不后悔",
    "短信容量大，有250条存储 老人手机",
    "布艺沙发 款式百搭，因为大，适合三居室",
    "支持七天无理由 货不对板包退 帆布鞋",
    "巴洛克风格欧式镜子 挂墙",
    "石家庄特产 真皮女包 批发",
    "这东西太好用了 保温杯",
    "度假酒店 双人间 海景 含早餐",
    "笔记本支架 完美LED屏 高清",
    "苹果真是又脆又甜 烟台 5斤装",
    "行车记录仪（含充电器），摄像头可拆卸",
    "小学生爱历史 故事书 全套",
    "舒适大床垫 乳胶 1.8米",
    "陶瓷碗 包裹严实 破损包赔",
)
"""Found by reading what real buyers write, as titles: 62,513 reviews of ten kinds of goods."""


@pytest.mark.parametrize("title", SAID)
@pytest.mark.parametrize("field", ["title", "description"])
def test_what_is_said_every_day_hides_nothing(judge: TextJudge, title: str, field: str) -> None:
    listing = make_listing(title=title) if field == "title" else make_listing(title="家用 新款", description=title)
    assert judge.assess(listing).findings == ()


HONEST = (
    "老干妈 风味豆豉 280g",
    "Driver disk, support at driver.support@intel.com",
    "Mirror quality polished stainless steel tray 40 cm",
    "Master copy stamp pad ink violet",
    "Réplica de barco pirata en madera para decoración",
    "Replica of the Apollo 11 command module kit 1:48",
    "Supercopy carbon paper 100 sheets blue",
)


@pytest.mark.parametrize("title", HONEST)
def test_words_of_other_trades_offer_no_copy(judge: TextJudge, title: str) -> None:
    assert judge.assess(make_listing(title=title)).findings == ()


DISGUISED = (
    "雅思兰待 精华",
    "阿弟达斯 运动鞋 男",
    "香奶儿 女包 链条包",
    "大，疆 无人机",
    "理查得弥勒 运动手表 大表盘",
    "耐，克 男鞋 网面",
)


@pytest.mark.parametrize("title", DISGUISED)
def test_names_in_characters_that_make_no_sense_are_found(judge: TextJudge, title: str) -> None:
    assert [each.code for each in judge.assess(make_listing(title=title)).findings]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("价格和", True), ("因为大", True), ("买了", True), ("把它", True), ("苹果真是", True), ("可买可不", True)),
        *(("雅思兰黛", False), ("耐刻", False), ("大疆", False), ("苹果", False), ("买", False), ("", False)),
    ],
)
def test_everyday_speech(judge: TextJudge, text: str, said: bool) -> None:
    words: WordTable = judge._reader._words
    assert words.said_every_day(text) is said


def test_which_edge_a_word_runs_over(judge: TextJudge) -> None:
    words: WordTable = judge._reader._words
    assert words.straddled("度", "假酒", "店") == (True, True)
    assert words.straddled("东", "西太", "好") == (True, False)
    assert words.straddled("卖", "假酒", "的") == (False, False)
    assert words.straddled("", "假酒", "") == (False, False)
