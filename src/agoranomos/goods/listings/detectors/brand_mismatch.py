"""The brand field and the title name different brands, or the field denies one that the title names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.engine.text.folding import light
from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import quoted, quoted_zh

CODE = "goods.brand_mismatch"
_DENIALS = frozenset(
    light(word)
    for word in ("no brand", "nobrand", "none", "oem", "unbranded", "generic", "other", "others", "n/a", "无品牌", "无",
                 "其他", "其它", "other/其他", "sin marca", "sem marca", "tidak ada merek", "genérico")
)  # fmt: skip


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds; `denied`: the field says there is no brand; `other`: it names another known brand."""

    denied: float = 1.0
    other: float = 0.8


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when the goods are said to be of a brand that the brand field contradicts."""
    if not facts.listing.brand or facts.accessory:
        return
    in_field = {m.brand.brand_id for m in facts.mentions if m.place.field == "brand"}
    said = [m for m in facts.claimed if m.place.field == "title" and m.brand.brand_id not in in_field]
    denied = is_denied(facts.listing.brand)
    if not said or not (denied or in_field):
        return
    names, field = [m.brand.main_name for m in said], facts.listing.brand[:60]
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=settings.denied if denied else settings.other,
        message=f"The title names {quoted(names)}; the brand field says “{field}”.",
        message_zh=f"标题写的是{quoted_zh(names)}，品牌栏填的却是“{field}”。",
        quotes=quotes_of(said),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in said)),
    )


def is_denied(field: str) -> bool:
    """Whether a brand `field` says that there is no brand."""
    return light(field) in _DENIALS


DETECTOR = ListingDetector(
    code=CODE,
    name="brand field contradicts the title",
    version="2",
    about="The title claims a brand that the brand field denies or contradicts.",
    settings=Settings(),
    hits=(example("莆田 Nike Air Force 1 运动鞋", brand="无品牌"),),
    misses=(
        example("Nike Air Force 1 replica", brand="Nike"),
        example("strap for Apple Watch", brand="OEM"),
    ),
    inspect=inspect,
)
