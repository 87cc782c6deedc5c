"""Credit of conduct: it adds up, it is monotone, and nobody sees it without the seller's consent."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.audit import queries as audit
from agoranomos.audit.notes import SigningKey
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Forbidden, Invalid
from agoranomos.kernel.store import Store
from agoranomos.sellers.credit.scorecard import RATES, Conduct, load_scorecard, parse_scorecard, scored
from agoranomos.sellers.credit.service import CreditService, verified
from tests.drawing import examples
from tests.sellers.conduct.builders import POLICIES, Market, case, on, opened, order, returned, told

ADA = Actor("person", "ada")
CARD = load_scorecard()
KEY = SigningKey("market.example/credit", b"k" * 32)
COUNTS = st.integers(0, 3_000)


def service(market: Market) -> CreditService:
    return CreditService(market.store, CARD, POLICIES.points, lambda: market.now, lambda: KEY)


@settings(max_examples=examples(60))
@given(
    conduct=st.builds(
        Conduct, orders=COUNTS, violations=st.integers(0, 9), points_in_force=st.integers(0, 60), disputes=COUNTS,
        late_delivery=COUNTS, attitude=st.integers(0, 50),
    ),
    name=st.sampled_from(["violations", "points_in_force", *RATES]), more=st.integers(1, 500),
)  # fmt: skip
def test_more_against_a_seller_never_raises_the_score(conduct: Conduct, name: str, more: int) -> None:
    before = scored(conduct, CARD)
    worse = msgspec.structs.replace(conduct, **{name: getattr(conduct, name) + more})
    assert scored(worse, CARD).score <= before.score
    assert before.score == CARD.base + sum(each.points for each in before.weighed)
    busier = msgspec.structs.replace(conduct, orders=conduct.orders + more)
    assert scored(busier, CARD).score >= before.score, "the same trouble among more orders"


def test_one_return_does_not_ruin_a_small_store() -> None:
    one = scored(Conduct(orders=5, disputes=1), CARD)
    many = scored(Conduct(orders=500, disputes=100), CARD)
    disputes = {each.name: each.points for each in one.weighed}["disputes"]
    assert disputes > {each.name: each.points for each in many.weighed}["disputes"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{ up_to = 1, points = 100 }", "{ up_to = 1, points = 180 }", "must fall"),
        ("{ up_to = 99, points = 30 }", "{ up_to = 5, points = 30 }", "in the order"),
        ("[characteristics.attitude]", "[characteristics.looks]", "exactly"),
        ("{ points = 80 }]", "{ up_to = 9999, points = 80 }]", "the last bin"),
        ("grows = true", "grows = false", "must fall"),
    ],
)
def test_a_scorecard_that_is_not_monotone_is_refused(old: str, new: str, complaint: str) -> None:
    text = (resources.files("agoranomos.sellers.credit") / "data" / "policy.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(Invalid, match=complaint):
        parse_scorecard(text.replace(old, new, 1).encode())


def test_the_score_as_of_any_day_and_its_export(store: Store) -> None:
    shipped = told("order.shipped", "late", 6, order_id="o1")
    rude = told("harassment.reported", "rude", 7, report_id="h1", buyer_id="b1", store_id="s1")
    consent = told(
        "consent.given", "yes", 9, seller_id="u1", purpose="loan", recipient="bank-1", ends_at=rfc3339(on(20))
    )
    market = Market(store).take(
        opened(), order("o1", 0), order("o2", 1), returned("o2", 2), shipped, rude, case("c1", 8), consent
    )
    office = service(market)
    assert office.show("u1", as_of=on(9)).conduct == Conduct(
        orders=2, violations=1, disputes=1, late_delivery=1, attitude=1
    )
    assert office.show("u1", as_of=on(1)).conduct == Conduct(orders=2)
    assert office.show("u1", as_of=on(-1)).conduct == Conduct()
    with pytest.raises(Forbidden, match="agreed"):
        office.export("u1", "bank-2", by=ADA)
    done = office.export("u1", "bank-1", by=ADA)
    said = json.loads(verified(done.note, done.key))
    assert (said["seller_id"], said["recipient"], said["purpose"]) == ("u1", "bank-1", "loan")
    assert said["score"]["score"] == office.show("u1").score.score
    with pytest.raises(Invalid, match="cannot be verified"):
        verified(done.note.replace('"recipient":"bank-1"', '"recipient":"bank-2"'), done.key)
    with pytest.raises(Invalid, match="has not signed"):
        verified(done.note, str(SigningKey("market.example/credit", b"j" * 32).verifier))
    with store.reading() as connection:
        verbs = [each.entry.verb for each in audit.find(connection, after=-1, limit=1_000)]
    assert verbs.count("credit.export") == 1
    market.now += timedelta(days=20)
    with pytest.raises(Forbidden, match="no longer"):
        office.export("u1", "bank-1", by=ADA)


def test_a_later_word_ends_a_consent(store: Store) -> None:
    def given_on(day: float, until: float) -> object:
        return told(
            "consent.given",
            f"c{day}",
            day,
            seller_id="u1",
            purpose="loan",
            recipient="bank-1",
            ends_at=rfc3339(on(until)),
        )

    market = Market(store).take(opened(), given_on(1, 50), given_on(2, 2.5))  # type: ignore[arg-type]
    market.now = on(3)
    with pytest.raises(Forbidden):
        service(market).export("u1", "bank-1", by=ADA)
