"""The attack of `market` against what the scheduler shows: before, and after."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from tests.reviews.anonymity.market import BEGUN, Market, guesses, make_market, moment

POLICY = load_policy()


class Outcome(NamedTuple):
    """How often the author was the first guess: as posted, as shown; and how much was shown."""

    before: float
    after: float
    shown: float


def released(market: Market) -> dict[str, Action]:
    """What the scheduler shows of a market, by review."""
    run = Run([AnonymityMonitor(POLICY, lambda *_: False)])
    said = [*run.feed(market.events), *run.pass_until(moment(70))]
    return {each.subject.id: each for each in said if isinstance(each, Action) and each.kind == "review.release"}


def attacked(market: Market, *, only_bad: bool = False, every: int = 1) -> Outcome:
    """The attack on every n-th anonymous review."""
    actions = released(market)
    before = after = shown = 0
    looked = [each for each in market.written if each.bad or not only_bad][::every]
    for review in looked:
        first = guesses(market, review, [review.order.listing], review.at - 1e-3, review.at, review.at + 0.01)
        before += first[:1] == [review.order.buyer_id]
        action = actions.get(review.review_id)  # none, where it was written after the end
        if action is None or action.params["form"] == "score":
            continue
        shown += 1
        begins, ends = period(action.params["period"])
        assert begins <= review.at <= ends, "what is shown is true"
        at = (parse_rfc3339(action.at) - BEGUN).total_seconds() / 86_400
        likeliest = guesses(market, review, goods(review.order.listing, action.params), begins, ends, at)
        after += likeliest[0] == review.order.buyer_id
    return Outcome(before / len(looked), after / max(1, shown), shown / len(looked))


def period(name: str) -> tuple[float, float]:
    """A day or week of Shanghai, in days since BEGUN."""
    week = "W" in name
    day = date.fromisocalendar(int(name[:4]), int(name[6:]), 1) if week else date.fromisoformat(name)
    begins = (day - BEGUN.date()).days - 8 / 24
    return begins, begins + (7 if week else 1)


def goods(listing: str, params: dict[str, Any]) -> list[str]:
    """The listings that the form leaves open."""
    if params["item"] == "listing":
        assert params["listing_id"] == listing
        return [listing]
    all_ = [f"l{number}" for number in range(25)]
    return (
        all_
        if params["item"] == "none"
        else [each for each in all_ if int(each[1:]) % 4 == int(params["category"][1:])]
    )


@pytest.mark.slow
@pytest.mark.parametrize(("orders_per_day", "before", "shown"), [(6, 0.35, 0.15), (15, 0.2, 0.8), (60, 0.08, 0.9)])
def test_the_author_is_not_found_more_often_than_promised(orders_per_day: int, before: float, shown: float) -> None:
    outcomes = [attacked(make_market(orders_per_day, seed=seed), every=2) for seed in range(1, 5)]
    assert sum(each.before for each in outcomes) / 4 > before, "without the scheduler authors are found"
    weight = sum(each.shown for each in outcomes)
    assert sum(each.after * each.shown for each in outcomes) / weight <= 1 / POLICY.k
    assert weight / 4 > shown


@pytest.mark.slow
def test_bad_reviews_are_as_safe_although_trouble_points_at_their_authors() -> None:
    outcomes = [attacked(make_market(40, seed=seed), only_bad=True) for seed in range(1, 5)]
    assert sum(each.before for each in outcomes) / 4 > 0.2
    assert sum(each.after for each in outcomes) / 4 <= 1 / POLICY.k


def test_a_small_shop_gets_scores_only() -> None:
    market = make_market(1.0)
    actions = released(market)
    assert {each.review_id for each in market.written} == actions.keys()
    assert {each.params["form"] for each in actions.values()} == {"score"}
    for review in market.written:
        waited = (parse_rfc3339(actions[review.review_id].at) - moment(review.at)).total_seconds() / 86_400
        assert POLICY.hold_days_max <= waited <= POLICY.hold_days_max + 1
