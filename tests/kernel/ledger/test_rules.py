"""The rules of the ledger: in memory and in the store, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.ledger.model import Account, Balance, Transfer
from agoranomos.kernel.money import AMOUNT_MAX
from tests.builders import NOW
from tests.kernel.ledger.builders import (
    InMemory,
    InStore,
    Ledger,
    make_account,
    make_release,
    make_reservation,
    make_reversal,
    make_settlement,
    make_transfer,
    minute,
    open_three,
    totals,
)

ALL = ("world", "budget", "buyer")


@pytest.fixture(
    params=[
        "memory",
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.slow),
    ]
)
def where(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def backend(where: str) -> str:
    return where


@pytest.fixture
def ledger(where: str, request: pytest.FixtureRequest) -> Ledger:
    """A ledger with three accounts: in memory, on SQLite, on PostgreSQL."""
    made: Ledger = InMemory() if where == "memory" else InStore(request.getfixturevalue("store"))
    open_three(made)
    return made


def refused(ledger: Ledger, kind: type[AgoranomosError], match: str, *entries: Any) -> None:
    """Nothing of `entries` is written, and the error says why."""
    before = totals(ledger, ALL)
    with pytest.raises(kind, match=match):
        ledger.post(*entries)
    assert totals(ledger, ALL) == before


def test_a_transfer_moves(ledger: Ledger) -> None:
    (outcome,) = ledger.post(make_transfer(because=("case1", "case2")))
    assert outcome.status == "written"
    assert outcome.record is not None
    assert outcome.record.because == ("case1", "case2")
    assert ledger.balance("world") == Balance(debits_posted=100)
    assert ledger.balance("budget") == Balance(credits_posted=100)
    assert ledger.balance("world").posted == -100
    assert ledger.balance("budget").available == ledger.balance("budget").at_most == 100


def test_a_repeat_changes_nothing(ledger: Ledger) -> None:
    first = ledger.post(make_transfer(because=("a",)), make_transfer("t2"))
    again = ledger.post(make_transfer(because=("a",)), make_transfer("t2"))
    assert [outcome.status for outcome in again] == ["repeated", "repeated"]
    assert [outcome.record for outcome in again] == [outcome.record for outcome in first]
    assert ledger.balance("budget").posted == 200


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 99},
        {"credit": "buyer"},
        {"at": minute(1)},
        {"reason": "other"},
        {"because": ("x",)},
        {"pending": True},
    ],
    ids=str,
)
def test_an_id_means_one_thing(ledger: Ledger, change: dict[str, Any]) -> None:
    ledger.post(make_transfer())
    refused(ledger, Conflict, "used for another", make_transfer(**change))


def test_a_repeat_within_a_batch(ledger: Ledger) -> None:
    outcomes = ledger.post(make_transfer(), make_transfer())
    assert [outcome.status for outcome in outcomes] == ["written", "repeated"]
    assert ledger.balance("budget").posted == 100


def test_nobody_goes_below_the_floor(ledger: Ledger) -> None:
    ledger.post(make_transfer())
    refused(ledger, Conflict, "not enough", make_transfer("t2", debit="budget", credit="buyer", amount=101))
    ledger.post(make_transfer("t3", debit="budget", credit="buyer"))
    assert ledger.balance("budget").available == 0


def test_nobody_goes_above_the_ceiling(ledger: Ledger) -> None:
    ledger.open(make_account("capped", ceiling=50))
    ledger.post(make_transfer("t1", credit="capped", amount=20))
    ledger.post(make_transfer("t2", credit="capped", amount=20, pending=True))
    refused(ledger, Conflict, "ceiling", make_transfer("t3", credit="capped", amount=11))
    ledger.post(make_transfer("t4", credit="capped", amount=10))
    assert ledger.balance("capped").at_most == 50


def test_a_negative_floor_is_an_overdraft(ledger: Ledger) -> None:
    ledger.open(make_account("overdrawn", floor=-30))
    ledger.post(make_transfer("t1", debit="overdrawn", credit="buyer", amount=30))
    refused(ledger, Conflict, "not enough", make_transfer("t2", debit="overdrawn", credit="buyer", amount=1))


def test_all_or_nothing(ledger: Ledger) -> None:
    spend = make_transfer("t2", debit="budget", credit="buyer", amount=101)
    refused(ledger, Conflict, "not enough", make_transfer(), make_reservation(), make_release(), spend)
    assert ledger.post(make_transfer())[0].status == "written", "what was refused left no trace"


def test_each_for_itself(ledger: Ledger) -> None:
    spend = make_transfer("t2", debit="budget", credit="buyer", amount=101)
    nowhere = make_transfer("t3", credit="nowhere")
    outcomes = ledger.post(make_transfer(), spend, nowhere, make_transfer("t4"), together=False)
    assert [outcome.status for outcome in outcomes] == ["written", "refused", "refused", "written"]
    assert [type(outcome.error) for outcome in outcomes] == [type(None), Conflict, NotFound, type(None)]
    assert ledger.balance("budget").posted == 200


def test_a_reservation_holds_what_it_names(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation())
    assert ledger.balance("budget") == Balance(credits_posted=100, debits_pending=30)
    assert ledger.balance("budget").available == 70
    assert ledger.balance("buyer") == Balance(credits_pending=30)
    assert ledger.balance("buyer").available == 0, "what is only reserved cannot be spent"
    refused(ledger, Conflict, "not enough", make_transfer("t2", debit="budget", credit="buyer", amount=71))


@pytest.mark.parametrize(("amount", "moved"), [(None, 30), (30, 30), (12, 12)])
def test_settling_moves_and_frees_the_rest(ledger: Ledger, amount: int | None, moved: int) -> None:
    ledger.post(make_transfer(), make_reservation())
    ledger.post(make_settlement(amount=amount))
    assert ledger.balance("budget") == Balance(credits_posted=100, debits_posted=moved)
    assert ledger.balance("buyer") == Balance(credits_posted=moved)


def test_settling_more_than_is_reserved(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation())
    refused(ledger, Conflict, "more was to be settled", make_settlement(amount=31))


def test_releasing_frees_everything(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation(), make_release())
    assert ledger.balance("budget") == Balance(credits_posted=100)
    assert ledger.balance("buyer") == Balance()


@pytest.mark.parametrize("first", [make_settlement, make_release])
@pytest.mark.parametrize("second", [make_settlement, make_release])
def test_a_reservation_ends_once(ledger: Ledger, first: Callable[..., Any], second: Callable[..., Any]) -> None:
    ledger.post(make_transfer(), make_reservation())
    ledger.post(first("end"))
    assert ledger.post(first("end"))[0].status == "repeated"
    refused(ledger, Conflict, "already", second("another"))


def test_expiry_at_its_moment(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation(), make_reservation("r2", expires_at=None))
    assert ledger.expire_due(minute(14.9)) == []
    assert ledger.balance("budget").available == 40
    (record,) = ledger.expire_due(minute(60))
    assert (record.kind, record.refers_to, record.at) == ("expire", "r1", minute(15))
    assert ledger.expire_due(minute(60)) == []
    assert ledger.balance("budget").available == 70, "the one without an end is still held"
    refused(ledger, Conflict, "expired already", make_settlement())


def test_settling_after_the_end_is_too_late_even_before_it_was_noticed(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation())
    refused(ledger, Conflict, "had expired", make_settlement(at=minute(15)))
    assert ledger.post(make_settlement(at=minute(14.9)))[0].status == "written"
    assert ledger.expire_due(minute(60)) == []


def test_a_reversal_undoes_once(ledger: Ledger) -> None:
    ledger.post(make_transfer())
    ledger.post(make_reversal())
    assert ledger.balance("budget") == Balance(debits_posted=100, credits_posted=100)
    assert ledger.post(make_reversal())[0].status == "repeated"
    refused(ledger, Conflict, "reversed already", make_reversal("x2"))


def test_a_reversal_of_a_settlement_and_of_a_reversal(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation(), make_settlement(amount=12))
    ledger.post(make_reversal("x1", "s1"))
    assert (ledger.balance("budget").posted, ledger.balance("buyer").posted) == (100, 0)
    ledger.post(make_reversal("x2", "x1"))
    assert (ledger.balance("budget").posted, ledger.balance("buyer").posted) == (88, 12)


def test_what_is_spent_cannot_be_reversed(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_transfer("t2", debit="budget", credit="buyer", amount=1))
    refused(ledger, Conflict, "not enough", make_reversal())


def test_only_reservations_end_and_only_movements_are_reversed(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation(), make_reservation("r2"), make_release("s2", "r2"))
    refused(ledger, Conflict, "only a reservation", make_settlement(reservation_id="t1"))
    refused(ledger, Conflict, "release a reservation", make_reversal(transfer_id="r1"))
    refused(ledger, Conflict, "only what has moved", make_reversal(transfer_id="s2"))


def test_what_does_not_exist(ledger: Ledger) -> None:
    refused(ledger, NotFound, "no account", make_transfer(debit="nobody"))
    refused(ledger, NotFound, "not in the ledger", make_settlement())
    refused(ledger, NotFound, "not in the ledger", make_reversal())
    for ask in (ledger.balance, lambda name: ledger.balance_as_of(name, NOW)):
        with pytest.raises(NotFound, match="no account"):
            ask("nobody")


def test_units_do_not_mix(ledger: Ledger) -> None:
    ledger.open(make_account("points", unit="points"))
    refused(ledger, Invalid, "different units", make_transfer(credit="points"))


def test_nothing_ends_before_it_began(ledger: Ledger) -> None:
    ledger.post(make_transfer(), make_reservation(at=minute(3)))
    refused(ledger, Invalid, "before the one", make_settlement(at=minute(2)))
    refused(ledger, Invalid, "before the one", make_reversal(at=minute(-1)))


def test_accounts_open_once(ledger: Ledger) -> None:
    assert ledger.open(make_account("new")) == ["written"]
    assert ledger.open(make_account("new")) == ["repeated"]
    for other in (make_account("new", unit="points"), make_account("new", floor=None)):
        with pytest.raises(Conflict, match="other terms"):
            ledger.open(other)
    ledger.post(make_transfer(credit="new"))
    assert ledger.open(make_account("new")) == ["repeated"]
    assert ledger.balance("new").posted == 100


def test_as_of_any_moment(ledger: Ledger) -> None:
    ledger.post(make_transfer(at=minute(0)), make_reservation(at=minute(1)), make_settlement(at=minute(2), amount=10))
    ledger.post(make_reservation("r2", at=minute(3), expires_at=minute(5)), make_reversal("x1", "s1", at=minute(4)))
    ledger.expire_due(minute(99))
    ledger.post(make_transfer("late", at=minute(-1), amount=1))
    assert [ledger.balance_as_of("budget", minute(m)) for m in (-2, -1, 0, 1, 2, 3, 4, 5)] == [
        Balance(),
        Balance(credits_posted=1),
        Balance(credits_posted=101),
        Balance(credits_posted=101, debits_pending=30),
        Balance(credits_posted=101, debits_posted=10),
        Balance(credits_posted=101, debits_posted=10, debits_pending=30),
        Balance(credits_posted=111, debits_posted=10, debits_pending=30),
        Balance(credits_posted=111, debits_posted=10),
    ]
    assert ledger.balance_as_of("buyer", minute(99)) == ledger.balance("buyer")


@pytest.mark.slow
def test_an_account_that_has_moved_too_much(ledger: Ledger) -> None:
    half = 2**61 // AMOUNT_MAX
    ledger.open(make_account("a", floor=None), make_account("b", floor=None))
    for start in (0, half):
        ledger.post(
            *(make_transfer(f"m{start + n}", debit="a", credit="b", amount=AMOUNT_MAX) for n in range(half)),
        )
    last = [make_transfer(f"l{n}", debit="a", credit="b", amount=AMOUNT_MAX) for n in range(2)]
    with pytest.raises(Conflict, match="as much as a ledger can count"):
        ledger.post(*last)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.0},
        {"amount": True},
        {"amount": AMOUNT_MAX + 1},
        {"credit": "world"},
        {"id": ""},
        {"reason": "a\x00b"},
        {"because": ("",)},
        {"expires_at": minute(1)},
        {"pending": True, "expires_at": NOW},
        {"pending": True, "expires_at": datetime(2027, 1, 1)},  # noqa: DTZ001 - the point
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point
    ],
    ids=str,
)
def test_transfers_that_cannot_be(fields: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"id": "t", "debit": "world", "credit": "budget", "amount": 1, "at": NOW, "reason": "r"}
    Transfer(**whole)
    with pytest.raises(Invalid):
        Transfer(**{**whole, **fields})


@pytest.mark.parametrize("fields", [{"id": " \n"}, {"floor": -(2**63)}, {"opened_at": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_accounts_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Account(**{"id": "a", "unit": "CNY", "kind": "k", "opened_at": NOW, **fields})
