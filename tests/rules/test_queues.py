"""Queues: the greatest expected harm first, within capacity, measured by what cases came to."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import cases, queues
from agoranomos.rules.capacity import Candidate, precision, ranked, threshold, wilson
from agoranomos.rules.policy import QueuePolicy, load_queues, parse_queues
from agoranomos.rules.queues import Today
from tests.builders import NOW, make_event, make_vault
from tests.rules import written_rules

POLICY = parse_queues(
    b"""
version = "1"
currency = "CNY"
window_days = 30
measured_days = 10
[queues.goods]
codes = ["goods.*"]
per_day = 2
[exposure]
"*" = 1
"goods.*" = 10_000
"goods.dear" = 90_000
"""
)


def make_finding(
    number: int, *, days: float = 0, code: str = "goods.cheap", score: float = 0.5, **fields: Any
) -> Finding:
    evidence = {"exposure": fields.pop("exposure")} if "exposure" in fields else {}
    return Finding(
        id=f"f{number:03}", at=rfc3339(NOW - timedelta(days=days)), code=code, score=score,
        subject=fields.pop("subject", Subject("listing", f"l{number}")), reasons=(Reason(code, "because", evidence),),
        detector=code, version="1", **fields,
    )  # fmt: skip


def keep(store: Store, *found: Finding) -> None:
    with store.transaction() as connection:
        written_rules.keep(connection, found, NOW)


def decide(store: Store, number: int, outcome: str = "upheld", *, days: float = 0, **data: Any) -> None:
    body = {"case_id": f"c{number}", "subject": {"kind": "listing", "id": f"l{number}"}, "outcome": outcome, **data}
    raw = make_event(
        "case.decided", id=f"e{number}{outcome}", time=rfc3339(NOW - timedelta(days=days)),
        data={"clause": "4.2", **body},
    )  # fmt: skip
    with store.transaction() as connection:
        accept(connection, make_vault(), [parse_event(raw)], now=NOW, hearers={"case.decided": cases.hear})


def look(store: Store, policy: QueuePolicy = POLICY) -> Today:
    with store.reading() as connection:
        return queues.today(connection, policy, "goods", NOW)


def names(today: Today) -> list[str]:
    return [place.subject.id for place in today.places]


def test_harm_is_probability_times_what_is_at_stake(store: Store) -> None:
    yuan = {"currency": "CNY"}
    keep(
        store,
        make_finding(1, score=0.9),  # 9,000
        make_finding(2, score=0.5, exposure={"amount": 30_000, **yuan}),  # 15,000
        make_finding(3, score=0.2, code="goods.dear"),  # 18,000
        make_finding(4, score=1.0, exposure={"amount": 9_999_999, "currency": "JPY"}),  # another currency: 10,000
        make_finding(5, score=1.0, code="reviews.odd", exposure={"amount": 10**9, **yuan}),
        make_finding(6, score=1.0, status="shadow", exposure={"amount": 10**9, **yuan}),
    )
    today = look(store)
    assert names(today) == ["l3", "l2"]
    assert (today.waiting, today.per_day, today.decided_today) == (4, 2, 0)
    assert [place.harm for place in today.places] == [18_000, 15_000]
    assert [place.findings[0].exposure_known for place in today.places] == [False, True]


def test_what_is_decided_leaves_and_takes_its_place_of_the_day(store: Store) -> None:
    keep(store, *(make_finding(number, score=number / 10) for number in range(1, 6)))
    assert names(look(store)) == ["l5", "l4"]
    decide(store, 5)
    today = look(store)
    assert (names(today), today.decided_today, today.waiting) == (["l4"], 1, 4)
    decide(store, 4)
    assert names(look(store)) == []


def test_what_is_found_after_the_case_is_looked_at_again(store: Store) -> None:
    decide(store, 1, days=2)
    keep(store, make_finding(1, days=3), make_finding(2, days=40))
    assert look(store).waiting == 0
    keep(store, make_finding(1, days=1, revision=2))
    assert names(look(store)) == ["l1"]


def test_precision_is_measured_within_the_capacity_of_each_day(store: Store) -> None:
    for day in (1, 2, 3):
        keep(store, *(make_finding(day * 10 + n, days=day, score=0.9 - n / 10) for n in range(4)))
    for number, outcome in ((10, "upheld"), (11, "rejected"), (20, "upheld"), (30, "upheld"), (13, "rejected")):
        decide(store, number, outcome, days=0.5)
    decide(store, 99, "overturned", overturns="c30", days=0.1)
    found = look(store).precision
    assert (found.shown, found.decided, found.upheld) == (6, 4, 2)  # l13 was beyond capacity, c30 was wrong
    assert found.precision == 0.5
    low, high = wilson(2, 4)
    assert (found.low, found.high) == (low, high)


def test_the_threshold_follows_from_capacity(store: Store) -> None:
    keep(store, *(make_finding(number, days=1 + number % 10, score=(number % 5) / 5) for number in range(50)))
    found = look(store).threshold
    assert (found.score, found.per_day_at, found.per_day_all) == (0.6, 2.0, 5.0)


def test_an_unknown_queue(store: Store) -> None:
    with pytest.raises(NotFound, match="goods"), store.reading() as connection:
        queues.today(connection, POLICY, "none", NOW)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (5, 10), (10, 10), (81, 263)])
def test_wilson_solves_its_equation(successes: int, trials: int) -> None:
    """Its ends are where the observed share lies z standard errors off (Wilson 1927, equation 3)."""
    share = successes / trials
    for end in wilson(successes, trials):
        error = math.sqrt(end * (1 - end) / trials)
        assert abs(share - end) == pytest.approx(1.959963984540054 * error, abs=1e-7)


def test_nothing_decided_is_no_precision() -> None:
    assert precision(7, []).precision is None


@given(st.dictionaries(st.integers(0, 40), st.sampled_from([0.1, 0.5, 0.7, 0.9]), max_size=40), st.integers(1, 5))
def test_a_threshold_always_fits(scores: dict[int, float], per_day: int) -> None:
    days = 4
    best = {(date(2026, 5, 1 + key % days), Subject("listing", str(key))): score for key, score in scores.items()}
    found = threshold(best, days, per_day)
    above = [score for score in best.values() if found.score is not None and score >= found.score]
    assert len(above) <= per_day * days
    lower = [score for score in best.values() if found.score is None or score < found.score]
    if lower:  # the next lower score no longer fits
        assert len([score for score in best.values() if score >= max(lower)]) > per_day * days


def test_each_subject_has_one_place() -> None:
    two = [
        Candidate(
            finding_id=f"f{n}", code=f"goods.c{n}", subject=Subject("store", "s1"), score=n / 10, at=NOW, exposure=100,
            exposure_known=False,
        )
        for n in (3, 8)
    ]  # fmt: skip
    [place] = ranked(two)
    assert (place.harm, [each.finding_id for each in place.findings]) == (80, ["f8", "f3"])


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"*" = 1', "", 'exposure."*"'),
        ("per_day = 2", "per_day = 0", "per_day"),
        ("per_day = 2", "perday = 2", "perday"),
        ('"goods.*"]', '"Goods"]', "queues.goods.codes"),
        ('"CNY"', '"XYZ"', "currency"),
        ("[queues.goods]", "[queues.Goods]", "queues.Goods"),
        ('version = "1"', "version = ", "TOML"),
    ],
)
def test_a_wrong_policy_names_the_key(old: str, new: str, key: str) -> None:
    text = (
        'version = "1"\ncurrency = "CNY"\nwindow_days = 30\nmeasured_days = 10\n[queues.goods]\ncodes = ["goods.*"]\n'
        'per_day = 2\n[exposure]\n"*" = 1\n'
    )
    with pytest.raises(Invalid, match=key.replace("*", r"\*")):
        parse_queues(text.replace(old, new).encode())


def test_the_shipped_policy_has_a_queue_for_every_desk() -> None:
    assert set(load_queues().queues) == {"goods", "sellers", "promotions", "reviews", "access"}
    assert load_queues().exposure_of("sellers.twin") > load_queues().exposure_of("unknown.thing")
