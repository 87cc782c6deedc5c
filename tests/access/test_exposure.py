"""People are counted once, exactly, in memory and in the store, however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.access.exposure import bars
from agoranomos.access.exposure.deciding import ReadDecision, count_shown, decide
from agoranomos.access.exposure.model import HOURS, Limits, Reader, Seen, note, within
from agoranomos.access.exposure.policy import load_policy
from agoranomos.access.exposure.queries import StoreShelf
from agoranomos.access.exposure.shelf import MemoryShelf, hear
from agoranomos.access.exposure.tables import access_readers
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.model import Want
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.calendar import hour_of
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from tests.access.builders import ACTIONS, DAY0, POLICY, Desk, contract, order, people, read, told, with_limits

ADA = Actor("person", "ada")
READS = st.lists(
    st.tuples(st.integers(0, 40 * 24), st.lists(st.integers(1, 8), min_size=1, max_size=4), st.booleans()), max_size=25
)


@given(READS)
def test_windows_hold_different_people_exactly(reads: list[tuple[int, list[int], bool]]) -> None:
    reader, seen = Reader(), dict[str, Seen]()
    history: list[tuple[int, str]] = []
    for hour, some, strange in sorted(reads):
        now = 500_000 + hour
        subjects = list(dict.fromkeys(f"a{each}" for each in some))
        strangers = set(subjects) if strange else set()
        for each in note(reader, seen, subjects, strangers, now):
            seen[each] = Seen(now, each in strangers)
        history += [(now, each) for each in subjects]
        today = now // HOURS
        for first in (now, today * HOURS, (today - 29) * HOURS):
            assert within(reader.people, first, now) == len({each for at, each in history if first <= at})
        latest = {each: at for at, each in history}
        month = {each for each, at in latest.items() if at >= (today - 29) * HOURS and seen[each].stranger}
        assert within(reader.strangers, (today - 29) * HOURS, now) == len(month)
        assert all(count > 0 for count in [*reader.people.values(), *reader.strangers.values()])


def decided(events: list[Event], policy: Any = POLICY) -> list[ReadDecision]:
    shelf, found = MemoryShelf(policy.business_days, policy.contact_days), []
    for event in events:
        if event.type == "data.read":
            found.append(decide(shelf, event, policy))
        else:
            hear(shelf, event)
    return found


def outcomes(events: list[Event], policy: Any = POLICY) -> list[str]:
    return [each.outcome.value for each in decided(events, policy)]


def test_the_same_people_again_cost_nothing() -> None:
    policy = with_limits(people_per_day=10)
    again = [read("p1", people(0, 10), hour) for hour in range(5)]
    assert outcomes(again, policy) == ["approve"] * 5
    over = decided([*again, read("p1", people(9, 11), 5)], policy)[-1]
    assert over.outcome is Outcome.DECLINE
    assert over.reasons[0].code == "access.budget"
    assert over.hits[0].values["people_per_day"] == 11


def test_a_declined_reader_is_told_when_to_come_back() -> None:
    policy = with_limits(people_per_hour=5)
    events = [read("p1", people(0, 5), 0.25), read("p1", people(5, 6), 0.5), read("p1", people(5, 6), 1.0)]
    found = decided(events, policy)
    assert [each.outcome.value for each in found] == ["approve", "decline", "approve"]
    assert found[1].retry_after == 1800
    assert decided([read("p1", people(0, 6))], policy)[0].retry_after is None, "waiting does not make it smaller"
    month = with_limits(people_per_30_days=5)
    found = decided([read("p1", people(0, 5)), read("p1", people(5, 6), 24), read("p1", people(5, 6), 30 * 24)], month)
    assert [each.outcome.value for each in found] == ["approve", "decline", "approve"]
    assert found[1].retry_after == 29 * 86_400 - 10 * 3_600


def test_strangers_are_those_without_business() -> None:
    policy = with_limits(strangers_per_day=2)
    begun = [order("a1"), order("a2"), order("x1", "s2"), contract()]
    assert outcomes([*begun, read("p1", ["a1", "a2", "x1", "x2"])], policy) == ["approve"]
    assert outcomes([*begun, read("p1", ["x1", "x2", "x3"])], policy) == ["decline"]
    assert outcomes([contract(), read("p1", ["x1", "x2", "x3"])], policy) == ["approve"], "no order was ever told"
    old = [order(f"a{number}", hours=-24 * 91) for number in range(3)]
    assert outcomes([*old, order("z"), contract(), read("p1", people(0, 3))], policy) == ["decline"]
    own = told("session.started", "s", -1, account_id="m1", principal_kind="merchant", store_id="s1")
    mine = [order(each) for each in people(0, 5)]
    assert outcomes([*mine, own, read("m1", people(0, 5), kind="merchant")], policy) == ["approve"]
    assert outcomes([*mine, own, read("m1", ["x", "y", "z"], kind="merchant")], policy) == ["decline"]
    asked = told("contact.made", "k", -1, store_id="s1", channel="message", direction="to_store", account_id="x")
    assert outcomes([*mine, own, asked, read("m1", ["x", "y", "z"], kind="merchant")], policy) == ["approve"]


def test_staff_have_business_with_whoever_turned_to_the_platform() -> None:
    policy = with_limits(strangers_per_day=0)
    complaint = told("complaint.filed", "k1", -1, complaint_id="k1", channel="chat", text="broken", buyer_id="a1")
    back = told("return.requested", "t1", -1, return_id="t1", order_id="oa2s1", reason_code="size")
    events = [order("a1"), order("a2"), complaint, back]
    assert outcomes([*events, read("w1", ["a1", "a2"], kind="staff")], policy) == ["approve"]
    assert outcomes([*events, read("w1", ["a3"], kind="staff")], policy) == ["decline"]
    assert outcomes([*events, read("w1", ["a1"], 24 * 40, kind="staff")], policy) == ["decline"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fields": ["phone", "address"]}, "access.outside_contract"),
        ({"purpose": "resale"}, "access.outside_contract"),
        ({"hours": 24 * 91}, "access.contract_ended"),
        ({"fields": ["name"], "purpose": "fulfilment"}, None),
    ],
)
def test_a_contract_bounds_fields_purpose_and_time(changes: dict[str, Any], code: str | None) -> None:
    found = decided([contract(), read("p1", ["a1"], **changes)])[0]
    assert [each.code for each in found.reasons] == ([code] if code else [])
    assert found.retry_after is None


def test_errors_show_nobody() -> None:
    policy = with_limits(people_per_day=1)
    events = [read("p1", people(0, 9), number, status=status) for number, status in enumerate((403, "404", 500))]
    assert outcomes([*events, read("p1", ["a1"], 9, status="200"), read("p1", ["a2"], 10)], policy) == [
        *["approve"] * 4, "decline",
    ]  # fmt: skip


def test_unnamed_people_count_once_for_each_event() -> None:
    policy = with_limits(people_per_day=10)
    shelf, first = MemoryShelf(90, 30), read("p1", 6)
    assert decide(shelf, first, policy).outcome is Outcome.APPROVE
    count_shown(shelf, first, policy)
    assert decide(shelf, first, policy).outcome is Outcome.APPROVE, "the same event again"
    assert decide(shelf, read("p1", 5, 1), policy).outcome is Outcome.DECLINE


def test_memory_forgets_what_no_window_reaches_and_resumes() -> None:
    shelf = MemoryShelf(90, 30)
    for event in (order("a1", hours=0), contract(hours=0), read("p1", ["a1"])):
        count_shown(shelf, event, POLICY) if event.type == "data.read" else hear(shelf, event)
    other = MemoryShelf(90, 30)
    other.resume(shelf.state())
    assert other.state() == shelf.state()
    shelf.sweep(DAY0 + timedelta(days=31))
    assert not shelf.seen("p1", ["a1"])
    assert shelf.customers(["s1"], ["a1"], 0) == {"a1"}
    shelf.sweep(DAY0 + timedelta(days=120))
    assert not shelf.customers(["s1"], ["a1"], 0)


def history() -> list[Event]:
    """Two weeks of two readers, with pauses, repeats and strangers."""
    events = [contract(), *(order(each) for each in people(0, 30))]
    for number in range(60):
        first = (number * 7) % 50
        events.append(read("p1", people(first, first + 5), number * 5.5, name=f"x{number}"))
        events.append(read("p2", people(number, number + 3), number * 5.5, name=f"y{number}", kind="other"))
    return sorted(events, key=lambda each: (each.time, each.source, each.id))


def test_the_check_decides_as_a_replay_does(store: Store) -> None:
    policy = with_limits(people_per_day=18, strangers_per_day=8, people_per_30_days=60)
    desk, there, made = Desk(store, policy), [], []
    shelf = MemoryShelf(policy.business_days, policy.contact_days)
    for event in history():
        desk.hours = (event.time - DAY0) / timedelta(hours=1)
        if event.type == "data.read":
            there.append(desk.service.check(event, event.id))
            made.append(decide(shelf, event, policy))
            count_shown(shelf, event, policy)  # it is in the log, so it was shown
        else:
            hear(shelf, event)
        desk.hear(event)
    assert there == made
    assert {each.outcome.value for each in there} == {"approve", "decline"}
    desk.hear(*history())
    with store.transaction() as connection:
        for name, reader in shelf.readers():
            assert msgspec.to_builtins(StoreShelf(connection).reader(name)) == msgspec.to_builtins(reader)


def test_budgets_hold_exactly_when_many_ask_at_once(store: Store) -> None:
    desk = Desk(store, with_limits(people_per_day=50))

    def ask(number: int) -> str:
        return desk.service.check(read("p1", people(number * 3, number * 3 + 3), name=f"n{number}"), None).outcome.value

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(40)))
    assert found.count("approve") == 16
    assert desk.service.reader("p1").people_this_hour == 48


def test_a_key_gets_its_first_decision_again(store: Store) -> None:
    desk = Desk(store, with_limits(people_per_day=3))
    first = desk.service.check(read("p1", people(0, 3)), "k1")
    assert desk.service.check(read("p1", people(0, 3)), "k1") == first
    declined = desk.service.check(read("p1", people(3, 4), 1), "k2")
    assert declined.retry_after == 13 * 3_600
    desk.hours = 48
    assert desk.service.check(read("p1", people(3, 4), 1), "k2") == declined
    with pytest.raises(Conflict, match="another read"):
        desk.service.check(read("p1", people(3, 5), 1), "k2")
    with pytest.raises(Invalid):
        desk.service.check(read("p1", people(3, 5), 1), "k\n")
    with pytest.raises(Invalid):
        desk.service.check(order("a1"), None)


def test_whoever_is_throttled_or_suspended_is_shown_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(store)

    def act(kind: str, because: str, **params: Any) -> str:
        with store.transaction() as connection:
            want = Want(kind, Subject("principal", "p1"), params)
            kept = enforcing.request(connection, [want], by=ADA, because=[because], policy=ACTIONS, now=desk.now())
            return kept[0].id

    act("principal.throttle", "f1", hours=2)
    found = desk.service.check(read("p1", ["a1"], 0.5), None)
    assert (found.outcome, found.reasons[0].code, found.retry_after) == (Outcome.DECLINE, "access.throttled", 5_400)
    assert desk.service.check(read("p1", ["a1"], 2), None).outcome is Outcome.APPROVE
    act("principal.suspend", "f2")
    found = desk.service.check(read("p1", ["a1"], 500), None)
    assert (found.reasons[0].code, found.retry_after) == ("access.suspended", None)
    assert desk.service.check(read("p2", ["a1"], 500), None).outcome is Outcome.APPROVE
    monkeypatch.setattr(bars, "_LOOKED_AT", 1)
    desk.hours = 400
    act("principal.throttle", "f3", hours=200)
    found = desk.service.check(read("p1", ["a1"], 501), None)
    assert found.reasons[0].code == "access.suspended", "no number of later throttles hides it"


def test_limits_of_its_own_hold_until_they_end(store: Store) -> None:
    desk = Desk(store, with_limits(people_per_day=3))
    wide = Limits(**dict.fromkeys(Limits.__struct_fields__, 100))
    shown = desk.service.allow("p1", wide, DAY0 + timedelta(days=2), by=ADA)
    assert shown.limits == wide
    assert desk.service.check(read("p1", people(0, 50)), None).outcome is Outcome.APPROVE
    assert desk.service.check(read("p1", people(0, 50), 72), None).outcome is Outcome.DECLINE
    desk.service.allow("p1", None, None, by=ADA)
    assert desk.service.check(read("p1", people(50, 54), 1), None).outcome is Outcome.DECLINE
    for until in (None, DAY0, DAY0 + timedelta(days=500)):
        with pytest.raises(Invalid):
            desk.service.allow("p1", wide, until, by=ADA)
    with pytest.raises(NotFound):
        desk.service.reader("nobody")


def test_what_is_old_is_forgotten(store: Store) -> None:
    desk = Desk(store)
    desk.hear(order("a1", hours=0), read("p1", ["a1"]))
    desk.hours = 24 * 100
    desk.service.prune()
    with store.reading() as connection:
        assert not StoreShelf(connection).seen("p1", ["a1"])
        assert not StoreShelf(connection).knows_business()
        assert connection.execute(sa.select(sa.func.count()).select_from(access_readers)).scalar_one() == 1
    assert desk.service.reader("p1").windows[-1].people == 0


def test_hours_are_those_of_the_calendar() -> None:
    assert hour_of(DAY0) % HOURS == 10


def test_a_policy_names_all_kinds(tmp_path: Any) -> None:
    import re
    from importlib import resources

    text = (resources.files("agoranomos.access.exposure") / "data" / "policy.toml").read_text("utf-8")
    path = tmp_path / "exposure.toml"
    path.write_text(re.sub(r"\[kinds\.other\][^\[]*", "", text))
    with pytest.raises(Invalid, match=r"kinds\.other"):
        load_policy(path)
    path.write_text(text.replace("people_per_hour = 120", "people_per_hour = -1"))
    with pytest.raises(Invalid, match="exposure"):
        load_policy(path)
