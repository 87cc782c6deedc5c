"""What the check costs over HTTP, beside an empty endpoint of the same framework in the same process."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from litestar import Litestar, post
from litestar.params import JSONBody

from agoranomos.application import create_app
from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import open_store
from agoranomos.staff.authenticating import StaffAuthenticator
from agoranomos.vault.keys import Vault, kept_ring
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

SHARE_GOAL: Final = 0.5
"""Of the empty endpoint's rate."""
P99_GOAL: Final = 3.0
"""Times the empty endpoint's."""
_TITLE: Final = (
    "Canvas shoes for men and women, breathable, white, size {}, free shipping and a gift box with every order"
)


@post("/v1/empty", status_code=200, sync_to_thread=False)
def empty(data: JSONBody[dict[str, Any]]) -> dict[str, str]:
    """Takes a body and answers: what the framework alone costs."""
    return {"id": str(data["id"])}


def run(materials: Materials, size: Size) -> list[Table]:
    """Over ASGI without a network, by the same client: one request at a time, and sixteen."""
    home = Path(tempfile.mkdtemp(prefix="agora-http-", dir=materials.folder))
    store = open_store(f"sqlite:///{home}/agora.db")
    vault = Vault(kept_ring(home / "vault.keys", _bytes), _bytes)
    local = StaffAuthenticator(store, system_clock, open_locally=True)
    app = create_app(materials.judge(), store, load_policy(), system_clock, vault=vault, authenticate=local)
    nothing = Litestar([empty], logging_config=None)
    targets = {"the check": (app, "/v1/checks/listing"), "an empty endpoint": (nothing, "/v1/empty")}
    tables = []
    for clients in (1, 16):
        taken: dict[str, list[float]] = {name: [] for name in targets}
        rates: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(size.rounds):
            for name, (target, path) in targets.items():
                seconds, rate = asyncio.run(_asked(target, path, size.requests // size.rounds + 1, clients))
                taken[name] += seconds
                rates[name].append(rate)
        tables.append(_table(clients, taken, rates))
    return tables


def _table(clients: int, taken: dict[str, list[float]], rates: dict[str, list[float]]) -> Table:
    base = "an empty endpoint"
    rows = []
    for name, seconds in taken.items():
        share = statistics.median(rates[name]) / statistics.median(rates[base])
        rows.append(
            (
                name,
                f"{statistics.median(rates[name]):,.0f}",
                f"{statistics.median(seconds) * 1000:.2f}",
                f"{_p99(seconds) * 1000:.2f}",
                f"{share:.2f}",
                f"{_p99(seconds) / _p99(taken[base]):.1f}",
            )
        )
    columns = ("what", "requests/s", "median ms", "p99 ms", f"of empty (goal {SHARE_GOAL})", f"p99 (goal {P99_GOAL})")
    title = f"The check over HTTP, {clients} at a time, {len(taken[base]):,} requests each"
    note = "Each check writes its decision and waits for the fsync; the empty endpoint writes nothing."
    return Table(title, columns, tuple(rows), (note,))


async def _asked(app: Any, path: str, count: int, clients: int) -> tuple[list[float], float]:
    transport = httpx.ASGITransport(app=app)
    seconds: list[float] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        ask: Callable[[int], Awaitable[httpx.Response]] = lambda number: client.post(  # noqa: E731 - one line, twice used
            path, content=_event(number), headers={"content-type": "application/json"}
        )
        assert (await ask(0)).status_code == 200
        numbers = iter(range(1, count))

        async def caller() -> None:
            for number in numbers:
                begun = time.perf_counter()
                response = await ask(number)
                seconds.append(time.perf_counter() - begun)
                assert response.status_code == 200

        begun = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(clients)))
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
