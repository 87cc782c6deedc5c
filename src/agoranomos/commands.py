"""Commands about the whole system rather than one desk: serve, demo, doctor, db."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec

from agoranomos import __version__
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import STATES, Job, State
from agoranomos.kernel.money import Money
from agoranomos.warming import warming
from agoranomos.wiring import Wiring

PLOT = "NAME[:SETTING=N,…]"
HOST, PORT = "127.0.0.1", 8000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EMBEDDED_NOTE = (
    "The embedded store lets one process write at a time: workers share checks, and wait for each other to write. "
    "With many writers set AGORA_DATABASE_URL."
)
PICTURES_ROOT = click.option(
    "--pictures-root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the paths of listings' pictures start; without it pictures are not looked at.",
)


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Beyond loopback everybody signs in.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes behind one address: SIGHUP replaces them in turn, one that dies is started again.",
)
@click.option(
    "--worker-ports",
    type=click.IntRange(1, 65535),
    metavar="FIRST",
    help="Each worker alone also answers on a port of its own, from this one on: for metrics.",
)
@click.option(
    "--feature-holders",
    "parts",
    default=0,
    show_default=True,
    type=click.IntRange(0, 64),
    help="Processes beside the workers that count features, each a part of the keys; 0: every worker counts all.",
)
@click.option("--log-requests", is_flag=True, help="A line of JSON on stderr for each request.")
@PICTURES_ROOT
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.option("--worker", "given", type=int, multiple=True, hidden=True)
@click.option("--sockets", hidden=True)
@click.option("--part", "share", hidden=True)
@click.pass_obj
def serve(
    wiring: Wiring, host: str, port: int, workers: int, worker_ports: int | None, parts: int, log_requests: bool,
    pictures_root: Path | None, as_json: bool, given: tuple[int, ...], sockets: str | None, share: str | None,
) -> None:  # fmt: skip
    """The API and the pages."""
    from agoranomos import holding

    wiring = wiring.with_pictures(pictures_root)
    if sockets and share:
        holding.hold(wiring, sockets, share, *given)
        return
    if sockets:
        wiring = wiring.with_holders(holding.addresses(sockets, parts))
    if given:
        _work(wiring, host, given, log_requests=log_requests)
        return
    _require_somebody(wiring, host)
    if parts and wiring.feature_settings.holders:
        raise click.UsageError("holders of features are named by AGORA_FEATURE_HOLDERS; leave --feature-holders out")
    if workers == 1 and not parts:
        _serve(wiring, host, port, as_json, log_requests=log_requests)
    else:
        _look_after(wiring, host, port, workers, worker_ports, as_json, parts)


@click.command()
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--plot",
    "plots",
    multiple=True,
    metavar=PLOT,
    help="What goes wrong in the market; may be given again. Without it a story for each desk is told.",
)
@click.option("--honest", is_flag=True, help="Nobody does wrong on purpose.")
@click.option("--days", type=click.IntRange(0, 3_660), default=30, show_default=True, help="0: no market at all.")
@click.option("--sellers", type=click.IntRange(10, 1_000_000), default=40, show_default=True)
@click.option("--buyers", type=click.IntRange(100, 10_000_000), default=600, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Say the address as JSON.")
@click.pass_obj
def demo(
    wiring: Wiring, port: int, plots: tuple[str, ...], honest: bool, days: int, sellers: int, buyers: int, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """A made market with a story for each desk, and the console, on an embedded store of its own, in a browser.

    The market ends yesterday. Each choice of plots and sizes has a store of its own; calling again opens it again.
    """
    from agoranomos.demo import STORIES, Market, filling, wiring_for
    from agoranomos.engine.market.plots import chosen

    if honest and plots:
        raise click.UsageError("an honest market has no plots: leave out --plot or --honest")
    told = plots or (() if honest else STORIES)
    planted = tuple(chosen(told, wiring.plots()))
    market = Market(days=days, sellers=sellers, buyers=buyers, seed=seed, plots=planted)
    own = wiring_for(wiring, market)
    telling = partial(click.echo, err=True)
    _serve(own, HOST, port, as_json, beside=lambda: filling(own, market, telling), guided=True)


def _serve(
    wiring: Wiring, host: str, port: int, as_json: bool, *, log_requests: bool = False,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext, guided: bool = False,
) -> None:  # fmt: skip
    from agoranomos.web import logs

    logs.configure(wiring.clock, requests=log_requests)
    with _bound(host, port) as door:
        _answer(wiring, host, [door], lambda: _say_where(host, port, as_json), beside=beside, guided=guided)


def _answer(
    wiring: Wiring, host: str, doors: Sequence[socket.socket], said: Callable[[], None],
    beat: Callable[[], None] = lambda: None, *, guided: bool = False,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:  # fmt: skip
    """Answers on `doors` and does background work until it is told to stop."""
    from agoranomos.kernel.collecting import spare_what_stays
    from agoranomos.web.serving import serve_on

    app = wiring.app(open_locally=wiring.store().embedded and host in LOOPBACK, guided=guided)
    said()
    # uvicorn repeats SIGTERM once it has stopped; unheard, it would end us in the middle of a job.
    signal.signal(signal.SIGTERM, _stop)
    with wiring.background(), beside():
        spare_what_stays()
        serve_on(doors, app, beat)


def _stop(number: int, _: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # whoever repeats it would break off what it is that we end
    sys.exit(128 + number)


def _work(wiring: Wiring, host: str, given: Sequence[int], *, log_requests: bool) -> None:
    """One worker of several, on the sockets `given`; the last of them is its lifeline."""
    from agoranomos.web import logs
    from agoranomos.web.workers import Lifeline

    logs.configure(wiring.clock, requests=log_requests)
    *doors, line = given
    lifeline = Lifeline(line)
    signal.signal(signal.SIGTERM, _stop)
    lifeline.watch()
    _answer(wiring, host, [socket.socket(fileno=door) for door in doors], lambda: None, lifeline.beat)


def _look_after(
    wiring: Wiring, host: str, port: int, count: int, first_own: int | None, as_json: bool, parts: int
) -> None:  # fmt: skip
    """`count` workers behind one address, and holders of `parts` of what features count, until we are told to stop."""
    from agoranomos import holding
    from agoranomos.web import logs
    from agoranomos.web.workers import Workers

    logs.configure(wiring.clock, requests=False)
    if wiring.store().embedded:
        click.echo(EMBEDDED_NOTE, err=True)
    wiring.make_secrets()  # before the workers, each of which would else make its own
    wiring.store().close()
    with ExitStack() as stack:
        door = stack.enter_context(_bound(host, port))
        own = (
            [stack.enter_context(_bound(host, each)) for each in range(first_own, first_own + count)]
            if first_own
            else []
        )

        sockets = stack.enter_context(holding.sockets(parts))

        def command(number: int, line: int) -> list[str]:
            again = [sys.executable, "-P", "-m", "agoranomos.main", *sys.argv[1:], *sockets]
            if number < parts:
                return [*again, "--part", f"{number + 1}/{parts}", "--worker", str(line)]
            doors = [door.fileno(), *(each.fileno() for each in own[number - parts : number - parts + 1])]
            return [*again, *(word for each in (*doors, line) for word in ("--worker", str(each)))]

        code = Workers(command, [door, *own], count, holders=parts).run(lambda: _say_where(host, port, as_json))
    raise SystemExit(0 if code == 128 + signal.SIGINT else code)  # as where one process is stopped at a terminal


def _say_where(host: str, port: int, as_json: bool) -> None:
    address = f"http://{host}:{port}"
    click.echo(json.dumps({"address": address}) if as_json else f"Agoranomos {__version__} on {address}")
    if not as_json:
        click.echo(f"How the market stands, and what the desks have found: {address}/overview (Ctrl-C stops)")
        click.echo(f"Submit a listing as a seller would: {address}/listings/new")


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


def _bound(host: str, port: int) -> socket.socket:
    from agoranomos.web.serving import bound

    try:
        return bound(host, port)
    except OSError as error:
        raise Invalid(f"port {port} on {host} cannot be used ({error.strerror}); choose another with --port") from error


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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def jobs() -> None:
    """Background work: what waits, what has failed for good, and to try it again."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--kind", help="Only jobs of this kind.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--after", nargs=2, default=("", ""), metavar="KIND KEY", help="Go on after this job.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_jobs(
    wiring: Wiring, *, state: State | None, kind: str | None, limit: int, after: tuple[str, str], as_json: bool
) -> None:
    """List jobs in the order of kind and key."""
    _print_jobs(wiring, state, kind, limit, after, as_json)


