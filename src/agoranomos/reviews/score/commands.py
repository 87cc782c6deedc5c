"""`agora reviews score`: both scores of a store, of the store or of a history."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Protocol

import click
import msgspec

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import NotFound
from agoranomos.reviews.score.model import Scores, Stars
from agoranomos.reviews.score.service import ScoreService
from agoranomos.reviews.score.watching import Scoring


class _Rooms(Protocol):
    @property
    def scores(self) -> ScoreService: ...

    def scoring(self) -> Scoring: ...


class ScoreContext(Context, Protocol):
    """A context that knows the reviews desk."""

    @property
    def reviews(self) -> _Rooms:
        """The rooms of the reviews desk."""


@click.command()
@click.argument("store_id")
@click.option("--as-of", metavar="TIME", help="As of this moment, such as 2026-05-01T00:00:00+08:00.")
@click.option("--listing", "listing_id", metavar="LISTING_ID", help="Of one listing alone.")
@click.option(
    "--events", multiple=True, metavar="EVENTS", help="Of this history instead of the store; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def score(
    context: ScoreContext, store_id: str, as_of: str | None, listing_id: str | None, events: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Show the visible and the honest score of a store, and why they differ.

    EVENTS are files, folders or globs of CloudEvents; without them, it is the log in the store.
    """
    moment = parse_rfc3339(as_of) if as_of else None
    if events:
        found = _of_history(context.reviews.scoring(), events, store_id, moment, listing_id)
    else:
        context.reviews.scores.follow()
        found = context.reviews.scores.scores(store_id, as_of=moment, listing_id=listing_id)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    about = f"{found.store_id}, listing {listing_id}" if listing_id else found.store_id
    click.echo(f"{about}, as of {rfc3339(found.as_of)}")
    click.echo(f"  visible  {_stars(found.visible)}")
    click.echo(f"  honest   {_stars(found.honest)}")
    for each in found.reasons:
        click.echo(f"  {each.moves_hundredths / 100:+.2f}  {each.message}")


def _of_history(
    scoring: Scoring, events: tuple[str, ...], store_id: str, as_of: datetime | None, listing_id: str | None
) -> Scores:  # fmt: skip
    """The history, heard to its end."""
    monitors: list[Monitor] = [scoring]
    with tempfile.TemporaryDirectory() as folder:
        tell = Progress(lambda words: click.echo(words, err=True))
        replay(event_files(events), lambda: monitors, Path(folder) / "out", progress=tell)
    found = scoring.scores(store_id, as_of, listing_id)
    if found is None:
        raise NotFound("no review of such a store is in this history; stores are named as in review.posted")
    return found


def _stars(stars: Stars) -> str:
    return f"{stars.mean_hundredths / 100:.2f}  of {stars.count:,.2f} reviews" if stars.count else "–     of no review"
