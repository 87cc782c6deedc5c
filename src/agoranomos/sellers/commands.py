"""`agora sellers …`: the commands of all rooms of the desk."""

from __future__ import annotations

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sellers() -> None:
    """Who sells: applications, linked stores, points, frozen money, credit."""
