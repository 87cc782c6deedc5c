"""A job, as it is listed and as it is leased."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

State = Literal["waiting", "done", "dead"]
STATES: Final[tuple[State, ...]] = ("waiting", "done", "dead")
ATTEMPTS_MAX: Final = 10
"""With the backoff of `timing`, ten attempts spread over 21 minutes on average and 43 at most."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`lease` is the number of the last lease; who holds it may end the job, nobody else.

    `free_at`: from when it may be leased. `every_s`: seconds between the turns of a recurring job. `reason`: the code
    of the last failure.
    """

    kind: str
    key: str
    payload: Any
    state: State
    due_at: datetime
    free_at: datetime
    attempts: int
    attempts_max: int
    lease: int
    enqueued_at: datetime
    every_s: int | None = None
    worker_id: str | None = None
    reason: str | None = None
    ended_at: datetime | None = None
