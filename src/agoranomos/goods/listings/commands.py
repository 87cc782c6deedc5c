"""`agora scan`: a whole catalogue through the judge, from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Protocol

import click
import msgspec

from agoranomos.engine.scan import journal as journals
from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.layout import inspect
from agoranomos.engine.scan.progress import watcher
from agoranomos.engine.scan.raw import Tally
from agoranomos.engine.scan.reading import read_unit
from agoranomos.engine.scan.rejects import REASONS
from agoranomos.engine.scan.run import FINDINGS, scan
from agoranomos.engine.scan.sources import Source, expand
from agoranomos.engine.scan.summary import PictureCounts, Summary
from agoranomos.engine.scan.units import plan
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.registry_file import read_registry
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings import report
from agoranomos.goods.listings.catalogue import CatalogueJudge
from agoranomos.goods.listings.engines import Engine, Wanted, engine
from agoranomos.goods.listings.judge import TextJudge, batch_listings
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.sentences import way_words
from agoranomos.goods.names import code_names, skip_names
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.terminal import engine_options, settings_of

REPORT = "summary.html"


class ListingsContext(Context, Protocol):
    """A context that can also build the judge of listings; `cache` is the folder of what is compiled."""

    @property
    def cache(self) -> Path: ...

    def judge(self, extra: tuple[Brand, ...] = ()) -> TextJudge: ...

    def catalogue_judge(self, extra: tuple[Brand, ...] = (), at: str | None = None) -> CatalogueJudge: ...

    def pictures(self) -> Pictures: ...

    def snapshot(self, extra: tuple[Brand, ...] = ()) -> RegistrySnapshot: ...


class Pictures(Protocol):
    """Whoever can look at pictures."""

    def looking(
        self,
        sources: Sequence[Source],
        words: CatalogueJudge,
        root: Path,
        out: Path,
        *,
        brands: Iterable[Brand],
        engine: Engine,
        words_seconds_max: float,
        tell: Callable[[str], None],
    ) -> AbstractContextManager[LookedAt]: ...


class LookedAt(Protocol):
    """What was seen in the pictures of a catalogue."""

    @property
    def judge(self) -> JudgeSource: ...

    @property
    def counts(self) -> PictureCounts: ...


@click.command("scan")
@click.argument("listings", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder for the results.")
@click.option(
    "--registry",
    type=click.Path(path_type=Path, exists=True),
    help="Brands on top of the registry.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="Processes; by default one per core.",
)
@engine_options
@click.option(
    "--pictures-root", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Where picture paths start."
)
@click.option(
    "--words-seconds",
    type=click.FloatRange(min=0),
    default=120.0,
    show_default=True,
    help="Time to read words in pictures of doubtful listings; 0: none.",
)
@click.option(
    "--nightly", is_flag=True, help="Keep what was found, and next time judge only the files that have changed."
)
@click.option("--fresh", is_flag=True, help="Start again instead of resuming an interrupted scan.")
@click.option("--explain", metavar="LISTING_ID", help="Say everything about one listing instead of scanning.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def scan_command(
    listings: tuple[str, ...], out: Path | None, registry: Path | None, workers: int | None,
    engine_name: str, master: str | None, spark_conf: tuple[str, ...], pictures_root: Path | None,
    words_seconds: float, nightly: bool, fresh: bool, explain: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Scan a catalogue: files, folders or globs of Parquet, CSV or JSONL.

    Writes findings.parquet, rejects.parquet (when rows were refused), summary.json and summary.html to OUT.
    """
    context: ListingsContext = click.get_current_context().obj
    extra = tuple(read_registry(registry, context.cache)[0]) if registry else ()
    if explain is not None:
        _explain(context, listings, extra, explain, as_json)
        return
    if out is None:
        raise click.UsageError("Say where the results go: --out FOLDER (or --explain LISTING_ID for one listing).")
    sources = expand(listings, skip=out)
    earlier = None if fresh else journals.unfinished(out)
    at = earlier.at if earlier else rfc3339(context.now())
    words = context.catalogue_judge(extra, at)
    watching = watcher()
    wanted = Wanted(engine_name, workers, master, settings_of(spark_conf))
    seen = [words.snapshot_file, *([pictures_root] if pictures_root else [])]
    with engine(wanted, sources, shared=out, seen=seen, tell=watching.say) as where, ExitStack() as stack:
        judge: JudgeSource = words
        counts = None
        if pictures_root is not None:
            looked = stack.enter_context(
                context.pictures().looking(
                    sources, words, pictures_root, out, brands=context.snapshot(extra).brands, engine=where,
                    words_seconds_max=words_seconds, tell=watching.say,
                )
            )  # fmt: skip
            judge, counts = looked.judge, looked.counts
        summary = scan(
            sources, judge, out, workers=where.workers, at=at, resume=not fresh, pictures=counts, progress=watching,
            hands=where.hands, nightly=nightly,
        )  # fmt: skip
    report.write(out / FINDINGS, summary, out / REPORT)
    _print(summary, out, as_json)


