"""No order of offences, appeals, courses, expiries, repeats and late arrivals breaks what docs/points.md promises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from agoranomos.enforcement.asking import needs_of
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.actions import Action
from agoranomos.kernel.events import Event
from agoranomos.kernel.ledger.book import Book
from agoranomos.kernel.ledger.model import Entry
from agoranomos.sellers.points.booking import account_of, accounts
from agoranomos.sellers.points.cabinet import Asked, MemoryCabinet, Sheet
from agoranomos.sellers.points.desk import PointsDesk
from agoranomos.sellers.points.standing import standing
from tests.drawing import examples
from tests.sellers.conduct.builders import ACTIONS, POLICIES, case, course, on, opened

SELLER = "u1"
DAYS = st.integers(0, 700).map(lambda half: half / 2)
CASES = st.sampled_from([f"c{number}" for number in range(1, 7)])


class Hands:
    """The ledger in memory; what is taken back is said."""

    def __init__(self) -> None:
        self.book_of_points = Book()

    def book(self, seller_id: str, entries: list[Entry]) -> None:
        for account in accounts(seller_id):
            self.book_of_points.open(account)
        self.book_of_points.post(entries)

    def take_back(self, asked: Asked, reversing: Action | None) -> list[Output]:
        assert asked.action_id
        return [] if reversing is None else [reversing]


class Office:
    """The rules with their memory and their books; `points` is what the marketplace was told, added up."""

    def __init__(self) -> None:
        self.cabinet, self.hands = MemoryCabinet(), Hands()
        self.desk = PointsDesk(self.cabinet, POLICIES.points, needs_of(ACTIONS), self.hands)
        self.said: list[Action] = []
        self.now = -1.0
        self.hear(opened("s1"), opened("s2"))

    def hear(self, *events: Event) -> Office:
        for event in events:
            self.wake((event.time - on(0)) / timedelta(days=1))
            self._keep(self.desk.hear(event))
            self.wake(self.now)  # what is late may be due at once
        return self

    def wake(self, day: float) -> Office:
        self.now = max(self.now, day)
        while (due := self.desk.due()) is not None and due <= on(self.now):
            self._keep(self.desk.wake(due))
            after = self.desk.due()
            assert after is None or after > due, "nobody is woken for ever"
        return self

    def _keep(self, said: Iterable[Output]) -> None:
        self.said += [each for each in said if isinstance(each, Action)]

    @property
    def sheet(self) -> Sheet:
        return self.cabinet.sheet(SELLER) or Sheet(seller_id=SELLER)

    def check(self) -> None:
        """The invariants, numbered as in docs/points.md."""
        sheet, book = self.sheet, self.hands.book_of_points
        if sheet.as_of is None:
            return
        found = standing(sheet.history, POLICIES.points, sheet.as_of)
        # 1. The ledger agrees with the definition, today and as of any day.
        for day in {0.0, 90.25, 303.0, 304.0, self.now, *self._some_days()}:
            moment = min(on(day), sheet.as_of)
            expected = standing(sheet.history, POLICIES.points, moment).points
            held = book.balance_as_of(account_of(SELLER), moment).posted if sheet.entries else 0
            assert held == expected, day
        # 2. Nothing is made or lost, and nobody has less than no points.
        assert sum(book.balance(each).posted for each in book.accounts) == 0
        assert sheet.entries == 0 or book.balance(account_of(SELLER)).available >= 0
        # 3. What the marketplace was told adds up to what is in force.
        points = sum(each.params["points"] for each in self.said if each.kind == "seller.deduct_points")
        points -= sum(each.params["points"] for each in self.said if each.kind == "seller.restore_points")
        assert points == found.points == sum(each.left for each in sheet.asked)
        # 4. What is in force is exactly what follows: warnings, suspensions, closings.
        assert {each.case_id for each in sheet.asked if each.kind == "warn"} == {
            each.case_id for each in found.offences if each.warn
        }
        assert {each.store_id for each in sheet.asked if each.kind == "suspend"} == found.suspended.keys()
        assert {each.store_id for each in sheet.asked if each.kind == "close"} == set(found.closed)
        assert self._open("store.close", "store.reopen") == set(found.closed)
        # 5. No two actions have one id, and none is asked for without a case.
        assert len({each.id for each in self.said}) == len(self.said)
        assert all(each.because for each in self.said)

    def _some_days(self) -> list[float]:
        """Days at which something happened, and one before."""
        moments = {each.at for each in self.sheet.history.facts}
        return [day - less for day in ((each - on(0)) / timedelta(days=1) for each in moments) for less in (0, 0.25)]

    def _open(self, kind: str, undo: str) -> set[str]:
        state: dict[str, bool] = {}
        for each in self.said:
            if each.kind in (kind, undo):
                assert state.get(each.subject.id, False) == (each.kind == undo), "asked twice, or taken back twice"
                state[each.subject.id] = each.kind == kind
        return {name for name, is_open in state.items() if is_open}


class Conduct(RuleBasedStateMachine):
    """A seller's life: whatever happens, in whatever order it becomes known."""

    cases = Bundle("cases")

    @initialize()
    def begin(self) -> None:
        self.office = Office()
        self.heard: list[Event] = []

    @rule(target=cases, name=CASES, day=DAYS, store=st.sampled_from(["s1", "s2"]))
    def offend(self, name: str, day: float, store: str) -> Any:
        self._hear(case(name, day, store=store))
        return multiple(name)

    @rule(target=cases, what=cases, name=st.sampled_from(["z1", "z2", "z3"]), day=DAYS)
    def appeal(self, what: str, name: str, day: float) -> Any:
        self._hear(case(name, day, "overturned", overturns=what))
        return multiple(name)

    @rule(what=cases, day=DAYS)
    def reject(self, what: str, day: float) -> None:
        self._hear(case(what, day, "rejected"))

    @rule(what=cases, day=DAYS, intent=st.sampled_from(["knowing", "negligent", "unknowing"]))
    def record(self, what: str, day: float, intent: str) -> None:
        self._hear(case(what, day, intent=intent, intent_reasons=["r"]))

    @rule(day=DAYS, name=st.sampled_from(["genuine-goods", "other"]))
    def learn(self, day: float, name: str) -> None:
        self._hear(course(name, day))

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        self.office.wake(self.office.now + days)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.heard:
            before = len(self.office.said)
            self.office.hear(data.draw(st.sampled_from(self.heard)))
            assert len(self.office.said) == before, "what is known already changes nothing"

    def _hear(self, event: Event) -> None:
        self.heard.append(event)
        self.office.hear(event)

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "office"):
            self.office.check()


