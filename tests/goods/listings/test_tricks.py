"""Names behind several tricks at once, and honest words that look like them."""

from __future__ import annotations

import pytest

from agoranomos.goods.brands.coded import coded_names
from agoranomos.goods.listings.judge import TextJudge
from tests.builders import make_brand, make_listing, make_money


def hidden(judge: TextJudge, title: str, category: str = "") -> set[str]:
    """The brands that a title names in disguise."""
    facts, _ = judge.explain(make_listing(title=title, category=category))
    return {mention.brand.brand_id for mention in facts.mentions if mention.hidden > 0}


def score(judge: TextJudge, title: str, yuan: int, category: str = "") -> float:
    _, assessment = judge.explain(make_listing(title=title, category=category, price=make_money(yuan * 100)))
    return max(assessment.scores.values(), default=0.0)


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("Glden Goose women sneakers", "golden-goose"),
        ("Docle & Gabbana leather belt", "dolce-gabbana"),
        ("Undir Armour running shoes", "under-armour"),
        ("popp mmart blind box", "pop-mart"),
        ("Car.tier bracelet steel", "cartier"),
        ("Park*er fountain pen", "parker"),
        ("Estee Lau|der serum 30 ml", "estee-lauder"),
        ("Y.S.L leather handbag", "saint-laurent"),
        ("H Е R М S leather belt", "hermes"),
        ("O..e..g..a watch steel", "omega"),
        ("P$®k€12 fountain pen", "parker"),
        ("uᴉǝlԀ ddᴉlᴉɥԀ t-shirt", "philipp-plein"),
        ("芬d 早春新品手提包女", "fendi"),
        ("薇薇鮟·韦斯特伍德 珍珠项链", "vivienne-westwood"),
        ("德伍特斯韦安薇薇 项链", "vivienne-westwood"),
        ("RIMIWA2024新款行李箱男女密码箱", "rimowa"),
        ("Docle & Gabana2025新款 皮带", "dolce-gabbana"),
        ("sǝɯɹǝɥ leather belt", "hermes"),
        ("$80(@J (|2@M shoulder bag", "marc-jacobs"),
        ("施化洛世奇特价925银项链女", "swarovski"),
        ("朗琴 机械表男 夜光", "longines"),
        ("稂家 机械表男 夜光", "jaeger-lecoultre"),
        ("Nije running shoes", "nike"),
        ("【现货】Nije 运动鞋", "nike"),
        ("R o e l x automatic watch", "rolex"),
        ("P.r.a.d.a2025新款 手提包女", "prada"),
        ("P12ada shoulder bag leather", "prada"),
        ("Car . tier bracelet steel", "cartier"),
        ("[Michael Kros] handbag leather", "michael-kors"),
        ("Jimmy Coo handbag leather", "jimmy-choo"),
        ("梵k3雅宝 手串男女银饰", "van-cleef-arpels"),
        ("芬 迪现货手提包女 真皮", "fendi"),
        ("N*ke running shoes", "nike"),
        ("G**ci 女包 链条", "gucci"),
        ("路*威登 女包 新款链条", "louis-vuitton"),
        ("迈兑高仕 护照夹 真皮", "michael-kors"),
        ("现货 杜嘉琥纳 大衣女 双面羊绒", "dolce-gabbana"),
        ("新款 巴黎贝家 老爹鞋", "balenciaga"),
        ("新○伦 复古慢跑鞋男女", "new-balance"),
        ("Brtlng analog watch for men", "breitling"),
        ("₵Ⱨ₳₦ɆⱠ handbag", "chanel"),
        ("ცąƖɛŋƈıąɠą bag", "balenciaga"),
        ("C⭕ACH 女包", "coach"),
        ("💲alomon shoes", "salomon"),
        ("匚hanel handbag", "chanel"),
        ("N丨KE 运动鞋", "nike"),
        ("c丨o丨a丨c丨h 女包", "coach"),
        ("ᎫBᏞ 无线蓝牙耳机", "jbl"),
        ("倻ふ 秋冬新款拖鞋女", "yeezy"),
        ("萭寶瀧 男士短款钱包", "montblanc"),
        ("鉲尒妏尅莱慁 针织开衫女", "calvin-klein"),
        ("匡戌女 女鞋厚底", "converse"),
        ("gu3chi2 女士皮带", "gucci"),
        ("⠛⠥⠉⠉⠊ leather belt", "gucci"),
        ("香x儿 链条包女", "chanel"),
        ("喬丹现货真皮乐福鞋女 软底", "jordan"),
    ],
)
def test_the_name_is_found(judge: TextJudge, title: str, brand: str) -> None:
    assert brand in hidden(judge, title)


