"""A brand that sells only through named stores, offered by another store."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.brand_not_authorised"
NAMED = Saying(
    "{words} sells through stores that the brand names, and this store is not one of them.",
    "{words} sell through stores that the brands name, and this store is not one of them.",
    "品牌{words}只在其指定的店铺销售，本店铺不在名单中。",
)
SELECTIVE = Saying(
    "{words} is known to sell new goods only through its own and chosen stores.",
    "{words} are known to sell new goods only through their own and chosen stores.",
    "品牌{words}的新品通常只在直营店和授权店销售。",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `named`: the brand itself listed its stores; `selective`: it is only known to sell through few;
    `used`: taken off for goods offered as second-hand, which no brand can forbid."""

    named: float = 5.0
    selective: float = 0.5
    used: float = 4.0


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for all brands offered without authorisation."""
    store = facts.listing.store_id
    closed = [m for m in facts.claimed if m.brand.authorised_store_ids is not None]
    foreign = [m for m in closed if store not in (m.brand.authorised_store_ids or ())]
    few = [m for m in facts.claimed if m.brand.authorised_store_ids is None and m.brand.sold == "selective"]
    found = foreign or few
    if not found or facts.accessory:
        return
    weight = settings.named if foreign else settings.selective
    if foreign and "second_hand" in facts.roles:
        weight -= settings.used
    message, message_zh = (NAMED if foreign else SELECTIVE).of(m.brand.main_name for m in found)
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=weight,
        message=message,
        message_zh=message_zh,
        quotes=quotes_of(found),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in found)),
        values={"closed": bool(foreign)},
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="store not named by the brand",
    version="2",
    about="A store offers a brand that names its sellers and does not name this store.",
    settings=Settings(),
    hits=(example("Louis Vuitton Neverfull 手提包 全新"),),
    misses=(example("Uniqlo T-shirt"), example("organizer insert for Louis Vuitton Neverfull")),
    inspect=inspect,
)
