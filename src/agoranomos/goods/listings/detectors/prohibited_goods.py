"""Goods that nobody may sell here: weapons, narcotics, protected wildlife, forged papers and money, and more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from agoranomos.goods.listings.chance import by_chance
from agoranomos.goods.listings.evidence import (
    ListingDetector,
    example,
    not_within_another,
    quotes_of,
    together,
)
from agoranomos.goods.listings.facts import ListingFacts, Spoken
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import quoted, quoted_zh
from agoranomos.goods.listings.vocabulary import BESIDE, DOUBTFUL, RestrictedClass, shipped_restricted

CODE = "goods.prohibited_goods"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`weight_max`: the most that words of one class may weigh (log-odds). `below`: the share that words count with
    where only the description holds them, which also says what the goods are not for. `accessory`: taken off for
    accessories and parts, where no word says by itself what the goods are.
    """

    weight_max: float = 8.0
    below: float = 0.6
    accessory: float = 3.0


PLAIN = 5.0
"""Words that weigh this much say what the goods are by themselves, whatever else the title names (log-odds)."""


def of_class(facts: ListingFacts, rule: str) -> dict[str, list[Spoken]]:
    """Class of restricted goods → its words in the listing, where they mean goods that this store may not sell."""
    found: dict[str, list[Spoken]] = {}
    for one in facts.spoken:
        name = one.term.restricted
        if not name or name in facts.allowed or by_chance(one, facts.listing):
            continue
        known = shipped_restricted()[name]
        kinds = facts.categories if facts.stated or one.term.weight < PLAIN else frozenset()
        if known.rule == rule and known.means(kinds, stated=facts.stated):
            found.setdefault(name, []).append(one)
    return {name: not_within_another(words) for name, words in found.items()}


def weight_of(name: str, words: Sequence[Spoken], facts: ListingFacts, settings: Settings) -> float:
    """What words of the class `name` weigh together in this listing (log-odds)."""
    strongest: dict[str, float] = {}
    for one in words:
        share = settings.below if one.place.field == "description" else 1.0
        strongest[one.term.text] = max(one.weight * share, strongest.get(one.term.text, 0.0))
    beside = [BESIDE for _ in _beside(name, words, facts)]
    weight = min(settings.weight_max, together([*strongest.values(), *beside]))
    slight = max((one.term.weight for one in words), default=0.0) < PLAIN  # a stun gun with a charger is no charger
    return weight - (settings.accessory if facts.accessory and slight else 0.0)


def _beside(name: str, words: Sequence[Spoken], facts: ListingFacts) -> list[str]:
    """The everyday words of a class that stand beside `words` of which one says half of it, and within none of them."""
    if max(one.term.weight for one in words) < DOUBTFUL:
        return []
    known = shipped_restricted()[name].words.beside
    return [text for text in known if text in facts.near and not any(text in one.term.text for one in words)]


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for the weightiest class of prohibited goods."""
    if not facts.spoken:
        return
    weighed = [
        (weight_of(name, words, facts, settings), name, words) for name, words in of_class(facts, "prohibited").items()
    ]
    if not weighed:
        return
    weight, name, words = max(weighed, key=lambda each: (each[0], each[1]))
    if weight <= 0:
        return
    yield signal_of(CODE, weight, name, words, _SAID, _SAID_ZH)


_SAID = "{words} names goods that may not be sold here: {name}."
_SAID_ZH = "{words}属于禁止销售的商品：{name}。"


def signal_of(code: str, weight: float, name: str, words: list[Spoken], said: str, said_zh: str) -> Signal:
    """The signal that the words of a class give; `said` takes {words} and {name}."""
    known: RestrictedClass = shipped_restricted()[name]
    texts = [one.text for one in sorted(words, key=lambda one: -one.weight)]
    return Signal(
        code=code,
        concern=Concern.PROHIBITED,
        weight=weight,
        message=said.format(words=quoted(texts), name=known.name),
        message_zh=said_zh.format(words=quoted_zh(texts), name=known.name_zh),
        quotes=quotes_of(words),
        values={"class": name, "source": known.source},
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="goods that may not be sold",
    version="2",
    about="Weapons, narcotics, tobacco, protected wildlife, forged papers, spying gear and the like, also in disguise.",
    settings=Settings(),
    hits=(
        example("气步枪 高精度 顺丰包邮"),
        example("真象牙手串 老料"),
        example("外烟代购 整条香烟"),
        example("一次性电-子-烟 西瓜味"),
        example("elephant ivory carving antique"),
        example("ｓｔｕｎ ｇｕｎ self defence"),
        example("办假证 当天可取"),
        example("里程 调表 公里数 清零 仪器"),
        example("10000 instagram followers cheap"),
        example("防身店棍 随身"),
    ),
    misses=(
        example("儿童玩具手枪 软弹枪"),
        example("toy gun water pistol for kids"),
        example("烟草色 复古 西装"),
        example("象牙白 连衣裙 女"),
        example("筋膜枪 肌肉按摩"),
        example("高仿真花 仿真花 客厅摆件"),
        example("Tom Ford Tobacco Vanille eau de parfum", category="Perfume"),
        example("大麻花 天津特产 零食"),
        example("手枪钻 充电式"),
        example("YSL Black Opium perfume"),
        example("雪茄剪 不锈钢"),
        example("hot glue gun 60W"),
        example("硫酸纸 描图 A4"),
        example("防摔包 笔记本电脑"),
        example("运动相机 卧室 浴室 监控支架"),
    ),
    inspect=inspect,
)
