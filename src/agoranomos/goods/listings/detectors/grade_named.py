"""Grades, batches and workshops by which the copy trade tells its goods apart."""

from __future__ import annotations

from collections.abc import Iterable

from agoranomos.goods.listings.evidence import ListingDetector, WordSettings, example, word_signal
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.sentences import Saying

CODE = "goods.grade_named"
SAYING = Saying(
    "{words} is a grade or batch of the copy trade.",
    "{words} are grades or batches of the copy trade.",
    "{words}是仿品圈对等级或批次的叫法。",
)


def inspect(facts: ListingFacts, settings: WordSettings) -> Iterable[Signal]:
    """One signal for all grades of the copy trade."""
    return word_signal(facts, settings, CODE, Concern.COUNTERFEIT, SAYING)


DETECTOR = ListingDetector(
    code=CODE,
    name="grade of the copy trade",
    version="4",
    about="Grades, batches and workshops of the copy trade: 纯原, AAA, mirror quality, VSF.",
    settings=WordSettings(families=frozenset({"grade"})),
    hits=(example("Air Jordan 1 纯原 运动鞋"), example("Rolex Submariner mirror quality")),
    misses=(example("AAA batteries 24 pack"), example("Nike running shoes")),
    inspect=inspect,
)
