"""`agora sellers links|sweep|train`: who may be the same as whom, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import click

from agoranomos.engine.links.explaining import Explanation
from agoranomos.engine.links.parameters import LEVELS
from agoranomos.engine.spark.asked import session_for
from agoranomos.kernel.context import Context
from agoranomos.sellers.links import wording
from agoranomos.sellers.links.crosschecking import CrossCheck
from agoranomos.sellers.links.desk import Linked
from agoranomos.sellers.links.model import Link
from agoranomos.sellers.links.service import Keep, LinkService, Tell
from agoranomos.terminal import LOCAL, engine_options, json_option, settings_of, write_out


class _Rooms(Protocol):
    @property
    def links(self) -> LinkService: ...
    @property
    def keep_found(self) -> Keep: ...


class LinkContext(Context, Protocol):
    """A context that knows links."""

    @property
    def sellers(self) -> _Rooms:
        """The rooms of the sellers desk."""


@click.command("links")
@click.argument("seller_id")
@click.option("--weights", is_flag=True, help="Show the sum of weights behind each link.")
@json_option
@click.pass_obj
def links(context: LinkContext, seller_id: str, weights: bool, as_json: bool) -> None:
    """Show who may be the same as a seller, the likeliest first, with the facts they share."""
    context.sellers.links.follow(context.sellers.keep_found)
    shown = context.sellers.links.links_of(seller_id)
    back = f", taken for {shown.seller.returns}" if shown.seller.returns else ""
    lines = [f"{seller_id} ({shown.seller.state}{back}): {len(shown.links)} linked"]
    for link in shown.links:
        lines += _lines(link)
        if weights:
            lines += waterfall(link.explanation)
    write_out(shown, as_json, *lines)


@click.command("sweep")
@click.option("--cross-check", is_flag=True, help="Compare with the links that Splink finds; changes nothing.")
@click.option(
    "--links", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write every link here (Parquet)."
)
@engine_options
@json_option
@click.pass_obj
def sweep(
    context: LinkContext, cross_check: bool, out: Path | None, engine_name: str, master: str | None,
    spark_conf: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Compare all sellers with all; stores that belong to closed sellers become findings."""
    service, keep = context.sellers.links, context.sellers.keep_found
    settings = settings_of(spark_conf)
    if cross_check:
        if out or engine_name != LOCAL:
            raise click.UsageError("--cross-check goes with neither --links nor --engine")
        service.follow(keep)
        _disagreements(service.cross_check(), as_json)
        return
    with ExitStack() as stack:
        session = stack.enter_context(
            session_for(
                engine_name, master, settings, shared=[context.home], seen=(),
                tell=lambda words: click.echo(words, err=True),
            )
        )  # fmt: skip
        service.follow(keep)
        linked: Iterator[Linked] | None = None
        if session is not None:
            # Only a cluster needs it.
            from agoranomos.sellers.links.away import Away  # noqa: PLC0415

            scratch = TemporaryDirectory(dir=context.home, prefix="sweep-", ignore_cleanup_errors=True)
            linked = service.taken(Away(session, Path(stack.enter_context(scratch))).take)()
        tell: Tell = _nobody
        if out is not None:
            # Parquet takes its time to load, and few ask for it.
            from agoranomos.sellers.links.files import link_file  # noqa: PLC0415

            tell = stack.enter_context(link_file(out))
        swept = service.sweep(keep, linked, tell)
    lines = [f"{swept.pairs:,} links in {len(swept.groups):,} groups; {len(swept.found):,} new findings"]
    lines += [f"  {' '.join(group)}" for group in swept.groups]
    write_out({"pairs": swept.pairs, "groups": swept.groups, "found": swept.found}, as_json, *lines)


def _nobody(_: Linked) -> None:
    """Links are written nowhere."""


@click.command("train")
@click.option("--show", is_flag=True, help="Only show the model that is gone by.")
@json_option
@click.pass_obj
def train(context: LinkContext, show: bool, as_json: bool) -> None:
    """Learn from the sellers themselves, without labels, how much each fact weighs."""
    context.sellers.links.follow(context.sellers.keep_found)
    model = context.sellers.links.model() if show else context.sellers.links.train()
    lines = [f"returners {model.returners:g} per seller"]
    for field, levels in LEVELS.items():
        kept = ", ".join(f"{level} {model.keeps[field][level]:.0%}" for level in levels[1:])
        lines.append(f"  {field:14} of those who are the same: {kept}")
    write_out(model, as_json, *lines)


def _disagreements(found: CrossCheck, as_json: bool) -> None:
    lines = [f"ours {found.ours:,}, Splink's {found.splink:,}, both {found.both:,}"]
    for which, cases in (("only ours", found.only_ours), ("only Splink's", found.only_splink)):
        for case in cases:
            shared = ", ".join(wording.words(fact)[0] for fact in case.facts) or "nothing that ties"
            lines.append(f"{which}: {case.seller_id} {case.other_id} ({case.ours:.2f} / {case.splink:.2f}): {shared}")
    write_out(found, as_json, *lines)


def _lines(link: Link) -> list[str]:
    stores = f"; stores {', '.join(link.stores)}" if link.stores else ""
    lines = [f"{link.probability:.2f}  {link.seller_id} ({link.state}{stores})"]
    return lines + [f"      {wording.words(fact)[0]}" for fact in link.facts]


def waterfall(found: Explanation) -> list[str]:
    """The sum of weights, in bits: where it begins, what each fact adds, what explains it otherwise, the total."""
    rows = [("any two sellers", found.start)]
    rows += [(f"{fact.field}: {fact.level.replace('_', ' ')}", fact.bits) for fact in found.facts]
    could_be = " or ".join(wording.circumstance(name)[0] for name in found.circumstances)
    rows.append((f"what {could_be} share anyway" if could_be else "what strangers share anyway", found.explained))
    rows.append(("together", found.total))
    running, lines = 0.0, []
    for what, bits in rows[:-1]:
        running += bits
        lines.append(f"      {bits:+8.2f}  {running:+8.2f}  {what}")
    return [*lines, f"      {'':8}  {found.total:+8.2f}  together: {found.probability:.2%}"]
