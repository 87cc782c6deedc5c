"""`agora reviews pressure`: over a history, which stores reached out to their critics, and what came of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.context import Context
from agoranomos.reviews.pressure.chances import stand_out
from agoranomos.reviews.pressure.monitor import PressureMonitor
from agoranomos.reviews.pressure.policy import Policy


class _Rooms(Protocol):
    @property
    def pressure_policy(self) -> Policy: ...


class PressureContext(Context, Protocol):
    """A context that knows the reviews desk."""

    @property
    def reviews(self) -> _Rooms:
        """The rooms of the reviews desk."""


@click.command()
@click.argument("events", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Stores that are listed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def pressure(context: PressureContext, events: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show which stores reached out to people who wrote badly, and how many of these then took it back.

    EVENTS as in `agora replay`, which writes findings. Stores at the end of the history, most people first; `stands
    out` says of which chance does not explain it.
    """
    policy = context.reviews.pressure_policy
    monitor = PressureMonitor(policy)
    monitors: list[Monitor] = [monitor]
    with tempfile.TemporaryDirectory() as folder:
        tell = Progress(lambda words: click.echo(words, err=True))
        replay(event_files(events), lambda: monitors, Path(folder) / "out", progress=tell)
    found = _stores(monitor, policy)
    if as_json:
        told = {"usual": round(monitor.books.pool.usual(policy), 5), "items": found[:limit]}
        click.echo(msgspec.json.encode(told).decode())
        return
    click.echo(f"{'store':<20} {'critics':>7} {'reached':>7} {'paid':>5} {'took back':>9} {'reports':>7}")
    for each in found[:limit]:
        row = f"{each['store_id']:<20} {each['critics']:7,} {each['reached']:7,} {each['paid']:5,}"
        stands = "  stands out" if each["stands_out"] else ""
        click.echo(f"{row} {each['taken_back']:9,} {each['reports']:7,}{stands}")
    usual = monitor.books.pool.usual(policy)
    click.echo(f"Of people who were reached {usual:.1%} take a review back, over all stores.")


def _stores(monitor: PressureMonitor, policy: Policy) -> list[dict[str, Any]]:
    books = monitor.books
    named = stand_out(books.candidates(), books.pool, policy)
    rows = [
        {
            "store_id": name, "critics": shop.counts.critics, "reached": shop.counts.reached, "paid": shop.counts.paid,
            "taken_back": shop.counts.seen + shop.counts.word, "reports": shop.reporters, "stands_out": name in named,
            "chance": named[name].chance if name in named else None,
        } for name, shop in books.shops.items() if shop.counts.reached
    ]  # fmt: skip
    return sorted(rows, key=lambda each: (not each["stands_out"], -each["taken_back"], each["store_id"]))
