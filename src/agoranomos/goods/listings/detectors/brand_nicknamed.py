"""A brand called by the coded name that fans and copyists use: 驴牌, 大勾, 小香."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.phrases import Kind
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.brand_nicknamed"
SAYING = Saying(
    "{words} is a coded name for {names}.",
    "{words} are coded names for {names}.",
    "{words}是{brands}的代称。",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `alone`: the brand itself is nowhere named; `home`: added when the goods are of a kind that it
    sells; `beside`: it is named too, and the nickname is only colour."""

    alone: float = 3.2
    home: float = 1.0
    beside: float = 0.3


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when a nickname is used of the goods."""
    coded = [m for m in facts.claimed if m.kind == Kind.NICKNAME]
    if not coded:
        return
    openly = {m.brand.brand_id for m in facts.mentions if m.kind in (Kind.NAME, Kind.ALIAS) and not m.how}
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


DETECTOR = ListingDetector(
    code=CODE,
    name="brand called by a coded name",
    version="2",
    about="A coded name for a brand that is nowhere named openly.",
    settings=Settings(),
    hits=(example("驴牌 老花 手提包 女"),),
    misses=(example("毛驴 玩具 儿童"), example("Louis Vuitton 手提包")),
    inspect=inspect,
)
