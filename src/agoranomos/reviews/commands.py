"""`agora reviews …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.reviews.anonymity import commands as anonymity
from agoranomos.reviews.numbers import commands as numbers
from agoranomos.reviews.pressure import commands as pressure
from agoranomos.reviews.score import commands as scores


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def reviews() -> None:
    """What buyers say: reviews that are honest, and safe to write."""


for command in (
    anonymity.risk, anonymity.release, pressure.pressure, numbers.numbers, numbers.report, scores.score,
):  # fmt: skip
    reviews.add_command(command)
