"""`agora sellers regions` and `appointments`."""

from __future__ import annotations

import click

from agoranomos.kernel.clock import rfc3339
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.terminal import json_option, write_out


@click.command()
@json_option
@click.pass_obj
def regions(context: ConductContext, as_json: bool) -> None:
    """Show where upheld cases concentrate, and where certification in person is required."""
    context.sellers.hear()
    found = context.sellers.offices.certification.regions()
    lines = (
        f"{each.rate:7.2%}  ({each.low:.2%} to {each.high:.2%})  {each.region}  {each.offenders} of {each.sellers}"
        + ("  certified in person" if each.required else "")
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


@click.command()
@click.option("--region", help="Only in this region.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def appointments(context: ConductContext, region: str | None, limit: int, as_json: bool) -> None:
    """List appointments for certification in person."""
    context.sellers.hear()
    found = context.sellers.offices.certification.appointments(region=region, limit=limit)
    lines = (
        f"{each.appointment_id}  {rfc3339(each.at)}  {each.region}  {each.seller_id}  {each.state}" for each in found
    )
    write_out({"items": found}, as_json, *lines)
