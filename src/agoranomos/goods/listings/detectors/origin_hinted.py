"""Where such goods are said to come from: the copy trade's towns, leftovers, goods out of the back door."""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.listings.evidence import ListingDetector, WordSettings, example, word_signal
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.origin_hinted"
SAYING = Saying(
    "{words} is an origin that the copy trade names.",
    "{words} are origins that the copy trade names.",
    "{words}是仿品圈常说的货源。",
)


def inspect(facts: ListingFacts, settings: WordSettings) -> Iterable[Signal]:
    """One signal for all words about such an origin."""
    return word_signal(facts, settings, CODE, Concern.COUNTERFEIT, SAYING)


DETECTOR = ListingDetector(
    code=CODE,
    name="origin of the copy trade",
    version="4",
    about="Origins that the copy trade names: 莆田, 原单, 尾货, factory leftover.",
    settings=WordSettings(families=frozenset({"origin"})),
    hits=(example("莆田 Nike Air Force 1"), example("耐克 外贸原单 运动鞋")),
    misses=(example("福建莆田桂圆干 500g"), example("Nike running shoes")),
    inspect=inspect,
)
