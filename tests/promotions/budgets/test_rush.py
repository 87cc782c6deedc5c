"""Claims in a rush: many at once, in segments that become rows; whoever races, is rolled back, uses, voids or waits."""

from __future__ import annotations

import random
import threading
from collections import Counter
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
from agoranomos.promotions.budgets.model import Asked, Verdict
from agoranomos.promotions.budgets.policy import Rush
from agoranomos.promotions.budgets.rush import opening, segments
from agoranomos.promotions.budgets.rush.book import Book
from agoranomos.promotions.budgets.rush.names import GIVEN, STANDS
from agoranomos.promotions.budgets.tables import promo_coupons, promo_segments
from agoranomos.promotions.budgets.terms import Terms, terms_of
from agoranomos.promotions.budgets.wishes import Wish
from agoranomos.promotions.campaigns.model import campaign_of
from agoranomos.promotions.campaigns.queries import put_declared
from agoranomos.promotions.guard.following import Follower
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.seeing import Sight
from agoranomos.promotions.guard.store_desk import Blocks, StoreDesk
from tests.builders import NOW, make_promotions
from tests.promotions.scenes import POLICIES, campaign

START = NOW + timedelta(minutes=1)
PLENTY = campaign("plenty", budget={"count": 10_000}, per_account={"count": 2}, per_device={"count": 3})


class Till:
    """A process: its desk and blocks, and each batch in a transaction of its own."""

    def __init__(self, store: Store, **rush: int) -> None:
        self.store = store
        self.blocks: Blocks = {}
        self.desk: StoreDesk = make_promotions(store).desk
        begins = msgspec.structs.replace(Rush(claims=2, quiet_s=0), **rush)
        budgets = msgspec.structs.replace(POLICIES.budgets, rush=begins)
        self.desk.rules = Rules(msgspec.structs.replace(POLICIES, budgets=budgets))
        self.follower = Follower(self.desk, lambda *_: None)

    def claim(self, *asked: Asked, at: datetime = START, reserved: bool = True) -> list[Verdict]:
        """The answers, committed."""
        for _ in range(3):
            wishes = [Wish(each, at + timedelta(minutes=15) if reserved else None) for each in asked]
            try:
                seen: list[Sight] = []
                with self.store.transaction() as connection:
                    self.desk.claim(connection, wishes, self.blocks, at, seen)
                    self.desk.tell(connection, seen, at)
            except (claims.LeaseLost, sa.exc.OperationalError):
                self.blocks.clear()
                continue
            return [wish.answer for wish in wishes if wish.answer is not None]
        raise AssertionError("blocks are lost again and again")

    def settle(self, at: datetime = START) -> bool:
        """Writes rows; whether nothing waits."""
        with self.store.transaction() as connection:
            return self.follower.settle(connection, at)


def ask(coupon: str, account: str, at: datetime = START, **fields: Any) -> Asked:
    """For a coupon of the campaign."""
    campaign_id = fields.pop("campaign_id", "plenty")
    return Asked(
        coupon_id=coupon, campaign_id=campaign_id, account_id=account, at=at, source="s", event_id=coupon, **fields
    )


def declare(store: Store, entry: dict[str, Any] = PLENTY, at: datetime = NOW - timedelta(hours=1)) -> Terms:
    """In the store; its terms."""
    with store.transaction() as connection:
        put_declared(connection, entry["id"], entry, at)
    return terms_of(campaign_of(entry), POLICIES.budgets)


def whys(verdicts: Sequence[Verdict]) -> list[str | None]:
    """Why each was refused."""
    return [verdict.why for verdict in verdicts]


def rows(store: Store) -> dict[str, str]:
    """Coupon → state, of those that are rows."""
    with store.reading() as connection:
        return {row.coupon_id: row.state for row in connection.execute(sa.select(promo_coupons))}


def in_rush(store: Store) -> bool:
    """Whether any campaign is in one."""
    with store.reading() as connection:
        return bool(segments.rushes(connection))