@pytest.mark.parametrize(
    "title",
    [
        "Golden Goose women sneakers",
        "Dolce & Gabbana leather belt",
        "Cotton shirt sizes S/L L V neck M K",
        "S A L E leather belt F R E E shipping",
        "sensor PA-210 24V/12A RO-123",
        "奕佳（YIJIA）足疗机脚底按摩器",
        "三星手机臂套 A9Star 几何黑",
        "Get Glamr Designer Uggy Boots",
        "Metro Genx casual shoes",
        "Alister Lifestyle casual shoes",
        "回宫格练字本硬笔书法专用纸",
        "主机 U2417H 标配 8G 单主机",
        "嬡の窝 宠物垫子",
        "ふわふわ 毛绒公仔",
        "喬丹 公牛隊 明信片 收藏",
    ],
)
def test_what_honest_sellers_write_hides_nothing(judge: TextJudge, title: str) -> None:
    assert hidden(judge, title) == set()


@pytest.mark.parametrize(
    ("title", "accessory"),
    [
        ("机械表男镂空陀飞轮真皮表带 316精钢", False),
        ("手表表带 20mm 真皮", True),
        ("真皮表带 适用于机械表 手表", True),
        ("运动套装男春秋休闲 立领拉链 红色", False),
    ],
)
def test_a_part_of_the_article_does_not_make_it_an_accessory(judge: TextJudge, title: str, *, accessory: bool) -> None:
    assert judge.explain(make_listing(title=title, category=""))[0].accessory is accessory


def test_belts_among_accessories_are_articles(judge: TextJudge) -> None:
    path = "Men > Men Clothing Accessories"
    assert not judge.explain(make_listing(title="Genuine leather belt", category=path))[0].accessory
    assert judge.explain(make_listing(title="Brass buckle 40 mm", category=path))[0].accessory


def test_a_bag_costs_more_than_a_card_holder(judge: TextJudge) -> None:
    assert score(judge, "Gucci 双肩包 男", 1_300) >= 0.5
    assert score(judge, "Gucci 卡包 男", 1_300) < 0.5


def test_a_name_that_begins_another_says_less_than_one_before_a_word(judge: TextJudge) -> None:
    before_a_word, goes_on = (
        max((m.hidden for m in judge.explain(make_listing(title=title, category=""))[0].mentions), default=0.0)
        for title in ("蒙玛 颜料 套装", "蒙玛特丙烯颜料套装")
    )
    assert goes_on < before_a_word


def test_houses_are_called_by_rule() -> None:
    fine = make_brand("x", names=["Xanadu", "香纳杜"], floors={"bags": make_money(200_000)}, much_copied=True)
    assert coded_names(fine) == ("香家", "纳家", "香纳家", "X家")
    assert coded_names(make_brand("x", names=["Xanadu", "香纳杜"], floors={"bags": make_money(2_000)})) == ()


@pytest.mark.parametrize("title", ["X家居 收纳包 女", "芬家文具 学生 套尺", "我家 女包 手提包"])
def test_homes_are_no_houses(judge: TextJudge, title: str) -> None:
    assert score(judge, title, 99) < 0.5


def test_a_word_of_the_name_beside_a_mistake_in_it_is_no_open_name(judge: TextJudge) -> None:
    assert score(judge, "Tommy Hiliger t-shirt", 180, "Clothing") >= 0.5


def test_a_short_name_with_a_mistake_is_read_as_that_of_such_goods(judge: TextJudge) -> None:
    assert hidden(judge, "Rolx analog watch", "Watches") == {"rolex"}
    assert hidden(judge, "Rolx pods", "Health") == {"relx"}


def test_a_maker_of_toys_sells_models(judge: TextJudge) -> None:
    assert score(judge, "乐糕 积木拼装玩具 跑车模型", 99, "Toys") >= 0.5


@pytest.mark.parametrize(("title", "found"), [("App_le data cable", True), ("Ap ple data cable", False)])
def test_a_sign_inside_a_word_is_set_on_purpose_even_of_accessories(
    judge: TextJudge, title: str, *, found: bool
) -> None:
    assert (score(judge, title, 30, "Phones > Cables") >= 0.5) is found


