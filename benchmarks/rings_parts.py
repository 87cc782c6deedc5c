"""Rings of a whole history in parts, as a cluster finds them, beside all of it in memory: seconds of the processor,
memory, and that both are the same to the byte.

    python -m benchmarks.rings_parts [CLAIMS] [EVENTS_A_PART]

Each way is a process of its own. The parts are done one after the other by one process, so that neither Spark nor
the start of Python is in it. One account in two thousand is of a ring of ten; half of the others share what families
share, and a gateway or a till is shared by many.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from agoranomos.engine.stream.lines import event_files
from agoranomos.kernel.clock import rfc3339
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.tracing.bulk.finding import Here, found_in
from agoranomos.promotions.tracing.bulk.steps import Step
from agoranomos.promotions.tracing.model import Ring
from benchmarks.measuring import Table, machine
from tests.promotions.tracing.bulk.whole import all_at_once

CLAIMS: Final = 500_000
EVENTS_A_PART: Final = 200_000
_BEGINS: Final = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS: Final = 150
_RING: Final = 10


class Measured(msgspec.Struct, frozen=True):
    """What a way took: CPU-seconds, those of each step, mebibytes at most, and a digest of what it found."""

    cpu_s: float
    steps: dict[str, float]
    peak_mib: float
    rings: int
    lives: int
    digest: str


class _Timed(Here):
    """Does steps here, and notes how long each took."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}

    def do(self, step: Step, tasks: Sequence[Any]) -> None:
        """See `finding.Hands`."""
        begun = time.process_time()
        super().do(step, tasks)
        self.took[step.verb] = time.process_time() - begun


def write_history(folder: Path, claims: int, seed: int = 3) -> int:
    """Events of so many claims in some files, in no order; how many they are."""
    random, count = Random(seed), 0
    with ExitStack() as stack:
        files = [stack.enter_context((folder / f"{number}.jsonl").open("w")) for number in range(8)]
        for row in _rows(random, claims):
            random.choice(files).write(json.dumps(row) + "\n")
            count += 1
    return count


def _rows(random: Random, claims: int) -> Iterator[dict[str, Any]]:
    accounts = claims * 2 // 5
    for number in range(accounts):
        group = number // _RING
        days = group % 97 - 1.0 if group % 200 == 0 else random.uniform(-600, 0)
        at = _BEGINS + timedelta(days=days, minutes=random.uniform(0, 60))
        yield _row("account.registered", f"g{number}", at, account_id=f"a{number}", device_id=f"d{number // 2}",
                   ip=f"10.{number % 250}.{number // 250 % 250}.1")  # fmt: skip
    for number in range(claims):
        who = random.randrange(accounts)
        ring = who // _RING % 200 == 0
        day = _BEGINS + timedelta(days=who // _RING % 97 + 7 * (number % 5)) if ring else None
        at = (
            day + timedelta(minutes=random.uniform(0, 90))
            if day
            else _BEGINS + timedelta(days=random.uniform(0, _DAYS))
        )
        group = who // _RING
        device = f"ring{group}-{who % 2}" if ring else "till" if who % 50 == 0 else f"d{who // 2 if who % 4 else who}"
        payee = f"boss{group}" if ring else f"p{who}"
        ties = {"device_id": device, "ip": f"10.{who % 250}.{number % 90}.7"}
        mine = {"coupon_id": f"k{number}", "campaign_id": f"c{number % 40}", "account_id": f"a{who}"}
        yield _row("coupon.claimed", f"c{number}", at, **mine, **ties)
        if number % 2:
            line = {"listing_id": f"l{number % 300}", "quantity": 1, "price": _cny(2_000)}
            yield _row("order.placed", f"o{number}", at + timedelta(minutes=1), order_id=f"o{number}", store_id="s",
                       buyer_id=f"a{who}", lines=[line], paid=_cny(1_200), coupon_ids=[f"k{number}"], payee_id=payee,
                       recipient_token=f"t{who // 2}", **ties)  # fmt: skip
        yield _row("coupon.redeemed", f"u{number}", at + timedelta(minutes=2), **mine, payee_id=payee,
                   order_id=f"o{number}", paid=_cny(1_200))  # fmt: skip


def _row(kind: str, name: str, at: datetime, **data: Any) -> dict[str, Any]:
    return {"id": name, "source": "made", "type": kind, "time": rfc3339(at), "data": data}


def _cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def at_once(folder: str, _: int) -> Measured:
    """All of it in memory."""
    begun = time.process_time()
    found = all_at_once(event_files([folder]))
    return _measured(found, time.process_time() - begun, {}, 0)


def in_parts(folder: str, events_a_part: int) -> Measured:
    """The steps, in this process."""
    hands, begun = _Timed(), time.process_time()
    policy, sign_ups = ring_policies(())
    with tempfile.TemporaryDirectory() as scratch:
        found, summary = found_in(
            event_files([folder]), policy, sign_ups, Path(scratch), hands=hands, events_a_part=events_a_part
        )
        took = time.process_time() - begun
        return _measured(found, took, hands.took | {"here": took - sum(hands.took.values())}, summary.accounts)


def _measured(found: Sequence[Ring], cpu_s: float, steps: dict[str, float], lives: int) -> Measured:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(cpu_s, steps, peak, len(found), lives, hashlib.sha256(msgspec.json.encode(found)).hexdigest())


def _alone(way: Callable[[str, int], Measured], folder: str, events_a_part: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(way, (folder, events_a_part))


def main() -> None:
    """Runs and prints."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    events_a_part = int(sys.argv[2]) if len(sys.argv) > 2 else EVENTS_A_PART
    with tempfile.TemporaryDirectory() as folder:
        events = write_history(Path(folder), claims)
        whole, parts = (_alone(way, folder, events_a_part) for way in (at_once, in_parts))
    assert whole.digest == parts.digest, "not the same rings"
    rows = [("all at once", f"{whole.cpu_s:.1f}", f"{whole.peak_mib:,.0f}")]
    rows += [(f"  {name}", f"{seconds:.1f}", "") for name, seconds in parts.steps.items()]
    rows.append(("in parts", f"{parts.cpu_s:.1f}", f"{parts.peak_mib:,.0f}"))
    found = f"{whole.rings:,} rings in {events:,} events with {claims:,} claims, {parts.lives:,} lives looked at"
    title = f"{found}; {machine()}"
    print(Table(title, ("what", "CPU-seconds", "MiB"), tuple(rows)).text())


if __name__ == "__main__":
    main()
