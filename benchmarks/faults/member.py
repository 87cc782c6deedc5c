"""One process of a system: works off jobs until it is told to stop. `member URL NAME OFFSET_S FILE_BYTES_MAX`.

`OFFSET_S`: how wrong its clock is; SIGUSR1 sets it forth by JUMP_S, SIGUSR2 back. `FILE_BYTES_MAX`: no file may grow
beyond that (0: no limit), as on a full disk.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.audit import actions as audit
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.runner import Effect, Runner
from agoranomos.kernel.ledger import posting
from agoranomos.kernel.ledger.model import Transfer
from agoranomos.kernel.store import open_store

KIND: Final = "faults.pay"
VERB: Final = "faults.paid"
DEBIT, CREDIT, AMOUNT = "faults.world", "faults.budget", 20
LEASE_S: Final = 1.5
JUMP_S: Final = 3_600.0
_SLOW_S: Final = 0.01


def main(url: str, name: str, offset_s: float, file_bytes_max: int) -> None:
    """Works until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = open_store(url)
    if file_bytes_max:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead, as it does on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))

    offset = [offset_s]

    def jump(number: int, _: object) -> None:
        offset[0] += JUMP_S if number == signal.SIGUSR1 else -JUMP_S

    signal.signal(signal.SIGUSR1, jump)
    signal.signal(signal.SIGUSR2, jump)

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=offset[0])

    def pay(job: Job) -> Effect:
        time.sleep(_SLOW_S)

        def effect(connection: sa.Connection) -> None:
            now = clock()
            transfer = Transfer(
                id=f"{job.key}#{job.lease}", debit=DEBIT, credit=CREDIT, amount=AMOUNT, at=now, reason="paid"
            )
            posting.post(connection, [transfer], now=now)
            audit.record(connection, Entry(
                at=now, actor=SYSTEM, verb=VERB, subject_kind="job", subject_id=job.key, params={"lease": job.lease},
            ))  # fmt: skip
            time.sleep(_SLOW_S)  # a good moment for a fault: written, not committed

        return effect

    draw = random.Random(name).random
    with Runner(store, {KIND: pay}, worker_id=name, clock=clock, draw=draw, lease_s=LEASE_S, poll_s=0.05):
        print("ready", flush=True)
        stop.wait()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
