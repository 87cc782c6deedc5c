"""`agora sellers …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.sellers.freeze import commands as freeze
from agoranomos.sellers.links import commands as links
from agoranomos.sellers.points import commands as points


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sellers() -> None:
    """Who sells: applications, linked stores, points, frozen money, credit."""


for command in (
    links.links,
    links.sweep,
    links.train,
    freeze.freeze,
    freeze.frozen,
    freeze.release,
    points.intent,
    points.offenders,
    points.points,
):
    sellers.add_command(command)
