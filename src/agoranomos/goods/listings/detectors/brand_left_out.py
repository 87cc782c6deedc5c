"""A famous model is named and its brand is left out: the buyer knows, the search does not."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.phrases import Kind
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.brand_left_out"
SAYING = Saying(
    "{words} is a model of {names}, and the listing does not name the brand.",
    "{words} are models of {names}, and the listing does not name the brand.",
    "{words}是{brands}的款式，但商品信息中没有写明品牌。",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. Honest sellers leave the brand out too (an iPhone is an iPhone), so it weighs little alone."""

    weight: float = 0.8


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when the goods are called by a model whose brand is not named in any form."""
    lines = [m for m in facts.claimed_in_front if m.kind == Kind.LINE]
    named = {m.brand.brand_id for m in facts.mentions if m.kind != Kind.LINE}
    alone = [m for m in lines if m.brand.brand_id not in named]
    if not alone or facts.accessory:
        return
    message, message_zh = SAYING.of((m.text for m in alone), (m.brand.main_name for m in alone))
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=settings.weight,
        message=message,
        message_zh=message_zh,
        quotes=quotes_of(alone),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in alone)),
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="model named without its brand",
    version="2",
    about="A model line without its brand.",
    settings=Settings(),
    hits=(example("Neverfull MM 原单 手提包"),),
    misses=(example("Louis Vuitton Neverfull MM"), example("case for AirPods Pro")),
    inspect=inspect,
)