@jobs.command()
@click.option("--kind", help="Only jobs of this kind.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--after", nargs=2, default=("", ""), metavar="KIND KEY", help="Go on after this job.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def dead(wiring: Wiring, *, kind: str | None, limit: int, after: tuple[str, str], as_json: bool) -> None:
    """List the jobs that failed in every attempt, with the class of the last error."""
    _print_jobs(wiring, "dead", kind, limit, after, as_json)


@jobs.command()
@click.argument("kind")
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def retry(wiring: Wiring, kind: str, key: str, as_json: bool) -> None:
    """Let the dead job KIND KEY begin anew, with all its attempts."""
    with wiring.store().transaction() as connection:
        job = queue.retry(connection, kind, key, now=wiring.now())
    click.echo(_json(job) if as_json else f"{kind} {key} waits for a worker.")


def _print_jobs(
    wiring: Wiring, state: State | None, kind: str | None, limit: int, after: tuple[str, str], as_json: bool
) -> None:
    with wiring.store().reading() as connection:
        found = queue.listed(connection, state=state, kind=kind, after=after, limit=limit + 1)
    page, last = found[:limit], found[limit - 1] if len(found) > limit else None
    if as_json:
        click.echo(_json({"items": page, "next_after": last and [last.kind, last.key]}))
        return
    for job in page:
        click.echo(_job_line(job))
    if last is not None:
        click.echo(f"There are more: --after {last.kind} {last.key}", err=True)


def _job_line(job: Job) -> str:
    when = rfc3339(job.ended_at or job.free_at)
    tries = f"attempts {job.attempts}/{job.attempts_max}"
    return f"{job.state:8}{when}  {job.kind} {job.key}  {tries}  {job.reason or ''}".rstrip()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@click.command()
@click.option(
    "--warm",
    is_flag=True,
    help="Compile kernels (texts, pictures, links, rings …) and the registry now, so that later starts are quick.",
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
    with warming() if warm else nullcontext(dict[str, float]()) as seconds:
        judge = wiring.judge()
        if warm:
            from agoranomos.goods.listings.model import Listing

            title = "N1KE AJ1 莆田纯原 1:1 ＋VX 12345"  # every part of the judge sees something in it
            judge.assess(Listing(listing_id="warm", store_id="warm", title=title, price=Money(100, "CNY")))
        judged = time.perf_counter() - started
    checks |= {name: f"compiled, ready in {each:.1f} s" for name, each in seconds.items()}
    checks["registry"] = f"{len(wiring.snapshot().brands):,} brands"
    checks["judge"] = f"{judge.version}, ready in {judged:.1f} s"
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
@click.option("--plot", "plots", multiple=True, metavar=PLOT, help="What goes wrong in it; may be given again.")
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
