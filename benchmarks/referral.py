"""A referral of a campaign with many beneficiaries: seconds, and memory beyond what the incident itself takes.

    python -m benchmarks.referral [PEOPLE]

One coupon a person; one in a thousand belongs to a ring. The floor beside it is hashing the same bytes.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from agoranomos.audit.notes import SigningKey
from agoranomos.cases.papers.queries import Paper
from agoranomos.cases.referral.model import About
from agoranomos.cases.referral.policy import load_policy
from agoranomos.cases.referral.service import ReferralService
from agoranomos.evidence import verify
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import Store, open_store
from agoranomos.promotions.tracing import queries
from agoranomos.promotions.tracing.memory import Memory
from agoranomos.promotions.tracing.model import Coupon, Order, Person
from agoranomos.promotions.tracing.policy import load_policy as load_rings
from agoranomos.promotions.tracing.service import TraceService

RING = 100


def main(people: int) -> None:
    """Fills a store, makes the package and checks it with the program that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"{folder}/agora.db")
        _fill(store, people)
        key, log = SigningKey("b/evidence", bytes(32)), SigningKey("b/audit", bytes([1]) * 32)
        traces = TraceService(store, load_rings())
        service = ReferralService(
            store, traces, load_policy(), system_clock, Path(folder), lambda: key, lambda: log,
            lambda *_: [], Papers(),
        )  # fmt: skip
        started = time.process_time(), time.perf_counter()
        traces.traces("c1")
        traced = time.process_time() - started[0]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        by = Actor("person", "bench")
        referral_id = service.open(About("campaign", "c1"), "police", because=None, by=by).referral_id
        cpu, wall = time.process_time(), time.perf_counter()
        made = service.make(referral_id, by=by)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        path, _ = service.fetch(referral_id, None, by=by)
        checking = time.process_time()
        assert verify.report(str(path))["holds"]
        checking = time.process_time() - checking
        floor = time.process_time()
        hashlib.sha256(path.read_bytes()).digest()
        floor = time.process_time() - floor
        print(f"{people:,} beneficiaries, {made.facts['suspect']} suspects, {made.bytes / 1e6:.1f} MB")
        print(f"made in {wall:.1f} s ({cpu:.1f} CPU-s, of which tracing the incident {traced:.1f})")
        print(f"memory {after / 1024:.0f} MiB at most, {before / 1024:.0f} after tracing alone")
        print(f"checked in {checking:.1f} CPU-s; hashing its bytes once takes {floor:.2f}")
        store.close()


class Papers:
    """Nothing is attached."""

    def of_case(self, connection: sa.Connection, case_id: str) -> list[tuple[Paper, bool]]:  # noqa: ARG002 - the port's
        """See `attaching.Papers`."""
        return []

    def content(self, *_: object) -> bytes:
        """See `attaching.Papers`."""
        raise NotImplementedError


def _fill(store: Store, people: int) -> None:
    began = system_clock() - timedelta(days=1)
    memory = Memory()
    for number in range(people):
        name, ring = f"a{number}", number < RING
        at = began + timedelta(seconds=number / 10)
        device = f"d{number % 4}" if ring else f"own-{number}"
        memory.people[name] = Person(account_id=name, registered_at=began - timedelta(days=90 if not ring else 0))
        order = Order(
            order_id=f"o{number}", account_id=name, store_id="s1", listing_id="top-up", placed_at=at, total=10_000,
            paid=40, currency="CNY", coupon_ids=(f"k{number}",), device_id=device,
            payee_id="p" if ring else f"ph{number}",
        )  # fmt: skip
        coupon = Coupon(
            coupon_id=f"k{number}", campaign_id="c1", account_id=name, face=9_960, paid=40, currency="CNY",
            claimed_at=at, redeemed_at=at, order_id=order.order_id, device_id=device, payee_id=order.payee_id,
            event_ids=(f"e{number}",),
        )  # fmt: skip
        memory.orders[order.order_id], memory.coupons[coupon.coupon_id] = order, coupon
    with store.transaction() as connection:
        queries.write(connection, memory, Memory())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
