"""Commands about the whole system rather than one desk: serve, demo, doctor, db."""

from __future__ import annotations

import json
import socket
import sys
import time
from importlib.util import find_spec

import click

from agoranomos import __version__
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money
from agoranomos.wiring import Wiring

HOST, PORT = "127.0.0.1", 8000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Beyond loopback everybody signs in.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--log-requests", is_flag=True, help="A line of JSON on stderr for each request.")
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.pass_obj
def serve(wiring: Wiring, host: str, port: int, log_requests: bool, as_json: bool) -> None:
    """The API and the pages."""
    _require_somebody(wiring, host)
    _serve(wiring, host, port, as_json, log_requests=log_requests)


@click.command()
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.pass_obj
def demo(wiring: Wiring, port: int, as_json: bool) -> None:
    """The publish-time check on an embedded store of its own, in a browser."""
    _serve(Wiring(wiring.home / "demo", cache=wiring.cache), HOST, port, as_json)


def _serve(wiring: Wiring, host: str, port: int, as_json: bool, *, log_requests: bool = False) -> None:
    import uvicorn

    from agoranomos.web import logs

    logs.configure(wiring.clock, requests=log_requests)
    _require_free(host, port)
    app = wiring.app(open_locally=wiring.store().embedded and host in LOOPBACK)
    address = f"http://{host}:{port}"
    click.echo(json.dumps({"address": address}) if as_json else f"Agoranomos {__version__} on {address}")
    if not as_json:
        click.echo(f"Submit a listing as a seller would: {address}/listings/new (Ctrl-C stops)")
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)


def _require_somebody(wiring: Wiring, host: str) -> None:
    """Beyond this machine somebody must be able to sign in; on it, says how that is made so."""
    from agoranomos.staff.pages import FIRST

    if wiring.staff().anybody():
        return
    if host not in LOOPBACK:
        raise Invalid(
            f"nobody could sign in at {host}: nobody was added and no API key exists; make the first administrator "
            f"with `{FIRST}`, or stay on {HOST}"
        )
    click.echo(f"Nobody was added yet. The first administrator: {FIRST}", err=True)


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
