"""`agora sellers check`: applications in files, judged as the system would have judged them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol, Self

import click

from agoranomos.engine.replay.desks import View
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.sellers.identity.monitor import ApplicationMonitor
from agoranomos.sellers.identity.policy import Policy, load_policy


class _Rooms(Protocol):
    @property
    def application_policy(self) -> Policy: ...


class ApplicationContext(Protocol):
    """A context that knows the policy of applications, and how a replay sees events."""

    @property
    def sellers(self) -> _Rooms: ...

    def with_pictures(self, root: Path | None) -> Self: ...
    def replay_view(self) -> View: ...


@click.command()
@click.argument("events", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder of results.")
@click.option(
    "--pictures-root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the paths of photos start; without it photos are not looked at.",
)
@click.option(
    "--policy", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A policy of applications (TOML)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_obj
def check(
    context: ApplicationContext, events: tuple[str, ...], out: Path, pictures_root: Path | None, policy: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Judge applications in files of events, in their order; other events are passed over.

    EVENTS are files, folders or globs of CloudEvents: .jsonl (also .gz, .zst) or .parquet. Writes decisions.jsonl,
    findings.jsonl, rejects.jsonl and summary.json into OUT; nothing is stored, and no provider is asked.
    """
    chosen = context.with_pictures(pictures_root)
    monitor = ApplicationMonitor(load_policy(policy) if policy else chosen.sellers.application_policy)
    tell = Progress(lambda words: click.echo(words, err=True))
    summary = replay(event_files(events), lambda: [monitor], out, progress=tell, view=chosen.replay_view())
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print(summary, out)


def _print(summary: dict[str, Any], out: Path) -> None:
    decisions: dict[str, int] = summary["decisions"]
    told = ", ".join(f"{outcome} {count:,}" for outcome, count in decisions.items())
    click.echo(f"{sum(decisions.values()):,} applications: {told or 'none'}; results are in {out}")
    for code, count in summary["findings"].items():
        click.echo(f"  {count:>9,}  {code}")
    rejected = summary["events"]["rejected"]
    if rejected:
        click.echo(f"  {rejected:>9,}  lines rejected (rejects.jsonl says why)")
