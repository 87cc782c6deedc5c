"""Random sequences: the store and the book agree, and nothing is made or lost.

A third party, which knows nothing but what was accepted, checks both: it adds up the accepted movements by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agoranomos.kernel.errors import AgoranomosError
from agoranomos.kernel.ledger import queries
from agoranomos.kernel.ledger.model import Entry, Outcome, Record
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from tests.drawing import examples
from tests.kernel.ledger.builders import (
    InMemory,
    InStore,
    make_account,
    make_release,
    make_reversal,
    make_settlement,
    make_transfer,
    minute,
)

TERMS: dict[str, dict[str, Any]] = {
    "world": {"floor": None},
    "budget": {},
    "buyer": {"ceiling": 60},
    "overdrawn": {"floor": -20},
    "points": {"unit": "points"},
    "all_points": {"unit": "points", "floor": None},
}
_RUNS = count()

names = st.sampled_from(sorted(TERMS))
numbers = st.integers(1, 12)  # few ids, so that they meet again
moments = st.integers(0, 30).map(minute)


@st.composite
def transfers(draw: st.DrawFn) -> dict[str, Any]:
    debit = draw(names)
    at = draw(moments)
    pending = draw(st.booleans())
    end = minute(draw(st.integers(31, 40))) if pending and draw(st.booleans()) else None
    return {
        "make": make_transfer,
        "number": draw(numbers),
        "debit": debit,
        "credit": draw(names.filter(lambda name: name != debit)),
        "amount": draw(st.integers(1, 40)),
        "at": at,
        "pending": pending,
        "expires_at": end,
    }


def _referring(make: Any, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"make": st.just(make), "number": numbers, "to": numbers, "at": moments, **more})


entries = st.one_of(
    transfers(),
    _referring(make_settlement, amount=st.none() | st.integers(1, 40)),
    _referring(make_release),
    _referring(make_reversal),
)


class BothLedgers(RuleBasedStateMachine):
    """The same calls on both; ids and accounts carry the number of the run, so that runs share one store."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_RUNS)
        self.memory, self.kept = InMemory(), InStore(self.store)
        self.accounts = {name: make_account(self.named(name), **terms) for name, terms in TERMS.items()}
        for ledger in (self.memory, self.kept):
            ledger.open(*self.accounts.values())
        self.accepted: dict[str, Record] = {}

    def named(self, name: object) -> str:
        return f"{self.run}:{name}"

    def entry(self, fields: dict[str, Any]) -> Entry:
        given = {name: value for name, value in fields.items() if name not in ("make", "number", "to")}
        for side in ("debit", "credit"):
            if side in given:
                given[side] = self.named(given[side])
        first = (self.named(fields["number"]), *([self.named(fields["to"])] if "to" in fields else []))
        made: Entry = fields["make"](*first, **given)
        return made

    @rule(drawn=st.lists(entries, min_size=1, max_size=4), together=st.booleans())
    def post(self, drawn: list[dict[str, Any]], together: bool) -> None:
        batch = [self.entry(fields) for fields in drawn]
        ours, theirs = (attempt(ledger, batch, together) for ledger in (self.memory, self.kept))
        assert said(ours) == said(theirs)
        if isinstance(ours, list):
            self.note([outcome.record for outcome in ours if outcome.status == "written"])

    @rule(at=st.integers(31, 45))
    def expire(self, at: int) -> None:
        gone = self.memory.expire_due(minute(at))
        kept = self.kept.expire_due(minute(at))
        mine = [record for record in kept if record.id in self.memory.book.records]
        assert sorted(mine, key=lambda one: one.id) == sorted(gone, key=lambda one: one.id)
        self.note(gone)

    def note(self, records: Sequence[Record | None]) -> None:
        for record in records:
            assert record is not None
            assert record.id not in self.accepted, "an id had its effect twice"
            self.accepted[record.id] = record

    @invariant()
    def the_two_agree_with_what_was_accepted(self) -> None:
        with self.store.reading() as connection:
            kept = queries.balances(connection, [account.id for account in self.accounts.values()])
        posted: Counter[str] = Counter()
        for record in self.accepted.values():
            posted[record.debit] -= record.posted
            posted[record.credit] += record.posted
        for account in self.accounts.values():
            assert kept[account.id] == self.memory.balance(account.id)
            assert kept[account.id].posted == posted[account.id]

    @invariant()
    def no_limit_is_passed(self) -> None:
        for account in self.accounts.values():
            balance = self.memory.balance(account.id)
            assert account.floor is None or balance.available >= account.floor
            assert account.ceiling is None or balance.at_most <= account.ceiling

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for account in self.accounts.values():
            sums[account.unit] += self.memory.balance(account.id).posted
        assert not any(sums.values())

    @rule(name=names, at=st.integers(-1, 45))
    def as_of(self, name: str, at: int) -> None:
        account_id = self.named(name)
        assert self.kept.balance_as_of(account_id, minute(at)) == self.memory.balance_as_of(account_id, minute(at))
        assert self.kept.balance_as_of(account_id, minute(99)) == self.kept.balance(account_id)

    def teardown(self) -> None:
        with self.store.reading() as connection:
            assert trial_balance(connection) == []


def attempt(ledger: InMemory | InStore, batch: list[Entry], together: bool) -> list[Outcome] | AgoranomosError:
    try:
        return ledger.post(*batch, together=together)
    except AgoranomosError as error:
        return error


def said(answer: list[Outcome] | AgoranomosError) -> object:
    """`answer` in a form that can be compared: errors are equal when they say the same."""
    if isinstance(answer, AgoranomosError):
        return type(answer), answer.message
    return [(one.id, one.status, one.record, one.error and (type(one.error), one.error.message)) for one in answer]


@pytest.mark.slow
def test_book_and_store_agree(store: Store) -> None:
    machine = type("Machine", (BothLedgers,), {"store": store})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples(60), stateful_step_count=25, deadline=None)
    )
