"""The check at publish time: how long one listing takes, in process and over HTTP on loopback.

Titles of all lengths, from the generated catalogue and from those repeated up to the longest that
are taken.
"""

from __future__ import annotations

import gc
import http.client
import json
import random
import shutil
import socket
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import uvicorn
from msgspec.structs import replace

from agoranomos.goods.listings.judge import TextJudge, batch_listings
from agoranomos.goods.listings.model import Listing
from agoranomos.wiring import Wiring
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, percentile

GOAL_MS: Final = 10.0
_LENGTHS: Final = {30: 5, 80: 5, 200: 5, 1_000: 10, 10_000: 100}
"""Characters of the title → one in so many checks, as long ones take long."""


def run(materials: Materials, size: Size) -> list[Table]:
    """Percentiles in process, by length of the title, and over HTTP."""
    judge = materials.judge()
    listings = batch_listings(materials.batch(size.texts).slice(0, size.checks))
    groups = {
        "generated, all": listings,
        "generated, planted fakes": [one for one in _planted(materials, size) if one.listing_id.startswith("P")],
        **{f"title of {length:,} characters": _titles(listings, length, size.checks // 5) for length in _LENGTHS},
    }
    rows = [_row(name, _assess(judge, group)) for name, group in groups.items() if group]
    scratch = Path(tempfile.mkdtemp(prefix="agora-benchmark-"))
    try:
        rows.append(
            _row(
                "POST /v1/checks/listing, one client",
                _http(judge, listings, size.requests, scratch),
            )
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return [
        Table(
            f"Publish check at {size.patterns:,} patterns, ms a listing (goal {GOAL_MS:.0f})",
            ("listings", "n", "p50", "p95", "p99", "worst", "p99 / goal"),
            tuple(rows),
            (
                "In process: judge.assess, wall time.",
                "HTTP: uvicorn in this process on loopback, SQLite store, the decision kept;",
                "the client shares the interpreter, so its own time is in the figure.",
            ),
        )
    ]


def _planted(materials: Materials, size: Size) -> list[Listing]:
    return [one for one in batch_listings(materials.batch(size.texts)) if one.listing_id.startswith("P")][: size.checks]


def _titles(listings: list[Listing], length: int, count: int) -> list[Listing]:
    """Listings with titles of exactly `length` characters, put together from several."""
    draw = random.Random(length)
    made = []
    for number in range(max(1, count)):
        title = ""
        while len(title) < length:
            title += f"{draw.choice(listings).title} "
        made.append(replace(listings[number % len(listings)], title=title[:length]))
    return made


def _assess(judge: TextJudge, listings: list[Listing]) -> list[float]:
    for listing in listings[: min(50, len(listings) // 10 + 1)]:
        judge.assess(listing)
    gc.collect()
    times = []
    for listing in listings:
        begun = time.perf_counter()
        judge.assess(listing)
        times.append((time.perf_counter() - begun) * 1e3)
    return times


def _row(name: str, times: list[float]) -> tuple[str, ...]:
    shares = [percentile(times, share) for share in (0.5, 0.95, 0.99)]
    figures = (f"{value:.2f}" for value in (*shares, max(times)))
    return (name, f"{len(times):,}", *figures, f"{shares[-1] / GOAL_MS:.2f}")


def _http(judge: TextJudge, listings: list[Listing], requests: int, home: Path) -> list[float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(Wiring(home).app(judge, open_locally=True), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            times = []
            for number in range(requests + min(50, requests)):
                body = _event(number, listings[number % len(listings)])
                begun = time.perf_counter()
                connection.request("POST", "/v1/checks/listing", body, {"Content-Type": "application/cloudevents+json"})
                answer = connection.getresponse()
                said = answer.read()
                times.append((time.perf_counter() - begun) * 1e3)
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        return times[min(50, requests) :]
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def _event(number: int, listing: Listing) -> bytes:
    assert listing.price is not None
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"e{number}",
            "source": "benchmark",
            "type": "listing.submitted",
            "time": "2026-05-01T00:00:00Z",
            "data": {
                "listing_id": listing.listing_id,
                "store_id": listing.store_id,
                "title": listing.title,
                "price": {"amount": listing.price.amount, "currency": listing.price.currency},
                "description": listing.description,
                "brand": listing.brand,
                "category": listing.category,
            },
        }
    ).encode()
