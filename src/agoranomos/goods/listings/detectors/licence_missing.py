"""Goods that only those may sell who have shown a licence, and a listing that shows none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from agoranomos.goods.listings.detectors import prohibited_goods
from agoranomos.goods.listings.detectors.prohibited_goods import of_class, signal_of, weight_of
from agoranomos.goods.listings.evidence import ListingDetector, example
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Signal
from agoranomos.goods.listings.vocabulary import shipped_restricted

CODE = "goods.licence_missing"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`weight_max`: the most that this may weigh (log-odds): a number may stand in a picture. `told_min`: characters of
    a description from which on a number would stand there. `untold_max`: the most where nothing is told and the
    marketplace keeps no register: only goods are asked about then that do harm without a licence. `below`: the share
    that words count with where only the description holds them. `accessory`: taken off for accessories and parts.
    """

    weight_max: float = 5.4
    told_min: int = 12
    untold_max: float = 4.6
    below: float = 0.6
    accessory: float = 3.0


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for the weightiest class of goods that needs a licence of which nothing is shown."""
    if not facts.spoken:
        return
    weighing = prohibited_goods.Settings(
        weight_max=settings.weight_max, below=settings.below, accessory=settings.accessory
    )
    told = len(facts.listing.description.strip()) >= settings.told_min
    weighed = []
    for name, words in of_class(facts, "licence").items():
        most = _most(name, facts, settings, told=told)
        if most and not _is_shown(name, facts):
            weighed.append((min(weight_of(name, words, facts, weighing), most), name, words))
    if not weighed:
        return
    weight, name, words = max(weighed, key=lambda each: (each[0], each[1]))
    if weight <= 0:
        return
    if name in facts.registers:
        yield signal_of(CODE, weight, name, words, _SAID_NOT_LISTED, _SAID_NOT_LISTED_ZH)
    else:
        yield signal_of(CODE, weight, name, words, _SAID, _SAID_ZH)


_SAID = "{words} names goods that need a licence ({name}), and the listing shows no number of one."
_SAID_ZH = "{words}属于须持证销售的商品（{name}），商品信息中没有相应的许可或批准文号。"
_SAID_NOT_LISTED = "{words} names goods that need a licence ({name}), and this store has shown the marketplace none."
_SAID_NOT_LISTED_ZH = "{words}属于须持证销售的商品（{name}），该店铺未向平台提交相应资质。"


def _most(name: str, facts: ListingFacts, settings: Settings, *, told: bool) -> float:
    """The most that a licence may weigh that is missing (log-odds); 0 where nobody can say that it is."""
    asked = shipped_restricted()[name].asked
    if name in facts.registers or (told and asked != "register"):
        return settings.weight_max
    return settings.untold_max if asked == "always" else 0.0


def _is_shown(name: str, facts: ListingFacts) -> bool:
    pattern = _shown(name)
    texts = (facts.listing.title, facts.listing.description)
    return pattern is not None and any(pattern.search(text) for text in texts)


@cache
def _shown(name: str) -> re.Pattern[str] | None:
    pattern = shipped_restricted()[name].shown
    return re.compile(pattern) if pattern else None


DETECTOR = ListingDetector(
    code=CODE,
    name="no licence shown",
    version="2",
    about="Goods that need a licence or an approval number, in a listing that shows none.",
    settings=Settings(),
    hits=(
        example("阿莫西林胶囊 24粒", description="消炎药，现货，当天发出，量大从优"),
        example("婴幼儿配方奶粉 一段 900g", description="海外直邮，日期新鲜，假一赔十"),
        example("semaglutide pen 4 weeks", description="Lose weight fast, ships worldwide without questions."),
        example("婴幼儿配方奶粉 一段 900g"),
        example("lip filler 1ml syringe"),
    ),
    misses=(
        example("阿莫西林胶囊 24粒", description="国药准字H20003263，处方药须凭处方购买，执业药师审方"),
        example("飞天茅台 53度 500ml"),
        example("sunscreen spf 50 lotion", description="Light lotion for the face, 50 ml, for every day."),
        example("婴幼儿配方奶粉 一段 900g", description="产品配方注册号 国食注字YP20170001，生产日期新鲜"),
        example("奶粉盒 婴儿奶粉 分装盒 便携", description="食品级材质，四格独立，外出方便携带"),
        example("Nike running shoes", description="Light shoes for everyday running."),
    ),
    inspect=inspect,
)