def _print(summary: Summary, out: Path, as_json: bool) -> None:
    if as_json:
        click.echo(summary.json().decode(), nl=False)
        return
    unchanged = f", {summary.timing.unchanged_rows:,} as last night" if summary.timing.unchanged_rows else ""
    click.echo(
        f"{_counted(summary.rows, 'listing')} in {summary.seconds:.1f} s ({summary.rows_per_s:,.0f}/s), "
        f"{summary.listings_flagged:,} flagged, {_counted(summary.rejected, 'row')} refused, "
        f"{summary.repaired:,} repaired{unchanged}."
    )
    names = code_names()
    width = max((len(code) for code in summary.by_code), default=0)
    for code, count in sorted(summary.by_code.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  {count:>10,}  {code:{width}}  {names[code]}")
    if not summary.rows:
        click.echo("  There was nothing to judge.")
    elif summary.judged and not summary.findings:
        click.echo("  No listing reached the report line.")
    for reason, count in sorted(summary.rejected_by_reason.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  {count:>10,}  refused, {reason}: {REASONS[reason]}")
    _print_pictures(summary)
    for note in summary.notes:
        click.echo(f"  note: {note}")
    click.echo(f"Read {out / REPORT}, or query {out / FINDINGS}.")


def _print_pictures(summary: Summary) -> None:
    if summary.picture_counts is None:
        return
    counts, words = summary.picture_counts, skip_names()
    click.echo(
        f"{_counted(counts.looked_at, 'picture')} in {counts.seconds:.1f} s ({summary.pictures_per_s:,.0f}/s), "
        f"{counts.contents:,} different, {counts.decoded:,} new."
    )
    for reason, count in sorted(summary.pictures_skipped.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  {count:>10,}  not looked at, {reason}: {words[reason]}")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def find_listing(listings: tuple[str, ...], listing_id: str) -> Listing:
    """The first listing with the id in the files; raises NotFound, or Invalid where its row is refused."""
    sources = [(source, inspect(source)) for source in expand(listings)]
    for unit in plan(sources):
        for slab in read_unit(unit, Tally()):
            ids = slab.batch["listing_id"].to_pylist()
            if listing_id in ids:
                return batch_listings(slab.batch.slice(ids.index(listing_id), 1))[0]
            for row in slab.rejects.batch().to_pylist():
                if row["listing_id"] == listing_id:
                    column = f", column {row['column']}" if row["column"] else ""
                    raise Invalid(f"the row of {listing_id!r} is refused{column}: {REASONS[row['reason']]}")
    raise NotFound(f"no listing {listing_id[:128]!r} in these files; ids are compared exactly")


def _explain(
    context: ListingsContext,
    listings: tuple[str, ...],
    extra: tuple[Brand, ...],
    listing_id: str,
    as_json: bool,
) -> None:
    listing = find_listing(listings, listing_id)
    judge = context.judge(extra)
    facts, assessment = judge.explain(listing)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(assessment), indent=2).decode())
        return
    click.echo(f"{listing.title}\n{listing.price or 'no price'}; {listing.category or 'no category'}")
    kinds = ", ".join(sorted(facts.categories)) or "unknown"
    click.echo(f"Kind of goods: {kinds}{' (an accessory or part)' if facts.accessory else ''}")
    click.echo(f"Category profile: {assessment.profile}")
    for mention in facts.mentions:
        about = [
            *way_words(mention.ways, mention.text)[0],
            *sorted(mention.roles),
            *(["an everyday word"] if mention.ordinary else []),
        ]
        said = f" ({', '.join(about)})" if about else ""
        click.echo(f"  names {mention.brand.main_name}: {mention.text!r} in the {mention.place.field}{said}")
    for concern, score in assessment.scores.items():
        click.echo(f"{concern.value}: score {score:.3f}")
        click.echo(f"  {judge.priors.of(concern):+6.2f}  before anything was noticed")
        for signal in assessment.signals:
            if signal.concern is concern:
                click.echo(f"  {signal.weight:+6.2f}  {signal.code}: {signal.message}")
        together = judge.priors.of(concern) + sum(s.weight for s in assessment.signals if s.concern is concern)
        click.echo(f"  {together:+6.2f}  together")
    if not assessment.scores:
        click.echo("Nothing speaks against this listing.")
