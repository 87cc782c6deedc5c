"""Plant labelled fakes into real honest titles.

``python -m benchmarks.text_quality.plant --per-family 200 --seed 7 --out DIR`` writes
``planted.parquet`` (contract LISTINGS, shuffled, ids that tell nothing) and ``truth.jsonl``.

A planted row takes a real title of goods that the brand is copied for, puts the disguised name
where the real brand stood (or where a seller would write it), and asks a price that copies are
sold for. The Chinese title set holds office goods and electronics only; for shoes, bags and the
like own title patterns stand in (``source`` "own" in the truth).

Rows of the family ``clean_control`` are honest: the name in plain letters at an ordinary price.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.text_quality import words
from benchmarks.text_quality.brands import BRANDS, BY_NAME, EXTRA_NAMES, Brand
from benchmarks.text_quality.disguises import (
    CHINESE_CHAINS,
    LATIN,
    LATIN_CHAINS,
    NUMBERS,
    ChineseTables,
    Technique,
    chain,
    chinese_techniques,
)
from benchmarks.text_quality.honest import (
    MINOR_DIGITS,
    SETS,
    Listing,
    load,
    opaque,
    shared_data,
    table,
)

CONTROL = "clean_control"

#: Units of the currency for one US dollar; right within a few per cent is enough here.
PER_USD = {
    "USD": 1.0,
    "CNY": 7.2,
    "INR": 83.0,
    "MXN": 17.5,
    "CLP": 930.0,
    "COP": 4000.0,
    "IDR": 15800.0,
    "THB": 35.0,
    "VND": 25000.0,
    "PHP": 56.0,
    "SGD": 1.34,
    "MYR": 4.5,
    "BRL": 5.2,
}
LANGUAGES = {
    "USD": "en",
    "CNY": "zh",
    "INR": "en",
    "SGD": "en",
    "PHP": "en",
    "MYR": "en",
    "MXN": "es",
    "CLP": "es",
    "COP": "es",
    "IDR": "id",
    "THB": "th",
    "VND": "vi",
    "BRL": "pt",
}
#: What a copy costs as a share of the genuine price, by tier.
FAKE_SHARE = {
    "S": (0.015, 0.07),
    "L": (0.05, 0.22),
    "M": (0.15, 0.5),
    "P": (0.3, 0.7),
    "B": (0.45, 0.8),
}
ABSURD_SHARE = (0.01, 0.08)
ABSURD_GOODS = frozenset(("bag", "watch", "shoes", "clothes", "jewel", "wallet", "belt", "luggage", "eyewear"))
ORDINARY_SHARE = (0.8, 1.1)
#: Copied more than the rest.
FAVOURITES = frozenset(
    (
        "Louis Vuitton",
        "Gucci",
        "Chanel",
        "Hermes",
        "Prada",
        "Dior",
        "Nike",
        "Adidas",
        "Jordan",
        "Yeezy",
        "Rolex",
        "Balenciaga",
        "Cartier",
        "Apple",
        "Coach",
        "Michael Kors",
        "Moncler",
        "The North Face",
        "New Balance",
        "Ray-Ban",
        "Burberry",
        "Fendi",
        "Van Cleef & Arpels",
        "Omega",
        "Puma",
    )
)

#: Kinds of goods in a title, the first that fits wins: whole Latin words, then other scripts.
_GOODS_TABLE = r"""
earphone: earphones? | earbuds? | headphones? | headset | tws | airbuds | audífonos | tai nghe
earphone= 耳机 | หูฟัง
eyewear: sunglasses | glasses | lentes de sol | kacamata | eyewear
eyewear= 太阳镜 | 墨镜 | แว่น
watch: analog watch | digital watch | wrist ?watch | watch | reloj | jam tangan | đồng hồ
watch= 手表 | 腕表 | 手环
wallet: wallet | purse | card holder | cartera | billetera | dompet
wallet= 钱包 | 卡包
belt: belt | cinturón | ikat pinggang
belt= 皮带 | 腰带
luggage: suitcase | trolley | koper | luggage | maleta
luggage= 拉杆箱 | 行李箱
bag: handbag | tote | backpack | shoulder bag | sling bag | hand-held bag | crossbody | satchel
    clutch | bolso | mochila | tas | messenger bag | airy bag
bag= 女包 | 双肩包 | 斜挎包 | 手提包 | 单肩包 | กระเป๋า
shoes: shoes? | sneakers? | sandals? | boots? | loafers? | slippers? | heels | bellies | flats
    flip flops | slides | trainers | tenis | zapatos | zapatillas | sepatu | giày
shoes= 鞋 | รองเท้า
hat: cap | baseball hat | beanie | gorra | topi
hat= 帽
jewel: necklace | bracelet | earrings? | ring | bangle | pendant | collar | pulsera | aretes
    gelang | kalung
jewel= 项链
perfume: perfume | eau de | body mist | fragrance | deodorant | parfum | colonia
perfume= 香水 | น้ำหอม
beauty: lipstick | serum | foundation | eyeshadow | mascara | cream | moisturi[sz]er | kajal
    lip gloss | pelembap | concealer | compact | eyeliner
