"""Reads as gateways tell them on a bad day: clocks apart, nobody shown, a whole campus at once."""

from __future__ import annotations

from datetime import timedelta

from agoranomos.access.harvest.monitor import HarvestMonitor
from agoranomos.access.harvest.policy import load_policy
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from tests.access.builders import DAY0, POLICY, Desk, contract, order, people, read, with_limits


def test_an_export_of_zero_rows_shows_nobody_and_still_needs_to_be_agreed_to(store: Store) -> None:
    desk = Desk(store)
    empty: tuple[list[str] | int, ...] = ([], 0)
    for number, nobody in enumerate(empty):
        made = desk.service.check(read("p1", nobody, number, export=True), None)
        assert (made.outcome, made.reasons[0].code) == (Outcome.DECLINE, "access.export_unapproved")
    assert desk.service.check(read("p1", [], 3), None).outcome is Outcome.APPROVE
    assert desk.service.reader("p1").windows[2].people == 0
    desk.hear(read("p1", [], 4, export=True), read("p1", 0, 5, export=True))
    assert [each.people for each in desk.service.reader("p1").windows] == [0, 0, 0]


def test_clocks_that_are_apart_neither_open_a_budget_nor_close_it_for_good(store: Store) -> None:
    """One gateway is an hour behind, one a day ahead; who is counted in the hour of one counts in that of the other."""
    desk = Desk(store, with_limits(people_per_day=10))
    asked = [(people(0, 5), 2), (people(0, 5), 1), (people(5, 10), 3), (people(0, 3), 1.5)]
    assert [desk.service.check(read("p1", who, at), None).outcome for who, at in asked] == [Outcome.APPROVE] * 4
    assert desk.service.check(read("p1", people(20, 21), 1), None).outcome is Outcome.DECLINE, "the day is full"
    assert desk.service.check(read("p1", people(10, 16), 24), None).outcome is Outcome.APPROVE, "a day ahead"
    assert desk.service.check(read("p1", people(20, 21), 2), None).outcome is Outcome.DECLINE, "today is as it was"
    shown = desk.service.reader("p1", as_of=DAY0 + timedelta(hours=24))
    assert (shown.windows[0].people, shown.windows[1].people) == (6, 16)


def test_a_campus_behind_one_address_is_many_readers() -> None:
    """Three hundred students, one address and one client: some of their own are read by nobody else."""
    reads = []
    for student in range(300):
        who = [f"a{(student * 7 + each * each) % 60}" for each in range(6)] + [
            f"c{(student + each) % 40}" for each in (1, 2)
        ]
        reads.append(read(f"b{student}", who, student / 20, kind="buyer", ip="198.51.100.7", user_agent="Lab"))
    others = [
        read(f"o{number}", [f"a{(number * 11 + each * 3) % 60}" for each in range(8)], number / 20, kind="buyer",
             user_agent=f"Own {number % 5}")
        for number in range(300)
    ]  # fmt: skip
    later = read("o0", ["a1"], 40, kind="buyer")
    monitor = HarvestMonitor(load_policy(), POLICY, lambda *_: False, decides=False)
    said = Run([monitor]).feed(
        sorted([contract(), order("a1"), *reads, *others, later], key=lambda each: (each.time, each.id))
    )
    assert not [each for each in said if isinstance(each, Finding)]