TestConduct = Conduct.TestCase
TestConduct.settings = settings(max_examples=examples(60), stateful_step_count=16)


EVENTS = st.lists(
    st.one_of(
        st.builds(case, CASES, DAYS),
        st.builds(lambda what, day: case("z1", day, "overturned", overturns=what), CASES, DAYS),
        st.builds(lambda what, day: case("z2", day, "overturned", overturns=what), st.just("z1"), DAYS),
        st.builds(lambda day: course("genuine-goods", day), DAYS),
    ),
    min_size=2, max_size=9,
)  # fmt: skip


@settings(max_examples=examples(60))
@given(events=EVENTS, data=st.data())
def test_the_order_of_arrival_makes_no_difference(events: list[Event], data: st.DataObject) -> None:
    """6. The same facts, heard in any order, lead to the same books, and to the same in force."""
    one, other = Office(), Office()
    one.hear(*events).wake(800)
    other.hear(*data.draw(st.permutations(events))).wake(800)
    one.check()
    other.check()
    here, there = one.sheet, other.sheet
    assert here.history == there.history
    assert [(each.at, each.case_id, each.amount) for each in here.booked] == [
        (each.at, each.case_id, each.amount) for each in there.booked
    ]
    assert {(each.kind, each.store_id) for each in here.asked} == {(each.kind, each.store_id) for each in there.asked}


@settings(max_examples=examples(40))
@given(events=st.lists(st.builds(case, CASES, DAYS), min_size=1, max_size=6))
def test_whoever_wins_all_appeals_stands_as_if_nothing_had_been(events: list[Event]) -> None:
    """7. When every offence is overturned, nothing is in force; when every appeal is, everything is again."""
    office = Office().hear(*sorted(events, key=lambda each: each.time))
    names = sorted({each.data["case_id"] for each in events})
    day = office.now
    points, asked = _in_force(office)
    for name in names:
        office.hear(case(f"z-{name}", day + 1 / 24, "overturned", overturns=name))
    assert _in_force(office) == (0, set())
    office.check()
    for name in names:
        office.hear(case(f"y-{name}", day + 2 / 24, "overturned", overturns=f"z-{name}"))
    again, asked_again = _in_force(office)
    office.check()
    if office.sheet.as_of is not None and _unchanged_meanwhile(office, day):
        assert (again, asked_again) == (points, asked)


def _in_force(office: Office) -> tuple[int, set[tuple[str, str, str]]]:
    asked = office.sheet.asked
    return sum(each.left for each in asked), {
        # which offence closes a store is whichever came last: of one moment, any
        (each.kind, "" if each.kind == "close" else each.case_id, each.store_id)
        for each in asked
    }


def _unchanged_meanwhile(office: Office, day: float) -> bool:
    """No points and no suspension ended by themselves within these two hours."""
    found = standing(office.sheet.history, POLICIES.points, on(day + 2 / 24))
    return not any(on(day) < each.suspended_until <= on(day + 2 / 24) for each in found.offences) and not any(
        on(day) < each.ends_at <= on(day + 2 / 24) for each in found.offences
    )
