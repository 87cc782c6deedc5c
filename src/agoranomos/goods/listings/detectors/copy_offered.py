"""The listing says in so many words that the goods are a copy."""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.listings.evidence import ListingDetector, WordSettings, example, word_signal
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.copy_offered"
SAYING = Saying(
    "{words} says that the goods are a copy.",
    "{words} say that the goods are a copy.",
    "{words}表示商品是仿品。",
)


def inspect(facts: ListingFacts, settings: WordSettings) -> Iterable[Signal]:
    """One signal for all words that say "copy"."""
    return word_signal(facts, settings, CODE, Concern.COUNTERFEIT, SAYING)


DETECTOR = ListingDetector(
    code=CODE,
    name="offered as a copy",
    version="4",
    about="Words that say the goods are a copy: replica, 高仿, 1:1, réplica primera línea.",
    settings=WordSettings(families=frozenset({"copy"})),
    hits=(example("Nike 高仿 运动鞋"), example("superfake LV bag"), example("Gucci replica bag")),
    misses=(
        example("高仿真花 装饰"),
        example("1:18 scale model car"),
        example("Nike running shoes"),
    ),
    inspect=inspect,
)
