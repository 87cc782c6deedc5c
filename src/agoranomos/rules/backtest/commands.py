"""`agora rules backtest`: what rules would have done to a history, before they do anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import msgspec

from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.types import CALENDAR
from agoranomos.engine.scan.sources import expand
from agoranomos.engine.spark.asked import session_for
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.backtest import queries
from agoranomos.rules.backtest.report import OutcomeDay, Report, RuleReport, Sample
from agoranomos.rules.book import Book, Used
from agoranomos.rules.commands import RuleContext, rules
from agoranomos.rules.loading import Loader
from agoranomos.rules.written import rule_files
from agoranomos.terminal import engine_options, json_option, settings_of

SAMPLES: Final = 5
_DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
_ZONE: Final = ZoneInfo(CALENDAR)


@rules.command("backtest")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--events", "events", multiple=True, metavar="PATH", help="Files, folders or globs; else the store's log."
)
@click.option("--from", "first", type=_DAY, help="The first day whose hits count (Asia/Shanghai).")
@click.option("--to", "last", type=_DAY, help="The last day whose hits count.")
@click.option("--samples", type=click.IntRange(0, 1000), default=SAMPLES, show_default=True, help="Examples per rule.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the whole report here (JSON).")
@engine_options
@json_option
@click.pass_obj
def backtest_command(
    context: RuleContext, files: tuple[Path, ...], events: tuple[str, ...], first: datetime | None,
    last: datetime | None, samples: int, out: Path | None, engine_name: str, master: str | None,
    spark_conf: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Say what the rules in FILES would have done to a history: hits per day, examples with every value, overlap with
    live rules, precision where cases were decided, load on queues.

    Without FILES: the versions that run in shadow. Nothing is kept and nothing acts.
    """
    # DuckDB takes a tenth of a second to import, and the other commands of this group do without.
    from agoranomos.rules.backtest.running import backtest, beside  # noqa: PLC0415

    service = context.rules()
    loader = Loader()
    sources, settings = _sources(events), settings_of(spark_conf)

    def say(what: str) -> None:
        click.echo(f"{what} …", err=True)

    with (
        session_for(
            engine_name, master, settings, shared=[context.home], seen=[Path(each.path) for each in sources], tell=say
        ) as session,
        service.store.reading() as connection,
    ):
        loader.refresh(connection, context.now())
        candidates = _candidates(context, files, loader)
        book = Book(beside(candidates, loader.book.used), lists=loader.book.lists, name="backtest")
        report = backtest(
            book,
            connection,
            folder=context.home,
            policy=service.queues,
            sources=sources,
            since=first.replace(tzinfo=_ZONE) if first else None,
            until=last.replace(tzinfo=_ZONE) + timedelta(days=1) if last else None,
            samples=samples,
            say=say,
            session=session,
        )
    raw = msgspec.json.format(msgspec.json.encode(report), indent=2)
    if out is not None:
        _write(out, raw)
    if as_json:
        click.echo(raw.decode())
    else:
        for line in shown(report):
            click.echo(line)


def shown(report: Report) -> Iterator[str]:
    """A report for people, in lines."""
    read = report.read
    yield (
        f"{read.events:,} events of the kinds that these rules look at, {report.first} to {report.last} "
        f"({report.days} days); {read.repeated:,} repeated, {read.unreadable:,} lines that are no events."
    )
    yield ""
    yield f"{'rule':44}{'looked at':>12}{'unknown':>10}{'hits':>9}{'subjects':>10}{'a day':>8}  precision"
    for rule in report.rules:
        yield (
            f"{_title(rule):44}{rule.looked_at:>12,}{rule.unknown:>10,}{rule.hits:>9,}{rule.subjects:>10,}"
            f"{rule.per_day:>8.1f}  {_precision(rule)}"
        )
    for rule in report.rules:
        yield from _details(rule)
    yield ""
    if report.outcomes:
        yield "events by the strongest outcome: " + ", ".join(_totals(report.outcomes))
    for load in report.queues:
        yield (
            f"queue {load.queue}: {load.mean:.1f} subjects a day, at most {load.most:,}; "
            f"people can look at {load.capacity:,}, which was too few on {load.days_over:,} of {load.days:,} days"
        )
    yield from (f"note: {note}" for note in report.notes)


def _totals(days: Sequence[OutcomeDay]) -> Iterator[str]:
    """Each outcome with its events altogether, and the day that had most."""
    for name in ("decline", "hold", "review", "warn", "approve"):
        counts = {each.day: getattr(each, name) for each in days if getattr(each, name)}
        if counts:
            day = max(counts, key=lambda one: (counts[one], one))
            yield f"{name} {sum(counts.values()):,} (at most {counts[day]:,}, on {day})"


def _details(rule: RuleReport) -> Iterator[str]:
    if not rule.hits:
        return
    yield ""
    yield f"{_title(rule)}: {rule.outcome}, score {rule.score:g}, on {rule.listens}"
    busiest = sorted(rule.days, key=lambda day: (-day.hits, day.day))[:3]
    yield "  busiest days: " + ", ".join(f"{day.day} ({day.hits:,})" for day in busiest)
    for other in rule.overlaps:
        yield (
            f"  with {other.rule_id} version {other.version} (live): {other.both:,} subjects both, "
            f"{other.only_this:,} only this, {other.only_that:,} only that"
        )
    for sample in rule.samples:
        yield from _sample(sample)


def _sample(sample: Sample) -> Iterator[str]:
    yield f"  {sample.at}  {sample.subject.kind}:{sample.subject.id}  event {sample.event_id}"
    yield f"    {sample.reason_en}"
    yield "    " + ", ".join(f"{name} = {_value(value)}" for name, value in sample.values.items())


def _value(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _title(rule: RuleReport) -> str:
    return f"{rule.rule_id} v{rule.version}{' (live)' if rule.standing == 'live' else ''}"


def _precision(rule: RuleReport) -> str:
    found = rule.precision
    if found.precision is None:
        return "–"
    return f"{found.precision:.2f} ({found.low:.2f}–{found.high:.2f}) of {found.decided:,} decided"


def _candidates(context: RuleContext, files: Sequence[Path], loader: Loader) -> list[Used]:
    if not files:
        return [used for used in loader.book.used if used.standing == "shadow"]
    service = context.rules()
    try:
        written = service.read(rule_files(files))
    except RuleError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(1) from error
    with service.store.reading() as connection:
        return queries.candidates(connection, written)


def _sources(events: Iterable[str]) -> list[Any]:
    given = list(events)
    sources = expand(given) if given else []
    for source in sources:
        if source.format == "csv":
            raise Invalid(f"{source.path} is no file of events; they are .jsonl (.gz, .zst) or .parquet")
    return sources


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw + b"\n")
    except OSError as error:
        raise Invalid(f"{path} cannot be written ({error.strerror})") from error
