"""Frozen money over the store: nothing is released twice or lost, whoever asks at once and whatever is killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agoranomos.audit import queries as audit
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.queries import Kept
from agoranomos.enforcement.tables import actions
from agoranomos.intake.actions import accept
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.ledger import queries as ledger
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store, open_store
from agoranomos.sellers.freeze.booking import held
from agoranomos.sellers.freeze.model import Freeze, Part, Sums
from agoranomos.sellers.freeze.service import FreezeService
from agoranomos.sellers.freeze.tables import freeze_freezes, freeze_parts
from agoranomos.staff import approving
from tests.drawing import examples
from tests.sellers.conduct.builders import (
    VAULT,
    Market,
    appraised,
    case,
    order,
    overturn,
    payout,
    refund,
    returned,
)
from tests.stores import make_store

ADA, BOB = Actor("person", "ada"), Actor("person", "bob")


def service(market: Market) -> FreezeService:
    return FreezeService(market.store, market.live.freezing, lambda: market.now, market.live.catch_up, market.hear)


def check(store: Store) -> None:
    """Every fen is somewhere: the ledger, the sums of freezes and the parts of orders agree."""
    with store.reading() as connection:
        assert trial_balance(connection) == []
        freezes = _freezes(connection)
        parts = [Part(**row._mapping) for row in connection.execute(sa.select(freeze_parts))]
        for each in freezes:
            for currency, sums in each.sums.items():
                assert sums.came == sums.held + sums.released + sums.refunded + sums.expired + sums.moved
                assert 0 <= sums.asked <= sums.held
                mine = [part for part in parts if part.freeze_id == each.freeze_id and part.currency == currency]
                assert sum(part.held for part in mine) == sums.held
                booked = ledger.balance(connection, held(each.freeze_id, currency))
                assert (booked.posted, booked.debits_pending) == (sums.held, sums.asked)


def _freezes(connection: sa.Connection) -> list[Freeze]:
    documents = connection.execute(sa.select(freeze_freezes.c.document)).scalars().all()
    return msgspec.convert(documents, list[Freeze])


def the_freeze(market: Market) -> Freeze:
    return service(market).listed(limit=1)[0]


def kept(market: Market) -> list[Kept]:
    with market.store.reading() as connection:
        return asked_for.listed(connection, asked_for.About(), after=None, limit=100)


def test_frozen_released_in_part_and_the_rest(store: Store) -> None:
    market = Market(store).take(order("o1", 0), returned("o1", 1))
    frozen, office = the_freeze(market), service(market)
    assert frozen.sums == {"CNY": Sums(came=10_000, held=10_000)}
    done = office.release(frozen.freeze_id, currency="CNY", amount=4_000, because="case-9", by=ADA)
    assert done.state == "done"
    again = office.release(frozen.freeze_id, currency="CNY", amount=4_000, because="case-9", by=ADA)
    assert again == done, "for the same reason it is the same release"
    for amount, error in ((6_001, Conflict), (0, Invalid)):
        with pytest.raises(error):
            office.release(frozen.freeze_id, currency="CNY", amount=amount, because="case-10", by=ADA)
    with pytest.raises(Conflict, match="0 USD"):
        office.release(frozen.freeze_id, currency="USD", amount=1, because="case-10", by=ADA)
    with pytest.raises(NotFound):
        office.release("fz_none", currency="CNY", amount=1, because="case-10", by=ADA)
    office.release(frozen.freeze_id, currency="CNY", amount=None, because="case-10", by=ADA, lifts=True)
    assert the_freeze(market).state == "released"
    assert the_freeze(market).sums["CNY"] == Sums(came=10_000, released=10_000)
    with store.reading() as connection:
        verbs = [each.entry.verb for each in audit.find(connection, after=-1, limit=1_000)]
    assert verbs.count("payment.release") == 2
    check(store)


def test_a_check_hears_what_came_in_before_it(store: Store) -> None:
    market = Market(store)
    office = service(market)
    with store.transaction() as connection:
        accept(connection, VAULT, [order("o1", 0), returned("o1", 1)], now=market.now)
    asked = payout("p", 2, 10_000, "o1")
    decision = office.check(asked, "key-1")
    assert decision.outcome.value == "hold"
    with store.transaction() as connection:
        accept(connection, VAULT, [case("c1", 2, "rejected")], now=market.now)
    assert office.check(asked, "key-1") == decision, "the first answer"
    assert office.check(asked, "key-2").outcome.value == "approve"
    with pytest.raises(Conflict, match="something else"):
        office.check(payout("p", 2, 9_999, "o1"), "key-1")
    with pytest.raises(Invalid, match="above 0"):
        office.check(payout("p", 2, 0, "o1"), None)


def test_much_money_waits_for_a_second_person(store: Store) -> None:
    market = Market(store).take(order("o1", 0, 3_000_000), returned("o1", 1))
    office = service(market)
    asked = office.release(the_freeze(market).freeze_id, currency="CNY", amount=None, because="c9", by=ADA)
    assert asked.state == "asked"
    with pytest.raises(Conflict, match="0 CNY"):
        office.release(the_freeze(market).freeze_id, currency="CNY", amount=1, because="c10", by=BOB)
    office.settle()
    assert the_freeze(market).sums["CNY"].held == 3_000_000
    check(store)
    waiting = next(each for each in kept(market) if each.kind == "payment.release")
    with store.transaction() as connection:
        assert waiting.approval_id is not None
        with pytest.raises(AgoranomosError):
            approving.approve(connection, waiting.approval_id, by=ADA, now=market.now)
    with store.transaction() as connection:
        enforcing.approve(connection, waiting.approval_id, by=BOB, now=market.now)
    office.settle()
    office.settle()
    assert the_freeze(market).sums["CNY"] == Sums(came=3_000_000, released=3_000_000)
    check(store)


def test_what_is_refused_stays_frozen_and_a_refund_goes_first(store: Store) -> None:
    market = Market(store).take(order("o1", 0, 3_000_000), returned("o1", 1))
    office = service(market)
    office.release(the_freeze(market).freeze_id, currency="CNY", amount=None, because="c9", by=ADA)
    market.take(refund("o1", 2, 1_000_000))
    assert the_freeze(market).sums["CNY"] == Sums(came=3_000_000, held=2_000_000, refunded=1_000_000)
    check(store)
    office.release(the_freeze(market).freeze_id, currency="CNY", amount=None, because="c10", by=ADA)
    waiting = next(each for each in kept(market) if each.kind == "payment.release" and "c10" in each.because)
    with store.transaction() as connection:
        enforcing.refuse(connection, str(waiting.approval_id), by=BOB, now=market.now)
    office.settle()
    assert the_freeze(market).sums["CNY"] == Sums(came=3_000_000, held=2_000_000, refunded=1_000_000)
    market.later(32)
    assert (the_freeze(market).state, the_freeze(market).sums["CNY"].expired) == ("expired", 2_000_000)
    check(store)


def test_a_person_freezes_a_store(store: Store) -> None:
    market = Market(store).take(order("o1", 0), order("o2", 0, 500, store="s2"))
    office = service(market)
    frozen = office.freeze("store", "s1", "s1", because="case-1", by=ADA)
    assert frozen.sums["CNY"].held == 10_000
    assert office.freeze("store", "s1", "s1", because="case-1", by=ADA).freeze_id == frozen.freeze_id
    market.take(order("o3", 1, 700), payout("p", 2, 1, store="s1"), payout("q", 2, 1, store="s2"))
    assert the_freeze(market).sums["CNY"].held == 10_700
    assert office.check(payout("p", 2, 1, "o9"), None).outcome.value == "hold"
    first = office.check(payout("p7", 2, 1, "o9"), "key-1")
    assert office.check(payout("p7", 2, 1, "o9"), "key-1") == first
    assert first.at == rfc3339(payout("p7", 2, 1, "o9").time), "a decision bears the time of its event"
    with pytest.raises(Conflict, match="something else"):
        office.check(payout("p8", 2, 1, "o9"), "key-1")
    with pytest.raises(Invalid, match="judges payout"):
        office.check(order("o1", 0), None)
    office.release(frozen.freeze_id, currency="CNY", amount=None, because="case-1", by=ADA, lifts=True)
    with pytest.raises(Conflict, match="new reason"):
        office.freeze("store", "s1", "s1", because="case-1", by=ADA)
    check(store)


def test_old_orders_are_forgotten_but_not_what_is_held(store: Store) -> None:
    market = Market(store).take(order("o1", 0), order("o2", 0), appraised("t", 1), order("o3", 1.5, l2=5))
    market.now = market.now.replace(year=2027)
    service(market).prune()
    with store.reading() as connection:
        left = connection.execute(sa.select(freeze_parts.c.order_id).order_by(freeze_parts.c.order_id)).scalars().all()
    assert left == ["o1", "o2"]
    check(store)


def test_many_who_release_at_once(store: Store) -> None:
    """Eight threads want 3,000 each, three times, of 10,000: three get it, and 1,000 are left."""
    market = Market(store).take(order("o1", 0), returned("o1", 1))
    office, name = service(market), the_freeze(market).freeze_id

    def one(number: int) -> bool:
        try:
            office.release(name, currency="CNY", amount=3_000, because=f"c{number}", by=ADA)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(one, range(24)))
    assert done.count(True) == 3
    assert the_freeze(market).sums["CNY"] == Sums(came=10_000, held=1_000, released=9_000)
    check(store)


@pytest.mark.slow
def test_whoever_is_killed_loses_no_cent(tmp_path: Path) -> None:
    """Processes release one fen after another and are killed at any moment; afterwards every fen is somewhere."""
    store = make_store(tmp_path)
    market = Market(store).take(order("o1", 0), returned("o1", 1))
    name = the_freeze(market).freeze_id
    store.close()
    draw = random.Random(7)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(tmp_path / "agora.db"), name],
            cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, env={**os.environ},
        )
        for _ in range(2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        for _ in range(draw.randint(2, 12)):
            worker.stdout.readline()  # so many were committed
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    again = open_store(str(tmp_path / "agora.db"))
    check(again)
    with again.reading() as connection:
        sums = _freezes(connection)[0].sums["CNY"]
        released = connection.scalar(
            sa.select(sa.func.count()).select_from(actions).where(actions.c.kind == "payment.release")
        )
    assert released is not None
    assert 0 < sums.released == released <= 10_000
    again.close()


_WORKER = """
import os, sys
from tests.sellers.freeze.test_live import ADA, Market, service
from agoranomos.kernel.store import open_store
from tests.sellers.conduct.builders import on
market = Market(open_store(sys.argv[1]))
market.now = on(2)
for number in range(10_000):
    reason = f"{os.getpid()}-{number}"
    service(market).release(sys.argv[2], currency="CNY", amount=1, because=reason, by=ADA)
    print(number, flush=True)
