"""Goods that may not be sold, and what only looks like them."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings.detectors import licence_missing
from agoranomos.goods.listings.facts import ListingFacts, Place, Spoken
from agoranomos.goods.listings.judge import TextJudge, build_judge, listings_batch
from agoranomos.goods.listings.model import Concern, Listing
from agoranomos.goods.listings.monitor import assess_all
from agoranomos.goods.listings.restricted import RestrictedPolicy
from agoranomos.goods.listings.vocabulary import shipped_restricted, shipped_vocabulary
from tests.builders import make_listing

INNOCENT = """儿童电动玩具枪 声光冲锋枪
水枪 高压 儿童戏水
热熔胶枪 家用 20W
打钉枪 气动 F30
无线筋膜枪 深层按摩
枪色 半框 眼镜框
吃鸡模型 98K 合金 钥匙扣
Nerf Elite 2.0 blaster
gunmetal grey watch strap
hot glue gun sticks 100 pcs
Gun Safe biometric storage box
men's t-shirt with assault rifle print
子弹头 口红 正红色
子弹杯 不锈钢
烟草棕 皮夹克 男
Tobacco brown leather sofa
香烟盒 20支装 金属 便携
戒烟贴 尼古丁 贴片
电子烟花 音箱 婚庆
象牙白 真皮 女包
Ivory soap bar 10 pack
ivory wedding dress lace
植物象牙果 手串 椰蒂
仿象牙 筷子 10双
玳瑁色 眼镜 复古 板材
仿真花 玫瑰 绢花
poppy seed bagel mix
大麻籽油 面霜
大麻绳 手工 编织
Opium eau de parfum 50ml
crack sealant for concrete
weed killer spray
穿山甲 毛绒玩具
犀牛角 造型 摆件 树脂
电子鞭炮 遥控
监控摄像头 家用 无线
防偷拍 探测器 酒店
验钞机 小型 假钞识别
身份证 卡套 透明
灭蚊拍 电击 充电式
spy x family anime figure
雪茄柜 恒温
cannabis sativa seed oil shampoo
弹簧床垫 刀架
弹簧秤 钩秤
猎枪图案 T恤
氰化物 检测 试纸""".splitlines()
GUILTY = """高压气步枪 打鸟 秃鹰套件
铅弹 4.5mm 500粒
弩 大黑鹰弩 带瞄准镜
弹簧刀 随身 防身
電擊棒 防身
电 击 棒 防身
stun gun 5 million volts
switchblade knife italian
国外免税烟 整条包邮
disposable vape 5000 puffs mango
dіsposable vаpe 3000
carton of cigarettes cheap
非洲象牙 手镯 老料
象-牙-手-镯 天然
elephant ivory bangle
ｅｌｅｐｈａｎｔ　ｉｖｏｒｙ carving
rhino horn powder
虎骨酒 十年
pangolin scales 1kg
办假证 学历 驾驶证
fake passport uk delivery
针孔摄像头 隐形 无线远程
GPS jammer car
摇头丸
THC gummies 500mg
毒鼠强 老鼠药
银行卡四件套 出售""".splitlines()


def score(judge: TextJudge, listing: Listing) -> float:
    return judge.assess(listing).scores.get(Concern.PROHIBITED, 0.0)


@pytest.mark.parametrize("title", INNOCENT)
def test_what_only_looks_like_it_is_left_alone(judge: TextJudge, title: str) -> None:
    assert score(judge, make_listing(title=title, category="", price=None)) < 0.5


@pytest.mark.parametrize("title", GUILTY)
def test_what_may_not_be_sold_is_found_also_in_disguise(judge: TextJudge, title: str) -> None:
    found = judge.assess(make_listing(title=title, category="", price=None))
    assert found.scores[Concern.PROHIBITED] >= 0.5
    assert {one.code for one in found.findings} == {"goods.prohibited_goods"}
    (signal,) = found.signals
    assert signal.values["source"]
    assert signal.quotes


def test_a_batch_and_a_single_listing_say_the_same(judge: TextJudge) -> None:
    listings = [make_listing(f"l{n}", title=title, category="") for n, title in enumerate((*INNOCENT, *GUILTY))]
    together = assess_all(judge, listings)
    assert [one.findings for one in together] == [judge.assess(each).findings for each in listings]


def test_the_sieve_reads_all_that_a_class_can_come_to(judge: TextJudge) -> None:
    listings: list[Listing] = []
    for known in shipped_restricted().values():
        strongest = {one.weight: one.text for one in known.words.terms()}
        near = " ".join(known.words.beside[-2:])
        for word, category in product(strongest.values(), ("", "toys", "food")):
            for title, description in (
                (word, ""), ("cup", word), ("cup", f"{word} {near}"), (f"cup {near}", word),
                (f"{word} {near}", " ".join(strongest.values())),
            ):  # fmt: skip
                listings.append(
                    make_listing(f"l{len(listings)}", title=title, description=description, category=category)
                )
    verdicts = judge.assess_batch(listings_batch(listings))
    kept = dict(zip(verdicts.rows, verdicts.assessments, strict=True))
    found = [judge.explain(listing)[1].findings for listing in listings]
    assert [one.findings if (one := kept.get(row)) else () for row in range(len(listings))] == found
    assert len(listings) / 10 < sum(map(bool, found)) < len(kept) < len(listings) * 0.8, "some are read and not all"


def test_who_has_shown_a_licence_and_what_the_marketplace_leaves_alone(
    judge: TextJudge, registry: RegistrySnapshot, judge_cache: Path
) -> None:
    told = {"title": "阿莫西林胶囊 24粒", "description": "消炎药，现货，当天发出，量大从优", "category": "医药保健"}
    medicine, elsewhere = make_listing(**told), make_listing(**told, store_id="s2")
    vape = make_listing(title="一次性电子烟 草莓味 6000口", category="")
    assert score(judge, medicine) > 0.5 < score(judge, vape)
    policy = RestrictedPolicy(frozenset({"tobacco"}), {"prescription": frozenset({"s1"})})
    other = build_judge(registry, cache=judge_cache, restricted=policy)
    assert score(other, medicine) == score(other, vape) == 0.0
    assert score(other, elsewhere) > 0.5
    assert other.version != judge.version


def test_only_the_description_says_less(judge: TextJudge) -> None:
    listing = make_listing(
        title="Metal detector for hobbyists", description="Finds coins, not a stun gun.", category=""
    )
    assert score(judge, listing) < 0.5


def test_a_register_says_who_has_a_licence_of_a_title_alone(
    judge: TextJudge, registry: RegistrySnapshot, judge_cache: Path
) -> None:
    formula = make_listing(title="婴幼儿配方奶粉 一段 900g", category="")
    assert 0.5 <= score(judge, formula) < 0.7, "a title alone says less"
    known = build_judge(
        registry, cache=judge_cache, restricted=RestrictedPolicy(licensed={"formula": frozenset({"s2"})})
    )
    told = known.assess(formula)
    assert told.scores[Concern.PROHIBITED] > 0.7
    assert "this store has shown the marketplace none" in told.signals[0].message
    assert score(known, make_listing(title=formula.title, category="", store_id="s2")) == 0.0


def test_everyday_goods_are_looked_for_only_where_there_is_a_register() -> None:
    words = shipped_vocabulary()
    asked = words.asking(frozenset({"cosmetics", "alcohol"}))
    assert "防晒霜" not in {term.text for term in words.asking(frozenset()).terms}
    assert "防晒霜" in {term.text for term in asked.terms}
    assert len({words.asking(frozenset()).version, asked.version, words.asking(frozenset({"liquor"})).version}) == 3
    assert words.asking(frozenset({"alcohol"})).version == words.asking(frozenset()).version, "looked for anyway"


def test_everyday_goods_of_a_store_without_a_licence() -> None:
    (sunscreen,) = (term for term in shipped_vocabulary().terms if term.text == "防晒霜")
    spoken = Spoken(sunscreen, Place("title", 0, 3), "防晒霜", 0, sunscreen.weight)
    facts = ListingFacts(
        make_listing(title="防晒霜 清爽", description="轻薄不油腻，适合每天通勤使用，现货当天发出"), mentions=(),
        spoken=(spoken,), runs=(), roles=frozenset(), categories=frozenset(), stated=False, accessory=False,
        price_yuan=0.0,
    )  # fmt: skip
    assert list(licence_missing.inspect(facts, licence_missing.Settings())) == []
    facts.registers = frozenset({"cosmetics"})
    (signal,) = licence_missing.inspect(facts, licence_missing.Settings())
    assert signal.weight > 4
    assert "has shown the marketplace none" in signal.message
    facts.allowed = frozenset({"cosmetics"})
    assert list(licence_missing.inspect(facts, licence_missing.Settings())) == []


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("防身店棍 随身", True),  # one of four
        ("虎牙吊追 天然", True),
        ("电击捧 防身", True),  # one of three, and stands by itself
        ("放电击捧杀", False),
        ("商用炉 大功率", False),  # 三用弩 by sound, two of three changed
        ("防摔包 内胆", False),  # 摔炮, one of two
        ("象芽手镯 天然", True),  # one of four
    ],
)
def test_words_that_sound_or_look_alike_by_chance(judge: TextJudge, title: str, found: bool) -> None:
    assert (score(judge, make_listing(title=title, category="", price=None)) >= 0.5) is found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "recall_min", "false_max"),
    [("first", 0.95, 0), ("listed", 0.94, 0), ("second", 0.8, 0), ("third", 0.9, 0)],
)
def test_titles_of_every_class_are_told_from_innocent_ones(
    judge: TextJudge, name: str, recall_min: float, false_max: int
) -> None:
    """They were written before the vocabulary, and learned from since; `docs/quality/restricted.md` tells both."""
    lines = (Path(__file__).parent / "data" / f"restricted_{name}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    found = [score(judge, make_listing(title=title, category="", price=None)) >= 0.5 for _, _, title in rows]
    guilty = [hit for hit, row in zip(found, rows, strict=True) if row[1] == "1"]
    wrong = [row[2] for hit, row in zip(found, rows, strict=True) if row[1] == "0" and hit]
    assert sum(guilty) / len(guilty) >= recall_min
    assert len(wrong) <= false_max, wrong


@pytest.mark.parametrize("name", shipped_vocabulary().restricted)
def test_every_class_names_its_rule_and_knows_its_numbers(name: str) -> None:
    one = shipped_vocabulary().restricted[name]
    assert re.search(r"(?i)law|regulations?|provisions|measures|certification|notice|code", one.source)
    assert bool(one.shown) == (one.rule == "licence")
    assert one.name_zh
    if one.shown:
        re.compile(one.shown)
    for texts in ([term.text for term in one.terms], one.words.plain + one.words.likely + one.words.doubtful):
        assert len(set(texts)) == len(texts)
    assert len(set(one.words.beside)) == len(one.words.beside)
