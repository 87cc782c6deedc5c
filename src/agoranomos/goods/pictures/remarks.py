"""From what was seen in a listing's pictures to signals beside those of its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from agoranomos.engine.detectors import AnyDetector, discover
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.judge import Remark, TextJudge
from agoranomos.goods.listings.model import Concern, Listing, Signal
from agoranomos.goods.pictures import detectors
from agoranomos.goods.pictures.facts import PictureFacts, noticed
from agoranomos.goods.pictures.model import SKIPPED, Seen

NOT_SEEN: Final = "goods.pictures_not_seen"
"""No detector: says which pictures were not looked at; weighs nothing."""
_TEXT_MAX: Final = 2_000
_ADDS_MIN: Final = 0.3
"""Log-odds by which words in a picture must add to what the listing's own words say."""


class Remarks:
    """The detectors of pictures, with the judge that reads words and the registry. Pure."""

    def __init__(self, judge: TextJudge, brands: Mapping[str, Brand]) -> None:
        self._judge = judge
        self._brands = brands
        self._detectors = discover(detectors)

    @property
    def detectors(self) -> tuple[AnyDetector, ...]:
        """The detectors in the order of their codes."""
        return self._detectors

    def on(self, seen: Sequence[Seen], *, unseen_too: bool = False) -> Remark | None:
        """What there is to say of these pictures; None for nothing. `unseen_too`: also which were not looked at."""
        shown = tuple(seen)
        if not noticed(shown) and not (unseen_too and any(each.skipped for each in shown)):
            return None

        def remark(facts: ListingFacts) -> Sequence[Signal]:
            found = self.signals(self.facts(facts, shown))
            return [*found, *_unseen(shown)] if unseen_too else found

        return remark

    def facts(self, listing: ListingFacts, seen: Sequence[Seen]) -> PictureFacts:
        """What the detectors see."""
        spoken = tuple(
            (number, signal)
            for number, each in enumerate(seen, start=1)
            if each.text
            for signal in self._spoken(listing.listing, each.text)
        )
        return PictureFacts(listing=listing, seen=tuple(seen), brands=self._brands, spoken=spoken)

    def signals(self, facts: PictureFacts) -> list[Signal]:
        """What every detector says."""
        return [
            msgspec.structs.replace(one, weight=round(one.weight, 4), detector=each.code, version=each.version)
            for each in self._detectors
            for one in each.inspect(facts, each.settings)
        ]

    def _spoken(self, listing: Listing, text: str) -> list[Signal]:
        """What the words of a picture say beyond the listing's title, each with what it adds."""
        bare = msgspec.structs.replace(listing, description="", price=None, pictures=())
        read = msgspec.structs.replace(bare, description=text[:_TEXT_MAX])
        before: dict[str, float] = {}
        for one in self._judge.explain(bare)[1].signals:
            before[one.code] = max(before.get(one.code, 0.0), one.weight)
        found = []
        for one in self._judge.explain(read)[1].signals:
            adds = one.weight - before.get(one.code, 0.0)
            if adds >= _ADDS_MIN and any(quote.field == "description" for quote in one.quotes):
                found.append(msgspec.structs.replace(one, weight=adds))
        return found


def _unseen(seen: Sequence[Seen]) -> list[Signal]:
    reasons = Counter(each.skipped for each in seen if each.skipped)
    if not reasons:
        return []
    count, total = sum(reasons.values()), len(seen)
    why = "; ".join(f"{SKIPPED[reason]} ({number})" for reason, number in sorted(reasons.items()))
    return [
        Signal(
            code=NOT_SEEN,
            concern=Concern.COUNTERFEIT,
            weight=0.0,
            message=f"{count} of {total} {'picture was' if total == 1 else 'pictures were'} not looked at: {why}.",
            message_zh=f"{total} 张图片中有 {count} 张未检查。",
            values={"pictures": total, "skipped": dict(sorted(reasons.items()))},
            detector=NOT_SEEN,
        )
    ]
