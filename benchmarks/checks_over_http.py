"""What the check costs over HTTP, beside an empty endpoint of the same framework in the same process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import msgspec
from litestar import Litestar, post
from litestar.params import JSONBody

from agoranomos.application import create_app
from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.collecting import spare_what_stays
from agoranomos.kernel.store import open_store
from agoranomos.staff.authenticating import StaffAuthenticator
from agoranomos.vault.keys import Vault, kept_ring
from agoranomos.web.limits import RateLimit
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

SHARE_GOAL: Final = 0.5
"""Of the empty endpoint's rate."""
CHECK: Final = "the check"
BASE: Final = "an empty endpoint"
P99_GOAL: Final = 3.0
"""Times the empty endpoint's."""
_LONGER: Final = 4
"""Times the requests of other benchmarks: waiting for the last approvals must not weigh more than it does for long."""
_TITLE: Final = (
    "Canvas shoes for men and women, breathable, white, size {}, free shipping and a gift box with every order"
)


@post("/v1/empty", status_code=200, sync_to_thread=False)
def empty(data: JSONBody[dict[str, Any]]) -> dict[str, str]:
    """Takes a body and answers: what the framework alone costs."""
    return {"id": str(data["id"])}


@dataclass(frozen=True)
class Target:
    """What is asked: `keyed` with an Idempotency-Key each, `settled` at the end so that nothing is left undone."""

    app: Any
    path: str
    keyed: bool = False
    settled: bool = False


def run(materials: Materials, size: Size) -> list[Table]:
    """Over ASGI without a network, by the same client: one request at a time, and sixteen."""
    home = Path(tempfile.mkdtemp(prefix="agora-http-", dir=materials.folder))
    store = open_store(f"sqlite:///{home}/agora.db")
    vault = Vault(kept_ring(home / "vault.keys", _bytes), _bytes)
    local = StaffAuthenticator(store, system_clock, open_locally=True)
    app = create_app(materials.judge(), store, load_policy(), system_clock, vault=vault, authenticate=local)
    app.state["rate_limit"] = RateLimit(float("inf"), float("inf"))  # else a long run is refused half-way
    targets = {
        CHECK: Target(app, "/v1/checks/listing", settled=True),
        "the check with an Idempotency-Key": Target(app, "/v1/checks/listing", keyed=True),
        BASE: Target(Litestar([empty], logging_config=None), "/v1/empty"),
    }
    spare_what_stays()  # as `agora serve` does
    return [_measured(targets, clients, size) for clients in (1, 16)]


def _measured(targets: dict[str, Target], clients: int, size: Size) -> Table:
    taken: dict[str, list[float]] = {name: [] for name in targets}
    rates: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(size.rounds):
        for name, target in targets.items():
            seconds, rate = asyncio.run(_asked(target, _LONGER * size.requests // size.rounds + 1, clients))
            taken[name] += seconds
            rates[name].append(rate)
    return _table(clients, taken, rates)


def _table(clients: int, taken: dict[str, list[float]], rates: dict[str, list[float]]) -> Table:
    rows = []
    for name, seconds in taken.items():
        share = statistics.median(rates[name]) / statistics.median(rates[BASE])
        rows.append(
            (
                name,
                f"{statistics.median(rates[name]):,.0f}",
                f"{statistics.median(seconds) * 1000:.2f}",
                f"{_p99(seconds) * 1000:.2f}",
                f"{share:.2f}",
                f"{_p99(seconds) / _p99(taken[BASE]):.1f}",
            )
        )
    columns = ("what", "requests/s", "median ms", "p99 ms", f"of empty (goal {SHARE_GOAL})", f"p99 (goal {P99_GOAL})")
    title = f"The check over HTTP, {clients} at a time, {len(taken[BASE]):,} requests each"
    notes = (
        "All titles are harmless. Approvals are written behind the answer; the rate includes waiting until all are in",
        "the store. With a key each waits for its fsync. The empty endpoint writes nothing.",
    )
    return Table(title, columns, tuple(rows), notes)


async def _asked(target: Target, count: int, clients: int) -> tuple[list[float], float]:
    transport = httpx.ASGITransport(app=target.app)
    seconds: list[float] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:

        async def ask(number: int) -> httpx.Response:
            key = {"idempotency-key": uuid4().hex} if target.keyed else {}
            headers = {"content-type": "application/json", **key}
            response = await client.post(target.path, content=_event(number), headers=headers)
            assert response.status_code == 200
            return response

        await ask(0)
        numbers = iter(range(1, count))
        begun = time.perf_counter()

        async def caller() -> None:
            for number in numbers:
                begun = time.perf_counter()
                await ask(number)
                seconds.append(time.perf_counter() - begun)

        await asyncio.gather(*(caller() for _ in range(clients)))
        if target.settled:  # a list waits for what was answered
            assert (await client.get("/v1/decisions", params={"limit": 1})).status_code == 200
    return seconds, (count - 1) / (time.perf_counter() - begun)


def _event(number: int) -> bytes:
    data = {
        "listing_id": f"l{number}", "store_id": "s1", "title": _TITLE.format(number),
        "price": {"amount": 19900, "currency": "CNY"},
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": f"e{number}", "source": "shop", "type": "listing.submitted",
        "time": "2026-05-01T08:00:00Z", "data": data,
    }  # fmt: skip
    return msgspec.json.encode(event)


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def _bytes(count: int) -> bytes:
    return bytes(count)  # keys of a store that lives for a minute