"""


class Money(RuleBasedStateMachine):
    """Orders, refunds, doubts, cases, appeals, releases and time, in any order, on a real store."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = make_store(Path(self.folder.name))
        self.market = Market(self.store)
        self.day = 0.0
        self.count = 0

    def _next(self) -> str:
        self.count += 1
        return str(self.count)

    def _day(self) -> float:
        self.day += 0.25
        return self.day

    @rule(paid=st.integers(1, 5_000), name=st.sampled_from(["o1", "o2", "o3"]), two=st.booleans())
    def buy(self, paid: int, name: str, two: bool) -> None:
        day, buyer = self._day(), f"b-{name}"
        self.market.take(
            order(name, day, paid, buyer=buyer, l1=3, l2=5) if two else order(name, day, paid, buyer=buyer)
        )

    @rule(name=st.sampled_from(["o1", "o2", "o3"]), amount=st.integers(1, 6_000))
    def pay_back(self, name: str, amount: int) -> None:
        self.market.take(refund(name, self._day(), amount))

    @rule(name=st.sampled_from(["o1", "o2", "o3"]))
    def doubt(self, name: str) -> None:
        self.market.take(returned(name, self._day()))

    @rule(listing=st.sampled_from(["l1", "l2"]), outcome=st.sampled_from(["upheld", "rejected"]))
    def decide(self, listing: str, outcome: str) -> None:
        name = f"c-{listing}"
        self.market.take(case(name, self._day(), outcome, subject=("listing", listing)))

    @rule(listing=st.sampled_from(["l1", "l2"]))
    def appeal(self, listing: str) -> None:
        self.market.take(overturn(f"z{self._next()}", f"c-{listing}", self._day(), subject=("listing", listing)))

    @rule()
    def freeze_the_store(self) -> None:
        service(self.market).freeze("store", "s1", "s1", because=f"case-{self._next()}", by=ADA)

    @rule(amount=st.one_of(st.none(), st.integers(1, 5_000)), lifts=st.booleans(), data=st.data())
    def release(self, amount: int | None, lifts: bool, data: st.DataObject) -> None:
        freezes = service(self.market).listed()
        if not freezes:
            return
        name = data.draw(st.sampled_from(sorted(each.freeze_id for each in freezes)))
        with contextlib.suppress(Conflict, Invalid):
            service(self.market).release(
                name, currency="CNY", amount=amount, because=f"r{self._next()}", by=ADA, lifts=lifts
            )

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.day += days
        self.market.later(self.day)
        service(self.market).settle()

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "store"):
            check(self.store)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestMoney = pytest.mark.slow(Money.TestCase)
TestMoney.settings = settings(max_examples=examples(6), stateful_step_count=14)
