"""Weights of many sources become one score that can be added up by hand."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.evidence.adding import SETTINGS, Settings, add_up, together
from agoranomos.goods.evidence.model import PRIOR, SOURCES, Source, Weight, log_odds, probability, weight_of
from agoranomos.goods.evidence.scales import Renewal, Scales, reweigh, weigh
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Finding, Reason, Related, Subject
from tests.builders import NOW

LISTING = Subject("listing", "l1")


def make_weight(weight: float = 2.0, source: Source = "text", code: str = "goods.seen", **fields: Any) -> Weight:
    return Weight(
        **{"subject": LISTING, "source": source, "code": code, "weight": weight, "message": "It was seen.", "at": NOW}
        | fields
    )


def make_finding(score: float) -> Finding:
    reason = Reason("goods.seen", "It was seen.")
    return Finding(
        id="f_1", at="2026-05-01T08:00:00Z", code="goods.seen", subject=LISTING, score=score, reasons=(reason,),
        detector="goods.seen", version="1", related=(Related("store", "s1", "tie"),),
    )  # fmt: skip


def test_nothing_known_is_the_prior() -> None:
    found = add_up([], NOW)
    assert (found.parts, found.log_odds) == ((), PRIOR)
    assert found.score == pytest.approx(0.017986)


def test_the_strongest_source_counts_in_full_and_others_with_a_share() -> None:
    found = add_up([make_weight(3.0), make_weight(2.0, "complaints"), make_weight(-1.0, "appraisal")], NOW)
    assert [(part.source, part.weight, part.counted) for part in found.parts] == [
        ("text", 3.0, 3.0), ("complaints", 2.0, 1.6), ("appraisal", -1.0, -1.0),
    ]  # fmt: skip
    assert found.log_odds == pytest.approx(PRIOR + 3.0 + 1.6 - 1.0)


def test_two_sources_of_one_strength_are_one_in_full_and_one_share() -> None:
    found = add_up([make_weight(2.0), make_weight(2.0, "notice")], NOW)
    assert sorted(part.counted for part in found.parts) == [1.6, 2.0]
    against = add_up([make_weight(3.0), make_weight(2.0, "notice"), make_weight(1.0, "batch")], NOW)
    assert [part.counted for part in against.parts] == [3.0, 1.6, 0.8]


def test_signs_of_the_text_add_up_and_those_of_one_other_source_by_halves() -> None:
    texts = [make_weight(2.0, code="goods.a"), make_weight(1.0, code="goods.b")]
    assert add_up(texts, NOW).parts[0].weight == 3.0
    buys = [make_weight(2.0, "appraisal", key="t1"), make_weight(2.0, "appraisal", key="t2")]
    assert add_up(buys, NOW).parts[0].weight == 3.0
    assert together([4.0, 2.0, -1.0, -1.0]) == 4.0 + 1.0 - 1.5


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_says_more_than_its_cap(source: Source) -> None:
    against, favour = SETTINGS.caps[source]
    assert add_up([make_weight(20.0, source)], NOW).log_odds == pytest.approx(PRIOR + against)
    assert add_up([make_weight(-20.0, source)], NOW).log_odds == pytest.approx(PRIOR - favour)


def test_what_is_known_grows_old_where_it_says_so() -> None:
    old = make_weight(-4.0, "appraisal", at=NOW - timedelta(days=180), half_life_days=180)
    assert old.at_time(NOW) == pytest.approx(-2.0)
    assert old.at_time(NOW - timedelta(days=365)) == -4.0, "never more than at first"
    assert make_weight(2.0).at_time(NOW + timedelta(days=3650)) == 2.0


@given(
    values=st.lists(
        st.tuples(st.sampled_from(SOURCES), st.floats(-15, 15, allow_nan=False)), max_size=12
    ),
    more=st.floats(0.01, 5),
    turn=st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_order_does_not_matter_and_more_against_never_lowers_the_score(
    values: list[tuple[Source, float]], more: float, turn: Any
) -> None:
    weights = [make_weight(value, source, key=str(n)) for n, (source, value) in enumerate(values)]
    found = add_up(weights, NOW)
    shuffled = list(weights)
    turn.shuffle(shuffled)
    assert add_up(shuffled, NOW) == found
    assert found.log_odds == pytest.approx(PRIOR + sum(part.counted for part in found.parts), abs=1e-3)
    assert add_up([*weights, make_weight(more, "notice", key="more")], NOW).log_odds >= found.log_odds - 1e-3


def test_a_finding_weighs_its_score_less_what_was_known_before() -> None:
    weight = weight_of(make_finding(0.9), "complaints", NOW)
    assert weight.weight == pytest.approx(math.log(9) + 4, abs=1e-4)
    assert weight.store_id == "s1"
    assert add_up([weight], NOW, Settings(caps={"complaints": (7.0, 1.0)})).score == pytest.approx(0.9, abs=1e-4)
    assert probability(log_odds(1.0)) < 1.0 < 1.0 + probability(log_odds(0.0))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"subject": Subject("brand", "b1")}, "a listing or a store"),
        ({"weight": float("nan")}, "log-odds"),
        ({"weight": 21.0}, "log-odds"),
        ({"half_life_days": 0.0}, "half-life"),
    ],
)
def test_what_is_no_weight_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        make_weight(**fields)


def test_weights_go_on_the_scales_and_nowhere_else() -> None:
    plain, heard = Out(), Out()
    scales = Scales(heard)
    for out in (plain, scales):
        out.say(make_finding(0.9))
        weigh(out, make_weight())
        reweigh(out, LISTING, ("text", "price"), [make_weight(1.0)])
    assert plain.take() == heard.take() == [make_finding(0.9)]
    assert scales.noted == [make_finding(0.9), make_weight(), Renewal(LISTING, ("text", "price")), make_weight(1.0)]