beauty= 口红 | เซรั่ม | kem nền
clothes: t-?shirt | shirt | hoodie | jacket | jeans | polo | dress | sweater | sweatshirt | top
    shorts | leggings | coat | playera | camiseta | sudadera | jersey | camisa | kemeja | baju
    áo | track pants? | kaos
clothes= T恤 | 卫衣 | เสื้อ
phone: smartphone | handphone | cell ?phone | mobile phone
phone= 智能手机 | 老人机
charger: charger | charging cable | data cable | usb cable | power bank | powerbank
charger= 充电器 | 充电宝 | 数据线
appliance: hair dryer | straightener | trimmer | shaver | epilator | vacuum
appliance= 吹风 | 剃须 | 吸尘器
storage: pen ?drive | memory card | flash drive | usb flash
storage= U盘 | 内存卡 | 优盘
mouse: wireless mouse | gaming mouse | mouse wireless
mouse= 无线鼠标 | 鼠标  | 游戏鼠标
ink: ink cartridge | toner | kartrid
ink= 墨盒 | 硒鼓
pen: ball ?pen | fountain pen | roller ?ball
pen= 钢笔 | 签字笔 | 宝珠笔
toy: action figure | building blocks | blind box | toy car | plush | figurilla | muñeco
toy= 积木 | 公仔 | 手办
bottle: water bottle | tumbler | botella
bottle= 保温杯 | 水杯
"""
#: Goods for other goods and things that no brand is copied on, in the same form.
_NO_GOODS_TABLE = r"""
no: fits | compatible | case | cover | strap | skin | holder | stand | sticker | untuk
    para iphone | para samsung | para tapa | replacement | pouch | organi[sz]er | storage box
    rack | toe | remover | polish | charms? | lensa | casing | doll | dog | cat | pet | baby
    printing | wardrobe | combo set | anak | infant | v-belt | projector | pixel | nose
    sparepart | handel | fake | imitation | copy | replica | clone | dupe | 1:1 | first copy
    aaa | quilling | temporary tattoo | artificial | curtain | fan | freshener | car | mount
    brush | bonnet | paint | tape | socket | garden | novelty | costume | hook | battery
    sponge | tool | unbeatablesale | empuje | cascos? | ciclismo | racing | soap | atomizador
    mancuernas | maillot | motocross | sublimación | lotion | shampoo | stumble
no= 适用 | 壳 | 膜 | 套装贴 | 保护套 | 支架 | 贴纸 | 收纳 | 挂绳 | 笔袋 | 展示 | 表带 | 替换
    兼容 | 鞋柜 | 鞋架 | 包装 | 电脑包 | 气囊 | 垫 | เคส | 音响 | 音箱 | 风扇 | 话筒 | 录音
    播放器 | 随身听 | 作业 | 试卷 | 读卡 | 批发 | 定制 | 定做 | 通用 | 笔芯 | 考试 | 高仿 | 仿真
    微信 | QQ | 颜料 | 消毒 | 电脑 | 功放 | 甩脂 | 文件 | 儿童 | 教具 | 同款 | 制作 | 机器人
    清洗 | 耗材 | 原装 | 保修 | 服务 | 网易 | 摄影 | 单反 | 喷码 | 话务 | 空气净化
