"""Jobs are leased, done once, tried again, and in the end dead."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.timing import backoff_s, next_turn
from agoranomos.kernel.store import Store
from tests.builders import NOW


def after(seconds: float) -> Any:
    return NOW + timedelta(seconds=seconds)


def enqueue(store: Store, key: str = "a", kind: str = "mail", **fields: Any) -> bool:
    with store.transaction() as connection:
        return queue.enqueue(connection, kind, key, **{"due_at": NOW, "now": NOW, **fields})


def lease(store: Store, at: float = 0, worker_id: str = "w1", n: int = 1, kinds: tuple[str, ...] = ("mail",)) -> Any:
    with store.transaction() as connection:
        return queue.lease(connection, kinds, worker_id, now=after(at), lease_s=60, n=n)


def done(store: Store, job: Job, at: float = 1) -> None:
    with store.transaction() as connection:
        queue.done(connection, job, now=after(at))


def failed(store: Store, job: Job, at: float = 1, retry: float = 10) -> str:
    with store.transaction() as connection:
        return queue.failed(connection, job, reason="TimeoutError", retry_at=after(retry), now=after(at))


def only(store: Store) -> Job:
    with store.reading() as connection:
        (job,) = queue.listed(connection)
    return job


def test_a_job_is_leased_and_done(store: Store) -> None:
    assert enqueue(store, payload={"order_id": "o1"})
    (job,) = lease(store)
    assert (job.kind, job.key, job.payload, job.attempts) == ("mail", "a", {"order_id": "o1"}, 1)
    assert lease(store) == []
    done(store, job)
    assert lease(store, 10_000) == []
    assert (only(store).state, only(store).ended_at, only(store).worker_id) == ("done", after(1), None)


def test_a_job_is_asked_for_once(store: Store) -> None:
    assert enqueue(store)
    assert not enqueue(store, payload={"other": 1})
    assert enqueue(store, "b")
    assert enqueue(store, "a", "letter")
    done(store, lease(store)[0])
    assert not enqueue(store), "also when it is done"


def test_pruned_keys_are_new_again(store: Store) -> None:
    enqueue(store)
    enqueue(store, "b")
    done(store, lease(store)[0], at=5)
    with store.transaction() as connection:
        assert queue.prune(connection, after(5)) == 0
        assert queue.prune(connection, after(6)) == 1
    assert enqueue(store, "a")
    assert not enqueue(store, "b"), "what waits is never pruned"


def test_it_is_enqueued_with_what_makes_it_necessary(store: Store) -> None:
    def half() -> None:
        with store.transaction() as connection:
            queue.enqueue(connection, "mail", "a", due_at=NOW, now=NOW)
            raise LookupError

    with pytest.raises(LookupError):
        half()
    assert lease(store) == []


def test_nothing_is_leased_before_it_is_due_and_the_first_first(store: Store) -> None:
    for key, due in (("late", 9), ("early", 3), ("middle", 6)):
        enqueue(store, key, due_at=after(due))
    assert lease(store, 2.9) == []
    assert [job.key for job in lease(store, 100, n=2)] == ["early", "middle"]
    assert [job.key for job in lease(store, 100, n=9)] == ["late"]


def test_only_kinds_that_were_asked_for(store: Store) -> None:
    enqueue(store)
    assert lease(store, kinds=("letter", "fax")) == []
    with store.reading() as connection:
        assert not queue.any_free(connection, ["letter"], NOW)
        assert queue.any_free(connection, ["letter", "mail"], NOW)
        assert not queue.any_free(connection, ["mail"], after(-1))
    assert len(lease(store, kinds=("letter", "mail"))) == 1


def test_who_dies_loses_the_lease_and_whoever_comes_back_is_refused(store: Store) -> None:
    enqueue(store)
    (first,) = lease(store, worker_id="w1")
    assert lease(store, 59.9, "w2") == []
    (second,) = lease(store, 60, "w2")
    assert second.attempts == 2
    for act in (done, failed):
        with pytest.raises(Conflict, match="lost"):
            act(store, first, 61)
    with store.transaction() as connection, pytest.raises(Conflict, match="lost"):
        queue.extend(connection, first, now=after(61), lease_s=60)
    done(store, second, 61)
    with pytest.raises(Conflict, match="lost"):
        done(store, second, 62)


def test_the_same_worker_with_an_old_lease_is_refused_too(store: Store) -> None:
    enqueue(store)
    (first,) = lease(store, worker_id="w1")
    (again,) = lease(store, 60, "w1")
    with pytest.raises(Conflict, match="lost"):
        done(store, first, 61)
    done(store, again, 61)


def test_what_was_written_with_a_lost_lease_is_not_kept(store: Store) -> None:
    enqueue(store)
    (first,) = lease(store)
    lease(store, 60, "w2")

    def write() -> None:
        with store.transaction() as connection:
            queue.enqueue(connection, "effect", "of-first", due_at=NOW, now=NOW)
            queue.done(connection, first, now=after(61))

    with pytest.raises(Conflict):
        write()
    assert lease(store, 61, kinds=("effect",)) == []


def test_a_late_end_counts_while_nobody_else_has_begun(store: Store) -> None:
    enqueue(store)
    (job,) = lease(store)
    done(store, job, at=1_000)
    assert only(store).state == "done"


def test_a_lease_that_is_extended_holds(store: Store) -> None:
    enqueue(store)
    (job,) = lease(store)
    with store.transaction() as connection:
        queue.extend(connection, job, now=after(50), lease_s=60)
    assert lease(store, 100, "w2") == []
    done(store, job, 105)


def test_failures_put_off_and_in_the_end_kill(store: Store) -> None:
    enqueue(store, attempts_max=2)
    assert failed(store, lease(store)[0], retry=10) == "waiting"
    assert (only(store).reason, only(store).worker_id) == ("TimeoutError", None)
    assert lease(store, 9.9) == []
    assert failed(store, lease(store, 10)[0], at=11) == "dead"
    assert lease(store, 99_999) == []
    assert (only(store).state, only(store).reason, only(store).attempts) == ("dead", "TimeoutError", 2)


def test_a_job_that_kills_its_workers_dies(store: Store) -> None:
    enqueue(store, attempts_max=2)
    assert lease(store, 0)
    assert lease(store, 60)
    assert lease(store, 120) == []
    assert (only(store).state, only(store).reason) == ("dead", queue.DIED)


def test_the_dead_can_be_tried_again(store: Store) -> None:
    enqueue(store, attempts_max=1)
    (job,) = lease(store)
    with store.transaction() as connection, pytest.raises(Conflict, match="waiting"):
        queue.retry(connection, "mail", "a", now=after(1))
    failed(store, job)
    with store.transaction() as connection:
        again = queue.retry(connection, "mail", "a", now=after(5))
        assert (again.state, again.attempts) == ("waiting", 0)
        with pytest.raises(NotFound, match="agora jobs dead"):
            queue.retry(connection, "mail", "b", now=after(5))
        with pytest.raises(NotFound):
            queue.retry(connection, "mail", "\x00", now=after(5))
    (job,) = lease(store, 5)
    done(store, job, 6)


def test_handing_back_costs_no_attempt(store: Store) -> None:
    enqueue(store)
    (job,) = lease(store)
    with store.transaction() as connection:
        queue.hand_back(connection, job, now=after(1))
    (again,) = lease(store, 1, "w2")
    assert again.attempts == 1


def recur(store: Store, every_s: int = 60, at: float = 0) -> None:
    with store.transaction() as connection:
        queue.recur(connection, "mail", every_s, now=after(at))


def test_recurring_jobs_skip_what_was_missed(store: Store) -> None:
    recur(store)
    recur(store, at=30)
    (job,) = lease(store)
    done(store, job, 1)
    assert lease(store, 59) == []
    (job,) = lease(store, 60)
    done(store, job, 60 * 7 + 5)
    assert lease(store, 60 * 8 - 1) == []
    (job,) = lease(store, 60 * 8)
    assert (job.due_at, job.attempts) == (after(60 * 8), 1)


def test_recurring_jobs_never_die(store: Store) -> None:
    recur(store)
    at = 0.0
    for _ in range(9):
        assert failed(store, lease(store, at)[0], at=at, retry=at + 1) == "waiting"
        at += 1
    assert failed(store, lease(store, at)[0], at=at) == "waiting"
    assert (only(store).due_at, only(store).attempts, only(store).reason) == (after(60), 0, "TimeoutError")
    done(store, lease(store, 60)[0], 61)
    assert only(store).reason is None


def test_a_period_can_be_changed(store: Store) -> None:
    recur(store, 60)
    recur(store, 10, at=5)
    done(store, lease(store, 0)[0], 1)
    assert only(store).due_at == after(10)
    with pytest.raises(Invalid, match="period"):
        recur(store, 0)


def test_lists_by_state_kind_and_page(store: Store) -> None:
    for key in "abc":
        enqueue(store, key)
    enqueue(store, "d", "letter")
    done(store, lease(store)[0])
    with store.reading() as connection:
        assert [job.key for job in queue.listed(connection, limit=2)] == ["d", "a"]
        assert [job.key for job in queue.listed(connection, after=("mail", "a"))] == ["b", "c"]
        assert [job.key for job in queue.listed(connection, state="done")] == ["a"]
        assert [job.key for job in queue.listed(connection, kind="letter")] == ["d"]


@pytest.mark.parametrize("fields", [{"kind": ""}, {"key": "a\nb"}, {"attempts_max": 0}])
def test_jobs_that_cannot_be(store: Store, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        enqueue(store, **fields)


@pytest.mark.parametrize("reason", ["", "could not reach zhang@example.com", "x" * 129])
def test_a_reason_is_a_code(store: Store, reason: str) -> None:
    enqueue(store)
    (job,) = lease(store)
    with pytest.raises(Invalid, match="code"), store.transaction() as connection:
        queue.failed(connection, job, reason=reason, retry_at=after(1), now=NOW)


def test_workers_side_by_side_take_different_jobs(store: Store) -> None:
    """On PostgreSQL the second does not wait for the first to commit."""
    for key in "ab":
        enqueue(store, key)
    with store.transaction() as connection:
        (mine,) = queue.lease(connection, ["mail"], "w1", now=NOW, lease_s=60)
        if not store.embedded:
            (theirs,) = lease(store, worker_id="w2")
            assert {mine.key, theirs.key} == {"a", "b"}
    assert len(lease(store, n=9)) == (1 if store.embedded else 0)


def test_leasing_looks_only_at_what_is_free(store: Store) -> None:
    """However many jobs are done: the index leads to those that wait."""
    if not store.embedded:
        pytest.skip("the plan of PostgreSQL depends on how full the table is")
    with store.reading() as connection:
        query = str(queue._FREE.compile(store.engine, compile_kwargs={"render_postcompile": True}))
        plan = connection.execute(sa.text("EXPLAIN QUERY PLAN " + query.replace("?", "''"))).all()
    assert any("ix_jobs_state_free_at (state=? AND free_at<?)" in str(row) for row in plan)


@given(attempts=st.integers(1, 10_000), seed=st.integers())
def test_backoff_stays_within_its_bounds(attempts: int, seed: int) -> None:
    drawn = backoff_s(attempts, random.Random(seed).random, base_s=2, cap_s=100)
    assert 0 <= drawn < min(100, 2 ** min(attempts, 10))


def test_backoff_doubles_and_is_full_jitter() -> None:
    assert [backoff_s(n, lambda: 1.0, base_s=2, cap_s=60) for n in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]
    assert backoff_s(5, lambda: 0.0) == 0.0


@given(every_s=st.integers(1, 10**6), late_ms=st.integers(-(10**9), 10**12))
def test_the_next_turn_is_the_first_to_come(every_s: int, late_ms: int) -> None:
    now = NOW + timedelta(milliseconds=late_ms)
    turn = next_turn(NOW, every_s, now)
    period = timedelta(seconds=every_s)
    assert (turn - NOW) % period == timedelta()
    assert turn > max(now, NOW)
    assert turn - period <= max(now, NOW)
