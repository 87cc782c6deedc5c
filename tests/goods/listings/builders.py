"""Facts of listings as detectors see them."""

from __future__ import annotations

from collections.abc import Sequence

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Listing


def make_facts(judge: TextJudge, listing: Listing, registry: Sequence[Brand] = ()) -> ListingFacts:
    """What `judge` reads in `listing`, with the brands that `registry` names as they stand there."""
    facts = judge.explain(listing)[0]
    known = {brand.brand_id: brand for brand in registry}
    mentions = (mention._replace(brand=known.get(mention.brand.brand_id, mention.brand)) for mention in facts.mentions)
    again = ListingFacts(
        facts.listing,
        mentions=tuple(mentions),
        spoken=facts.spoken,
        runs=facts.runs,
        roles=facts.roles,
        categories=facts.categories,
        stated=facts.stated,
        accessory=facts.accessory,
        price_yuan=facts.price_yuan,
    )
    again.near, again.registers = facts.near, facts.registers
    return again