"""
#: "for" is an accessory's word, except before the people that the goods are for.
_FOR = r"""
\bfor\b(?!\ (?:-|boys|men|women|girls|ladies|him|her|unisex|the|every|daily|party|work|all))
"""


def _patterns(text: str) -> dict[str, re.Pattern[str]]:
    """Patterns by kind from a table; an indented line goes on with the line before."""
    found: dict[str, list[str]] = {}
    for line in re.sub(r"\n {4}", " | ", text).strip().splitlines():
        match = re.match(r"(\w+)([:=])(.*)", line)
        if match is None:
            raise ValueError(line)
        kind, sign, rest = match.groups()
        items = "|".join(item.strip() for item in rest.split(" | "))
        found.setdefault(kind, []).append(rf"\b(?:{items})\b" if sign == ":" else items)
    return {kind: re.compile("|".join(parts), re.IGNORECASE) for kind, parts in found.items()}


_GOODS = _patterns(_GOODS_TABLE)
_ACCESSORY = re.compile(f"{_patterns(_NO_GOODS_TABLE)['no'].pattern}|(?x:{_FOR})", re.IGNORECASE)
#: What the Chinese set really sells; its shoes and T-shirts are paint for shoes and T-shirts.
_JD_GOODS = frozenset(
    (
        "earphone",
        "charger",
        "storage",
        "mouse",
        "pen",
        "appliance",
        "phone",
        "bag",
        "bottle",
        "watch",
        "ink",
    )
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Base:
    """A title with a place for a brand name, the kind of goods, and where it is from."""

    original: str
    pattern: str  # holds {B} when the place is given
    goods: str
    language: str
    currency: str
    category: str
    source: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What a planted row is; kept apart from the row."""

    listing_id: str
    family: str
    technique: str
    brand: str
    disguised_text: str
    original_title: str
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A row and its truth."""

    listing: Listing
    truth: Truth


def _other_brand_pattern() -> re.Pattern[str]:
    latin = [re.escape(b.latin) for b in BRANDS]
    latin += [re.escape(n) for n in EXTRA_NAMES if n.isascii()]
    chinese = [re.escape(b.zh) for b in BRANDS if b.zh]
    chinese += [re.escape(n) for n in EXTRA_NAMES if not n.isascii()]
    return re.compile(r"(?<![a-z])(" + "|".join(latin) + r")(?![a-z])|" + "|".join(chinese), re.IGNORECASE)


_OTHER_BRAND = _other_brand_pattern()


def goods_of(title: str, category: str = "") -> str | None:
    """The kind of goods that a title sells, None for accessories and goods that are not copied."""
    if _ACCESSORY.search(title) or "Automotive" in category or "Pet" in category:
        return None
    for kind, pattern in _GOODS.items():
        if pattern.search(title):
            return kind
    return None


def _marked(listing: Listing, source: str) -> str:
    """The title with {B} in place of the real brand, or unmarked when it names none."""
    title = listing.title.replace("{", "(").replace("}", ")")
    if source == "adidas_nike":
        return re.sub(r"\b(adidas|nike)\b", "{B}", title, count=1, flags=re.IGNORECASE)
    brand = listing.brand
    if brand and re.search(rf"(?<!\w){re.escape(brand)}(?!\w)", title, re.IGNORECASE):
        return re.sub(rf"(?<!\w){re.escape(brand)}(?!\w)", "{B}", title, count=1, flags=re.IGNORECASE)
    if source == "flipkart":  # these titles begin with the brand
        first, _, rest = title.partition(" ")
        return "{B} " + rest if rest and first.lower() not in ("women's", "men's") else title
    if source == "jd_titles_zh":
        return re.sub(r"^[\w]{2,8}（[A-Za-z0-9 .-]+）", "{B}", title, count=1)
    return title


def bases_from(listings: Iterable[Listing], source: str) -> list[Base]:
    """Honest titles that can carry a copied brand."""
    found = []
    for item in listings:
        language = LANGUAGES.get(item.currency)
        if language is None or not 12 <= len(item.title) <= 180:
            continue
        goods = goods_of(item.title, item.category)
        if goods is None or (source == "jd_titles_zh" and goods not in _JD_GOODS):
            continue
        pattern = _marked(item, source)
        if source == "adidas_nike":
            if "{B}" not in pattern or re.search(r"jordan|\b(adidas|nike)\b", pattern, re.IGNORECASE):
                continue
            source_name = f"{source}:{item.brand}"
        elif _OTHER_BRAND.search(pattern):
            continue
        else:
            source_name = source
        if language != "zh" and len(_HAN.findall(pattern)) > 4:
            continue
        found.append(Base(item.title, pattern, goods, language, item.currency, item.category, source_name))
    return found


def own_bases() -> list[Base]:
    """Own Chinese title patterns for goods that the Chinese set lacks."""
    return [
        Base(title, title, goods, "zh", "CNY", goods, "own")
        for goods, titles in words.TITLES_ZH.items()
        for title in titles
    ]


class Planter:
    """Draws titles, brands and prices and assembles rows."""

    def __init__(self, bases: Iterable[Base], tables: ChineseTables, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.by_key: dict[tuple[str, str], list[Base]] = {}
        for base in bases:
            group = "zh" if base.language == "zh" else "other"
            self.by_key.setdefault((group, base.goods), []).append(base)
        self.techniques: dict[str, Technique] = {**LATIN, **chinese_techniques(tables)}
        self.weights = [4 if b.latin in FAVOURITES else 1 for b in BRANDS]
        self.count = 0

    # -- drawing

    def pick_brand(self, accept: Callable[[Brand], bool] = lambda _: True) -> Brand:
        """A brand, the most copied ones more often."""
        while True:
            brand = self.rng.choices(BRANDS, self.weights)[0]
            if accept(brand):
                return brand

    def pick_base(self, brand: Brand, goods: str | None = None, chinese: bool | None = None) -> Base:
        """A title for goods of that brand, Chinese for about two in five unless said otherwise."""
        zh = self.rng.random() < 0.4 if chinese is None else chinese
        kinds = [goods] if goods else list(brand.goods)
        for group in ("zh" if zh else "other", "zh"):
            pools = [[b for b in self.by_key.get((group, kind), []) if _fits(b, brand)] for kind in kinds]
            pools = [pool for pool in pools if pool]
            if pools:
                pool = self.rng.choice(pools)
                own = [b for b in pool if b.source == "own"]
                pool = own if own and self.rng.random() < 0.6 else pool
                rest = [b for b in pool if b.language not in ("zh", "en")]
                pool = rest if rest and self.rng.random() < 0.2 else pool
                return _varied(self.rng.choice(pool), self.rng)
        raise LookupError(f"no title for {brand.latin} {kinds}")

    def price(self, brand: Brand, base: Base, share: tuple[float, float]) -> int:
        """A price in minor units that looks like a shop's."""
        usd = brand.price_usd(base.goods) * self.rng.uniform(*share)
        return shop_price(usd * PER_USD[base.currency], base.currency, self.rng)

    def fake_price(self, brand: Brand, base: Base) -> int:
        """What a copy is sold for."""
        return self.price(brand, base, FAKE_SHARE[brand.tier])

    def plain_name(self, brand: Brand, base: Base) -> str:
        """The name as an honest seller writes it in that language."""
        if base.language != "zh" or not brand.zh:
            return self.rng.choice((brand.latin, brand.latin, brand.latin.upper()))
        both = f"{brand.zh}（{brand.latin}）"
        return self.rng.choice((brand.zh, brand.zh, brand.latin, both, f"{brand.latin}/{brand.zh}"))

    def replica_words(self, base: Base, weak: float = 0.25) -> str:
        """Plain replica talk in the language of the title."""
        key = base.language if base.language in words.REPLICA else "en"
        if key in ("zh", "en") and self.rng.random() < weak:
            key += "_weak"
        return self.rng.choice(words.REPLICA[key])

    # -- assembling

    def name_in(self, base: Base, name: str) -> str:
        """The title with the name in its place."""
        if "{B}" in base.pattern:
            return base.pattern.replace("{B}", name, 1)
        title, gap = base.pattern, "" if base.language == "zh" and self.rng.random() < 0.5 else " "
        bracket = re.match(r"^(【[^】]*】|\[[^\]]*\])", title)
        if bracket:
            return f"{bracket[0]}{name}{gap}{title[bracket.end() :].lstrip()}"
        draw = self.rng.random()
        if draw < 0.7:
            return f"{name}{gap}{title}"
        if draw < 0.85 or " " not in title:
            return f"{title} {name}"
        pieces = title.split(" ")
        spot = self.rng.randint(1, max(1, len(pieces) // 2))
        return " ".join((*pieces[:spot], name, *pieces[spot:]))

    def with_phrase(self, title: str, phrase: str, language: str) -> str:
        """The title with replica talk or contact at a usual place."""
        if language == "zh":
            forms: tuple[str, ...] = ("{t} {p}", "【{p}】{t}", "{t}（{p}）", "{p} {t}", "{t}{p}")
        else:
            forms = ("{t} {p}", "{t} {p}", "{t} ({p})", "{p} {t}", "{t} - {p}", "[{p}] {t}")
        return self.rng.choice(forms).replace("{t}", title).replace("{p}", phrase)

    def row(
        self,
        kind: tuple[str, str],
        brand: Brand,
        base: Base,
        title: str,
        *,
        price: int,
        disguised: str,
        description: str | None = None,
        brand_field: str | None = None,
    ) -> Planted:
        """One planted row of (family, technique) with its truth; ids tell nothing."""
        family, technique = kind
        self.count += 1
        number = (self.seed, self.count)
        texts = words.DESCRIPTIONS.get(base.language, words.DESCRIPTIONS["en"])
        none = ("", "", "其他") if base.language == "zh" else ("", "", "No Brand", "OEM")
        listing = Listing(
            opaque("listing", *number),
            opaque("store", *number),
            " ".join(title.split(" ")).strip(" "),
            price,
            base.currency,
            seller_id=opaque("seller", *number),
            description=self.rng.choice(texts) if description is None else description,
            brand=self.rng.choice(none) if brand_field is None else brand_field,
            category=base.category,
        )
        truth = Truth(
            listing.listing_id,
            family,
            technique,
            brand.latin,
            disguised,
            base.original,
            base.language,
            base.source,
        )
        return Planted(listing, truth)

    def fake(
        self,
        kind: tuple[str, str],
        brand: Brand,
        base: Base,
        title: str,
        disguised: str,
        brand_field: str | None = None,
    ) -> Planted:
        """A planted row at a price that fakes ask."""
        price = self.fake_price(brand, base)
        return self.row(kind, brand, base, title, price=price, disguised=disguised, brand_field=brand_field)

    # -- families

    def latin(self, family: str, names: tuple[str, ...]) -> Planted:
        """A Latin name under one technique."""
        short = family in (
            "misspelling",
            "doubled",
            "reversed",
            "random_case",
            "upside_down",
            "leet",
            "mixed_scripts",
        )
        while True:
            name = self.rng.choice(names)
            brand = self.pick_brand(lambda b: not short or len(b.latin) >= 4)
            text = self.rng.choice((brand.latin, brand.latin, brand.latin.upper(), brand.latin.lower()))
            out = self.techniques[name](text, self.rng)
            if out in (text, brand.latin, brand.latin.upper(), brand.latin.lower()):
                continue
            base = self.pick_base(brand)
            title = self.name_in(base, out)
            return self.fake((family, name), brand, base, title, out)

    def chinese(self, family: str, names: tuple[str, ...]) -> Planted:
        """A Chinese name under one technique, in a Chinese title."""
        least = 3 if family == "zh_reversed" else 2  # 迪奥 backwards is a car
        while True:
            name = self.rng.choice(names)
            brand = self.pick_brand(lambda b: len(b.zh) >= least)
            out = self.techniques[name](brand.zh, self.rng)
            if out == brand.zh:
                continue
            base = self.pick_base(brand, chinese=True)
            if base.language != "zh":
                continue
            title = self.name_in(base, out)
            if name == "zh_pinyin_initials":  # two letters alone are no evidence: the talk gives it away
                title = self.with_phrase(title, self.replica_words(base, 0.5), "zh")
            return self.fake((family, name), brand, base, title, out)

    def combined(self, family: str, chains: tuple[tuple[str, ...], ...], zh: bool) -> Planted:
        """Two or three techniques, one after the other."""
        while True:
            names = self.rng.choice(chains)
            brand = self.pick_brand(lambda b: len(b.zh) >= 2 if zh else len(b.latin) >= 4)
            text = brand.zh if zh else brand.latin
            out = chain(names, self.techniques)(text, self.rng)
            if out == text:
                continue
            base = self.pick_base(brand, chinese=True if zh else None)
            title = self.name_in(base, out)
            label = "+".join(names)
            if "zh_pinyin_initials" in names:
                title = self.with_phrase(title, self.replica_words(base, 0.5), "zh")
            return self.fake((family, label), brand, base, title, out)

    def nickname(self, family: str) -> Planted:
        """A coded name, alone or with replica talk."""
        zh = self.rng.random() < 0.6
        name, coded, goods = self.rng.choice(words.NICKNAMES_ZH if zh else words.NICKNAMES_EN)
        brand = BY_NAME[name]
        base = self.pick_base(brand, goods, chinese=zh)
        title = self.name_in(base, coded)
        technique = f"nickname_{'zh' if zh else 'latin'}_bare"
        if self.rng.random() < 0.5:
            title = self.with_phrase(title, self.replica_words(base, 0.4), base.language)
            technique = technique.replace("bare", "replica_talk")
        return self.fake((family, technique), brand, base, title, coded)

    def model(self, family: str) -> Planted:
        """The brand left out, the model line named, and replica talk or an absurd price."""
        while True:
            zh = self.rng.random() < 0.45
            name, model, goods = self.rng.choice(words.MODELS_ZH if zh else words.MODELS_EN)
            brand = BY_NAME[name]
            absurd = self.rng.random() < 0.35
            if absurd and not (brand.luxury and goods in ABSURD_GOODS):
                continue
            base = self.pick_base(brand, goods, chinese=zh)
            title = self.name_in(base, model)
            if absurd:
                price = self.price(brand, base, ABSURD_SHARE)
                return self.row((family, "model_absurd_price"), brand, base, title, price=price, disguised=model)
            phrase, technique = self.replica_words(base, 0.3), "model_replica_talk"
            if self.rng.random() < 0.25:
                phrase, _ = self.disguised_replica(base)
                technique = "model_replica_disguised"
            title = self.with_phrase(title, phrase, base.language)
            return self.fake((family, technique), brand, base, title, f"{model} {phrase}")

    def disguised_replica(self, base: Base) -> tuple[str, str]:
        """Replica talk in disguise, hand-made or by a technique; (phrase, technique)."""
        key = base.language
        hand = words.REPLICA_DISGUISED.get(key, words.REPLICA_DISGUISED["en"])
        if self.rng.random() < 0.5:
            return self.rng.choice(hand), "hand_made"
        pool: tuple[str, ...]
        if key == "zh":
            pool = (
                "zh_look_alike",
                "zh_sound_alike",
                "zh_pinyin_mixed",
                "zh_separated",
                "zh_split_characters",
                "zh_traditional",
                "zh_separated_emoji",
                "zh_martian",
                "zh_invisible",
                "zh_partial_split",
            )
            source = [w for w in words.REPLICA["zh"] if len(_HAN.findall(w)) >= 2]
        else:
            pool = (
                "leet",
                "homoglyph_cyrillic",
                "homoglyph_latin_like",
                "homoglyph_accented",
                "split_space",
                "split_dot",
                "split_hyphen",
                "invisible",
                "full_width",
                "small_capitals",
                "math_bold",
                "math_sans_bold",
                "misspelling",
                "doubled",
                "circled",
                "partial_split",
                "combining_light",
            )
            words_here = words.REPLICA.get(key, words.REPLICA["en"])
            source = [w for w in words_here if sum(c.isascii() and c.isalpha() for c in w) >= 5]
            source = source or [w for w in words.REPLICA["en"] if len(w) >= 7]
        while True:
            word, name = self.rng.choice(source), self.rng.choice(pool)
            out = self.techniques[name](word, self.rng)
            if out != word:
                return out, name

    def replica(self, family: str, disguised: bool) -> Planted:
        """The plain brand with replica talk."""
        brand = self.pick_brand()
        base = self.pick_base(brand)
        title = self.name_in(base, self.plain_name(brand, base))
        if disguised:
            phrase, technique = self.disguised_replica(base)
        else:
            phrase = self.replica_words(base)
            weak = phrase in words.REPLICA["zh_weak"] or phrase in words.REPLICA["en_weak"]
            technique = "weak_talk" if weak else "replica_word"
        title = self.with_phrase(title, phrase, base.language)
        field = self.rng.choice(("", brand.latin))
        return self.fake((family, technique), brand, base, title, phrase, field)

    def absurd(self, family: str) -> Planted:
        """A plain luxury brand at 1-8 % of its price, and nothing else."""
        brand = self.pick_brand(lambda b: b.luxury and bool(ABSURD_GOODS & set(b.goods)))
        kind = self.rng.choice([g for g in brand.goods if g in ABSURD_GOODS])
        base = self.pick_base(brand, kind)
        name = self.plain_name(brand, base)
        title = self.name_in(base, name)
        price = self.price(brand, base, ABSURD_SHARE)
        field = self.rng.choice(("", brand.latin))
        kinds = (family, f"absurd_{kind}")
        return self.row(kinds, brand, base, title, price=price, disguised=name, brand_field=field)

    def contact(self, family: str, disguised: bool) -> Planted:
        """The plain brand with a way to deal elsewhere, in the title or the description."""
        brand = self.pick_brand()
        base = self.pick_base(brand)
        title = self.name_in(base, self.plain_name(brand, base))
        phrase, technique = self.disguised_contact(base.language) if disguised else self.plain_contact(base.language)
        field = self.rng.choice(("", brand.latin))
        price = self.fake_price(brand, base)
        where, below = "title", None
        if self.rng.random() < 0.6:
            title = self.with_phrase(title, phrase, base.language)
        else:
            texts = words.DESCRIPTIONS.get(base.language, words.DESCRIPTIONS["en"])
            where, below = "description", f"{self.rng.choice(texts)} {phrase}".strip()
        kind = (family, f"{technique}@{where}")
        return self.row(kind, brand, base, title, price=price, disguised=phrase, description=below, brand_field=field)

    def plain_contact(self, language: str) -> tuple[str, str]:
        """A contact in plain words; (phrase, technique)."""
        frames = words.CONTACT_PLAIN.get(language, words.CONTACT_PLAIN["en"])
        phone = self.phone(language)
        phrase = self.rng.choice(frames).format(id=self.account(), phone=phone, qq=self.qq())
        return phrase, "plain_contact"

    def disguised_contact(self, language: str) -> tuple[str, str]:
        """A contact whose channel, number or both are in disguise; (phrase, technique)."""
        zh = language == "zh"
        mode = self.rng.choice(("channel", "channel", "number", "both", "channel_technique"))
        plain = ("微信", "微信", "QQ", "电话") if zh else ("WhatsApp", "wechat", "Telegram", "phone")
        channel = self.rng.choice(words.CHANNELS_ZH if zh else words.CHANNELS_EN)
        label = mode
        if mode == "number":
            channel = self.rng.choice(plain)
        elif mode == "channel_technique":
            channel, name = self._channel_by_technique(zh)
            label = f"channel_{name}"
        target = self.rng.choice((self.account(), self.phone(language), self.qq() if zh else self.account()))
        if mode in ("number", "both"):
            numbers = [n for n in NUMBERS if n != "number_plain" and _number_fits(n, language)]
            name = self.rng.choice(numbers)
            digits = re.sub(r"\D", "", self.phone(language))
            target = NUMBERS[name](digits, self.rng)
            label = name if mode == "number" else f"channel+{name}"
        frames = words.CONTACT_FRAMES.get(language, words.CONTACT_FRAMES["en"])
        return self.rng.choice(frames).format(ch=channel, id=target), label

    def _channel_by_technique(self, zh: bool) -> tuple[str, str]:
        while True:
            if zh:
                word = self.rng.choice(("微信", "微信", "加微信", "加薇信"))
                name = self.rng.choice(
                    (
                        "zh_sound_alike",
                        "zh_look_alike",
                        "zh_separated",
                        "zh_pinyin_mixed",
                        "zh_martian",
                        "zh_split_characters",
                        "zh_invisible",
                        "zh_separated_emoji",
                    )
                )
            else:
                word = self.rng.choice(("whatsapp", "WhatsApp", "wechat", "WeChat", "telegram", "Telegram"))
                name = self.rng.choice(
                    (
                        "leet",
                        "homoglyph_cyrillic",
                        "homoglyph_latin_like",
                        "split_dot",
                        "split_space",
                        "misspelling",
                        "math_bold",
                        "full_width",
                        "small_capitals",
                        "invisible",
                        "circled",
                    )
                )
            out = self.techniques[name](word, self.rng)
            if out != word:
                return out, name

    def phone(self, language: str) -> str:
        """A made-up number in the form that the language's sellers write."""
        digits = "".join(self.rng.choice("0123456789") for _ in range(8))
        if language == "zh":
            return self.rng.choice(("13", "15", "17", "18", "19")) + self.rng.choice("35789") + digits
        if language == "id":
            return "08" + self.rng.choice(("12", "21", "57", "95")) + digits
        if language == "es":
            return self.rng.choice(("+52 55 ", "55", "+56 9 ", "+57 31")) + digits
        if language == "th":
            return "08" + digits
        if language == "vi":
            return "09" + digits
        return self.rng.choice(("+86 138", "+86159", "+91 98", "0086 137", "+852 9")) + digits

    def account(self) -> str:
        """A made-up account name as small sellers choose them."""
        stems = (
            "lin",
            "xzh",
            "aaxie",
            "baobao",
            "pt",
            "gz",
            "mm",
            "yt",
            "kk",
            "shoes",
            "bags",
            "abc",
            "wx",
            "hui",
            "top",
            "jie",
            "dmf",
            "lux",
            "zx",
            "meimei",
            "vip",
            "chao",
            "store",
            "hk",
            "anan",
            "qiqi",
        )
        digits = "".join(self.rng.choice("0123456789") for _ in range(self.rng.randint(3, 6)))
        tail = self.rng.choice((digits, digits, "_" + digits, "888", "1688", "520", "66"))
        return self.rng.choice(stems) + self.rng.choice(("", "", self.rng.choice(stems))) + tail

    def qq(self) -> str:
        """A made-up QQ number."""
        return str(self.rng.randint(10_000_0000, 3_999_999_999))

    def control(self, base: Base, brand: Brand) -> Planted:
        """Honest: the plain name on the same kind of title at an ordinary price."""
        name = self.plain_name(brand, base)
        title = self.name_in(base, name)
        price = self.price(brand, base, ORDINARY_SHARE)
        return self.row(
            (CONTROL, "plain"),
            brand,
            base,
            title,
            price=price,
            disguised=name,
            brand_field=brand.latin,
        )


def _fits(base: Base, brand: Brand) -> bool:
    """Titles of a maker's own shop carry that maker only."""
    maker = base.source.partition(":")[2]
    if maker:
        return maker == brand.latin
    # Bands that count steps are no place for a watchmaker's name.
    return not (base.goods == "watch" and "手环" in base.original and brand.tier in "SLM")


def _varied(base: Base, rng: random.Random) -> Base:
    """Own patterns with a season, colour or article number, so that no two are the same title."""
    if base.source != "own":
        return base
    front = rng.choice(("", "", "2024新款", "2025新款", "实拍", "现货", "早春新品", "秋冬新款", "爆款", "特价"))
    colour = rng.choice(("", "黑色", "白色", "米白", "灰色", "咖色", "红色", "粉色", "多色可选", "墨绿"))
    if base.goods in ("beauty", "perfume", "storage", "toy", "ink", "charger"):
        colour = ""
    number = rng.choice(("", "", f"货号{rng.randint(1000, 99999)}", f"#{rng.randint(100, 9999)}"))
    title = " ".join(part for part in (f"{front}{base.pattern}", colour, number) if part)
    return replace(base, pattern=title)


def _number_fits(name: str, language: str) -> bool:
    if name in ("number_chinese", "number_chinese_formal", "number_sound_alike", "number_mixed"):
        return language == "zh"
    if name == "number_words_es":
        return language == "es"
    if name == "number_words_en":
        return language not in ("zh", "es")
    return True


def shop_price(amount: float, currency: str, rng: random.Random) -> int:
    """Round as shops do (299, 1,499, 45.90) and give minor units."""
    minor: int = 10 ** MINOR_DIGITS.get(currency, 2)
    magnitude: int = 10 ** max(0, len(str(int(amount))) - 2)
    rounded = max(1, round(amount / magnitude)) * magnitude
    if rounded >= 100 and rng.random() < 0.6:
        rounded -= 1 if magnitude < 1000 else magnitude // 10
    cents = rng.choice((0, 0, 0.9, 0.99)) if rounded < 100 and minor > 1 else 0
    return round((rounded + cents) * minor)


#: Families of one technique on a Latin name: family -> techniques.
LATIN_FAMILIES: dict[str, tuple[str, ...]] = {
    "full_width": ("full_width",),
    "random_case": ("random_case",),
    "homoglyph": tuple(n for n in LATIN if n.startswith("homoglyph_")),
    "math_letters": tuple(n for n in LATIN if n.startswith("math_")),
    "enclosed_letters": (
        "circled",
        "circled_negative",
        "squared",
        "squared_negative",
        "parenthesised",
        "regional_indicators",
    ),
    "small_letters": ("small_capitals", "superscript"),
    "leet": ("leet",),
    "invisible": ("invisible",),
    "combining_light": ("combining_light",),
    "zalgo_heavy": ("zalgo_heavy",),
    "split_space": ("split_space",),
    "split_signs": (
        "split_dot",
        "split_hyphen",
        "split_underscore",
        "split_star",
        "split_slash",
        "split_pipe",
    ),
    "split_emoji": ("split_emoji",),
    "split_cjk_punctuation": ("split_cjk_punctuation",),
    "split_newline": ("split_newline",),
    "partial_split": ("partial_split",),
    "reversed": ("reversed",),
    "upside_down": ("upside_down", "mirrored"),
    "doubled": ("doubled",),
    "misspelling": ("misspelling",),
    "mixed_scripts": ("mixed_scripts",),
}
CHINESE_FAMILIES: dict[str, tuple[str, ...]] = {
    "zh_look_alike": ("zh_look_alike",),
    "zh_sound_alike": ("zh_sound_alike",),
    "zh_pinyin": ("zh_pinyin",),
    "zh_pinyin_initials": ("zh_pinyin_initials",),
    "zh_pinyin_mixed": ("zh_pinyin_mixed",),
    "zh_split_characters": ("zh_split_characters",),
    "zh_traditional": ("zh_traditional",),
    "zh_martian": ("zh_martian",),
    "zh_rare_variant": ("zh_rare_variant",),
    "zh_separated": ("zh_separated", "zh_separated_emoji", "zh_partial_split"),
    "zh_reversed": ("zh_reversed",),
    "zh_invisible": ("zh_invisible",),
}


def families(planter: Planter) -> dict[str, Callable[[], Planted]]:
    """Every family of fakes as a function that makes one row."""

    def latin(name: str) -> Callable[[], Planted]:
        return lambda: planter.latin(name, LATIN_FAMILIES[name])

    def chinese(name: str) -> Callable[[], Planted]:
        return lambda: planter.chinese(name, CHINESE_FAMILIES[name])

    return {
        **{name: latin(name) for name in LATIN_FAMILIES},
        **{name: chinese(name) for name in CHINESE_FAMILIES},
        "combined_latin": lambda: planter.combined("combined_latin", LATIN_CHAINS, False),
        "combined_chinese": lambda: planter.combined("combined_chinese", CHINESE_CHAINS, True),
        "nickname": lambda: planter.nickname("nickname"),
        "model_line": lambda: planter.model("model_line"),
        "replica_plain": lambda: planter.replica("replica_plain", False),
        "replica_disguised": lambda: planter.replica("replica_disguised", True),
        "absurd_price": lambda: planter.absurd("absurd_price"),
        "contact_plain": lambda: planter.contact("contact_plain", False),
        "contact_disguised": lambda: planter.contact("contact_disguised", True),
    }


FAMILY_NAMES: tuple[str, ...] = (
    *LATIN_FAMILIES,
    *CHINESE_FAMILIES,
    "combined_latin",
    "combined_chinese",
    "nickname",
    "model_line",
    "replica_plain",
    "replica_disguised",
    "absurd_price",
    "contact_plain",
    "contact_disguised",
    CONTROL,
)


def plant(bases: Iterable[Base], tables: ChineseTables, per_family: int, seed: int) -> list[Planted]:
    """Rows of every family and as many controls, shuffled."""
    planter = Planter(bases, tables, seed)
    rows: list[Planted] = []
    for make in families(planter).values():
        rows.extend(make() for _ in range(per_family))
    while sum(row.truth.family == CONTROL for row in rows) < per_family:
        brand = planter.pick_brand()
        rows.append(planter.control(planter.pick_base(brand), brand))
    planter.rng.shuffle(rows)
    return rows


def character_frequency(data: Path) -> Counter[str]:
    """How common a character is in real titles and reviews."""
    counts: Counter[str] = Counter((data / "listings/jd_titles_zh/titles.txt").read_text("utf-8"))
    ham = data / "reviews/taobao_spam/train/ham.txt"
    if ham.is_file():
        counts.update(ham.read_text("utf-8", errors="ignore"))
    return counts


def materials(data: Path) -> tuple[list[Base], ChineseTables]:
    """Titles and word lists from the shared data."""
    bases = own_bases()
    for name in SETS:
        bases.extend(bases_from(load(data, name), name))
    tables = ChineseTables.read(data / "text" / "variants", character_frequency(data))
    return bases, tables


def write(rows: Iterable[Planted], out: Path) -> tuple[Path, Path]:
    """planted.parquet and truth.jsonl."""
    out.mkdir(parents=True, exist_ok=True)
    listings, truth = out / "planted.parquet", out / "truth.jsonl"
    kept = list(rows)
    pq.write_table(table(row.listing for row in kept), listings)
    with truth.open("w", encoding="utf-8") as handle:
        for row in kept:
            handle.write(json.dumps(asdict(row.truth), ensure_ascii=False) + "\n")
    return listings, truth


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-family", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    data = shared_data()
    if data is None:
        print("AGORA_SHARED_DATA names no folder", file=sys.stderr)
        return 2
    bases, tables = materials(data)
    rows = plant(bases, tables, args.per_family, args.seed)
    listings, truth = write(rows, args.out)
    print(f"{len(rows)} rows of {len(FAMILY_NAMES)} families -> {listings}, {truth}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
