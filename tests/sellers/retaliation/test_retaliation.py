"""Retaliation: a burst from accounts tied to a punished seller is told, and honest look-alikes are not."""

from __future__ import annotations

import math

import pytest

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.sellers.retaliation.monitor import RetaliationMonitor, poisson_tail
from agoranomos.sellers.retaliation.policy import load_policy
from tests.sellers.conduct.builders import case, closed, opened, order, returned, told

POLICY = load_policy()


def said(*events: Event) -> list[Finding]:
    monitor, out = RetaliationMonitor(POLICY), Out()
    half = RetaliationMonitor(POLICY)
    for event in sorted(events, key=lambda each: (each.time, each.id)):
        monitor.hear(event, out)
    found = [each for each in out.take() if isinstance(each, Finding)]
    half.resume(monitor.state())
    assert half.state() is not None
    return found


def merchant(device: str, store: str, day: float = -20) -> Event:
    return told(
        "session.started", f"m-{device}-{store}", day, account_id=f"at-{store}", principal_kind="merchant",
        store_id=store, device_id=device,
    )  # fmt: skip


def buyer(device: str, account: str, day: float = -20) -> Event:
    return told(
        "session.started", f"b-{device}-{account}", day, account_id=account, principal_kind="buyer", device_id=device
    )


def complaint(name: str, account: str, day: float, store: str = "rival") -> Event:
    return told(
        "complaint.filed", name, day, complaint_id=name, channel="text", text="这家店卖假货", buyer_id=account,
        store_id=store,
    )  # fmt: skip


BEGUN = (opened(), opened("rival", "u2"), merchant("d1", "s1"), buyer("d1", "a1"), buyer("d1", "a2"))
BURST = [complaint(f"k{number}", f"a{1 + number % 2}", 1 + number / 10) for number in range(4)]


def test_a_burst_after_a_measure_is_told() -> None:
    found = said(*BEGUN, case("c1", 0), *BURST)
    assert {each.subject.id for each in found} == {"u1"}
    last = found[-1]
    assert len({each.id for each in found}) == 1
    assert last.revision == len(found)
    assert {(each.kind, each.id, each.role) for each in last.related} == {
        ("account", "a1", "member"), ("account", "a2", "member"), ("store", "rival", "victim"),
    }  # fmt: skip
    assert 0.5 <= last.score < 0.9, "worth a look, and nobody acts on it alone"


def test_accounts_that_a_store_paid_are_tied_to_it_and_returns_count() -> None:
    paid = [
        told(
            "payment.made",
            f"p{name}",
            -5,
            from_store_id="s1",
            to_account_id=name,
            amount={"amount": 1, "currency": "CNY"},
        )
        for name in ("a8", "a9")
    ]
    bought = [order(f"o{number}", 0.5, store="rival", buyer=f"a{8 + number % 2}") for number in range(4)]
    back = [returned(f"o{number}", 2 + number / 10) for number in range(4)]
    assert said(opened(), opened("rival", "u2"), *paid, case("c1", 0), *bought, *back)


LOOKALIKES: dict[str, list[Event]] = {
    "nobody was punished": [*BEGUN, *BURST],
    "before the measure": [*BEGUN, *BURST, case("c1", 5)],
    "long after it": [*BEGUN, case("c1", -30), *BURST],
    "one person alone": [*BEGUN, case("c1", 0), *(complaint(f"k{n}", "a1", 1 + n / 10) for n in range(4))],
    "two complaints": [*BEGUN, case("c1", 0), *BURST[:2]],
    "customers of the punished store": [
        *BEGUN, case("c1", 0), *(complaint(f"k{n}", f"a{1 + n % 2}", 1 + n / 10, "s1") for n in range(4)),
    ],
    "strangers": [*BEGUN, case("c1", 0), *(complaint(f"k{n}", f"x{n}", 1 + n / 10) for n in range(6))],
    "a campus device": [
        *BEGUN, *(buyer("d1", f"c{n}") for n in range(8)), case("c1", 0),
        *(complaint(f"k{n}", f"c{n}", 1 + n / 10) for n in range(6)),
    ],
    "an agent's device": [
        *BEGUN, *(event for n in range(6) for event in (opened(f"t{n}", f"v{n}"), merchant("d1", f"t{n}"))),
        case("c1", 0), *BURST,
    ],
    "those who always complain": [
        *BEGUN, case("c1", 0), *BURST, *(complaint(f"e{n}", f"a{1 + n % 2}", -1 - 2 * n) for n in range(15)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKALIKES)
def test_look_alikes_are_left_alone(name: str) -> None:
    assert said(*LOOKALIKES[name]) == []


@pytest.mark.parametrize(("count", "expected"), [(0, 1.0), (1, 0.1), (3, 0.12), (5, 4.0), (20, 2.5)])
def test_the_tail_of_a_poisson(count: int, expected: float) -> None:
    exact = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(count, count + 60))
    assert poisson_tail(count, expected) == pytest.approx(exact, rel=1e-6, abs=1e-12)


def test_accounts_show_their_devices_on_orders_and_staff_complain_as_themselves() -> None:
    placed = [order(f"d{n}", -3 + n / 10, buyer=f"a{1 + n % 2}", store="rival", device_id="d1") for n in range(4)]
    about = [returned(f"d{number}", 1 + number / 10) for number in range(4)]
    stores = (opened(), opened("rival", "u2"), merchant("d1", "s1"))
    assert said(*stores, *placed, case("c1", 0), *about)
    more = (*stores, opened("s9", "u1"), merchant("d2", "s9"))
    both = [complaint(f"k{number}", ("at-s1", "at-s9")[number % 2], 1 + number / 10) for number in range(4)]
    assert said(*more, case("c1", 0), *both)[-1].reasons[0].evidence["ties"] == {"at-s1": "staff", "at-s9": "staff"}


def test_a_store_that_was_closed_is_a_measure_as_well() -> None:
    assert said(*BEGUN, closed("s1", 0), *BURST)
    assert not said(*BEGUN, closed("s1", 0, "voluntary"), *BURST)
    assert said(*BEGUN, case("c1", 0, seller=None, store=None, subject=("store", "s1")), *BURST)
