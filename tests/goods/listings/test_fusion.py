"""Weights of evidence add up to the score that is shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.listings import fusion
from agoranomos.goods.listings.fusion import FUSED_CODES, Priors, log_odds, probability, reason_of
from agoranomos.goods.listings.model import Assessment, Concern, Quote, Signal
from tests.builders import make_listing

AT = "2026-05-01T00:00:00Z"
WEIGHTS = st.floats(-9.0, 9.0).filter(lambda weight: abs(weight) > 1e-6)


def make_signal(weight: float, code: str = "goods.x", concern: Concern = Concern.COUNTERFEIT) -> Signal:
    return Signal(
        code=code,
        concern=concern,
        weight=weight,
        message="It is so.",
        message_zh="是这样。",
        brand_ids=("nike",),
        quotes=(Quote("title", 0, 6, "Canvas", "canvas"),),
    )


@st.composite
def signals(draw: st.DrawFn) -> list[Signal]:
    given_weights = draw(st.lists(st.tuples(WEIGHTS, st.sampled_from(list(Concern))), max_size=6))
    return [make_signal(w, f"goods.s{i}", concern) for i, (w, concern) in enumerate(given_weights)]


def fuse(given_signals: list[Signal], line: float = 0.5) -> Assessment:
    listing = make_listing(seller_id="seller-9")
    return fusion.assess(listing, "shoes", given_signals, priors=Priors(), report_line=line, at=AT)


@given(st.floats(-13.0, 13.0))
def test_log_odds_undo_probability(odds: float) -> None:
    assert log_odds(probability(odds)) == pytest.approx(odds, abs=0.5e-6 * math.exp(abs(odds)) * 4 + 1e-5)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_probability_is_one_and_rises(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= probability(low) <= probability(high) <= 1.0
    assert probability(0.0) == 0.5


@given(signals())
def test_scores_are_the_sums_of_what_is_shown(given_signals: list[Signal]) -> None:
    assessment = fuse(given_signals)
    for concern, score in assessment.scores.items():
        weights = [signal.weight for signal in given_signals if signal.concern is concern]
        # Six digits are kept; the order of the sum may turn the last.
        assert score == pytest.approx(probability(Priors().of(concern) + sum(weights)), abs=2e-6)
    assert assessment.score == max(assessment.scores.values(), default=0.0)


@given(signals())
def test_the_fused_finding_gives_every_reason_and_its_weight(given_signals: list[Signal]) -> None:
    for finding in fuse(given_signals).findings:
        concern = next((c for c, code in FUSED_CODES.items() if code == finding.code), None)
        if concern is None:
            continue
        shown = sum(float(reason.evidence["weight"]) for reason in finding.reasons)
        # Each weight is shown with three digits.
        assert probability(shown + Priors().of(concern)) == pytest.approx(finding.score, abs=0.002)


@given(signals(), st.floats(0.05, 0.95))
def test_findings(given_signals: list[Signal], line: float) -> None:
    assessment = fuse(given_signals, line)
    ids = [finding.id for finding in assessment.findings]
    assert len(ids) == len(set(ids))
    for finding in assessment.findings:
        signal = next((s for s in given_signals if s.code == finding.code), None)
        concern = signal.concern if signal else next(c for c, k in FUSED_CODES.items() if k == finding.code)
        assert line <= finding.score <= assessment.scores[concern], "never above the sum"
    for concern, score in assessment.scores.items():
        if score >= line:
            mine = [
                f.score
                for f in assessment.findings
                if f.code == FUSED_CODES[concern]
                or any(s.code == f.code and s.concern is concern for s in given_signals)
            ]
            assert max(mine) == score, "what is over the line is reported with its score"


@given(signals(), st.randoms(use_true_random=False))
def test_order_of_signals_changes_no_score(given_signals: list[Signal], random: object) -> None:
    turned = list(given_signals)
    random.shuffle(turned)  # type: ignore[attr-defined]
    before, after = fuse(given_signals).scores, fuse(turned).scores
    assert before.keys() == after.keys()
    assert all(before[concern] == pytest.approx(after[concern], abs=2e-6) for concern in before)


def test_nothing_against_means_no_score() -> None:
    assert fuse([]).scores == {}
    assert fuse([make_signal(-6.0)]).scores == {}
    assert fuse([]).score == 0.0


def test_what_speaks_for_the_seller_is_taken_off_every_finding() -> None:
    against = [make_signal(6.0, "goods.a"), make_signal(5.0, "goods.b")]
    without = {f.code: f.score for f in fuse(against).findings}
    with_it = {f.code: f.score for f in fuse([*against, make_signal(-1.5, "goods.c")]).findings}
    assert with_it.keys() == {"goods.suspected_counterfeit"} | with_it.keys() - {"goods.c"}
    assert all(with_it[code] < without[code] for code in with_it)


def test_a_finding_says_whom_it_touches() -> None:
    finding = fuse([make_signal(6.0)]).findings[0]
    assert (finding.subject.kind, finding.subject.id, finding.at) == ("listing", "l1", AT)
    assert [(r.kind, r.id, r.role) for r in finding.related] == [
        ("store", "s1", "tie"),
        ("seller", "seller-9", "tie"),
        ("brand", "nike", "reference"),
    ]
    assert (finding.revision, finding.status, finding.code) == (1, "live", "goods.x")


def test_concerns_are_never_added_up() -> None:
    both = fuse([make_signal(3.0, "goods.a"), make_signal(3.0, "goods.b", Concern.DIVERSION)])
    assert both.findings == ()
    assert set(both.scores.values()) == {probability(-1.0)}


def test_a_reason_rests_on_its_quotes() -> None:
    reason = reason_of(make_signal(1.23456))
    assert (reason.code, reason.message) == ("goods.x", "It is so.")
    assert reason.evidence["weight"] == 1.23456
    assert reason.evidence["message_zh"] == "是这样。"
    assert reason.evidence["quotes"] == [{"field": "title", "start": 0, "end": 6, "text": "Canvas", "reads": "canvas"}]
