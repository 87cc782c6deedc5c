"""`agora sellers points`, `offenders` and `intent`: where sellers stand, and what is recorded of their intent."""

from __future__ import annotations

from collections.abc import Sequence

import click

from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.sellers.points.policy import INTENTS, Intent
from agoranomos.sellers.points.service import PointsShown
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


@click.command()
@click.argument("seller_id")
@click.option("--as-of", metavar="TIME", help="As of this moment, such as 2026-05-01T00:00:00+08:00.")
@json_option
@click.pass_obj
def points(context: ConductContext, seller_id: str, as_of: str | None, as_json: bool) -> None:
    """Show where a seller stands: points in force, offences, suspensions."""
    context.sellers.hear()
    moment = parse_rfc3339(as_of) if as_of is not None else None
    _print(context.sellers.offices.points.show(seller_id, as_of=moment), as_json)


@click.command()
@click.option("--points-min", type=click.IntRange(0), default=0, show_default=True, help="Only with so many points.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def offenders(context: ConductContext, points_min: int, limit: int, as_json: bool) -> None:
    """List sellers against whom cases stand, most points first."""
    context.sellers.hear()
    found = context.sellers.offices.points.listed(points_min=points_min, limit=limit)
    lines = (
        f"{each.points:3}  {each.seller_id}  {each.offences} offences" + ("  to be closed" if each.closed else "")
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


@click.command()
@click.argument("case_id")
@click.argument("intent", type=click.Choice(INTENTS))
@click.option("--reason", "reasons", multiple=True, required=True, metavar="CODE", help="What speaks for it; again.")
@json_option
@click.pass_obj
def intent(context: ConductContext, case_id: str, intent: Intent, reasons: Sequence[str], as_json: bool) -> None:
    """Record whether a seller knew; the measure of the case follows."""
    _print(context.sellers.offices.points.record_intent(case_id, intent, reasons, by=LOCAL), as_json)


def _print(found: PointsShown, as_json: bool) -> None:
    moves = [f"{rfc3339(each.at)}  {each.amount:+3}  {each.case_id}  {each.why}" for each in found.moves]
    write_out(found, as_json, *found.text.en, *moves)
