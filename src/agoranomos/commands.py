"""Commands about the whole system rather than one desk: serve, demo, doctor, db."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import click

from agoranomos import __version__
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.wiring import Wiring

HOST, PORT = "127.0.0.1", 8000


@click.command()
@click.option("--host", default=HOST, show_default=True, help="There is no sign-in yet: keep it on loopback.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.pass_obj
def serve(wiring: Wiring, host: str, port: int, as_json: bool) -> None:
    """The API and the pages."""
    _serve(wiring, host, port, as_json)


@click.command()
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.pass_obj
def demo(wiring: Wiring, port: int, as_json: bool) -> None:
    """The publish-time check on an embedded store of its own, in a browser."""
    _serve(Wiring(wiring.home / "demo", cache=wiring.cache), HOST, port, as_json)


def _serve(wiring: Wiring, host: str, port: int, as_json: bool) -> None:
    import uvicorn

    _require_free(host, port)
    app = wiring.app()
    address = f"http://{host}:{port}"
    click.echo(json.dumps({"address": address}) if as_json else f"Agoranomos {__version__} on {address}")
    if not as_json:
        click.echo(f"Submit a listing as a seller would: {address}/listings/new (Ctrl-C stops)")
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Invalid(
                f"port {port} on {host} cannot be used ({error.strerror}); choose another with --port"
            ) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def db() -> None:
    """The store."""


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def upgrade(wiring: Wiring, as_json: bool) -> None:
    """Bring the store's tables to the newest form (the embedded store does so by itself)."""
    revision = wiring.store().upgrade()
    click.echo(json.dumps({"revision": revision}) if as_json else f"The store is at {revision}.")


@click.command()
@click.option(
    "--warm",
    is_flag=True,
    help="Compile kernels and the registry now, so that later starts are quick.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(wiring: Wiring, warm: bool, as_json: bool) -> None:
    """What is installed, where things are kept, and whether the parts work."""
    checks: dict[str, str] = {
        "python": sys.version.split()[0],
        "agoranomos": __version__,
        "home": str(wiring.home),
        "postgresql driver": "yes" if find_spec("psycopg") else "missing: pip install 'psycopg[binary]'",
    }
    started = time.perf_counter()
    judge = wiring.judge()
    if warm:
        from agoranomos.goods.listings.model import Listing

        judge.assess(
            Listing(
                listing_id="warm",
                store_id="warm",
                title="N1KE AJ1 莆田纯原 1:1 ＋VX 12345",
                price=Money(100, "CNY"),
            )
        )
    checks["registry"] = f"{len(wiring.snapshot().brands):,} brands"
    checks["judge"] = f"{judge.version}, ready in {time.perf_counter() - started:.1f} s"
    checks["store"] = f"revision {wiring.store().revision() or 'none: agora db upgrade'}"
    if as_json:
        click.echo(json.dumps(checks, ensure_ascii=False))
        return
    for name, value in checks.items():
        click.echo(f"{name:>18}  {value}")


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option(
    "--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day (Asia/Shanghai)."
)
@click.option("--days", type=click.IntRange(1, 3_660), default=30, show_default=True)
@click.option("--sellers", type=click.IntRange(10, 1_000_000), default=200, show_default=True)
@click.option("--buyers", type=click.IntRange(100, 10_000_000), default=5_000, show_default=True)
@click.option("--plot", "plots", multiple=True, metavar="NAME", help="What goes wrong in it; may be given again.")
@click.option("--zst", is_flag=True, help="Compress the events (events.jsonl.zst).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the files."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_obj
def market(
    wiring: Wiring, seed: int, start: datetime, days: int, sellers: int, buyers: int, plots: tuple[str, ...],
    zst: bool, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Make a marketplace: events.jsonl, truth.jsonl (who does wrong, who only looks like it) and summary.json."""
    import msgspec

    from agoranomos.engine.market.plots import chosen
    from agoranomos.engine.market.world import Settings
    from agoranomos.engine.market.writing import write

    settings = Settings(seed=seed, start=start.date(), days=days, sellers=sellers, buyers=buyers)
    summary = write(settings, chosen(plots, wiring.plots()), out, compress=zst, told=_market_progress())
    if as_json:
        click.echo(msgspec.json.encode(summary).decode())
        return
    click.echo(f"{summary.events:,} events of {len(summary.by_type)} types in {out / summary.files[0]}.")
    click.echo(f"{sum(summary.truth.values()):,} rows of truth in {out / summary.files[1]}:")
    for plot, rows in summary.truth.items():
        click.echo(f"  {rows:>7,}  {plot}")


def _market_progress() -> Callable[[int, str], None]:
    """Says on stderr how far the market is, about every two seconds."""
    said = time.monotonic()

    def told(events: int, moment: str) -> None:
        nonlocal said
        if time.monotonic() - said >= 2.0:
            said = time.monotonic()
            click.echo(f"{events:,} events, {moment[:10]}", err=True)

    return told
