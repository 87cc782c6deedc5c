"""Every page of the console with a million findings in a hundred thousand cases, on SQLite.

    python -m benchmarks.pages [--cases N] [--findings N] [--decisions N] [--store FOLDER]

writes `docs/quality/pages.md`: for each page the CPU milliseconds that the server spends on it (median and most of ten,
after one that is not counted), how soon a browser with an empty cache shows something, the bytes of its HTML and those
of its style sheets and scripts, and to how many things axe-core objects. All of the system of this process counts:
routing, permissions, queries, template. Exits with 1 when a page takes 100 ms or more, is seen after a second or more,
weighs 400 KB or more, or axe-core objects. `--store` keeps the made store for another run. Needs chromium, and
axe-core, which `make .venv/.front-dev` brings.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import sqlalchemy as sa

from agoranomos.cases.desk.tables import cases
from agoranomos.kernel.collecting import spare_what_stays
from agoranomos.web.limits import RateLimit
from agoranomos.wiring import Wiring
from benchmarks.measuring import machine
from benchmarks.pages_browser import looked_at
from benchmarks.pages_market import NOW, fill, paths

GOAL_MS, GOAL_PAINT_MS, GOAL_BYTES = 100.0, 1_000.0, 400_000
TIMES: Final = 10
PAINTS: Final = 5
PAGE: Final = Path(__file__).parent.parent / "docs" / "quality" / "pages.md"
_TEXT: Final = Path(__file__).with_suffix(".md")
"""The page around the table."""


class Cost(NamedTuple):
    """Of a page: CPU milliseconds of the server, median and most; bytes of its HTML and of what it loads beside
    pictures; milliseconds until something is seen, median and most; objections of axe-core, None where it is missing.
    """

    path: str
    median_ms: float
    most_ms: float
    page_bytes: int
    loaded_bytes: int
    paint_ms: float = 0.0
    paint_most_ms: float = 0.0
    objections: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether it misses a goal."""
        slow = self.median_ms >= GOAL_MS or self.paint_ms >= GOAL_PAINT_MS
        return slow or self.page_bytes + self.loaded_bytes >= GOAL_BYTES or bool(self.objections)

    @property
    def line(self) -> str:
        """As a line of the table."""
        axe = "–" if self.objections is None else self.objections
        return (
            f"| `{self.path}` | {self.median_ms:.1f} | {self.most_ms:.1f} | {self.paint_ms:.0f} | "
            f"{self.paint_most_ms:.0f} | {self.page_bytes:,} | {self.loaded_bytes:,} | {axe} |"
        )


async def measured(app: Any, wanted: list[str]) -> list[Cost]:
    """What the server spends on each page, and what they weigh."""
    found: list[Cost] = []
    transport, weights = httpx.ASGITransport(app=app), dict[str, int]()
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        for path in wanted:
            page = await client.get(path)
            assert page.status_code in (200, 303), f"{path} answers {page.status_code}: {page.text[:300]}"
            spent: list[float] = []
            for _ in range(TIMES):
                began = time.process_time()
                await client.get(path)
                spent.append((time.process_time() - began) * 1_000)
            loaded = 0
            for asset in re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)"', page.text):
                if asset not in weights:
                    weights[asset] = len((await client.get(asset)).content)
                loaded += weights[asset]
            found.append(Cost(path, statistics.median(spent), max(spent), len(page.content), loaded))
    return found


def written(costs: list[Cost], filled: dict[str, int]) -> str:
    """The page of the documentation."""
    over = ", ".join(f"`{cost.path}`" for cost in costs if cost.is_over)
    sizes = {name: f"{size:,}" for name, size in filled.items()}
    return _TEXT.read_text("utf-8").format(
        machine=machine(), times=TIMES, paints=PAINTS, over=over or "none", **sizes,
        table="\n".join(cost.line for cost in costs), pages=len(costs),
        most_ms=f"{max(cost.median_ms for cost in costs):.0f}",
        most_paint=f"{max(cost.paint_ms for cost in costs):.0f}",
        most_bytes=f"{max(cost.page_bytes + cost.loaded_bytes for cost in costs):,}",
        objections=sum(cost.objections or 0 for cost in costs),
    )  # fmt: skip


def main(count: int, findings: int, decisions: int, kept: Path | None, out: Path) -> int:
    """Writes the figures; 1 when a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        wiring = Wiring(kept or Path(folder), clock=lambda: NOW)
        store = wiring.store()
        with store.reading() as connection:
            filled = connection.execute(sa.select(cases.c.case_id).limit(1)).first() is not None
        if not filled:
            began = time.process_time()
            fill(store, count, findings, decisions)
            print(f"{count:,} cases with {findings:,} findings made in {time.process_time() - began:.0f} CPU seconds")
        app = wiring.app(open_locally=True)
        app.state["rate_limit"] = RateLimit(float("inf"), float("inf"))
        spare_what_stays()
        costs = asyncio.run(measured(app, paths(count, findings)))
        seen = looked_at(app, [cost.path for cost in costs], PAINTS)
        store.close()
    costs = [
        cost._replace(paint_ms=seen[cost.path][0], paint_most_ms=seen[cost.path][1], objections=seen[cost.path][2])
        for cost in costs
    ]
    out.write_text(written(costs, {"cases": count, "findings": findings, "decisions": decisions}), "utf-8")
    print(f"wrote {out}; over a goal: {', '.join(cost.path for cost in costs if cost.is_over) or 'none'}")
    return 1 if any(cost.is_over for cost in costs) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="What each page costs.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, help="folder that keeps the made store for another run")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    sys.exit(main(options.cases, options.findings, options.decisions, options.store, options.out))
