"""Seeded listings and a registry that look like a marketplace's, without anyone's data.

Words and their frequencies come from the package wordfreq, sentences from templates of our own.
Of the listings 45 % are English, 40 % Chinese, 15 % Spanish or Indonesian, about 230 characters
each; 30 % name a brand, and a stated share (`PLANTED` unless said otherwise) carries replica talk, a
disguised name or a way around the marketplace (their ids begin with P, all others with L). Titles of
others can be used instead (`titled`), joined until they are as long. The registry is the shipped seed and invented
names in six scripts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace
from wordfreq import get_frequency_dict

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.seed import seed_brands
from agoranomos.kernel.money import Money

SEED: Final = 20260501
ROW_GROUP_ROWS: Final = 100_000
BRANDED: Final = 0.30
PLANTED: Final = 0.01
"""The share of planted listings; a swept catalogue has a tenth of that, an unswept one a few per cent."""
CHARACTERS: Final = 230
LANGUAGES: Final = {"en": 0.45, "zh": 0.40, "es": 0.08, "id": 0.07}
SCRIPTS: Final = {"latin": 0.62, "zh": 0.20, "ja": 0.05, "ko": 0.05, "ru": 0.05, "ar": 0.03}

_ONSETS = [
    *("b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kr", "l", "m"),
    *("n", "p", "pr", "qu", "r", "s", "sh", "st", "t", "tr", "v", "w", "x", "z"),
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou", "y"]
_CODAS = ["", "", "", "n", "r", "s", "x", "l", "m", "ck", "tt"]
_SECOND = [
    *(
        "Home",
        "Sport",
        "Lab",
        "Studio",
        "Paris",
        "Kids",
        "Tech",
        "Audio",
        "Beauty",
        "Pro",
        "Tools",
        "Wear",
        "Living",
        "Japan",
    ),
]
_ZH = (
    "雅丽欧美佳诗朵梵凯莱尔克德罗斯特维亚宝娜迪卡奇蓝海星辰月光木林森禾泉岚晴悦颜语熙"
    "芙蕾琳薇曼妮安然尚品优臣皇冠金狮虎鹰龙骏驰腾飞翔达盛泰恒永信诚百千万家乐居逸品格"
    "调元素"
)
_JA = "アイウエオカキクケコサシスセソタチツテトナニノハヒフマミムメモヤユヨラリルレロワン"
_KO = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호구누두루무부수우"
_RU = "абвгдежзиклмнопрстуфхцчшэюя"
_AR = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"

_CURRENCY: Final = {"en": "USD", "zh": "CNY", "es": "MXN", "id": "IDR"}
_GOODS: Final[dict[str, list[tuple[str, str]]]] = {
    "en": [
        ("running shoes", "Shoes > Men"),
        ("leather handbag", "Bags > Women"),
        ("phone case", "Phones > Cases"),
        ("cotton t-shirt", "Clothing > Tops"),
        ("wrist watch", "Watches"),
        ("face cream", "Beauty > Skin"),
        ("wireless earbuds", "Audio"),
        ("garden hose", "Home > Garden"),
        ("baby bottle", "Infant"),
        ("usb cable", "Electronics > Cables"),
        ("sunglasses", "Eyewear"),
        ("kitchen knife", "Home > Kitchen"),
    ],
    "zh": [
        ("运动鞋", "鞋靴>男鞋"),
        ("真皮女包", "箱包>女包"),
        ("手机壳", "手机配件>保护壳"),
        ("纯棉短袖", "服饰>上衣"),
        ("石英手表", "手表"),
        ("保湿面霜", "美妆>护肤"),
        ("蓝牙耳机", "数码>耳机"),
        ("收纳盒", "家居>收纳"),
        ("婴儿奶瓶", "母婴"),
        ("数据线", "数码>线材"),
        ("太阳镜", "眼镜"),
        ("保温杯", "家居>水具"),
    ],
    "es": [
        ("zapatillas deportivas", "Calzado"),
        ("bolso de cuero", "Bolsos"),
        ("funda para celular", "Accesorios"),
        ("camiseta de algodón", "Ropa"),
        ("reloj de pulsera", "Relojes"),
        ("crema facial", "Belleza"),
    ],
    "id": [
        ("sepatu lari", "Sepatu Pria"),
        ("tas kulit wanita", "Tas Wanita"),
        ("casing hp", "Aksesoris HP"),
        ("kaos katun", "Pakaian Pria"),
        ("jam tangan", "Jam Tangan"),
        ("krim wajah", "Kecantikan"),
    ],
}
_COLOURS: Final = {
    "en": ["black", "white", "navy", "red", "beige", "grey", "green", "pink"],
    "zh": ["黑色", "白色", "藏青", "红色", "米色", "灰色", "墨绿", "粉色"],
    "es": ["negro", "blanco", "azul", "rojo", "beige", "gris", "verde", "rosa"],
    "id": ["hitam", "putih", "biru", "merah", "krem", "abu", "hijau", "pink"],
}
_SIZES: Final = [
    *(
        "S",
        "M",
        "L",
        "XL",
        "XXL",
        "36",
        "38",
        "40",
        "42",
        "44",
        "500ml",
        "1.5m",
        "64GB",
        "10cm",
        "2kg",
    ),
]
_SELLING: Final = {
    "en": ["free shipping", "in stock", "ships from local warehouse", "30 days return", "new 2026"],
    "zh": ["包邮", "现货", "七天无理由退换", "当天发货", "2026新款"],
    "es": ["envío gratis", "en stock", "garantía de 30 días", "nuevo 2026"],
    "id": ["gratis ongkir", "ready stock", "garansi 30 hari", "bisa cod"],
}
_TALK: Final = {
    "en": [
        "{b} 1:1 mirror quality",
        "AAA replica {b}",
        "{d} super copy with box",
        "whatsapp me for {b} pictures",
    ],
    "zh": ["{b}高仿一比一", "原单尾货{d}", "莆田纯原{b}", "加微信看{d}实拍", "懂的来 {d}"],
    "es": ["réplica {b} calidad espejo", "clon {d} 1:1", "imitación {b}"],
    "id": ["{b} kw super premium", "replika {d} mirror", "tas {b} kw1 wa aja"],
}

_LEET: Final = str.maketrans("aeiost", "431057")
_TWINS: Final = str.maketrans("aceopxy", "асеорху")  # Cyrillic
_ZERO_WIDTH: Final = "\u200b"


def full_width(name: str) -> str:
    """ASCII as full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


