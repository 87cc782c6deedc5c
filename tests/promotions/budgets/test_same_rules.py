"""The store and the memory of a replay answer the same questions alike, whatever is asked in whatever order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from agoranomos.promotions.budgets import claims, leases
from agoranomos.promotions.budgets.memory import MemoryTill
from agoranomos.promotions.budgets.model import Asked
from agoranomos.promotions.budgets.policy import Rush
from agoranomos.promotions.budgets.rush import rows, segments
from agoranomos.promotions.budgets.tables import promo_coupons
from agoranomos.promotions.budgets.terms import terms_of
from agoranomos.promotions.budgets.wishes import Wish
from agoranomos.promotions.campaigns.model import campaign_of
from agoranomos.promotions.campaigns.queries import put_declared
from agoranomos.promotions.guard.following import Follower
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.store_desk import Blocks, StoreDesk
from tests.builders import NOW, make_promotions
from tests.promotions.scenes import POLICIES, campaign, cny

CAMPAIGNS: Sequence[dict[str, Any]] = (
    campaign("count", budget={"count": 12}),
    campaign("money", budget={"amount": cny(9_500)}),
    campaign("both", budget={"count": 9, "amount": cny(20_000)}, per_account={"count": 2, "window_days": 1}),
    campaign("caps", per_account={"count": 3}, per_device={"count": 4, "window_days": 2}, per_payee={"count": 3}),
    campaign("people", budget={"count": 25}, per_account={"count": 3}, per_device={"count": 6}),
    campaign("days", budget={"count": 40, "per_day": {"count": 6}}, per_account={"count": 4, "window_days": 2}),
)


def draw_asked(draw: random.Random, number: int, moment: datetime) -> Asked:
    """A claim of one of few coupons by one of few people."""
    account = f"a{draw.randrange(6)}"
    coupon = f"k{draw.randrange(60)}" if draw.random() < 0.7 else f"k{number + 100}"
    face = None if draw.random() < 0.7 else msgspec.convert(cny(draw.choice((500, 2_000))), _MONEY)
    return Asked(
        coupon_id=coupon, campaign_id=draw.choice(CAMPAIGNS)["id"], account_id=account, at=moment, source="s",
        event_id=f"e{number}", device_id=draw.choice((None, "d1", "d2")), face=face,
    )  # fmt: skip


_MONEY = next(each.type for each in msgspec.structs.fields(Asked) if each.name == "face")


def declare(store: Store) -> None:
    """All campaigns, in the store."""
    with store.transaction() as connection:
        for entry in CAMPAIGNS:
            put_declared(connection, entry["id"], entry, NOW - timedelta(hours=1))


def holders(store: Store, *, rush: bool = False) -> list[tuple[StoreDesk, Blocks]]:
    """Three processes, each with blocks of its own. `rush`: one claim is a rush already."""
    made: list[tuple[StoreDesk, Blocks]] = [(make_promotions(store).desk, {}) for _ in range(3)]
    for desk, _ in made:
        begins = Rush(claims=1 if rush else None, quiet_s=0)
        budgets = msgspec.structs.replace(POLICIES.budgets, rush=begins)
        desk.rules = Rules(msgspec.structs.replace(POLICIES, budgets=budgets))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("rush", [False, True], ids=["rows", "rush"])
@pytest.mark.parametrize("seed", range(2))
def test_both_answer_alike(store: Store, seed: int, rush: bool) -> None:
    declare(store)
    draw = random.Random(seed)
    terms = {each["id"]: terms_of(campaign_of(each), POLICIES.budgets) for each in CAMPAIGNS}
    memory, processes = MemoryTill(), holders(store, rush=rush)
    follower = Follower(processes[0][0], lambda *_: None)
    ended = begun = 0
    moment = NOW + timedelta(minutes=1)
    for number in range(160):
        moment += timedelta(seconds=draw.choice((1, 5, 3_000)))
        asked = draw_asked(draw, number, moment)
        reserved = timedelta(minutes=15) if draw.random() < 0.5 else None
        desk, blocks = draw.choice(processes)
        what = draw.random()
        mine = terms[asked.campaign_id]
        if rush:
            with store.transaction() as connection:
                before = {rush_id for _, rush_id, _ in segments.rushes(connection)}
                if draw.random() < 0.15:
                    follower.settle(connection, moment)
                after = {rush_id for _, rush_id, _ in segments.rushes(connection)}
                begun, ended = max(begun, len(before)), ended + len(before - after)
            if what < 0.6 and draw.random() < 0.2:
                _undone(store, desk, blocks, asked, moment)
        with store.transaction() as connection:
            if what < 0.6:
                expected = memory.claim(mine, asked, reserved_for=reserved)
                wish = Wish(asked, None if reserved is None else moment + reserved)
                _claim(desk, connection, wish, blocks, moment)
                answered = wish.answer
            elif what < 0.85:
                asked = msgspec.structs.replace(asked, order_id=f"o{draw.randrange(3)}", payee_id=f"p{number % 2}")
                expected = memory.redeem(mine, asked)
                answered, _ = desk.redeem(connection, asked, {}, until=None, now=moment)
            else:
                known = rows.coupons(connection, mine, [asked.coupon_id], moment)
                if draw.random() < 0.5:
                    memory.void(mine, asked)
                    claims.void(connection, mine, asked, moment)
                else:
                    memory.release(mine, asked.key)
                    claims.release(connection, mine, [each for each in known.values() if each.held], moment)
                continue
        assert answered is not None
        assert (answered.why, answered.repeated) == (expected.why, expected.repeated), (number, asked)
        if answered.coupon is not None and expected.coupon is not None:
            assert msgspec.structs.replace(answered.coupon, using_until=None) == expected.coupon
    _nothing_lost(store, memory, moment)
    assert (begun > 1 and ended > 1) == rush


def test_a_coupon_that_the_first_of_a_batch_did_not_get_is_the_nexts(store: Store) -> None:
    declare(store)
    desk, blocks = holders(store)[0]
    at = NOW + timedelta(minutes=1)
    asked = [("k1", "a1"), ("k2", "a1"), ("k3", "a1"), ("k4", "a1"), ("k4", "a2"), ("k4", "a3"), ("k4", "a2")]
    wishes = [
        Wish(Asked(coupon_id=coupon, campaign_id="people", account_id=by, at=at, source="s", event_id="e"), None)
        for coupon, by in asked
    ]
    with store.transaction() as connection:
        desk.claim(connection, wishes, blocks, at, [])
    assert [wish.answer and wish.answer.why for wish in wishes] == [
        None, None, None, "account_cap", None, "coupon_of_another", None,
    ]  # fmt: skip


@pytest.mark.slow
def test_a_batch_whose_first_and_last_have_no_device_keeps_when_the_others_places_fall_free(store: Store) -> None:
    declare(store)
    desk, blocks = holders(store)[0]
    at = NOW + timedelta(minutes=1)
    wishes = [
        Wish(
            Asked(
                coupon_id=f"k{each}", campaign_id="caps", account_id=f"a{each}", at=at, source="s", event_id="e",
                device_id=device,
            ),
            None,
        )
        for each, device in enumerate((None, "d1", "d2", None))
    ]  # fmt: skip
    with store.transaction() as connection:
        desk.claim(connection, wishes, blocks, at, [])
        kept = {row.device_id: row.device_until for row in connection.execute(sa.select(promo_coupons))}
    assert kept.keys() == {None, "d1", "d2"}
    assert kept[None] is None
    assert kept["d1"] == kept["d2"] > at


def _undone(store: Store, desk: StoreDesk, blocks: Blocks, asked: Asked, now: datetime) -> None:
    """A claim whose transaction comes to nothing."""
    with suppress(ZeroDivisionError), store.transaction() as connection:
        _claim(desk, connection, Wish(asked, None), blocks, now)
        raise ZeroDivisionError
    blocks.clear()  # as whoever holds them does


def _claim(desk: StoreDesk, connection: Any, wish: Wish, blocks: Blocks, now: datetime) -> None:
    try:
        with connection.begin_nested():
            desk.claim(connection, [wish], blocks, now, [])
    except claims.LeaseLost:  # another process has called the block in
        desk.claim(connection, [wish], blocks, now, [])


def _nothing_lost(store: Store, memory: MemoryTill, now: datetime) -> None:
    """What the ledger says was given is what the memory says, once all blocks are back."""
    with store.transaction() as connection:
        for entry in CAMPAIGNS:
            leases.call_in(connection, entry["id"], now)
            mine = terms_of(campaign_of(entry), POLICIES.budgets)
            for purse, left, out in leases.balances(connection, mine, now):
                assert out == 0
                spent = memory.spent.get((entry["id"], purse.period))
                given = 0 if spent is None else spent.count if purse.counts else spent.amount
                assert purse.limit - left == given, (entry["id"], purse)
        assert not trial_balance(connection)
