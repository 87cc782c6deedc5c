"""Every detector by its own examples, and what all of them promise."""

from __future__ import annotations

import re
from functools import cache

import msgspec
import pytest

from agoranomos.engine.detectors import AnyDetector, discover
from agoranomos.goods.listings import detectors as package
from agoranomos.goods.listings.evidence import ListingDetector
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Listing, Signal
from tests.builders import make_brand, make_listing, make_money
from tests.goods.listings.builders import make_facts

DETECTORS = discover(package)
CASES = [
    pytest.param(detector, listing, hit, id=f"{detector.code}-{'hit' if hit else 'miss'}-{listing.title}")
    for detector in DETECTORS
    for hit, listings in ((True, detector.hits), (False, detector.misses))
    for listing in listings
]
# What a detector of one may be shown of another: they must all be safe with all of it.
_EVERYTHING = tuple(listing for d in DETECTORS for listing in (*d.hits, *d.misses))


@cache
def _facts(judge: TextJudge, listing: Listing) -> ListingFacts:
    return judge.explain(listing)[0]


def _signals(judge: TextJudge, detector: AnyDetector, listing: Listing) -> list[Signal]:
    return list(detector.inspect(_facts(judge, listing), detector.settings))


@pytest.mark.parametrize(("detector", "listing", "hit"), CASES)
def test_examples(judge: TextJudge, detector: ListingDetector, listing: Listing, hit: bool) -> None:
    facts = make_facts(judge, listing, detector.registry)
    codes = [signal.code for signal in detector.inspect(facts, detector.settings)]
    assert codes == ([detector.code] if hit else [])


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_promises(judge: TextJudge, detector: AnyDetector) -> None:
    assert re.fullmatch(r"goods\.[a-z_]+", detector.code)
    assert detector.code not in FUSED_CODES.values()
    assert detector.version
    assert detector.about.endswith(".")
    assert detector.hits
    assert detector.misses
    forwards = [_signals(judge, detector, listing) for listing in _EVERYTHING]
    backwards = [_signals(judge, detector, listing) for listing in reversed(_EVERYTHING)]
    assert forwards == backwards[::-1], "repeatable, and free of order"


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_signals(judge: TextJudge, detector: AnyDetector) -> None:
    for listing in _EVERYTHING:
        for signal in _signals(judge, detector, listing):
            assert signal.code == detector.code
            assert signal.weight != 0
            assert abs(signal.weight) < 20
            check_sentence(signal.message, ".")
            check_sentence(signal.message_zh, "。")
            assert signal.quotes, "it shows what it rests on"
            for quote in signal.quotes:
                assert quote.text == getattr(listing, quote.field)[quote.start : quote.end] != ""
                assert quote.reads
            assert len(signal.brand_ids) == len(set(signal.brand_ids))
            msgspec.json.encode(signal.values)


def check_sentence(text: str, full_stop: str) -> None:
    """A complete sentence with nothing left to fill in."""
    assert text.endswith((full_stop, "…", "…" + full_stop)), text
    assert not re.search(r"[{}]|None|nan|\(\)|“”", text), text
    assert len(text) > 8


NOTHING_KNOWN = ListingFacts(
    make_listing(price=None, category="", title="", store_id="s"),
    mentions=(),
    spoken=(),
    runs=(),
    roles=frozenset(),
    categories=frozenset(),
    stated=False,
    accessory=False,
    price_yuan=0.0,
)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_knowing_nothing_is_no_suspicion(detector: AnyDetector) -> None:
    assert list(detector.inspect(NOTHING_KNOWN, detector.settings)) == []


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_a_missing_price_category_and_store_change_no_more_than_they_must(
    judge: TextJudge, detector: AnyDetector
) -> None:
    for listing in _EVERYTHING:
        bare = msgspec.structs.replace(listing, price=None, category="", seller_id=None, listed_at=None)
        signals = _signals(judge, detector, bare)
        assert len(signals) <= 1
        assert detector.code != "goods.price_too_low" or not signals


@pytest.mark.parametrize("price", [None, make_money(0), make_money(-5), make_money(1, "ISK")])
def test_an_unknown_price_is_never_too_low(judge: TextJudge, price: object) -> None:
    listing = make_listing(title="Rolex Submariner watch", price=price, category="watches")
    codes = {signal.code for signal in judge.explain(listing)[1].signals}
    assert "goods.price_too_low" not in codes


def test_an_authorised_store_is_spoken_for_and_any_other_spoken_against(judge: TextJudge) -> None:
    codes = ("goods.seller_authorised", "goods.brand_not_authorised")
    favour, against = (next(one for one in DETECTORS if one.code == code) for code in codes)
    brand = make_brand("louis-vuitton", names=("Louis Vuitton",), authorised_store_ids=("s1",), categories=("bags",))
    for store_id, code in (("s1", favour.code), ("s2", against.code)):
        facts = make_facts(judge, make_listing(title="Louis Vuitton bag", store_id=store_id), [brand])
        signals = [signal for one in (favour, against) for signal in one.inspect(facts, one.settings)]
        assert [signal.code for signal in signals] == [code]
        assert signals[0].quotes[0].text == "Louis Vuitton"
        assert (signals[0].weight < 0) == (code == favour.code)