def _one_leet(name: str) -> str:
    """The last letter that has a digit of its shape becomes that digit."""
    for at in reversed(range(1, len(name))):
        digit = name[at].translate(_LEET)
        if digit != name[at]:
            return name[:at] + digit + name[at + 1 :]
    return name


DISGUISES: Final[dict[str, Callable[[str], str]]] = {
    "plain": str,
    "full-width": full_width,
    "leet": _one_leet,
    "spaced": " ".join,
    "homoglyph": lambda name: name.translate(_TWINS),
    "zero-width": lambda name: name[:2] + _ZERO_WIDTH + name[2:],
}
"""How a name is hidden; a name that a way does not change is no example of it."""


def _invent(draw: random.Random, script: str) -> str:
    if script == "latin":
        syllables = draw.choices((2, 3, 4), (5, 4, 1))[0]
        name = "".join(
            draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS) for _ in range(syllables)
        ).capitalize()
        return f"{name} {draw.choice(_SECOND)}" if draw.random() < 0.12 else name
    letters = {"zh": _ZH, "ja": _JA, "ko": _KO, "ru": _RU, "ar": _AR}[script]
    low, high = (2, 4) if script in ("zh", "ko") else (4, 8)
    return "".join(draw.choice(letters) for _ in range(draw.randint(low, high)))


@cache
def _frequencies(language: str) -> dict[str, float]:
    table: dict[str, float] = get_frequency_dict(language, wordlist="best")
    return table


