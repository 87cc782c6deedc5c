"""Plans and purchases in the store: commitments, states, shoppers, and money that is never made or lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.audit.queries import entries
from agoranomos.goods.testbuys import booking, queries
from agoranomos.goods.testbuys.model import FOLLOWS, OPEN, State
from agoranomos.goods.testbuys.service import candidates_of
from agoranomos.goods.testbuys.shoppers import Sent
from agoranomos.goods.testbuys.tables import testbuy_plans, testbuys
from agoranomos.goods.testbuys.weighing import AppraiserRecord
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.ledger.queries import balance
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.money import Money
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from tests.goods.testbuys.builders import ANA, BEN, BUDGET, POLICY, Desk, appraisal, make_candidates
from tests.stores import make_store

SENT = (State.BOUGHT, State.RECEIVED, State.SENT)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def money(desk: Desk, account: str) -> tuple[int, int]:
    """What an account holds, and what of it is reserved."""
    with desk.store.reading() as connection:
        found = balance(connection, account)
    return found.posted, found.debits_pending + found.credits_pending


def require_sound(desk: Desk) -> None:
    """The books balance, and every open purchase, no other, has its reservation."""
    with desk.store.reading() as connection:
        assert trial_balance(connection) == []
        for plan in queries.list_plans(connection, after=None, limit=100):
            if plan.state != "drawn":
                continue
            bought = queries.of_plan(connection, plan.plan_id)
            held = sum(each.cost_max.amount for each in bought if each.state in OPEN)
            account = balance(connection, booking.budget_of(plan.plan_id))
            assert account.debits_pending == held
            if not any(each.state in OPEN for each in bought):
                assert account.posted == 0


@pytest.mark.slow
def test_a_plan_is_committed_to_before_it_is_drawn(desk: Desk) -> None:
    desk.add_shoppers()
    plan = desk.service.plan(BUDGET, candidates=make_candidates(), by=ANA)
    assert (plan.state, plan.secret, plan.root) == ("committed", None, None)
    with pytest.raises(Conflict, match="not signed since"):
        desk.service.draw(plan.plan_id, by=ANA)
    desk.sign()
    drawn = desk.service.draw(plan.plan_id, by=ANA)
    assert drawn.state == "drawn"
    assert drawn.root_size is not None
    assert drawn.root_size > drawn.entry
    assert desk.service.draw(plan.plan_id, by=BEN) == drawn
    bought = desk.purchases(drawn)
    assert 0 < sum(each.cost_max.amount for each in bought) <= BUDGET.amount
    assert desk.service.verify(plan.plan_id) == (True, [])
    with desk.store.reading() as connection:
        said = [(kept.leaf.decode().split('"verb":"')[1].split('"')[0]) for kept in entries(connection)]
    assert said.index("testbuy.commit") < said.index("testbuy.draw")
    require_sound(desk)


def test_the_earliest_root_counts_so_that_nobody_waits_for_a_better_one(desk: Desk) -> None:
    plan = desk.service.plan(BUDGET, candidates=make_candidates(), by=ANA)
    desk.sign()
    desk.add_shoppers(2)
    desk.sign()
    drawn = desk.service.draw(plan.plan_id, by=ANA)
    assert drawn.root_size == plan.entry + 1


def test_what_was_changed_afterwards_is_seen(desk: Desk) -> None:
    plan = desk.drawn_plan()
    for change in ({"secret": b"x" * 32}, {"digest": "ab" * 32}, {"root": "cd" * 32}):
        with desk.store.transaction() as connection:
            before = connection.execute(sa.select(testbuy_plans)).mappings().one()
            connection.execute(sa.update(testbuy_plans).values(**change))
        good, wrong = desk.service.verify(plan.plan_id)
        assert not good
        assert wrong
        with desk.store.transaction() as connection:
            connection.execute(sa.update(testbuy_plans).values(**{name: before[name] for name in change}))
    assert desk.service.verify(plan.plan_id)[0]


def test_a_dropped_plan_stays_in_the_log_and_is_not_drawn(desk: Desk) -> None:
    plan = desk.service.plan(BUDGET, candidates=make_candidates(), by=ANA)
    desk.sign()
    assert desk.service.drop(plan.plan_id, by=BEN).state == "dropped"
    with pytest.raises(Conflict, match="dropped"):
        desk.service.draw(plan.plan_id, by=ANA)
    with pytest.raises(Conflict, match="not drawn"):
        desk.service.verify(plan.plan_id)
    drawn = desk.drawn_plan()
    with pytest.raises(Conflict, match="one by one"):
        desk.service.drop(drawn.plan_id, by=ANA)


def test_a_large_budget_takes_four_eyes(desk: Desk) -> None:
    large = Money(POLICY.approval_above + 100, "CNY")
    plan = desk.service.plan(large, candidates=make_candidates(400), by=ANA)
    desk.sign()
    assert plan.approval_id is not None
    with pytest.raises(Conflict, match="second person"):
        desk.service.draw(plan.plan_id, by=ANA)
    with desk.store.transaction() as connection, pytest.raises(Forbidden):
        approving.approve(connection, plan.approval_id, by=ANA, now=desk.clock())
    with desk.store.transaction() as connection:
        approving.approve(connection, plan.approval_id, by=BEN, now=desk.clock())
    assert desk.service.draw(plan.plan_id, by=ANA).state == "drawn"
    require_sound(desk)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget": Money(1_000_000, "USD")}, "must be in CNY"),
        ({"budget": Money(0, "CNY")}, "above zero"),
        ({"budget": Money(1_000, "CNY")}, "single one"),
        ({"candidates": []}, "nothing on the shelf"),
        ({"candidates": [*make_candidates(3), *make_candidates(1)]}, "twice"),
    ],
)
def test_plans_that_cannot_be(desk: Desk, change: dict[str, object], words: str) -> None:
    given = {"budget": BUDGET, "candidates": make_candidates(), **change}
    with pytest.raises(Invalid, match=words):
        desk.service.plan(given["budget"], candidates=given["candidates"], by=ANA)  # type: ignore[arg-type]


@pytest.mark.slow
def test_from_planned_to_booked(desk: Desk) -> None:
    desk.add_shoppers()
    plan = desk.drawn_plan()
    one, *others = desk.purchases(plan)
    bought = desk.bring_to(one, *SENT)
    assert desk.appraised(bought, "counterfeit").verdict == "counterfeit"
    booked = desk.bring_to(one, State.BOOKED)
    assert (booked.state, booked.cost) == (State.BOOKED, Money(40_000, "CNY"))
    assert desk.bring_to(one, State.BOOKED) == booked
    shown = desk.service.show(one.testbuy_id)
    assert [each.after for each in shown.moves] == [State.PLANNED, *SENT, State.APPRAISED, State.BOOKED]
    assert [each.by for each in shown.moves][1:4] == [str(ANA)] * 3
    assert money(desk, booking.spent("CNY"))[0] == 40_000
    for each in others:
        desk.bring_to(each, State.CANCELLED)
    assert money(desk, booking.budget_of(plan.plan_id)) == (0, 0)
    assert money(desk, booking.funds("CNY"))[0] == -40_000
    require_sound(desk)


def test_more_than_was_reserved_is_booked_under_its_name(desk: Desk) -> None:
    """First what the plan has to spare, then the funds: money that was spent is never left out."""
    desk.add_shoppers()
    plan = desk.drawn_plan()
    [one, *_] = desk.purchases(plan)
    desk.bring_to(one, *SENT)
    desk.appraised(one, "genuine", cost=5_000_000)
    desk.bring_to(one, State.BOOKED)
    assert money(desk, booking.spent("CNY"))[0] == 5_000_000
    require_sound(desk)


def test_what_is_lost_is_released_or_books_its_loss(desk: Desk) -> None:
    desk.add_shoppers()
    [one, other, third, *_] = desk.purchases(desk.drawn_plan())
    desk.bring_to(one, State.BOUGHT, State.LOST)
    desk.bring_to(other, State.BOUGHT)
    desk.service.move(other.testbuy_id, State.LOST, cost=Money(9_900, "CNY"), by=ANA)
    assert money(desk, booking.spent("CNY"))[0] == 9_900
    with pytest.raises(Invalid, match="lost"):
        desk.service.move(third.testbuy_id, State.CANCELLED, cost=Money(1, "CNY"), by=ANA)
    desk.bring_to(third, State.BOUGHT)
    with pytest.raises(Invalid, match="CNY"):
        desk.service.move(third.testbuy_id, State.LOST, cost=Money(1, "USD"), by=ANA)
    require_sound(desk)


def test_steps_that_do_not_follow_are_refused(desk: Desk) -> None:
    desk.add_shoppers()
    [one, *_] = desk.purchases(desk.drawn_plan())
    with pytest.raises(Conflict, match="planned; what may follow is bought, cancelled"):
        desk.bring_to(one, State.SENT)
    with pytest.raises(Conflict, match="is planned"):
        desk.bring_to(one, State.BOOKED)
    with pytest.raises(Invalid, match="by hand"):
        desk.bring_to(one, State.APPRAISED)
    with pytest.raises(Conflict, match="nobody can have appraised"):
        desk.appraised(one, "genuine")
    desk.bring_to(one, State.CANCELLED)
    with pytest.raises(Conflict, match="it is over"):
        desk.bring_to(one, State.BOUGHT)
    with pytest.raises(NotFound):
        desk.service.show("tb_none")


def test_two_appraisers_who_disagree_leave_it_open(desk: Desk) -> None:
    desk.add_shoppers()
    [one, *_] = desk.purchases(desk.drawn_plan())
    desk.bring_to(one, *SENT)
    assert desk.appraised(one, "counterfeit").verdict == "counterfeit"
    desk.clock.forward(hours=1)
    assert desk.appraised(one, "genuine", "ap2").verdict == "inconclusive"
    desk.clock.forward(hours=1)
    assert desk.appraised(one, "counterfeit", "ap2").verdict == "counterfeit"
    agreed = desk.service.agreement(30)
    assert agreed.articles == 1
    assert agreed.appraisers == dict.fromkeys(("ap1", "ap2"), AppraiserRecord(1, 1, 1.0))


def test_events_of_the_marketplace_move_our_purchases_and_keep_others(desk: Desk) -> None:
    desk.add_shoppers()
    [one, other, *_] = desk.purchases(desk.drawn_plan())
    desk.bring_to(one, State.BOUGHT)
    desk.bring_to(other, State.BOUGHT)
    ours = appraisal(one.testbuy_id, "counterfeit", listing=one.listing_id, store=one.store_id)
    desk.take(ours, appraisal("tb-elsewhere", "genuine"))
    desk.take(appraisal(other.testbuy_id, "counterfeit", listing="another listing"))
    assert desk.service.show(one.testbuy_id).purchase.state is State.APPRAISED
    assert desk.service.show(other.testbuy_id).purchase.state is State.BOUGHT
    with desk.store.reading() as connection:
        assert len(queries.appraisals_of(connection, ["tb-elsewhere"])) == 1


def test_nobody_buys_twice_and_no_address_is_seen_again(desk: Desk) -> None:
    desk.add_shoppers(3, 2)
    plan = desk.drawn_plan(make_candidates(store_id="s1"))
    bought = desk.purchases(plan)
    sent = [each for each in bought if each.shopper_id is not None]
    assert len(sent) == min(3, len(bought))
    assert len({each.shopper_id for each in sent}) == len({each.address_id for each in sent}) == len(sent)
    left = next(each for each in bought if each.shopper_id is None)
    with pytest.raises(Conflict, match="no shopper is left"):
        desk.bring_to(left, State.BOUGHT)
    free = {"a0-0", "a0-1"} - {each.address_id for each in sent}
    with pytest.raises(Conflict, match="within the term"):
        desk.service.assign(left.testbuy_id, Sent("sh0", free.pop()), by=ANA)
    desk.service.add_shopper("new", ["a-new"], by=ANA)
    assert desk.service.assign(left.testbuy_id, Sent("new", "a-new"), by=ANA).shopper_id == "new"


def test_after_the_term_a_shopper_comes_back_to_another_address(desk: Desk) -> None:
    desk.add_shoppers(1, 2)
    first = next(each for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1"))) if each.shopper_id)
    desk.bring_to(first, State.BOUGHT, State.LOST)
    desk.clock.forward(days=POLICY.shoppers.term_days + 1)
    second = [each for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1"))) if each.shopper_id]
    assert [each.shopper_id for each in second] == ["sh0"]
    assert second[0].address_id != first.address_id
    desk.bring_to(second[0], State.BOUGHT, State.LOST)
    desk.clock.forward(days=POLICY.shoppers.term_days + 1)
    assert not any(each.shopper_id for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1"))))


def test_an_address_that_the_store_never_saw_is_free_again(desk: Desk) -> None:
    desk.add_shoppers(1, 1)
    first = next(each for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1"))) if each.shopper_id)
    assert desk.bring_to(first, State.CANCELLED).address_id is None
    again = [each.shopper_id for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1")))]
    assert Counter(again)["sh0"] == 1


def test_the_database_refuses_an_address_twice(desk: Desk) -> None:
    desk.add_shoppers(2, 1)
    one, other = [each for each in desk.purchases(desk.drawn_plan(make_candidates(store_id="s1"))) if each.shopper_id]
    mine = testbuys.c.testbuy_id == other.testbuy_id
    with pytest.raises(sa.exc.IntegrityError), desk.store.transaction() as connection:
        connection.execute(sa.update(testbuys).where(mine).values(address_id=one.address_id))


def test_shoppers_come_and_go(desk: Desk) -> None:
    desk.add_shoppers(2, 1)
    with pytest.raises(Conflict, match="another shopper's"):
        desk.service.add_shopper("sh9", ["a0-0"], by=ANA)
    with pytest.raises(Invalid, match="opaque"):
        desk.service.add_shopper("Li Hua", ["a"], by=ANA)
    assert not desk.service.retire_shopper("sh0", by=ANA).active
    assert {each.shopper_id for each in desk.purchases(desk.drawn_plan())} <= {"sh1", None}
    assert desk.service.add_shopper("sh0", ["a0-9"], by=ANA).active
    with pytest.raises(NotFound):
        desk.service.retire_shopper("nobody", by=ANA)


def test_the_shelf_follows_the_log_and_findings_are_the_evidence(desk: Desk) -> None:
    def listed(
        listing: str, store: str = "s1", kind: str = "listing.submitted", amount: int = 20_000
    ) -> dict[str, object]:
        data = {"listing_id": listing, "store_id": store, "title": "t", "category": "shoes",
                "price": {"amount": amount, "currency": "CNY"}}  # fmt: skip
        return {"specversion": "1.0", "id": f"{listing}-{kind}-{amount}", "source": "shop", "type": kind,
                "time": "2026-05-01T00:00:00Z", "data": data}  # fmt: skip

    def gone(kind: str, **data: str) -> dict[str, object]:
        return {"specversion": "1.0", "id": f"{kind}{data}", "source": "shop", "type": kind,
                "time": "2026-05-01T01:00:00Z", "data": data}  # fmt: skip

    desk.take(listed("l1"), listed("l2"), listed("l3", "s2"), listed("l1", kind="listing.updated", amount=30_000))
    desk.take(
        gone("listing.removed", listing_id="l2", by="seller"), gone("store.closed", store_id="s2", reason="voluntary")
    )
    desk.service.follow()
    [only] = desk.service.candidates()
    costs = POLICY.costs
    assert (only.listing_id, only.cost) == ("l1", 30_000 + costs.delivery + costs.appraisal)
    assert only.score == POLICY.design.score_unknown
    assert desk.service.candidates(["bags"]) == []


def test_candidates_come_from_a_file() -> None:
    lines = b'{"listing_id":"l1","store_id":"s1","price_amount":100,"category":"shoes","score":0.7}\n\n'
    [found] = candidates_of(lines, POLICY)
    assert (found.listing_id, found.score, found.category) == ("l1", 0.7, "shoes")
    with pytest.raises(Invalid, match="line 1"):
        candidates_of(b'{"listing_id":"l1"}', POLICY)


@pytest.mark.slow
def test_an_estimate_counts_what_is_open_and_what_came_to_nothing(desk: Desk) -> None:
    desk.add_shoppers(12, 6)
    plan = desk.drawn_plan(make_candidates(100))
    bought = desk.purchases(plan)
    for number, each in enumerate(bought[:-2]):
        desk.bring_to(each, *SENT)
        desk.appraised(each, "counterfeit" if each.stratum.endswith("/2") else "genuine", cost=number)
    desk.bring_to(bought[-1], State.CANCELLED)
    found = desk.service.estimate(plan.plan_id)
    assert (found.purchases, found.open, found.unclear) == (len(bought), 1, 1)
    assert found.all is not None
    assert found.unseen is not None
    assert found.unseen.rate == 0.0
    assert 0.0 < found.unseen.high < 1.0
    assert found.all.low <= 0.1 <= found.all.high  # a tenth of the shelf is spoken against, and was fake
    with pytest.raises(Conflict, match="not drawn"):
        desk.service.estimate(desk.service.plan(BUDGET, candidates=make_candidates(), by=ANA).plan_id)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(State)), st.integers(0, 90_000)), max_size=40))
@pytest.mark.slow
def test_whatever_is_done_the_books_balance(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, State, int]]
) -> None:
    """Any steps in any order: those that may not follow are refused, and money is never made or lost."""
    folder = tmp_path_factory.mktemp("desk")
    store = make_store(folder)
    desk = Desk(store, folder)
    desk.add_shoppers()
    plan = desk.drawn_plan()
    bought = desk.purchases(plan)
    for number, state, cost in steps:
        each = bought[number % len(bought)]
        before = desk.service.show(each.testbuy_id).purchase.state
        try:
            if state is State.APPRAISED:
                desk.appraised(each, "genuine", cost=cost)
            else:
                loss = Money(cost, "CNY") if state in (State.LOST, State.BOOKED) else None
                desk.service.move(each.testbuy_id, state, cost=loss, by=ANA)
        except (Conflict, Invalid):
            assert desk.service.show(each.testbuy_id).purchase.state is before
        else:
            after = desk.service.show(each.testbuy_id).purchase.state
            early = state is State.APPRAISED and before in (State.BOUGHT, State.RECEIVED)
            assert after is before or after in FOLLOWS[before] or early
    require_sound(desk)
    with store.reading() as connection:
        over = [each for each in queries.of_plan(connection, plan.plan_id) if each.state in (State.BOOKED, State.LOST)]
    spent = money(desk, booking.spent("CNY"))[0]
    assert spent >= sum(each.cost.amount for each in over if each.cost is not None)
    store.close()


def test_values_have_one_form(desk: Desk) -> None:
    plan = desk.drawn_plan()
    assert msgspec.json.decode(msgspec.json.encode(plan), type=type(plan)) == plan
