"""`agora sellers …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.sellers.appeals import commands as appeals
from agoranomos.sellers.certification import commands as certification
from agoranomos.sellers.credit import commands as credit
from agoranomos.sellers.education import commands as education
from agoranomos.sellers.freeze import commands as freeze
from agoranomos.sellers.identity.commands import check
from agoranomos.sellers.links import commands as links
from agoranomos.sellers.points import commands as points


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sellers() -> None:
    """Who sells: applications, linked stores, points, frozen money, credit."""


for command in (
    appeals.appeal,
    appeals.appeals,
    appeals.complainant,
    certification.appointments,
    certification.regions,
    credit.credit,
    credit.export,
    credit.verify,
    education.courses,
    education.quiz,
    check,
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
