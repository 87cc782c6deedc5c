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
    a description from which on a number would stand there; where nothing is told, nothing is missing. `below`: the
    share that words count with where only the description holds them. `accessory`: taken off for accessories and parts.
    """

    weight_max: float = 5.4
    told_min: int = 12
    below: float = 0.6
    accessory: float = 3.0


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for the weightiest class of goods that needs a licence of which nothing is shown."""
    if not facts.spoken or len(facts.listing.description.strip()) < settings.told_min:
        return
    weighing = prohibited_goods.Settings(
        weight_max=settings.weight_max, below=settings.below, accessory=settings.accessory
    )
    weighed = [
        (weight_of(words, facts, weighing), name, words)
        for name, words in of_class(facts, "licence").items()
        if not _is_shown(name, facts)
    ]
    if not weighed:
        return
    weight, name, words = max(weighed, key=lambda each: (each[0], each[1]))
    if weight <= 0:
        return
    yield signal_of(
        CODE, weight, name, words,
        "{words} names goods that need a licence ({name}), and the listing shows no number of one.",
        "{words}属于须持证销售的商品（{name}），商品信息中没有相应的许可或批准文号。",
    )  # fmt: skip


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
    version="1",
    about="Goods that need a licence or an approval number, in a listing that shows none.",
    settings=Settings(),
    hits=(
        example("阿莫西林胶囊 24粒", description="消炎药，现货，当天发出，量大从优"),
        example("婴幼儿配方奶粉 一段 900g", description="海外直邮，日期新鲜，假一赔十"),
        example("semaglutide pen 4 weeks", description="Lose weight fast, ships worldwide without questions."),
    ),
    misses=(
        example("阿莫西林胶囊 24粒", description="国药准字H20003263，处方药须凭处方购买，执业药师审方"),
        example("婴幼儿配方奶粉 一段 900g"),
        example("婴幼儿配方奶粉 一段 900g", description="产品配方注册号 国食注字YP20170001，生产日期新鲜"),
        example("奶粉盒 婴儿奶粉 分装盒 便携", description="食品级材质，四格独立，外出方便携带"),
        example("Nike running shoes", description="Light shoes for everyday running."),
    ),
    inspect=inspect,
)
