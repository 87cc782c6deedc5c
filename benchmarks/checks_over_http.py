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

from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import open_store
from agoranomos.staff.authenticating import StaffAuthenticator
from agoranomos.vault.keys import Vault, kept_ring
from agoranomos.wiring import create_app
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
def empty(data: dict[str, Any]) -> dict[str, str]:
    """Takes a body and answers: what the framework alone costs."""
    return {"id": str(data["id"])}


def run(materials: Materials, size: Size) -> list[Table]:
    """Requests one after the other, over ASGI without a network: both have the same client."""
    home = Path(tempfile.mkdtemp(prefix="agora-http-", dir=materials.folder))
    store = open_store(f"sqlite:///{home}/agora.db")
    vault = Vault(kept_ring(home / "vault.keys", _bytes), _bytes)
    local = StaffAuthenticator(store, system_clock, open_locally=True)
    app = create_app(materials.judge(), store, load_policy(), system_clock, vault=vault, authenticate=local)
    targets = {"the check": (app, "/v1/checks/listing"), "an empty endpoint": (Litestar([empty], logging_config=None), "/v1/empty")}
    taken: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(size.rounds):
        for name, (target, path) in targets.items():
            taken[name] += asyncio.run(_asked(target, path, size.requests // size.rounds + 1))
    base = taken["an empty endpoint"]
    rows = []
    for name, seconds in taken.items():
        share = (statistics.fmean(base) / statistics.fmean(seconds)) / SHARE_GOAL
        worst = _p99(seconds) / _p99(base)
        rows.append(
            (
                name,
                f"{1 / statistics.fmean(seconds):,.0f}",
                f"{statistics.median(seconds) * 1000:.2f}",
                f"{_p99(seconds) * 1000:.2f}",
                f"{share:.2f}",
                f"{worst:.1f}",
            )
        )
    columns = ("what", "requests/s", "median ms", "p99 ms", f"rate over {SHARE_GOAL:.0%} of empty", "p99 x empty")
    note = "Each check writes its decision with an fsync; the empty endpoint writes nothing."
    return [Table(f"The check over HTTP, {len(base):,} requests each", columns, tuple(rows), (note,))]


async def _asked(app: Any, path: str, count: int) -> list[float]:
    transport = httpx.ASGITransport(app=app)
    seconds = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        ask: Callable[[int], Awaitable[httpx.Response]] = lambda number: client.post(  # noqa: E731 - one line, twice used
            path, content=_event(number), headers={"content-type": "application/json"}
        )
        assert (await ask(0)).status_code == 200
        for number in range(1, count):
            begun = time.perf_counter()
            response = await ask(number)
            seconds.append(time.perf_counter() - begun)
            assert response.status_code == 200
    return seconds


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