def invented_brands(patterns: int, seed: int = SEED, copied: float | None = None) -> list[Brand]:
    """Brands of one to three names that bring the seed's patterns up to `patterns`; 3 % are words.

    Their names are taken as checked, the dearer case: they are looked for in every disguise.
    `copied` is the share that is marked as much copied (None: not said).
    """
    draw = random.Random(seed)
    taken = {name.casefold() for brand in seed_brands() for name in brand.called()}
    everyday = [w for w in list(_frequencies("en"))[2_000:12_000] if w.isalpha() and len(w) > 3]
    categories = (
        "shoes",
        "bags",
        "clothing",
        "watches",
        "cosmetics",
        "electronics",
        "home",
        "toys",
    )
    wanted = patterns - sum(len(brand.called()) for brand in seed_brands())
    brands: list[Brand] = []
    while wanted > 0:
        word = draw.random() < 0.03
        names: list[str] = []
        for _ in range(min(wanted, draw.choice((1, 1, 2, 3)))):
            script = draw.choices(list(SCRIPTS), list(SCRIPTS.values()))[0]
            name = draw.choice(everyday).capitalize() if word else _invent(draw, script)
            lists = ("en", "zh") if not word else ()
            if name.casefold() in taken or any(name.casefold() in _frequencies(x) for x in lists):
                continue
            taken.add(name.casefold())
            names.append(name)
        if names:
            wanted -= len(names)
            brand = Brand(
                brand_id=f"invented-{len(brands):06d}",
                names=tuple(names),
                ordinary=tuple(names) if word else (),
                categories=(draw.choice(categories),),
                floors={"shoes": Money(15_000, "CNY")} if draw.random() < 0.2 else {},
                sold="selective" if draw.random() < 0.1 else "open",
                source="benchmark",
            )
            if copied is not None:
                brand = replace(brand, much_copied=draw.random() < copied)
            brands.append(brand)
    return brands


class _Prose:
    """Draws words of one language as often as they are used, many at a time."""

    def __init__(self, language: str, draw: random.Random) -> None:
        table = _frequencies(language)
        fit = str.isalpha if language != "zh" else (lambda w: len(w) <= 4 and not w.isascii())
        self._words = [word for word in list(table)[:40_000] if fit(word)]
        frequencies = [table[word] for word in self._words]
        self._running = _sums(frequencies)
        # Titles name things: function words are rare in them, and rare words less rare.
        self._title = _sums([min(f, 1e-4) ** 0.6 for f in frequencies])
        self._draw = draw

    def words(self, count: int, *, title: bool = False) -> list[str]:
        cumulative = self._title if title else self._running
        return self._draw.choices(self._words, cum_weights=cumulative, k=count)


def _sums(values: list[float]) -> list[float]:
    total, sums = 0.0, []
    for value in values:
        total += value
        sums.append(total)
    return sums


def listings(rows: int, brands: list[Brand], seed: int = SEED, planted: float = PLANTED) -> Iterator[pa.RecordBatch]:
    """`rows` listings that name brands of `brands`, in batches of at most ROW_GROUP_ROWS; a share is `planted`."""
    draw = random.Random(seed + 1)
    prose = {language: _Prose(language, draw) for language in LANGUAGES}
    known = [brand for brand in brands if brand.main_name.isascii() and len(brand.main_name) > 4]
    spoken = {
        "zh": [name for brand in brands for name in brand.names if "一" <= name[0] <= "鿿"],
        **{language: [brand.main_name for brand in known] for language in ("en", "es", "id")},
    }
    # A few names are in very many listings, most in hardly any.
    heads = {key: draw.sample(names, min(300, len(names))) for key, names in spoken.items()}
    for begin in range(0, rows, ROW_GROUP_ROWS):
        made = [
            _listing(number, draw, prose, spoken, heads, planted)
            for number in range(begin, min(rows, begin + ROW_GROUP_ROWS))
        ]
        yield pa.RecordBatch.from_pydict({key: [one[key] for one in made] for key in made[0]})


