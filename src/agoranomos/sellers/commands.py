"""`agora sellers …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.sellers.points import commands as points


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sellers() -> None:
    """Who sells: applications, linked stores, points, frozen money, credit."""


for command in (points.points, points.offenders, points.intent):
    sellers.add_command(command)
