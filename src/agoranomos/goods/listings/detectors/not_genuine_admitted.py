"""The listing itself says that the goods are not genuine."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.phrases import ADMITTED
from agoranomos.goods.listings.sentences import quoted, quoted_zh

CODE = "goods.not_genuine_admitted"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`weight` in log-odds."""

    weight: float = ADMITTED


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when a claimed brand stands beside words such as "not original"."""
    said = [m for m in facts.claimed if "confession" in m.roles]
    if not said:
        return
    names = [m.brand.main_name for m in said]
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=settings.weight,
        message=f"The listing says of {quoted(names)} that it is not genuine.",
        message_zh=f"商品信息中写明{quoted_zh(names)}并非正品。",
        quotes=quotes_of(said),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in said)),
    )


DETECTOR = ListingDetector(
    code=CODE,
    name="said not to be genuine",
    version="2",
    about="The listing says itself that the goods are not genuine.",
    settings=Settings(),
    hits=(example("Nike replica bukan original"),),
    misses=(example("Nike running shoes original"),),
    inspect=inspect,
)
