"""Winks: the listing tells those who know, and hides from those who look."""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.listings.evidence import ListingDetector, WordSettings, example, word_signal
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.coded_offer"
SAYING = Saying(
    "{words} winks at buyers who know what is meant.",
    "{words} wink at buyers who know what is meant.",
    "{words}是只有懂行的买家才明白的暗示。",
)


def inspect(facts: ListingFacts, settings: WordSettings) -> Iterable[Signal]:
    """One signal for all winks."""
    return word_signal(facts, settings, CODE, Concern.COUNTERFEIT, SAYING)


DETECTOR = ListingDetector(
    code=CODE,
    name="winks at buyers in the know",
    version="3",
    about="Winks and coded speech: 懂的来, logo hidden in the picture, you know what it is.",
    settings=WordSettings(families=frozenset({"wink", "code"}), weight_max=5.0),
    hits=(example("Gucci 包 懂的来 图片已打码"),),
    misses=(example("Nike running shoes"), example("懂你的温柔 小说")),
    inspect=inspect,
)
