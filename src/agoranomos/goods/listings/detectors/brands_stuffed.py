"""Several brands in one title: names used as bait."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import quoted, quoted_zh

CODE = "goods.brands_stuffed"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`brands_min` distinct brands of the same kind of goods; `weight` in log-odds."""

    brands_min: int = 4
    weight: float = 1.5


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when a title claims many brands that do not belong together."""
    if facts.accessory:
        return
    said = {m.brand.brand_id: m for m in facts.claimed if m.place.field == "title"}
    if len(said) < settings.brands_min:
        return
    names = [m.brand.main_name for m in said.values()]
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=settings.weight,
        message=f"One article is offered under {len(said)} brands: {quoted(names)}.",
        message_zh=f"同一件商品写了 {len(said)} 个品牌：{quoted_zh(names)}。",
        quotes=quotes_of(list(said.values())),
        brand_ids=tuple(said),
        values={"brands": len(said)},
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="many brands on one article",
    version="2",
    about="One article offered under four brands or more.",
    settings=Settings(),
    hits=(example("Gucci Prada Chanel Dior Louis Vuitton bag replica"),),
    misses=(example("case for Samsung Xiaomi Huawei Oppo phones"), example("Nike Jordan Dunk")),
    inspect=inspect,
)
