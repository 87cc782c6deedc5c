"""The parts of sentences: lists, one or several, ways of disguise in words."""

from __future__ import annotations

import pytest

from agoranomos.engine.text.folding import DISGUISES
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Signal
from agoranomos.goods.listings.sentences import (
    WAYS,
    Saying,
    listed,
    quoted,
    quoted_zh,
    reads_otherwise,
    way_words,
)
from tests.builders import make_listing

IS = Saying("{words} is of {brands}.", "{words} are of {brands}.", "{words}属于{brands}。")


@pytest.mark.parametrize(
    ("texts", "en", "zh"),
    [
        (["高仿"], "“高仿”", "“高仿”"),
        (["高仿 ", "1:1", "高仿"], "“高仿” and “1:1”", "“高仿”、“1:1”"),
        (["a", "b", "c"], "“a”, “b” and “c”", "“a”、“b”、“c”"),
        (["a", "b", "c", "d", "e"], "“a”, “b”, “c”, “d” and more", "“a”、“b”、“c”、“d”等"),
    ],
)
def test_lists(texts: list[str], en: str, zh: str) -> None:
    assert (quoted(texts), quoted_zh(texts)) == (en, zh)


def test_nothing_is_an_empty_list() -> None:
    assert listed([]) == quoted([]) == quoted_zh([]) == ""


def test_the_verb_goes_with_the_words_and_the_noun_with_the_brands() -> None:
    assert IS.of(["x"], ["Nike"]) == ("“x” is of the brand “Nike”.", "“x”属于品牌“Nike”。")
    assert IS.of(["x", "x", "{y}"], ["A", "B"])[0] == "“x” and “{y}” are of the brands “A” and “B”."


def test_every_way_of_disguise_has_words() -> None:
    assert set(WAYS) == set(DISGUISES.values())
    assert way_words(["styled", "leet"], "Ｎ1KE")[0] == ["full-width letters", "letters replaced by digits or signs"]
    assert way_words(["styled"], "𝐍𝐢𝐤𝐞")[0] == ["ornamental letters"]
    assert way_words(["marked", "mark_game"], "Ñîkë")[1] == ["字母上加了多余的符号"]


def test_another_case_is_no_other_reading() -> None:
    assert not reads_otherwise("VX", "vx")
    assert not reads_otherwise("Air  Jordan", "air jordan")
    assert not reads_otherwise("x", "")
    assert reads_otherwise("ＶＸ", "vx")


def signal_of(judge: TextJudge, code: str, **fields: str) -> Signal:
    signals = judge.explain(make_listing(price=None, category="", **fields))[1].signals
    return next(signal for signal in signals if signal.code == code)


def test_a_disguise_is_named_and_the_model_beside_it_is_marked(judge: TextJudge) -> None:
    signal = signal_of(judge, "goods.brand_disguised", title="Ｎ1KE AJ1 莆田纯原 1:1 ＋VX abc123")
    assert signal.message == (
        "“Ｎ1KE” reads as the brand “Nike” but is not spelled as the brand spells it: full-width letters and "
        "letters replaced by digits or signs. Beside it, “AJ1” names a model of “Air Jordan”."
    )
    assert signal.message_zh == (
        "“Ｎ1KE”读作品牌“Nike”，但不是品牌的正规写法：全角字符，用数字或符号代替字母。"
        "同时出现的“AJ1”是品牌“Air Jordan”的款式。"
    )
    assert [quote.text for quote in signal.quotes] == ["Ｎ1KE", "AJ1"]


def test_a_piece_of_a_disguised_name_is_not_named_again(judge: TextJudge) -> None:
    signal = signal_of(judge, "goods.brand_disguised", title="Lоuіs Vuіttоn bag brown")
    assert signal.message.startswith("“Lоuіs Vuіttоn” reads as the brand “Louis Vuitton” but")
    assert len(signal.quotes) == 1


def test_what_contacts_stand_for_is_said_only_where_it_is_not_plain(judge: TextJudge) -> None:
    plain = signal_of(judge, "goods.contact_in_text", title="鞋 ＋VX abc123")
    assert plain.message == ("“＋VX”, “VX” and “abc…23” lead buyers off the marketplace. “VX” stands for “微信”.")
    assert plain.message_zh == "“＋VX”、“VX”、“abc…23”会把买家引到平台之外。“VX”即“微信”。"
    hidden = signal_of(judge, "goods.contact_in_text", title="鞋 加薇❤信 linen8866")
    assert "stands for" in hidden.message
    assert hidden.message_zh.endswith("”。")