def _listing(
    number: int,
    draw: random.Random,
    prose: dict[str, _Prose],
    spoken: dict[str, list[str]],
    heads: dict[str, list[str]],
    share: float,
) -> dict[str, Any]:
    language = draw.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    goods, category = draw.choice(_GOODS[language])
    gap = "" if language == "zh" else " "
    title = prose[language].words(draw.randint(4, 8) if gap else draw.randint(7, 11), title=True)
    if gap and draw.random() < 0.6:
        title = [word.capitalize() for word in title]
    title.insert(draw.randrange(len(title)), goods)
    title += [f" {draw.choice(_COLOURS[language])} {draw.choice(_SIZES)}".strip()]
    if draw.random() < 0.35:
        code = f"{''.join(draw.choices('ABDEGHKLMNPRTX', k=2))}{draw.randrange(10, 9999)}"
        title.insert(draw.randrange(len(title)), f" {code} " if not gap else code)
    branded, planted = draw.random() < BRANDED, draw.random() < share
    brand_field = ""
    if branded or planted:
        name = draw.choice(heads[language] if draw.random() < 0.7 else spoken[language])
        if branded:
            title.insert(0, f"{name} " if not gap else name)
            brand_field = name if draw.random() < 0.6 else ""
        if planted:
            ways = [name, *(way(name) for way in DISGUISES.values())]
            talk = draw.choice(_TALK[language]).format(b=name, d=draw.choice(ways))
            title.append(f" {talk}".strip() if gap else f" {talk}")
    text = prose[language].words(draw.randint(20, 32) if gap else draw.randint(82, 112))
    cut = draw.randrange(5, len(text))
    stop = ". " if gap else "。"
    description = gap.join(text[:cut]) + stop + gap.join(text[cut:]) + stop
    return {
        "listing_id": f"{'P' if planted else 'L'}{number:010d}",
        "store_id": f"S{number * 7919 % 40_000:06d}",
        "title": gap.join(title),
        "price_amount": int(10 ** draw.uniform(2.5, 5)),
        "currency": _CURRENCY[language],
        "seller_id": f"U{number * 7919 % 40_000:06d}",
        "description": description + draw.choice(_SELLING[language]),
        "brand": brand_field,
        "category": category,
        "listed_at": "2026-05-01T00:00:00Z",
    }


def write_listings(path: Path, rows: int, brands: list[Brand], planted: float = PLANTED) -> Path:
    """The listings as a Parquet file, unless it is there."""
    return _write(path, listings(rows, brands, planted=planted))


def write_titled(path: Path, rows: int, titles: Sequence[str], seed: int = SEED) -> Path:
    """Listings of other people's titles as a Parquet file, unless it is there; see `titled`."""
    return _write(path, titled(rows, titles, seed))


def titled(rows: int, titles: Sequence[str], seed: int = SEED) -> Iterator[pa.RecordBatch]:
    """`rows` listings: one of `titles` each, and others like it as the description, to CHARACTERS together.

    `titles` come in the order of their set, so that neighbours are of one language and trade.
    """
    draw = random.Random(seed + 2)
    for begin in range(0, rows, ROW_GROUP_ROWS):
        made = []
        for number in range(begin, min(rows, begin + ROW_GROUP_ROWS)):
            at = draw.randrange(len(titles))
            title, rest = titles[at][:CHARACTERS], ""
            while len(title) + len(rest) < CHARACTERS:
                at = (at + 1) % len(titles)
                rest += titles[at] + ". "
            made.append({
                "listing_id": f"L{number:010d}", "store_id": f"S{number * 7919 % 40_000:06d}", "title": title,
                "price_amount": int(10 ** draw.uniform(2.5, 5)), "currency": "CNY" if not title.isascii() else "USD",
                "description": rest[: CHARACTERS - len(title)], "brand": "", "category": "",
            })  # fmt: skip
        yield pa.RecordBatch.from_pydict({key: [one[key] for one in made] for key in made[0]})


def _write(path: Path, batches: Iterator[pa.RecordBatch]) -> Path:
    if not path.exists():
        draft = path.with_suffix(".draft")
        writer: pq.ParquetWriter | None = None
        for batch in batches:
            writer = writer or pq.ParquetWriter(draft, batch.schema)
            writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
        assert writer is not None
        writer.close()
        draft.replace(path)
    return path


def write_registry(folder: Path, brands: list[Brand]) -> Path:
    """The brands as JSONL for `--registry`, and their names as Parquet beside it for the peers."""
    path = folder / "registry.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for brand in brands:
            floors = {key: {"amount": m.amount, "currency": m.currency} for key, m in brand.floors.items()}
            item = {
                "brand_id": brand.brand_id,
                "names": brand.names,
                "ordinary": brand.ordinary,
                "categories": brand.categories,
                "floors": floors,
                "sold": brand.sold,
                "much_copied": brand.much_copied,
            }
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
    return path


def write_patterns(path: Path, brands: list[Brand]) -> Path:
    """Every name of the seed and of `brands` once: a Parquet file of brand_id and name."""
    everything = [*seed_brands(), *brands]
    pairs = {name: brand.brand_id for brand in everything for name in brand.called()}
    pq.write_table(pa.table({"brand_id": list(pairs.values()), "name": list(pairs)}), path)
    return path
