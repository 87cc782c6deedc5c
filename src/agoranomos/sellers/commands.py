"""`agora sellers …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click

from agoranomos.sellers.identity.commands import check


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sellers() -> None:
    """Who sells: applications and what is found in them."""


sellers.add_command(check)