def test_batches_of_three_processes_are_answered_as_in_memory(store: Store) -> None:
    entry = campaign("plenty", budget={"count": 60}, per_account={"count": 2}, per_device={"count": 3})
    terms, memory, draw = declare(store, entry), MemoryTill(), random.Random(7)
    tills, seen = [Till(store) for _ in range(3)], set()
    for batch in range(24):
        at = START + timedelta(seconds=20 * batch)
        asked = [
            ask(f"k{draw.randrange(250)}", f"a{draw.randrange(90)}", at, device_id=draw.choice((None, f"d{number}")))
            for number in range(12)
        ]  # fmt: skip
        reserved = draw.random() < 0.7
        kept = timedelta(minutes=15) if reserved else None
        expected = [memory.claim(terms, each, reserved_for=kept) for each in asked]
        answers = draw.choice(tills).claim(*asked, at=at, reserved=reserved)
        assert [(each.why, each.repeated) for each in answers] == [(each.why, each.repeated) for each in expected]
        seen |= {each.why for each in expected}
        if draw.random() < 0.3:
            tills[0].settle(at)
    assert seen == {None, "budget_spent", "account_cap", "device_cap", "coupon_of_another"}
    while not tills[0].settle(at):
        pass
    with store.transaction() as connection:
        leases.call_in(connection, "plenty", at)
        ((purse, left, out),) = leases.balances(connection, terms, at)
        assert (purse.limit - left, out) == (memory.spent[("plenty", "")].count, 0)
        assert not trial_balance(connection)
    assert not in_rush(store)


def test_claims_are_segments_first_and_rows_later_and_then_the_rush_is_over(store: Store) -> None:
    declare(store)
    till = Till(store, quiet_s=10)
    assert whys(till.claim(*(ask(f"k{each}", f"a{each}") for each in range(20)))) == [None] * 20
    assert in_rush(store)
    assert rows(store) == {}
    assert not till.settle()
    assert till.settle()
    assert in_rush(store), "somebody has claimed just now"
    assert len(rows(store)) == 20
    assert till.settle(START + timedelta(seconds=11))
    assert not in_rush(store)
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(promo_segments)).scalar_one() == 0
    later = START + timedelta(seconds=12)
    full = till.claim(ask("x1", "a1", later), at=later) + till.claim(ask("x2", "a1", later), at=later)
    assert whys(full) == [None, "account_cap"], "rows have their places in caps"


def test_a_repeat_stands_and_another_does_not_get_it(store: Store) -> None:
    declare(store)
    first, second = Till(store), Till(store)
    given = first.claim(ask("k1", "a1"), ask("k2", "a2"))
    again = second.claim(ask("k1", "a1"), ask("k2", "a3"), ask("k3", "a3"), ask("k3", "a3"))
    assert whys(again) == [None, "coupon_of_another", None, None]
    assert [each.repeated for each in again] == [True, False, False, True]
    assert again[0].coupon == given[0].coupon
    assert again[0].reservation_id == given[0].reservation_id


def test_who_was_overtaken_decides_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = declare(store)
    first, second = Till(store), Till(store)
    first.claim(ask("k0", "a0"), ask("k1", "a1"))
    second.claim(ask("k2", "a0"), ask("k3", "a3"))  # now each has a book
    with store.reading() as connection:
        rush_id = segments.current(connection, "plenty")
    assert rush_id is not None
    book = first.desk.book(terms, rush_id, START)
    sync = Book.sync
    skipped: list[bool] = []

    def late(self: Book, connection: sa.Connection) -> None:
        """The first book does not see at first what the second has written."""
        if self is book and not skipped:
            skipped.append(True)
            return
        sync(self, connection)

    monkeypatch.setattr(Book, "sync", late)
    answers = first.claim(ask("k3", "a3"), ask("k4", "a0"), ask("k5", "a5"))
    assert skipped
    assert whys(answers) == [None, "account_cap", None]
    assert [each.repeated for each in answers] == [True, False, False]


def test_a_book_that_could_not_be_read_whole_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = declare(store)
    before, till = Till(store, claims=50), Till(store)
    before.claim(ask("k0", "a0"), ask("k1", "a1"))  # rows, as nobody is in a rush
    assert len(rows(store)) == 2
    till.claim(ask("k2", "a2"), ask("k3", "a3"))
    with store.reading() as connection:
        rush_id = segments.current(connection, "plenty")
    assert rush_id is not None

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    book = Book(rush_id, "plenty", ("account", "device"), "h")
    for lost in ("holders", "bodies"):
        with monkeypatch.context() as patch, suppress(ZeroDivisionError), store.transaction() as connection:
            patch.setattr(segments, lost, broken)
            book.sync(connection)
    given = [Wish(ask(name, "a9"), None).given().coupon for name in ("k0", "k1", "k2", "k4")]
    with store.transaction() as connection:
        answers = book.claim(connection, terms, [each for each in given if each is not None], START)
    assert answers == [STANDS, STANDS, STANDS, GIVEN]


