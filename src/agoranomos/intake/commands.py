"""`agora ingest`: files of events into the store."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import click
import msgspec

from agoranomos.engine.scan.progress import watcher
from agoranomos.intake.actions import Hearers
from agoranomos.intake.ingesting import Ingest, Summary, sources_of, write_rejects
from agoranomos.intake.noting import Notings
from agoranomos.kernel.context import Context
from agoranomos.vault.keys import Vault


class IntakeContext(Context, Protocol):
    """A context that can also open the vault, and knows who hears what comes in, and who notes what of it."""

    def vault(self) -> Vault: ...
    def hearers(self) -> Hearers: ...
    def notings(self) -> Notings: ...


@click.command("ingest")
@click.argument("events", nargs=-1, required=True)
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write refused lines here (JSONL).")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def ingest_command(events: tuple[str, ...], rejects: Path | None, as_json: bool) -> None:
    """Take events into the store: files, folders or globs of JSONL (also .gz, .zst) or Parquet; - for standard input.

    An event that is known by source and id is ignored and counted. An interrupted call goes on where it stopped.
    """
    context: IntakeContext = click.get_current_context().obj
    sources = sources_of(events)
    store = context.store()
    store.require_current()
    ingest = Ingest(
        store, context.vault(), sources, clock=context.now, watcher=watcher(), hearers=context.hearers(),
        notings=context.notings(),
    )  # fmt: skip
    summary = ingest.run()
    if rejects is not None:
        write_rejects(store, summary.run_id, rejects)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(summary), indent=2).decode())
    else:
        _print(summary, rejects)


def _print(summary: Summary, rejects: Path | None) -> None:
    click.echo(
        f"{summary.lines:,} lines in {summary.seconds:.1f} s ({summary.events_per_s:,.0f}/s): "
        f"{summary.accepted:,} accepted, {summary.repeated:,} repeated, {summary.rejected:,} rejected."
    )
    if summary.late:
        click.echo(f"  {summary.late:>10,}  came more than ten minutes behind their source's newest")
    if summary.conflicting:
        click.echo(f"  {summary.conflicting:>10,}  repeated with other content; the first one stays")
    for kind, count in summary.by_type.items():
        click.echo(f"  {count:>10,}  {kind}")
    if summary.rejected:
        click.echo(f"Why lines were rejected stands in {rejects}." if rejects else "See why with --rejects FILE.")
