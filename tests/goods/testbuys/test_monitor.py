"""What verdicts come to over time: findings, what they ask for, and weight that is repaired and grows old."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

import pytest

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.evidence.model import Weight
from agoranomos.goods.evidence.scales import Scales
from agoranomos.goods.testbuys.monitor import TestBuyMonitor
from agoranomos.goods.testbuys.policy import load_policy, parse_policy
from agoranomos.goods.testbuys.telling import ON_LISTING, ON_STORE
from agoranomos.goods.testbuys.weighing import AppraiserRecord, Specimen, agreement, weight
from agoranomos.kernel.actions import Action
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from tests.builders import NOW
from tests.goods.batches.builders import raw
from tests.goods.testbuys.builders import POLICY, appraisal

DAY = 24.0


def watching() -> TestBuyMonitor:
    return TestBuyMonitor(POLICY, lambda kind, _: kind.startswith("store."))


def heard(*events: dict[str, Any], by: TestBuyMonitor | None = None) -> list[Output]:
    return Run([by or watching()]).feed([parse_event(each) for each in events])


def on(said: list[Output], code: str) -> list[Finding]:
    return [each for each in said if isinstance(each, Finding) and each.code == code]


def asked(said: list[Output]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.subject.id, each.status) for each in said if isinstance(each, Action)]


def test_a_counterfeit_verdict_is_a_finding_that_acts() -> None:
    said = heard(appraisal("t1"))
    [finding] = on(said, ON_LISTING)
    assert finding.score > 0.95
    assert finding.subject.id == "l1"
    assert finding.reasons[0].message == "An appraiser appraised this article as counterfeit."
    assert asked(said) == [("listing.remove", "l1", "pending")]
    assert on(said, ON_STORE) == []


def test_two_listings_make_it_the_store() -> None:
    said = heard(appraisal("t1"), appraisal("t2", listing="l2", hours=1))
    [finding] = on(said, ON_STORE)
    assert finding.score > 0.85
    assert {each.id for each in finding.related} == {"l1", "l2"}
    assert ("store.suspend", "s1", "proposed") in asked(said)


def test_a_genuine_or_open_verdict_is_no_finding() -> None:
    assert heard(appraisal("t1", "genuine"), appraisal("t2", "inconclusive", hours=1)) == []


def test_genuine_articles_repair_and_disagreement_takes_back() -> None:
    said = heard(appraisal("t1"), appraisal("t2", "genuine", hours=1), appraisal("t3", "genuine", hours=2))
    scores = [each.score for each in on(said, ON_LISTING)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.9
    taken_back = on(heard(appraisal("t1"), appraisal("t1", "genuine", hours=1, appraiser="ap2")), ON_LISTING)[-1]
    assert taken_back.score < 0.05
    assert taken_back.revision == 2
    assert taken_back.reasons[0].message == "Appraisers disagree about this article."


def test_two_who_agree_are_surer_than_one() -> None:
    said = on(heard(appraisal("t1"), appraisal("t1", hours=1, appraiser="ap2")), ON_LISTING)
    assert said[1].score > said[0].score
    assert said[1].score <= 0.9995


def test_verdicts_grow_old_and_findings_end() -> None:
    monitor = watching()
    run = Run([monitor])
    run.feed([parse_event(appraisal("t1"))])
    [again] = on(run.feed([parse_event(appraisal("t2", hours=900 * DAY))]), ON_LISTING)
    assert again.revision == 1  # the first episode was over
    run.pass_until(NOW + timedelta(days=900 + 8 * POLICY.weights.counterfeit_half_life_days + 2))
    assert monitor.due() is None


def overturning(testbuy: str, hours: float, outcome: str = "overturned") -> dict[str, Any]:
    return raw(
        "case.decided", hours, case_id=f"c-{testbuy}", outcome=outcome, subject={"kind": "listing", "id": "l1"},
        clause="counterfeit", overturns=testbuy,
    )  # fmt: skip


def test_an_appraisal_that_is_overturned_says_nothing_any_more() -> None:
    monitor, scales = watching(), Scales(Out())
    for each in (appraisal("t1"), overturning("t1", 1, "upheld"), overturning("other", 2), overturning("t1", 3)):
        monitor.hear(parse_event(each), scales)
    assert [each.weight > 0 for each in scales.noted if isinstance(each, Weight)] == [True, False]
    said = heard(appraisal("t1"), overturning("t1", 1))
    assert [(each.revision, each.score < 0.05) for each in on(said, ON_LISTING)] == [(1, False), (2, True)]
    assert on(said, ON_LISTING)[1].reasons[0].code == "goods.appraisal_overturned"
    assert asked(said) == [("listing.remove", "l1", "pending"), ("listing.restore", "l1", "pending")]


def test_what_else_was_appraised_as_counterfeit_stays() -> None:
    said = heard(appraisal("t1"), appraisal("t2", hours=1), overturning("t1", 2))
    assert on(said, ON_LISTING)[-1].score > 0.95
    assert {kind for kind, _, _ in asked(said)} == {"listing.remove"}


def test_the_weight_of_a_specimen() -> None:
    weights = POLICY.weights
    fake, genuine = Specimen(0, {"a": "counterfeit"}), Specimen(0, {"a": "genuine"})
    assert weight(fake, 0, weights) > 7
    assert -2 < weight(genuine, 0, weights) < -0.5
    assert weight(genuine, weights.half_life_days, weights) == pytest.approx(weight(genuine, 0, weights) / 2)
    assert weight(Specimen(0, {"a": "genuine", "b": "counterfeit"}), 0, weights) == 0.0


def test_what_is_put_on_the_scales() -> None:
    monitor = watching()
    scales = Scales(Out())
    for each in (
        appraisal("t1"),
        appraisal("t2", "genuine", hours=1),
        appraisal("t1", "genuine", hours=2, appraiser="b"),
    ):
        monitor.hear(parse_event(each), scales)
    weights = [each for each in scales.noted if isinstance(each, Weight)]
    assert [one.weight > 0 for one in weights] == [True, False, False]
    assert weights[2].weight == 0.0  # they disagree: what was said before is taken back
    assert weights[0].place == weights[2].place


def test_it_goes_on_where_it_stopped() -> None:
    events = [appraisal(f"t{number}", listing=f"l{number % 3}", hours=number) for number in range(6)]
    whole = heard(*events)
    first = watching()
    said = heard(*events[:3], by=first)
    second = watching()
    second.resume(first.state())
    assert said + heard(*events[3:], by=second) == whole


def test_agreement_is_krippendorffs_alpha() -> None:
    """Krippendorff's example of two coders and ten units of which they agree on six (2004, 11.3.1): 0.095."""
    one, other = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    names: Any = ("genuine", "counterfeit")
    found = agreement({"a": names[x], "b": names[y]} for x, y in zip(one, other, strict=True))
    assert found.alpha == pytest.approx(0.095, abs=5e-4)
    assert found.appraisers["a"] == AppraiserRecord(10, 10, 0.6)
    assert agreement([{"a": "genuine"}]).alpha is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'currency = "CNY"', b'currency = "CNYY"', "ISO 4217"),
        (b"bands = [0.1, 0.5]", b"bands = [0.5, 0.1]", "must rise"),
        (b"random_share = 0.3", b"random_share = 0", "random_share"),
        (b"second_share", b"secondshare", "cannot be used"),
        (b"[design]", b"[design", "not a TOML"),
    ],
)
def test_a_policy_that_cannot_be_used(old: bytes, new: bytes, words: str) -> None:
    raw = (resources.files("agoranomos.goods.testbuys") / "data" / "policy.toml").read_bytes()
    assert old in raw
    with pytest.raises(Invalid, match=words):
        parse_policy(raw.replace(old, new, 1))
    assert load_policy().version.startswith("1+")
