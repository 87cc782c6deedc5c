"""Every detector of pictures by its own examples, and what all of them promise."""

from __future__ import annotations

import re

import msgspec
import pytest

from agoranomos.engine.detectors import AnyDetector, discover
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures import detectors as package
from agoranomos.goods.pictures.facts import Example, PictureFacts
from agoranomos.goods.pictures.model import SKIPPED, Seen
from agoranomos.goods.pictures.remarks import NOT_SEEN, Remarks
from tests.builders import make_listing
from tests.goods.listings.test_detectors import check_sentence

DETECTORS = discover(package)
CASES = [
    pytest.param(detector, example, hit, id=f"{detector.code}-{'hit' if hit else 'miss'}-{example.title}")
    for detector in DETECTORS
    for hit, examples in ((True, detector.hits), (False, detector.misses))
    for example in examples
]
_EVERYTHING = tuple((detector, each) for detector in DETECTORS for each in (*detector.hits, *detector.misses))


def facts_of(judge: TextJudge, detector: AnyDetector, example: Example) -> PictureFacts:
    remarks = Remarks(judge, {brand.brand_id: brand for brand in getattr(detector, "registry", ())})
    return remarks.facts(judge.explain(example.listing)[0], example.seen)


def _signals(judge: TextJudge, detector: AnyDetector, example: Example) -> list[Signal]:
    return list(detector.inspect(facts_of(judge, detector, example), detector.settings))


@pytest.mark.parametrize(("detector", "example", "hit"), CASES)
def test_examples(judge: TextJudge, detector: AnyDetector, example: Example, hit: bool) -> None:
    codes = {signal.code for signal in _signals(judge, detector, example)}
    assert codes == ({detector.code} if hit else set())


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_promises(judge: TextJudge, detector: AnyDetector) -> None:
    assert re.fullmatch(r"goods\.[a-z_]+", detector.code)
    assert detector.code not in {*FUSED_CODES.values(), NOT_SEEN}
    assert detector.about.endswith(".")
    assert detector.hits
    assert detector.misses
    for other, example in _EVERYTHING:
        first, again = (
            list(detector.inspect(facts_of(judge, other, example), detector.settings)) for _ in range(2)
        )  # fmt: skip
        assert first == again
        assert len({signal.concern for signal in first}) == len(first), "one signal a concern"
        for signal in first:
            assert signal.code == detector.code
            assert 0 < abs(signal.weight) < 20
            check_sentence(signal.message, ".")
            check_sentence(signal.message_zh, "。")
            msgspec.json.encode(signal.values)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
def test_seeing_nothing_is_no_suspicion(judge: TextJudge, detector: AnyDetector) -> None:
    skipped = tuple(Seen(path=reason, skipped=reason) for reason in SKIPPED)
    for seen in ((), skipped):
        facts = PictureFacts(listing=judge.explain(make_listing(title="mug"))[0], seen=seen)
        assert list(detector.inspect(facts, detector.settings)) == []


def test_what_was_not_looked_at_is_said_and_weighs_nothing(judge: TextJudge) -> None:
    remark = Remarks(judge, {}).on([Seen(path="a", skipped="missing"), Seen(path="b", marks=9)], unseen_too=True)
    assessment = judge.assess(make_listing(title="mug"), remark)
    assert [(one.code, one.weight) for one in assessment.signals] == [(NOT_SEEN, 0.0)]
    assert assessment.signals[0].message == (
        "1 of 2 pictures were not looked at: no such file under the pictures' root (1)."
    )
    assert not assessment.scores
    assert not assessment.findings
    assert Remarks(judge, {}).on([Seen(path="a", skipped="missing")]) is None


def test_words_and_pictures_add_up_to_one_score(judge: TextJudge) -> None:
    detector = next(each for each in DETECTORS if each.code == "goods.picture_of_known_fake")
    listing = make_listing(title="running shoes 莆田", category="shoes")
    remarks = Remarks(judge, {})
    assessment = judge.assess(listing, remarks.on(detector.hits[1].seen))
    weights = [one.weight for one in assessment.signals if one.concern is Concern.COUNTERFEIT]
    assert len(weights) > 1
    odds = judge.priors.counterfeit + sum(weights)
    assert assessment.scores[Concern.COUNTERFEIT] == pytest.approx(1 / (1 + 2.718281828459045**-odds), abs=1e-5)
    fused = next(each for each in assessment.findings if each.code == "goods.suspected_counterfeit")
    assert ("picture", "fake-7", "reference") in {(one.kind, one.id, one.role) for one in fused.related}
