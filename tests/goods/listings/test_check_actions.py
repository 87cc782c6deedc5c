"""The verbs of the publish-time check on the real stores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from agoranomos.goods.listings import actions, queries
from agoranomos.goods.listings.deciding import WARNED_BEFORE
from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.goods.listings.market import START, TrickJudge, make_listing

FAKE = "N\u0456\uff4b\uff45 1:1"  # disguised name and a word for copies: 0.953
DOUBTFUL = "N\u0456\uff4b\uff45 shoes"  # disguised name alone: 0.622
FAINT = "shoes 1:1"  # 0.378

Check = Callable[..., Decision]


@pytest.fixture
def judge() -> TrickJudge:
    return TrickJudge()


@pytest.fixture
def check(store: Store, judge: TrickJudge) -> Check:
    """Checks a listing in a transaction of its own."""
    policy = load_policy()

    def run(idempotency_key: str | None = None, now: Any = START, **changes: Any) -> Decision:
        with store.transaction() as connection:
            return actions.check_listing(
                connection,
                make_listing(**changes),
                judge=judge,
                policy=policy,
                now=now,
                idempotency_key=idempotency_key,
            )

    return run


def acknowledge(store: Store, decision: Decision, now: Any = START) -> queries.Acknowledgement:
    with store.transaction() as connection:
        return actions.acknowledge(connection, decision.id, by="seller-7", now=now)


def test_an_honest_listing_is_approved_and_kept(check: Check, store: Store) -> None:
    decision = check()
    assert (decision.outcome, decision.score, decision.reasons) == (Outcome.APPROVE, 0.0, ())
    with store.reading() as connection:
        assert queries.get_check(connection, decision.id).decision == decision


def test_every_hit_is_returned_and_the_strongest_outcome_wins(check: Check) -> None:
    decision = check(title=FAKE, description="add V\u2764X", category="cosmetics")
    assert decision.outcome is Outcome.HOLD
    assert {hit.code: hit.outcome for hit in decision.hits} == {
        "goods.brand_disguised": Outcome.HOLD,
        "goods.copy_offered": Outcome.HOLD,
        "goods.contact_in_text": Outcome.WARN,
    }
    assert decision.score == max(hit.score for hit in decision.hits)
    weights = [reason.evidence["weight"] for reason in decision.reasons]
    assert weights == sorted(weights, reverse=True)


def test_what_speaks_for_the_seller_is_a_hit_without_consequence(check: Check) -> None:
    hit = check(title=DOUBTFUL, description="from our own workshop").hits[-1]
    assert (hit.code, hit.outcome) == ("goods.own_make", Outcome.APPROVE)
    assert hit.values["weight"] < 0


def test_what_was_quoted_is_kept_but_not_the_listing(check: Check, store: Store) -> None:
    decision = check(title=DOUBTFUL, description="secret recipe")
    with store.reading() as connection:
        kept = queries.get_check(connection, decision.id)
        rows = connection.exec_driver_sql("SELECT decision, signals FROM listing_checks").all()
    assert [quote.text for signal in kept.signals for quote in signal.quotes] == [DOUBTFUL[:4]]
    assert "secret" not in str(rows)
    assert kept.judge_version == "tricks-1"


def test_the_same_key_and_listing_return_the_first_decision(check: Check, judge: TrickJudge) -> None:
    first = check("key-1", title=FAKE)
    again = check("key-1", now=START + timedelta(days=3), title=FAKE)
    assert again == first
    assert judge.asked == 1


def test_the_same_key_with_another_listing_is_refused(check: Check) -> None:
    check("key-1", title=FAKE)
    with pytest.raises(Conflict, match="another listing"):
        check("key-1", title="Hand-thrown mug, blue")


def test_without_a_key_the_same_moment_gives_the_same_decision(check: Check) -> None:
    assert check(title=FAKE) == check(title=FAKE)
    assert check(title=FAKE, now=START + timedelta(seconds=1)).id != check(title=FAKE).id


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb"])
def test_an_odd_key_is_refused(check: Check, key: str) -> None:
    with pytest.raises(Invalid):
        check(key)


def test_racing_requests_with_one_key_get_one_decision(check: Check) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(partial(check, "key-1", now=START + timedelta(seconds=n), title=FAKE)) for n in range(8)]
        decisions = [each.result() for each in asked]
    assert len({decision.id for decision in decisions}) == 1


def test_an_acknowledgement_is_recorded_once(check: Check, store: Store) -> None:
    decision = check(title=DOUBTFUL)
    first = acknowledge(store, decision)
    again = acknowledge(store, decision, START + timedelta(hours=1))
    assert first == again
    assert (first.by, first.at) == ("seller-7", START)


def test_only_a_warning_can_be_acknowledged(check: Check, store: Store) -> None:
    for decision in (check(), check(title=FAKE, category="cosmetics")):
        with pytest.raises(Conflict, match="only a warning"):
            acknowledge(store, decision)
    with store.transaction() as connection, pytest.raises(NotFound):
        actions.acknowledge(connection, "d_unknown", by="seller-7", now=START)


def test_an_acknowledgement_says_who(check: Check, store: Store) -> None:
    decision = check(title=DOUBTFUL)
    with store.transaction() as connection, pytest.raises(Invalid) as refused:
        actions.acknowledge(connection, decision.id, by="", now=START)
    assert refused.value.pointer == "/by"


def test_an_earlier_warning_weighs_a_little_and_turns_a_near_certainty_into_a_hold(check: Check, store: Store) -> None:
    acknowledge(store, check(title=DOUBTFUL))
    later = check(listing_id="l-2", title=DOUBTFUL)
    assert later.outcome is Outcome.WARN
    assert later.reasons[-1].code == WARNED_BEFORE
    assert later.score == pytest.approx(0.668, abs=0.001)  # log-odds 0.5 + 0.2
    assert check(listing_id="l-3", title=FAKE).outcome is Outcome.HOLD


@pytest.mark.parametrize(
    "changes",
    [
        {"listing_id": "l-2"},  # nothing noticed: an honest listing stays honest
        {"listing_id": "l-1", "title": DOUBTFUL},  # the listing that was warned about itself
        {"listing_id": "l-2", "title": DOUBTFUL, "store_id": "s-2"},  # another store
        {"listing_id": "l-2", "title": DOUBTFUL, "now": START + timedelta(days=365)},  # long ago
    ],
)
def test_when_an_earlier_warning_does_not_count(check: Check, store: Store, changes: dict[str, Any]) -> None:
    acknowledge(store, check(title=DOUBTFUL))
    reasons = check(**changes).reasons
    assert WARNED_BEFORE not in {reason.code for reason in reasons}


def test_a_seller_is_met_again_in_his_other_store(check: Check, store: Store) -> None:
    acknowledge(store, check(title=DOUBTFUL, seller_id="u-1"))
    later = check(listing_id="l-2", title=FAINT, store_id="s-2", seller_id="u-1")
    assert [hit.code for hit in later.hits] == ["goods.copy_offered", WARNED_BEFORE]
    assert later.outcome is Outcome.APPROVE