@pytest.mark.parametrize(
    "title",
    [
        "a ton ford of sand, toys",
        "Touristor Men's Casual Shoes",
        "现货 芬 迪现货手提包女",
        "car . tea bracelet",
        "sizes 10*20 cm, S*M*L, cotton*linen shoes",
        "普通、达人 女鞋",
        "brt lng 5 cm shoes",
        "价格 ₽500 ₴200 鞋",
        "运动鞋丨男女同款丨透气",
        "⭕ shoes ❌ no returns ✔ new",
    ],
)
def test_words_that_stand_for_themselves_hide_nothing(judge: TextJudge, title: str) -> None:
    assert score(judge, title, 90, "Shoes") < 0.5


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Gucci handbag mirrar copy", "mirrar copy"),
        ("Gucci handbag first coat", ""),
        ("[mirror qualtiy] Gucci handbag", "mirror qualtiy"),
        ("Gucci handbag bes_t batch", "bes_t batch"),
        ("Gucci handbag m1®®°r 9(_)al1ty", "m1®®°r 9(_)al1ty"),
        ("Gucci handbag 1⃣:1⃣", "1⃣:1"),
        ("Gucci handbag repIica", "repIica"),
        ("Gucci handbag cIone", "cIone"),
        ("Gucci handbag replicq", "replicq"),
        ("Gucci handbag rpelica", "rpelica"),
        ("Gucci handbag konckoff", "konckoff"),
        ("Gucci handbag qualify", ""),
    ],
)
def test_words_of_the_trade_are_read_with_a_mistake_or_a_gap_in_them(judge: TextJudge, title: str, read: str) -> None:
    facts, assessment = judge.explain(make_listing(title=title, category="Bags", price=None))
    assert not read or read in {spoken.text for spoken in facts.spoken}
    assert (assessment.score >= 0.5) is bool(read)


@pytest.mark.parametrize(("title", "found"), [("【超A】 手提包女 真皮", True), ("超A 手提包女 真皮", False)])
def test_a_grade_in_brackets_counts_without_a_name(judge: TextJudge, title: str, *, found: bool) -> None:
    assert (score(judge, title, 300, "箱包") >= 0.5) is found


@pytest.mark.parametrize("title", ["first class copy paper A4", "best bach recordings", "Gucci handbag first coat"])
def test_other_words_are_none_of_the_trade(judge: TextJudge, title: str) -> None:
    facts, _ = judge.explain(make_listing(title=title, category="Bags"))
    assert not facts.spoken


@pytest.mark.parametrize(
    ("title", "yuan"),
    [
        ("double G backpack for men", 1_200),
        ("red bottoms high heels women", 900),
        ("ekin 男鞋低帮板鞋", 300),
        ("蒙口 羽绒服男 短款", 900),
        ("NKjia 男鞋 运动鞋", 300),
        ("JSD U盘128G高速USB3.0 一比一", 119),
        ("Nike running shoes factory seconds", 300),
    ],
)
def test_a_name_by_its_emblem_or_letters_is_called_coded(judge: TextJudge, title: str, yuan: int) -> None:
    assert score(judge, title, yuan) >= 0.5


@pytest.mark.parametrize(
    ("title", "yuan"),
    [
        ("Jordan Jumpman 2020 PF", 800),
        ("polo shirt with red bottoms", 300),
        ("HDMI U盘128G 高速传输", 119),
        ("波音飞机737-800 模型 金属", 99),
    ],
)
def test_the_same_words_of_something_else_are_left_alone(judge: TextJudge, title: str, yuan: int) -> None:
    assert score(judge, title, yuan) < 0.5


def test_a_device_and_underwear_may_cost_a_fraction(judge: TextJudge) -> None:
    assert score(judge, "Tom Ford shirt", 560, "Clothing > Men") >= 0.5
    assert score(judge, "Tom Ford briefs", 560, "Clothing > Men") < 0.5
    assert score(judge, "Apple AirPort Express Base Station", 540, "Computers") < 0.5


def test_initials_are_spelled_with_their_house() -> None:
    known = make_brand("x", names=["Xanadu"], nicknames=["XND家", "X家"], much_copied=True)
    assert coded_names(known) == ("XNDjia",)
    assert coded_names(make_brand("x", names=["Xanadu"], nicknames=["XND家"], much_copied=False)) == ()


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("斯凯其 熊猫鞋", "“斯凯其” reads as the brand “Skechers” but is not spelled as the brand spells it."),
        ("海蓝之迷 面霜", "“海蓝之迷” reads as the brand “La Mer” but is not spelled as the brand spells it."),
    ],
)
def test_a_wrong_spelling_that_the_registry_lists_reads_as_the_name(judge: TextJudge, title: str, message: str) -> None:
    [finding] = judge.assess(make_listing(title=title, price=None)).findings
    assert finding.code == "goods.brand_disguised"
    assert finding.reasons[0].message == message


@pytest.mark.parametrize(
    "title", ["雪茄柜 保湿盒 加拿大雪松木层架", "芭比布迪童装店 连衣裙", "路易威尔 棒球棒 纪念款", "中国石化加油卡套"]
)
def test_another_name_that_begins_or_ends_alike_hides_nothing(judge: TextJudge, title: str) -> None:
    assert not hidden(judge, title)
