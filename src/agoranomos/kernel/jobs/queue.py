"""The verbs of background work, given an open transaction.

A lease is a job that is not free until the lease ends, and a number that goes up: nothing has to be cleaned up after
a worker that was killed. Several workers lease side by side on PostgreSQL (SKIP LOCKED); on SQLite, writers take
turns anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import among, insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.jobs.model import ATTEMPTS_MAX, Job, State
from agoranomos.kernel.jobs.tables import jobs
from agoranomos.kernel.jobs.timing import next_turn

RECURRING: Final = "every"
"""The key of the one recurring job of a kind."""
DIED: Final = "worker_died"
"""The reason of a job whose workers died, or took longer than their leases, in every attempt."""

_FREE = (
    sa.select(jobs)
    .where(jobs.c.state == "waiting", jobs.c.free_at <= sa.bindparam("now"), among(jobs.c.kind, "kinds"))
    .order_by(jobs.c.free_at, jobs.c.kind, jobs.c.key)
    .limit(sa.bindparam("n"))
)
_FREE_LOCKED = _FREE.with_for_update(skip_locked=True)


def enqueue(
    connection: sa.Connection,
    kind: str,
    key: str,
    payload: Any = None,
    *,
    due_at: datetime,
    now: datetime,
    attempts_max: int = ATTEMPTS_MAX,
) -> bool:
    """Has a worker do `kind` for `key` at `due_at` or later; False when that was asked for before.

    It stays known after it is done, until it is pruned, so that a repeated event does not repeat the work. `payload`
    is JSON and holds ids, no personal data. Raises Invalid.
    """
    return insert_ignore(connection, jobs, [_row(kind, key, payload, due_at, now, attempts_max, None)]) == 1


def recur(connection: sa.Connection, kind: str, every_s: int, *, now: datetime) -> None:
    """Has a worker do `kind` every `every_s` seconds from `now` on; when it does so already, only the period changes.

    Turns that were missed are skipped: after a day's stop there is one turn, not a day's worth. Raises Invalid.
    """
    if every_s < 1:
        raise Invalid("a recurring job needs a period of at least one second")
    if not insert_ignore(connection, jobs, [_row(kind, RECURRING, None, now, now, ATTEMPTS_MAX, every_s)]):
        mine = (jobs.c.kind == kind, jobs.c.key == RECURRING, jobs.c.every_s != every_s)
        connection.execute(jobs.update().where(*mine).values(every_s=every_s))


def lease(
    connection: sa.Connection, kinds: Sequence[str], worker_id: str, *, now: datetime, lease_s: float, n: int = 1
) -> list[Job]:
    """Up to `n` jobs of these kinds that are due, which `worker_id` alone may end for the next `lease_s` seconds.

    A job whose last attempt ran out with its lease is not leased again but dead: it may be what kills its workers.
    """
    rows = connection.execute(_FREE_LOCKED, {"now": now, "kinds": sorted(kinds), "n": n}).all()
    found = [_job(row) for row in rows]
    exhausted = [job for job in found if job.attempts >= job.attempts_max]
    for job in exhausted:
        _give_up(connection, job, DIED, now)
    leased = [_leased(job, worker_id, now, lease_s) for job in found if job.attempts < job.attempts_max]
    for job in leased:
        connection.execute(_this(job.kind, job.key), _lease_fields(job))
    return leased


def extend(connection: sa.Connection, job: Job, *, now: datetime, lease_s: float) -> None:
    """Keeps the lease of `job` for another `lease_s` seconds from `now`. Raises Conflict when it is lost."""
    _change(connection, job, free_at=now + timedelta(seconds=lease_s))


def done(connection: sa.Connection, job: Job, *, now: datetime) -> None:
    """Ends `job`, or puts it to its next turn. Call it in the transaction of the job's effect.

    Raises Conflict when the lease is lost: then the transaction is to be rolled back, and the effect with it, as
    another worker has the job.
    """
    if job.every_s is None:
        _change(connection, job, state="done", ended_at=now, worker_id=None, reason=None)
    else:
        _rest(connection, job, None, now)


def failed(connection: sa.Connection, job: Job, *, reason: str, retry_at: datetime, now: datetime) -> State:
    """Puts `job` off until `retry_at`; after its last attempt it is `dead`, or waits for its next turn if it recurs.

    `reason` is a code such as `TimeoutError`, no message: messages repeat what they were about. Raises Conflict when
    the lease is lost, Invalid when the reason is no code.
    """
    if not is_id(reason) or " " in reason:
        raise Invalid("the reason of a failure is a code without spaces; messages may hold personal data")
    if job.attempts >= job.attempts_max:
        return _give_up(connection, job, reason, now)
    _change(connection, job, free_at=retry_at, worker_id=None, reason=reason)
    return "waiting"


def hand_back(connection: sa.Connection, job: Job, *, now: datetime) -> None:
    """Returns a leased job untried, for a worker that is about to stop. Raises Conflict when the lease is lost."""
    _change(connection, job, free_at=now, worker_id=None, attempts=job.attempts - 1)


def retry(connection: sa.Connection, kind: str, key: str, *, now: datetime) -> Job:
    """Lets a dead job begin anew. Raises NotFound, or Conflict when it is not dead."""
    query = sa.select(jobs).where(jobs.c.kind == kind, jobs.c.key == key).with_for_update()
    row = connection.execute(query).one_or_none() if is_id(kind) and is_id(key) else None
    if row is None:
        raise NotFound("there is no such job; `agora jobs dead` lists those that can be tried again")
    if row.state != "dead":
        raise Conflict("only a dead job can be tried again; this one is " + row.state)
    fields = {"state": "waiting", "free_at": now, "attempts": 0, "ended_at": None}
    connection.execute(_this(kind, key), fields)
    return msgspec.structs.replace(_job(row), **fields)


def prune(connection: sa.Connection, before: datetime) -> int:
    """Forgets jobs that were done before `before`; returns how many. From then on their keys are new again."""
    gone = jobs.delete().where(jobs.c.state == "done", jobs.c.ended_at < before)
    return connection.execute(gone, execution_options={"preserve_rowcount": True}).rowcount


def any_free(connection: sa.Connection, kinds: Sequence[str], now: datetime) -> bool:
    """Whether there is something to lease; writes and locks nothing."""
    return connection.execute(_FREE, {"now": now, "kinds": sorted(kinds), "n": 1}).first() is not None


def listed(
    connection: sa.Connection,
    *,
    state: State | None = None,
    kind: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 100,
) -> list[Job]:
    """Jobs in the order of kind and key, up to `limit` after the key `after`."""
    query = sa.select(jobs).where(sa.tuple_(jobs.c.kind, jobs.c.key) > after)
    if state is not None:
        query = query.where(jobs.c.state == state)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    rows = connection.execute(query.order_by(jobs.c.kind, jobs.c.key).limit(limit))
    return [_job(row) for row in rows]


def _row(
    kind: str, key: str, payload: Any, due_at: datetime, now: datetime, attempts_max: int, every_s: int | None
) -> dict[str, Any]:
    if not is_id(kind) or not is_id(key):
        raise Invalid("the kind and the key of a job have 1 to 128 printable characters")
    if attempts_max < 1:
        raise Invalid("a job needs at least one attempt")
    return {
        "kind": kind,
        "key": key,
        # NULL is what SQL takes None for; the JSON value null is text.
        "payload": {} if payload is None else payload,
        "state": "waiting",
        "due_at": due_at,
        "free_at": due_at,
        "every_s": every_s,
        "attempts": 0,
        "attempts_max": attempts_max,
        "lease": 0,
        "enqueued_at": now,
    }


def _leased(job: Job, worker_id: str, now: datetime, lease_s: float) -> Job:
    return msgspec.structs.replace(
        job,
        attempts=job.attempts + 1,
        lease=job.lease + 1,
        worker_id=worker_id,
        free_at=now + timedelta(seconds=lease_s),
    )


def _lease_fields(job: Job) -> dict[str, Any]:
    return {"attempts": job.attempts, "lease": job.lease, "worker_id": job.worker_id, "free_at": job.free_at}


def _give_up(connection: sa.Connection, job: Job, reason: str, now: datetime) -> State:
    if job.every_s is not None:  # a sweep that fails today must still run tomorrow
        _rest(connection, job, reason, now)
        return "waiting"
    _change(connection, job, state="dead", ended_at=now, worker_id=None, reason=reason)
    return "dead"


def _rest(connection: sa.Connection, job: Job, reason: str | None, now: datetime) -> None:
    assert job.every_s is not None, "only a recurring job has a next turn"
    turn = next_turn(job.due_at, job.every_s, now)
    _change(connection, job, due_at=turn, free_at=turn, attempts=0, worker_id=None, reason=reason)


def _change(connection: sa.Connection, job: Job, **fields: Any) -> None:
    mine = _this(job.kind, job.key).where(jobs.c.lease == job.lease, jobs.c.state == "waiting")
    if job.worker_id is not None:
        mine = mine.where(jobs.c.worker_id == job.worker_id)
    changed = connection.execute(mine.values(**fields), execution_options={"preserve_rowcount": True}).rowcount
    if changed != 1:
        raise Conflict("the lease of this job was lost; roll back, as another worker has it")


def _this(kind: str, key: str) -> sa.Update:
    return jobs.update().where(jobs.c.kind == kind, jobs.c.key == key)


def _job(row: sa.Row[Any]) -> Job:
    return Job(**row._mapping)
