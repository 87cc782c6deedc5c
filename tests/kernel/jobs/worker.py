"""A process that pays 20 for every job until all are done: `worker URL WORKER_ID`. Made to be killed."""

from __future__ import annotations

import random
import sys
import time

import sqlalchemy as sa

from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.runner import Effect, Runner
from agoranomos.kernel.ledger import posting
from agoranomos.kernel.store import open_store
from tests.kernel.ledger.builders import make_transfer

LEASE_S = 1.0


def pay(job: Job) -> Effect:
    """The transfer's id is new with every attempt: were the effect not once, it would show."""
    time.sleep(0.02)

    def effect(connection: sa.Connection) -> None:
        transfer = make_transfer(f"{job.key}#{job.lease}", amount=20)
        posting.post(connection, [transfer], now=system_clock())
        print(job.key, flush=True)
        time.sleep(0.01)  # a good moment for a kill: written, not committed

    return effect


def main(url: str, worker_id: str) -> None:
    store = open_store(url)
    draw = random.Random(worker_id).random
    runner = Runner(
        store, {"pay": pay}, worker_id=worker_id, clock=system_clock, draw=draw, lease_s=LEASE_S, poll_s=0.05
    )
    with runner:
        while True:
            time.sleep(0.2)
            with store.reading() as connection:
                if not queue.listed(connection, state="waiting", limit=1):
                    break
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
