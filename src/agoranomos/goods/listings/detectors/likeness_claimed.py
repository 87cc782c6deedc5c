"""How near to the genuine article the goods are said to be; nobody says that of the genuine article."""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.listings.evidence import ListingDetector, WordSettings, example, word_signal
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.likeness_claimed"
SAYING = Saying(
    "{words} compares the goods with the genuine article.",
    "{words} compare the goods with the genuine article.",
    "{words}是在拿商品和正品作比较。",
)


def inspect(facts: ListingFacts, settings: WordSettings) -> Iterable[Signal]:
    """One signal for all claims of likeness."""
    return word_signal(facts, settings, CODE, Concern.COUNTERFEIT, SAYING)


DETECTOR = ListingDetector(
    code=CODE,
    name="compared with the genuine article",
    version="4",
    about="Claims to be as good as the genuine article: 专柜品质, same as original.",
    settings=WordSettings(families=frozenset({"hedge"}), weight_max=5.0),
    hits=(example("Gucci 包 和正品一样"), example("Rolex watch same as original")),
    misses=(example("Nike running shoes 100% authentic"),),
    inspect=inspect,
)
