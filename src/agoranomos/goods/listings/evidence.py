"""What detectors of listings share: how weights of one kind add up, how words of one family become a signal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from agoranomos.engine.detectors import Detector
from agoranomos.goods.listings.facts import ListingFacts, Spoken
from agoranomos.goods.listings.model import Concern, Listing, Quote, Signal
from agoranomos.goods.listings.phrases import NEEDLESS
from agoranomos.kernel.money import Money

ListingDetector = Detector[ListingFacts, Any, Signal, Listing]
QUOTES_MAX = 8
MUCH_COPIED = frozenset(
    {"shoes", "bags", "watches", "clothing", "jewellery", "eyewear", "cosmetics", "perfume", "phones", "audio"}
)
"""Kinds of goods in which strong replica talk counts even where no brand was recognised."""


def together(weights: Iterable[float]) -> float:
    """What several observations of one kind weigh: the strongest in full, each further one half of the last share.

    They are not independent (who writes 高仿 also writes 1:1), so plain addition would overstate them.
    """
    total, share = 0.0, 1.0
    for weight in sorted(weights, reverse=True):
        total += weight * share
        share /= 2
    return total


def quotes_of(found: Sequence[Any]) -> tuple[Quote, ...]:
    """The quotes of the first few of `found` (mentions, terms, digit runs)."""
    return tuple(one.quote for one in found[:QUOTES_MAX])


def quoted(texts: Iterable[str]) -> str:
    """Distinct texts in typographic quotes, at most four: “高仿”, “1:1”."""
    distinct = list(dict.fromkeys(text.strip() for text in texts))
    return ", ".join(f"“{text}”" for text in distinct[:4])


class WordSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`families` of the vocabulary that count, and the most that they may weigh together (log-odds)."""

    families: frozenset[str]
    weight_max: float = 7.0


def spoken_in(facts: ListingFacts, families: frozenset[str]) -> list[Spoken]:
    """The terms of `families` that count in this listing: those that need a brand only where one is claimed."""
    named = bool(facts.claimed) or any(m.hidden for m in facts.mentions)
    copied = bool(facts.categories & MUCH_COPIED)
    return [
        s
        for s in facts.spoken
        if s.term.family in families
        and (named or not s.term.needs_brand or (copied and s.term.weight >= NEEDLESS))
    ]


def word_signal(
    facts: ListingFacts, settings: WordSettings, code: str, concern: Concern, message: str, message_zh: str
) -> Iterable[Signal]:
    """One signal for all words of the families; `{words}` in the messages is what the seller wrote."""
    found = spoken_in(facts, settings.families)
    strongest: dict[str, float] = {}
    for one in found:
        strongest[one.term.text] = max(one.weight, strongest.get(one.term.text, 0.0))
    weight = min(settings.weight_max, together(strongest.values()))
    if weight <= 0:
        return ()
    words = quoted(one.text for one in sorted(found, key=lambda one: -one.weight))
    return (
        Signal(
            code=code,
            concern=concern,
            weight=weight,
            message=message.format(words=words),
            message_zh=message_zh.format(words=words),
            quotes=quotes_of(found),
            brand_ids=tuple(brand.brand_id for brand in facts.claimed_brands),
            values={"words": {text: round(value, 2) for text, value in strongest.items()}},
        ),
    )


def example(
    title: str, price: int | None = None, *, currency: str = "CNY", **fields: Any
) -> Listing:
    """A listing for a detector's hits and misses; `price` in whole units of `currency`."""
    money = None if price is None else Money(price * 100, currency)
    return Listing(listing_id="example", store_id="store", title=title, price=money, **fields)