def test_a_block_can_be_called_in_by_who_read_the_clock_before_it_was_opened(store: Store) -> None:
    terms = declare(store)
    till = Till(store)
    till.claim(ask("k0", "a0"), ask("k1", "a1"))
    with store.transaction() as connection:
        assert leases.call_in(connection, "plenty", START - timedelta(seconds=1)) == 1
        ((purse, left, out),) = leases.balances(connection, terms, START)
    assert (purse.limit - left, out) == (2, 0)


def test_what_was_rolled_back_was_not_given(store: Store) -> None:
    declare(store)
    till = Till(store)
    till.claim(ask("k0", "a0"), ask("k1", "a1"))
    wishes = [Wish(ask("k2", "a2"), None), Wish(ask("k3", "a2"), None)]
    with pytest.raises(ZeroDivisionError), store.transaction() as connection:  # noqa: PT012 - in one transaction
        till.desk.claim(connection, wishes, till.blocks, START, [])
        raise ZeroDivisionError
    till.blocks.clear()
    assert whys(till.claim(ask("k2", "a3"), ask("k4", "a2"), ask("k5", "a2"), ask("k6", "a2"))) == [
        None, None, None, "account_cap",
    ]  # fmt: skip


def test_a_coupon_that_waits_can_be_used_void_and_given_back_at_once(store: Store) -> None:
    terms = declare(store)
    till = Till(store)
    till.claim(*(ask(f"k{each}", f"a{each}") for each in range(6)))
    with store.transaction() as connection:
        used = ask("k1", "a1", order_id="o1")
        verdict, _ = till.desk.redeem(connection, used, {}, until=None, now=START)
        assert verdict.coupon is not None
        assert verdict.coupon.state == "redeemed"
        assert claims.void(connection, terms, ask("k2", "a2"), START)
        assert not claims.void(connection, terms, ask("new", "a9"), START), "it held nothing"
    over = START + timedelta(minutes=16)
    with store.transaction() as connection:
        till.follower.sweep(connection, over)
    assert rows(store) == {"k1": "redeemed", "k2": "voided", "new": "voided"}, "all others were over"
    answers = till.claim(*(ask(name, "a7", over) for name in ("k1", "k2", "new", "k3")), at=over)
    assert whys(answers) == ["coupon_of_another", "coupon_void", "coupon_void", None]


def test_what_is_heard_settles_what_was_reserved(store: Store) -> None:
    declare(store)
    till = Till(store)
    till.claim(ask("k1", "a1"), ask("k2", "a2"))
    (heard,) = till.claim(ask("k1", "a1"), reserved=False)
    assert (heard.repeated, heard.coupon and heard.coupon.state) == (True, "claimed")
    till.settle()
    assert rows(store) == {"k1": "claimed", "k2": "reserved"}


def test_while_too_many_wait_rows_are_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "DRAINED_AT_ONCE", 5)
    declare(store)
    till = Till(store, waiting_max=10)
    for batch in range(12):
        assert whys(till.claim(*(ask(f"k{batch}-{each}", f"a{batch}-{each}") for each in range(8)))) == [None] * 8
    assert rows(store)
    assert in_rush(store)


def test_a_campaign_that_becomes_too_large_goes_on_in_rows(store: Store) -> None:
    declare(store)
    till = Till(store, names_max=40)
    for batch in range(20):
        assert whys(till.claim(*(ask(f"k{batch}-{each}", f"a{batch}-{each}") for each in range(8)))) == [None] * 8
    assert not in_rush(store)
    assert len(rows(store)) == 160


@pytest.mark.parametrize("cap", [{"per_account": {"count": 2, "window_days": 3}}, {"per_payee": {"count": 1}}])
def test_caps_that_no_book_knows_are_kept_in_rows(store: Store, cap: dict[str, Any]) -> None:
    declare(store, campaign("plenty", budget={"count": 100}, **cap))
    till = Till(store)
    till.claim(*(ask(f"k{each}", f"a{each}") for each in range(8)))
    assert not in_rush(store)
    assert len(rows(store)) == 8


