"""`agora replay`. Until its processes have started it imports next to nothing."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import click

from agoranomos.replaying.desks import Replaying


@click.command()
@click.argument("events", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder of results.")
@click.option(
    "--registry", type=click.Path(path_type=Path, exists=True), help="Brands and campaigns known from the start."
)
@click.option("--policy", type=click.Path(path_type=Path, exists=True), help="A listing policy (TOML), or a folder.")
@click.option("--rules", metavar="PATH", help="Rules, in a file or folder; `starter`: those that come with the system.")
@click.option(
    "--pictures-root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the paths of listings' pictures start; without it pictures are not looked at.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that hear; by default one per core. A small history is heard by one. It changes no byte.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_obj
def replay(
    house: Replaying,
    events: tuple[str, ...],
    out: Path,
    registry: Path | None,
    policy: Path | None,
    rules: str | None,
    pictures_root: Path | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """All desks over a history, on the events' own clock.

    EVENTS are files, folders or globs of CloudEvents: .jsonl (also .gz, .zst) or .parquet. The same events give the
    same bytes in OUT: findings.jsonl, decisions.jsonl, actions.jsonl, rejects.jsonl and summary.json.
    """
    from agoranomos.engine.replay.progress import Progress
    from agoranomos.engine.replay.run import replay_desks
    from agoranomos.engine.stream.lines import event_files

    started = time.perf_counter()
    chosen = replace(
        house, policy_file=policy or house.policy_file, pictures_root=pictures_root, rules=rules,
    )  # fmt: skip
    if registry:
        chosen = _knowing(chosen, registry)
    chosen.require_usable()
    tell = Progress(lambda words: click.echo(words, err=True))
    processes = workers or len(os.sched_getaffinity(0))
    summary = replay_desks(
        event_files(events), chosen.desks(), out, progress=tell, telling=chosen.telling(), processes=processes
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    seconds = time.perf_counter() - started
    heard = summary["events"]["heard"]
    click.echo(f"{heard:,} events heard in {seconds:.1f} s ({heard / seconds:,.0f}/s); results are in {out}")
    for name in ("findings", "decisions", "actions"):
        counts = summary[name]
        click.echo(f"{sum(counts.values()):>9,} {name}" + "".join(f", {key}: {n:,}" for key, n in counts.items()))
    lost = summary["events"]
    click.echo(f"{lost['repeated']:>9,} repeated, {lost['rejected']:,} rejected (rejects.jsonl says why)")


def _knowing(house: Replaying, registry: Path) -> Replaying:
    """With the brands and campaigns of a registry; what of it was refused is said on stderr."""
    from agoranomos.goods.brands.registry_file import read_registry
    from agoranomos.promotions.campaigns.registry import known_campaigns

    known = known_campaigns(registry)
    brands, refused = ([], []) if known.only else read_registry(registry)
    for words in known.refused:
        click.echo(words, err=True)
    for reject in refused:
        click.echo(f"{reject.file}:{reject.line}: {reject.reason} {reject.pointer}".rstrip(), err=True)
    return replace(house, brands=tuple(brands), campaigns=tuple(known.campaigns))
