"""`agora reviews risk|release`: what merchants could find out, and what the scheduler shows when."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.context import Context
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.anonymity.risk import Band, Watching, measured
from agoranomos.terminal import json_option


class _Rooms(Protocol):
    @property
    def anonymity_policy(self) -> Policy: ...


class ReviewContext(Context, Protocol):
    """A context that knows the reviews desk."""

    @property
    def reviews(self) -> _Rooms:
        """The rooms of the reviews desk."""


@click.command()
@click.argument("events", nargs=-1, required=True)
@json_option
@click.pass_obj
def risk(context: ReviewContext, events: tuple[str, ...], as_json: bool) -> None:
    """Measure how often a merchant would guess the author of an anonymous review.

    EVENTS are files, folders or globs of CloudEvents, such as a marketplace's own export. Reviews need an `order_id`.
    """
    policy = context.reviews.anonymity_policy
    watching = _watched(events, policy)
    found = measured(watching, policy)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    if not watching.reviews:
        click.echo("No anonymous review of an order that is known: there is nothing to measure.")
        return
    click.echo("How often the author is the first guess, and among the first five:")
    click.echo(
        f"{'orders a day':>14} {'stores':>7} {'reviews':>8}  {'as posted':>11}  {'by day':>11}  {'as shown':>11}"
    )
    for band in found.bands:
        click.echo(_line(band))
    click.echo(f"As shown, the first guess is right at most once in {round(1 / found.bound)}, by the policy.")


@click.command()
@click.argument("events", nargs=-1, required=True)
@json_option
@click.pass_obj
def release(context: ReviewContext, events: tuple[str, ...], as_json: bool) -> None:
    """Show which anonymous reviews of a history are shown when, in which form; and which still wait at its end.

    EVENTS as in `agora replay`, which writes the same as actions.
    """
    watching = _watched(events, context.reviews.anonymity_policy)
    released: list[dict[str, Any]] = [
        {"review_id": each.subject.id, "at": each.at, **each.params} for each in watching.released.values()
    ]
    waiting = [each.review_id for each in watching.reviews if each.review_id not in watching.released]
    if as_json:
        click.echo(msgspec.json.encode({"released": released, "waiting": waiting}).decode())
        return
    for each in released:
        shown = " ".join(str(each[key]) for key in ("item", "listing_id", "category", "period") if key in each)
        click.echo(f"{each['at']}  {each['review_id']}  {shown or 'in the score alone'}")
    forms = Counter(each.get("item", "score alone") for each in released)
    told = ", ".join(f"{name}: {count:,}" for name, count in sorted(forms.items()))
    click.echo(f"{len(released):,} shown ({told or 'none'}), {len(waiting):,} wait", err=True)


def _watched(events: tuple[str, ...], policy: Policy) -> Watching:
    """The history, watched to its end."""
    watching = Watching(policy)
    monitors: list[Monitor] = [watching]
    with tempfile.TemporaryDirectory() as folder:
        tell = Progress(lambda words: click.echo(words, err=True))
        replay(event_files(events), lambda: monitors, Path(folder) / "out", progress=tell)
    return watching


def _line(band: Band) -> str:
    cells = "  ".join(f"{each.top_1:5.3f} {each.top_5:5.3f}" for each in (band.posted, band.by_day, band.after))
    rest = f"  {band.after.reviews:,} shown, {band.score_only:,} counted alone; half wait up to {band.wait_days} days"
    return f"{band.orders_per_day:>14} {band.stores:7,} {band.reviews:8,}  {cells}{rest}"
