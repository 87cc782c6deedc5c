"""Money is never made or lost, whatever becomes of refunds, in whatever order, however often it is said."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import hypothesis
import hypothesis.stateful as sm
from hypothesis import strategies as st

from agoranomos.goods.redress.booking import Booking, accounts, begun, buyers, fund, moved, owed
from agoranomos.kernel.actions import ActionStatus
from agoranomos.kernel.ledger.book import Book
from agoranomos.kernel.ledger.model import Balance
from tests.builders import NOW
from tests.drawing import examples

STATUSES: tuple[ActionStatus, ...] = get_args(ActionStatus)
# As actions go; a marketplace may say done and failed in turn.
LATER: dict[ActionStatus, tuple[ActionStatus, ...]] = {
    "proposed": ("pending", "refused"), "approved": ("pending",), "pending": ("done", "failed", "refused"),
    "done": ("failed", "undone"), "failed": ("done",), "refused": (), "undone": (),
}  # fmt: skip


def posted(book: Book, name: str) -> int:
    return book.balance(name).posted if name in book.accounts else 0


class Books(sm.RuleBasedStateMachine):
    """Refunds of two stores in two currencies, asked for, carried out, refused, withdrawn."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.bookings: dict[str, Booking] = {}
        self.status: dict[str, ActionStatus] = {}
        self.ever_done: dict[str, bool] = {}
        self.hours = 0

    @sm.rule(
        store=st.sampled_from(["s1", "s2"]), currency=st.sampled_from(["CNY", "EUR"]), amount=st.integers(1, 10**9)
    )
    def ask(self, store: str, currency: str, amount: int) -> None:
        name = f"act_{len(self.bookings)}"
        booking = Booking(action_id=name, store_id=store, currency=currency, amount=amount)
        for account in accounts([booking]):
            self.book.open(account)
        self.book.post(begun(booking, "f1", NOW))
        assert {each.status for each in self.book.post(begun(booking, "f1", NOW))} == {"repeated"}
        self.bookings[name], self.status[name] = booking, "proposed"

    @sm.precondition(lambda self: self.bookings)
    @sm.rule(data=st.data())
    def happen(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.bookings)))
        if later := LATER[self.status[name]]:
            self.status[name] = data.draw(st.sampled_from(later))

    @sm.precondition(lambda self: self.bookings)
    @sm.rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.bookings)))
        booking = self.bookings[name]
        self.bookings[name] = Booking(
            **{**{f: getattr(booking, f) for f in booking.__struct_fields__}, "withdrawn": True}
        )

    @sm.rule()
    def settle(self) -> None:
        self.hours += 1
        for name, booking in self.bookings.items():
            self.ever_done[name] = self.ever_done.get(name, False) or (
                booking.paid == "reserved" and self.status[name] == "done"
            )
            self.bookings[name], entries = moved(booking, self.status[name], NOW + timedelta(hours=self.hours))
            self.book.post(entries)
            again, nothing = moved(self.bookings[name], self.status[name], NOW + timedelta(days=900))
            assert (again, nothing) == (self.bookings[name], []), "asked again it gives nothing more"

    @sm.invariant()
    def sums(self) -> None:
        for currency in ("CNY", "EUR"):
            mine = [each for each in self.bookings.values() if each.currency == currency]
            paid = sum(each.amount for each in mine if each.paid == "settled")
            assert posted(self.book, buyers(currency)) == paid
            charged = {
                store: sum(each.amount for each in mine if each.store_id == store and each.charged == "settled")
                for store in ("s1", "s2")
            }
            for store, amount in charged.items():
                assert posted(self.book, owed(store, currency)) == -amount
            assert posted(self.book, fund(currency)) == sum(charged.values()) - paid
        totals = [self.book.balance(name) for name in self.book.accounts]
        assert sum(each.posted for each in totals) == 0
        assert sum(each.debits_pending - each.credits_pending for each in totals) == 0

    def teardown(self) -> None:
        """All withdrawn, every store is back where it began, and nothing is reserved for what has come to an end."""
        for name in self.bookings:
            self.status[name] = {"proposed": "refused", "approved": "refused", "pending": "done"}.get(  # type: ignore[assignment]
                self.status[name], self.status[name]
            )
            self.bookings[name] = Booking(
                **{**{f: getattr(self.bookings[name], f) for f in Booking.__struct_fields__}, "withdrawn": True}
            )
        self.settle()
        for name, balance in ((each, self.book.balance(each)) for each in self.book.accounts):
            assert (balance.debits_pending, balance.credits_pending) == (0, 0)
            if name.startswith("redress:owed"):
                assert balance.posted == 0
                assert balance == Balance(balance.credits_posted, balance.credits_posted), "exactly what was charged"
        assert {each.open for each in self.bookings.values()} <= {False}


TestBooks = Books.TestCase
TestBooks.settings = hypothesis.settings(max_examples=examples(60), stateful_step_count=25)


def test_names_of_accounts_stay_ids() -> None:
    assert owed("s1", "CNY") == "redress:owed:CNY:s1"
    assert len(owed("s" * 128, "CNY")) <= 128
