"""`agora promotions …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.promotions.campaigns import commands as campaigns
from agoranomos.promotions.guard import commands as guard
from agoranomos.promotions.lint import commands as lint
from agoranomos.promotions.remedies import commands as remedies
from agoranomos.promotions.tracing import commands as tracing


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def promotions() -> None:
    """What is given away: campaigns, and whether they make sense."""


for command in (
    lint.lint,
    campaigns.list_campaigns,
    campaigns.show_campaign,
    guard.guard,
    remedies.evidence,
    remedies.incident,
    remedies.remedy,
    tracing.rings,
    remedies.trace,
    remedies.verify,
):
    promotions.add_command(command)
