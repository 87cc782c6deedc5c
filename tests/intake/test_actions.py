"""The event log: each event once, in the order of arrival, without personal data."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from agoranomos.intake import queries
from agoranomos.intake.actions import accept
from agoranomos.intake.model import Counts, Logged
from agoranomos.intake.personal import RULES
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.schema import TYPES
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.vault.actions import reveal
from tests.builders import NOW, make_data, make_event, make_vault
from tests.drawing import examples
from tests.intake.builders import PERSON, applied, event, raw, take
from tests.stores import make_store

VAULT = make_vault()


def log(store: Store, after: int = 0, limit: int = 100) -> list[Logged]:
    with store.reading() as connection:
        return queries.read_after(connection, after, limit=limit)


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind not in RULES])
def test_events_come_back_as_they_came(store: Store, kind: str) -> None:
    given = make_event(
        kind, subject="about it", traceparent="00-x", data=make_data(kind, full=True) | {"more": [1.5, None, "\u0000"]}
    )
    came = parse_event(given)
    assert take(store, VAULT, came) == Counts(accepted=1, by_type={kind: 1})
    assert log(store) == [Logged(1, came, NOW, late=False)]


def test_a_plain_envelope_comes_back_too(store: Store) -> None:
    take(store, VAULT, event("e1"))
    [found] = log(store)
    assert found.event.extensions == {"specversion": "1.0"}


def test_a_repeat_is_ignored_and_counted(store: Store) -> None:
    assert take(store, VAULT, event("e1"), event("e2"), event("e1")).repeated == 1
    again = take(store, VAULT, event("e2"), event("e3"), event("e1", source="elsewhere"))
    assert (again.accepted, again.repeated, again.conflicting) == (2, 1, 0)
    assert [one.event.identity[1] for one in log(store)] == ["e1", "e2", "e3", "e1"]
    assert [one.position for one in log(store)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "other",
    [
        event("e1", minutes=1),
        event("e1", subject="somebody"),
        event("e1", data={"order_id": "o-9"}),
        event("e1", "payout.settled"),
        event("e1", data={"more": 1.0}),
        event("e1", data={"more": True}),
    ],
)
def test_a_repeat_that_says_something_else_is_named_and_ignored(store: Store, other: object) -> None:
    first = event("e1", data={"more": 1})
    take(store, VAULT, first)
    assert take(store, VAULT, other) == Counts(repeated=1, conflicting=1)  # type: ignore[arg-type]
    assert [one.event for one in log(store)] == [first]


def test_order_of_keys_and_spelling_of_the_time_make_no_conflict(store: Store) -> None:
    given = raw("e1", "order.shipped", data={"batch_id": "b-1"})
    take(store, VAULT, parse_event(given))
    turned = given | {"data": dict(reversed(given["data"].items())), "time": "2026-05-01T16:00:00.000+08:00"}
    assert take(store, VAULT, parse_event(turned)) == Counts(repeated=1)


def test_late_is_more_than_ten_minutes_behind_the_newest_of_the_source(store: Store) -> None:
    counts = take(
        store, VAULT, event("e1", minutes=-60), event("e2", minutes=-30), event("e3", minutes=-40),
        event("e4", minutes=-40.1), event("o1", minutes=-500, source="other"),
    )  # fmt: skip
    assert counts.late == 1
    assert take(store, VAULT, event("e5", minutes=-41), event("e6", minutes=-30)).late == 1
    assert [one.event.id for one in log(store) if one.late] == ["e4", "e5"]
    with store.reading() as connection:
        assert queries.count_late(connection) == 2


def test_a_clock_that_runs_ahead_does_not_make_the_others_late(store: Store) -> None:
    take(store, VAULT, event("e1", minutes=600))
    assert take(store, VAULT, event("e2", minutes=-5)).late == 0
    assert take(store, VAULT, event("e3", minutes=-11)).late == 1


def test_a_stream_never_goes_back(store: Store) -> None:
    take(store, VAULT, event("e1", minutes=0))
    take(store, VAULT, event("e2", minutes=30), now=NOW - timedelta(hours=2))  # the host's own clock was set back
    assert take(store, VAULT, event("e3", minutes=-11)).late == 1


def test_reading_goes_on_behind_a_position(store: Store) -> None:
    take(store, VAULT, *(event(f"e{number}", subject="x" if number % 2 else None) for number in range(10)))
    assert [one.position for one in log(store, after=3, limit=4)] == [4, 5, 6, 7]
    assert log(store, after=10) == []
    with store.reading() as connection:
        assert [one.position for one in queries.about(connection, "x", after=2)] == [4, 6, 8, 10]
        assert queries.last_position(connection) == 10
        assert queries.count_by_type(connection) == {"order.delivered": 10}
        assert queries.get_event(connection, "brand-portal", "e3").position == 4
        with pytest.raises(NotFound):
            queries.get_event(connection, "brand-portal", "e10")


def test_an_empty_batch_and_an_empty_log(store: Store) -> None:
    assert take(store, VAULT) == Counts()
    with store.reading() as connection:
        assert queries.last_position(connection) == 0


def test_positions_are_seen_in_their_order(store: Store) -> None:
    """A transaction that came second waits, so that nobody reads its positions before those of the first."""
    began, second_done = threading.Event(), threading.Event()

    def second() -> None:
        began.wait(30)
        take(store, VAULT, event("e2"))
        second_done.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(second)
        with store.transaction() as connection:
            accept(connection, VAULT, [event("e1")], now=NOW)
            began.set()
            assert not second_done.wait(0.3)
            assert log(store) == []
        running.result(30)
    assert [(one.position, one.event.id) for one in log(store)] == [(1, "e1"), (2, "e2")]


@pytest.mark.slow
def test_a_reader_that_follows_misses_nothing_of_many_writers(store: Store) -> None:
    batches = [[event(f"w{writer}-{number}-{i}") for i in range(7)] for writer in range(4) for number in range(15)]
    seen: list[Logged] = []
    done = threading.Event()

    def follow() -> None:
        last = False
        while not last:
            last = done.is_set()
            seen.extend(log(store, after=seen[-1].position if seen else 0, limit=5_000))

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(follow)
        list(pool.map(lambda batch: take(store, VAULT, *batch), batches))
        done.set()
        reader.result(60)
    assert [one.position for one in seen] == list(range(1, 421))
    assert {one.event.id for one in seen} == {each.id for batch in batches for each in batch}


def test_many_requests_share_a_commit(store: Store) -> None:
    def accepting(number: int) -> Callable[[sa.Connection], Counts]:
        return lambda connection: accept(connection, VAULT, [event(f"e{number}")], now=NOW)

    writer = GroupWriter(store)
    futures = [writer.submit(accepting(number)) for number in (*range(40), *range(20))]
    counts = [future.result(30) for future in futures]
    writer.close()
    assert sum(one.accepted for one in counts) == 40
    assert sum(one.repeated for one in counts) == 20
    assert [one.position for one in log(store)] == list(range(1, 41))


def test_personal_data_stays_in_the_vault(store: Store) -> None:
    take(store, VAULT, parse_event(applied()))
    [found] = log(store)
    data = found.event.data
    assert data["seller_id"] == "s-1"
    for name, plain in PERSON.items():
        with store.transaction() as connection:
            shown = reveal(connection, VAULT, data[name], purpose="test", actor=SYSTEM, now=NOW)
        assert shown == plain


def test_no_plain_value_is_in_the_database_file(tmp_path: Path, store: Store) -> None:
    events = [
        parse_event(applied()),
        parse_event(applied("a2", application_id="ap-2", legal_name="PLAIN other name")),
        event("r1", "account.registered", data={"legal_name": "PLAIN of the account"}),
        parse_event(applied("a1", legal_name="PLAIN conflicting")),
    ]
    assert take(store, VAULT, *events).conflicting == 1
    if not store.embedded:
        return
    store.close()
    raw_bytes = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"seller.applied" in raw_bytes
    for plain in (*PERSON.values(), "PLAIN"):
        for encoding in ("utf-8", "utf-16-le"):
            assert plain.encode(encoding) not in raw_bytes


def test_every_field_that_names_a_person_exists_and_is_text() -> None:
    for kind, rule in RULES.items():
        full = make_data(kind, full=True)
        assert rule.about in full
        assert all(isinstance(full[name], str) for name in rule.fields)
    assert set(PERSON) == set(RULES["seller.applied"].fields)


def test_empty_and_absent_values_need_no_token(store: Store) -> None:
    take(store, VAULT, parse_event(applied(phone="", email=None)))
    [found] = log(store)
    assert (found.event.data["phone"], found.event.data["email"]) == ("", None)


def test_the_same_person_is_known_by_the_same_token(store: Store) -> None:
    take(
        store, VAULT, parse_event(applied("a1")), parse_event(applied("a2", seller_id="s-2", phone="+86138 0000PLAIN"))
    )
    one, other = (found.event.data for found in log(store))
    assert one["phone"] == other["phone"]
    assert one["seller_id"] != other["seller_id"]


batches = st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), max_size=6), max_size=5)


@settings(max_examples=examples(40))
@given(batches)
@pytest.mark.slow
def test_whatever_comes_the_first_of_each_identity_stays(batches: list[list[tuple[int, int]]]) -> None:
    expected: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        for batch in batches:
            known, repeats, conflicts = len(expected), 0, 0
            for number, content in batch:
                if number in expected:
                    repeats += 1
                    conflicts += expected[number] != content
                expected.setdefault(number, content)
            counts = take(store, VAULT, *(event(f"e{number}", data={"more": content}) for number, content in batch))
            assert (counts.accepted, counts.repeated) == (len(expected) - known, repeats)
            assert counts.conflicting == conflicts
        said = [(one.event.id, one.event.data["more"]) for one in log(store)]
        store.close()
    assert said == [(f"e{number}", content) for number, content in expected.items()]