def test_a_cap_that_comes_later_holds_and_ends_the_rush_when_no_book_knows_it(store: Store) -> None:
    declare(store, campaign("plenty", budget={"count": 100}, per_account={"count": 3}))
    till = Till(store)
    till.claim(*(ask(f"k{each}", "a1", device_id="d1") for each in range(3)), ask("k3", "a2"))
    declare(store, campaign("plenty", budget={"count": 100}, per_account={"count": 3}, per_device={"count": 3}), NOW)
    till.blocks.clear()
    assert whys(till.claim(ask("k4", "a4", device_id="d1"), ask("k5", "a5", device_id="d2"))) == ["device_cap", None]
    declare(store, campaign("plenty", budget={"count": 100}, per_account={"count": 3, "window_days": 9}), START)
    till.blocks.clear()
    assert whys(till.claim(ask("k6", "a6"), ask("k7", "a7"))) == [None, None]
    assert not in_rush(store)
    assert len(rows(store)) == 7


def test_claims_that_were_only_heard_of_are_no_rush(store: Store) -> None:
    declare(store)
    till = Till(store)
    wishes = [Wish(ask(f"k{each}", f"a{each}"), None) for each in range(9)]
    with store.transaction() as connection:
        till.desk.claim(connection, wishes, till.blocks, START, [], heard=True)
    assert not in_rush(store)


def test_a_book_says_who_stands_and_which_cap_is_full(store: Store) -> None:
    terms = declare(store)
    till = Till(store)
    till.claim(ask("k1", "a1", device_id="d1"), ask("k2", "a1", device_id="d1"), ask("k3", "a3", device_id="d1"))
    with store.reading() as connection:
        rush_id = segments.current(connection, "plenty")
    assert rush_id is not None
    book = Book(rush_id, "plenty", ("account", "device"), "h")
    given = [wish.given().coupon for wish in (
        Wish(ask("k1", "a9"), None), Wish(ask("k4", "a1"), None), Wish(ask("k5", "a5", device_id="d1"), None),
        Wish(ask("k6", "a6", device_id="d2"), None),
    )]  # fmt: skip
    coupons = [each for each in given if each is not None]
    with store.transaction() as connection:
        assert book.claim(connection, terms, coupons, START) == [STANDS, 0, 1, GIVEN]
        assert len(book) == 4


@pytest.mark.slow
def test_two_processes_at_once_give_each_coupon_and_each_place_once(store: Store) -> None:
    """Claims, uses, voids and rows, all at the same time, each thread with a process of its own."""
    terms = declare(store, campaign("plenty", budget={"count": 900}, per_account={"count": 2}))
    tills, given = [Till(store, waiting_max=200) for _ in range(3)], [set[tuple[str, str]](), set(), set()]
    failed: list[BaseException] = []

    def shop(place: int) -> None:
        draw, till = random.Random(place), tills[place]
        try:
            for batch in range(30):
                asked = [ask(f"k{draw.randrange(1_500)}", f"a{draw.randrange(500)}") for _ in range(20)]
                for each, verdict in zip(asked, till.claim(*asked), strict=True):
                    if verdict.why is None:
                        given[place].add((each.coupon_id, each.account_id))
                if batch % 5 == place:
                    _in_the_meantime(till, terms, asked[0], draw)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=shop, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    while not tills[0].settle(START + timedelta(seconds=1)):
        pass
    with store.transaction() as connection:
        kept = connection.execute(sa.select(promo_coupons)).all()
        leases.call_in(connection, "plenty", START)
        ((purse, left, out),) = leases.balances(connection, terms, START)
        assert not trial_balance(connection)
    held = [row for row in kept if row.state != "voided"]
    by_account = Counter(row.account_id for row in held)
    assert max(by_account.values()) <= 2
    assert (out, purse.limit - left) == (0, len(held))
    gone = {row.coupon_id for row in kept if row.state == "voided"}
    told = {pair for mine in given for pair in mine if pair[0] not in gone}
    assert told == {(row.coupon_id, row.account_id) for row in held}


def _in_the_meantime(till: Till, terms: Terms, asked: Asked, draw: random.Random) -> None:
    """Uses a coupon, makes one void, or writes rows; as a follower would, again when two have waited in a ring."""
    what = draw.randrange(3)
    used = msgspec.structs.replace(asked, order_id=asked.coupon_id)
    for _ in range(5):
        try:
            with till.store.transaction() as connection:
                if what == 0:
                    till.desk.redeem(connection, used, {}, until=None, now=START)
                elif what == 1:
                    claims.void(connection, terms, asked, START)
                else:
                    till.follower.settle(connection, START)
        except (sa.exc.OperationalError, claims.LeaseLost):
            continue
        return
    raise AssertionError("it does not come to an end")
