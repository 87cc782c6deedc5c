"""What speaks for the seller: the brand has named this store as one of its own."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal

CODE = "goods.seller_authorised"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`authorised` in log-odds, negative: it speaks for the seller."""

    authorised: float = -6.0


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when every claimed brand has named this store as one of its own."""
    store = facts.listing.store_id
    brands = facts.claimed_brands
    if not brands or not all(store in (brand.authorised_store_ids or ()) for brand in brands):
        return
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=settings.authorised,
        message="The brand names this store as one of its sellers.",
        message_zh="本店铺在品牌的授权名单中。",
        quotes=quotes_of(facts.claimed),
        brand_ids=tuple(brand.brand_id for brand in brands),
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="store named by the brand",
    version="1",
    about="The brand names this store as one of its sellers.",
    settings=Settings(),
    registry=(
        Brand(brand_id="nike", names=("Nike",), authorised_store_ids=("store",)),
        Brand(brand_id="adidas", names=("adidas",), authorised_store_ids=("another store",)),
    ),
    hits=(example("Nike running shoes"), example("耐克 男子 跑鞋", brand="Nike")),
    misses=(
        example("Adidas running shoes"),
        example("Nike and Adidas running shoes"),
        example("Puma running shoes"),
        example("Canvas shoes, white"),
    ),
    inspect=inspect,
)
