"""Points over the store: the same as in a replay, in the ledger, and what people do with them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.audit import queries as audit
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.queries import Kept
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.ledger import queries as ledger
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from agoranomos.sellers.points import queries
from agoranomos.sellers.points.actions import Verbs
from agoranomos.sellers.points.booking import account_of
from agoranomos.sellers.points.service import PointsService
from agoranomos.sellers.points.standing import standing
from tests.drawing import examples
from tests.sellers.conduct.builders import (
    ACTIONS,
    POLICIES,
    VAULT,
    Market,
    actions,
    case,
    course,
    findings,
    on,
    opened,
    overturn,
    replayed,
)
from tests.stores import make_store

ADA, BOB = Actor("person", "ada"), Actor("person", "bob")
FOUR = (case("c1", 0), case("c2", 10), case("c3", 20), case("c4", 45))


def kept(market: Market) -> list[Kept]:
    with market.store.reading() as connection:
        return asked_for.listed(connection, asked_for.About(), after=None, limit=1_000)


def service(market: Market) -> PointsService:
    verbs = Verbs(VAULT, {}, market.live.catch_up)
    return PointsService(market.store, verbs, POLICIES.points, lambda: market.now)


def summed(acts: list[Any]) -> Counter[tuple[str, str, str]]:
    return Counter((each.kind, each.subject.id, str(sorted(each.params.items()))) for each in acts)


def test_the_ladder_in_the_store(store: Store) -> None:
    market = Market(store).take(opened(), *FOUR)
    assert summed(kept(market)) == summed(actions(replayed(opened(), *FOUR)))
    waiting = {each.kind for each in kept(market) if each.status == "proposed"}
    assert waiting == {"store.suspend", "store.close"}, "a second person agrees"
    shown = service(market).show("u1")
    assert (shown.standing.points, shown.standing.closed) == (50, ("s1",))
    assert service(market).show("u1", as_of=on(30)).standing.points == 26
    with store.reading() as connection:
        assert ledger.balance_as_of(connection, account_of("u1"), on(30)).posted == 26
        assert trial_balance(connection) == []
    assert [(each.seller_id, each.points, each.closed) for each in service(market).listed(points_min=1)] == [
        ("u1", 50, True)
    ]


def test_an_appeal_keeps_back_what_waits_and_reverses_what_was_done(store: Store) -> None:
    market = Market(store).take(opened(), *FOUR[:3])
    by_kind = {each.kind: each for each in kept(market)}
    with store.transaction() as connection:
        for kind in ("seller.warn", "seller.deduct_points"):
            for each in [one for one in kept(market) if one.kind == kind]:
                enforcing.confirm(connection, each.id, "done", by=ADA, policy=ACTIONS, now=market.now)
    market.take(overturn("z3", "c3", 21), overturn("z1", "c1", 22))
    after = {each.id: each for each in kept(market)}
    assert after[by_kind["store.suspend"].id].status == "refused", "it had not gone out, and never will"
    assert "store.resume" not in {each.kind for each in after.values()}
    restored = [each.params for each in after.values() if each.kind == "seller.restore_points"]
    assert sorted(each["points"] for each in restored) == [2, 24]
    shown = service(market).show("u1")
    assert [(each.case_id, each.number, each.points) for each in shown.standing.offences] == [("c2", 1, 0)]
    with store.reading() as connection:
        assert ledger.balance(connection, account_of("u1")).posted == 0
        assert trial_balance(connection) == []


def test_suspensions_end_by_themselves(store: Store) -> None:
    market = Market(store).take(opened(), *FOUR[:3]).later(40.9)
    assert "store.resume" not in {each.kind for each in kept(market)}
    market.later(41.1)
    ended = next(each for each in kept(market) if each.kind == "store.resume")
    assert (ended.subject.id, ended.because, ended.requested_by) == ("s1", ("c3",), "system:agoranomos")
    market.later(41.2)
    assert sum(each.kind == "store.resume" for each in kept(market)) == 1


def test_an_event_is_heard_once_whatever_is_killed(store: Store) -> None:
    market = Market(store).take(opened(), *FOUR[:1])
    with store.engine.connect() as connection:  # killed before it could commit
        market.live.step(connection, market.now)
        connection.rollback()
    before = kept(market)
    market.hear()
    market.take(*FOUR[:1], opened())  # repeated
    assert kept(market) == before


def test_intent_is_recorded_with_reasons_and_changes_the_measure(store: Store) -> None:
    market = Market(store).take(opened(), case("c1", 0, subject=("listing", "l9")))
    office = service(market)
    market.now = on(1)
    shown = office.record_intent("c1", "knowing", ["warned_before"], by=ADA)
    assert (shown.standing.points, shown.standing.offences[0].intent) == (2, "knowing")
    assert office.record_intent("c1", "knowing", ["warned_before"], by=ADA).standing.points == 2
    market.now = on(2)
    assert office.record_intent("c1", "negligent", ["supplier_deceived"], by=BOB).standing.points == 0
    market.now = on(3)
    assert office.record_intent("c1", "knowing", ["warned_before"], by=ADA).standing.points == 2
    told = Counter(each.kind for each in kept(market))
    assert (told["seller.deduct_points"], told["seller.withdraw_warning"]) == (2, 0)
    for wrong, error in ((["two words"], Invalid), ([], Invalid)):
        with pytest.raises(error):
            office.record_intent("c1", "knowing", wrong, by=ADA)
    with pytest.raises(NotFound):
        office.record_intent("c7", "knowing", ["r"], by=ADA)
    market.take(overturn("z", "c1", 4))
    with pytest.raises(Conflict, match="does not stand"):
        office.record_intent("c1", "unknowing", ["r"], by=ADA)
    with store.reading() as connection:
        entries = [each.entry for each in audit.find(connection, after=-1, limit=1_000)]
    recorded = [each for each in entries if each.verb == "case.intent"]
    assert [each.params["intent"] for each in recorded] == ["knowing", "negligent", "knowing"]
    assert str(recorded[0].actor) == "person:ada"


def test_a_case_waits_for_its_seller(store: Store) -> None:
    orphan = case("c1", 0, seller=None, store="s9", subject=("store", "s9"))
    market = Market(store).take(orphan)
    assert kept(market) == []
    said = findings(replayed(orphan))
    assert [(each.code, each.subject.id) for each in said] == [("sellers.holder_unknown", "s9")]
    market.take(opened("s9", "u9", 1))
    assert [(each.kind, each.subject.id) for each in kept(market)] == [("seller.warn", "u9")]


def test_an_appeal_may_be_known_before_the_case(store: Store) -> None:
    early = case("z", 3, "overturned", seller=None, store=None, overturns="c1")
    market = Market(store).take(early)
    market.take(opened(), case("c1", 1))
    assert service(market).show("u1").standing.offences == ()


EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda name, day, who: case(name, day, seller=f"u{who}", store=f"s{who}"),
            st.sampled_from(["c1", "c2", "c3", "c4", "c5"]), st.integers(0, 60), st.just(1),
        ),
        st.builds(lambda what, day: overturn("z1", what, day), st.sampled_from(["c1", "c2", "c3"]), st.integers(0, 60)),
        st.builds(lambda day: course("genuine-goods", day), st.integers(0, 60)),
    ),
    min_size=1, max_size=7,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=examples(12))
@given(events=EVENTS)
def test_the_store_comes_to_what_a_replay_comes_to(
    events: list[Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    ordered = sorted({each.id: each for each in events}.values(), key=lambda each: (each.time, each.id))
    store = make_store(tmp_path_factory.mktemp("points"))
    try:
        market = Market(store).take(opened(), opened("s2", "u2"), *ordered)
        said = actions(replayed(opened(), opened("s2", "u2"), *ordered))
        asked = summed([each for each in kept(market) if each.reverses is None])
        taking_back = {"seller.restore_points", "store.resume", "store.reopen", "seller.withdraw_warning"}
        assert {key: count for key, count in asked.items() if key[0] not in taking_back} == {
            key: count for key, count in summed(said).items() if key[0] not in taking_back
        }
        with store.reading() as connection:
            sheet = queries.sheet(connection, "u1")
            assert trial_balance(connection) == []
            if sheet.as_of is not None and sheet.entries:
                expected = standing(sheet.history, POLICIES.points, sheet.as_of).points
                assert ledger.balance(connection, account_of("u1")).posted == expected
    finally:
        store.close()
