"""A brand called by the coded name that fans and copyists use: 驴牌, 大勾, 小香."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts, Mention, Named, is_set_off
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.phrases import Kind
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.brand_nicknamed"
SAYING = Saying(
    "{words} is a coded name for {names}.",
    "{words} are coded names for {names}.",
    "{words}是{brands}的代称。",
)

_OF_A_HOME = frozenset("居用具电装族庭政长里人务中常乡私门纺纯")
"""What follows 家 in words about homes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `alone`: the brand itself is nowhere named; `home`: added when the goods are of a kind that it
    sells; `beside`: it is named too, and the nickname is only colour."""

    alone: float = 3.2
    home: float = 1.0
    beside: float = 0.3


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when a nickname is used of the goods."""
    coded = [
        m
        for m in facts.claimed
        if m.kind == Kind.NICKNAME and (not m.ordinary or is_label(getattr(facts.listing, m.place.field), m))
    ]
    if not coded:
        return
    names = [m for m in facts.mentions if m.kind in (Kind.NAME, Kind.ALIAS) and not m.how]
    openly = {m.brand.brand_id for m in names if not any(m.place.overlaps(code.place) for code in coded)}
    openly |= {m.brand.brand_id for m in facts.mentions if _holds_a_name(m)}
    alone = any(m.brand.brand_id not in openly for m in coded)
    weight = settings.beside
    if alone:
        weight = settings.alone + (settings.home if any(facts.fits(m.brand) for m in coded) else 0.0)
    message, message_zh = SAYING.of((m.text for m in coded), (m.brand.main_name for m in coded))
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=weight,
        message=message,
        message_zh=message_zh,
        quotes=quotes_of(coded),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in coded)),
    )


def _holds_a_name(mention: Mention) -> bool:
    """Whether a name of the brand is a word of what is written in Latin letters: Jordan Jumpman hides nothing."""
    words = mention.text.casefold().split()
    if mention.how or len(words) == 1 or not mention.text.isascii():
        return False
    return any(name.casefold() in words for name in (*mention.brand.names, *mention.brand.aliases))


def is_label(field: str, name: Named) -> bool:
    """Whether an everyday word stands in the text `field` where names stand, and is not cut out of another: T家, but
    not T家居.
    """
    after = field[name.place.end :][:1]
    return is_set_off(field, name.place) and not (name.text.endswith("家") and after in _OF_A_HOME)


DETECTOR = ListingDetector(
    code=CODE,
    name="brand called by a coded name",
    version="4",
    about="A coded name for a brand that is nowhere named openly.",
    settings=Settings(),
    hits=(example("驴牌 老花 手提包 女"), example("梵家 早春新品腋下包女复古百搭单肩")),
    misses=(
        example("毛驴 玩具 儿童"),
        example("Louis Vuitton 手提包"),
        example("梵家 儿童玩具积木"),
        example("芬家居 沙发垫 收纳包"),
    ),
    inspect=inspect,
)
