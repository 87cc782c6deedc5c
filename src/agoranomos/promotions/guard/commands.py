"""`agora promotions guard`: how a campaign stands."""

from __future__ import annotations

from typing import Protocol

import click
import msgspec

from agoranomos.kernel.context import Context
from agoranomos.promotions.guard.service import GuardService


class _Rooms(Protocol):
    @property
    def guard(self) -> GuardService: ...


class GuardContext(Context, Protocol):
    """A context that knows the guard of campaigns."""

    @property
    def promotions(self) -> _Rooms:
        """The rooms of the promotions desk."""


@click.command("guard")
@click.argument("campaign_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def guard(wiring: GuardContext, campaign_id: str, as_json: bool) -> None:
    """Whether CAMPAIGN runs, is slowed or stopped, and what is left of its budget."""
    shown = wiring.promotions.guard.show(campaign_id)
    if as_json:
        click.echo(msgspec.json.encode(shown).decode())
        return
    alarms = ", ".join(shown.alarms) or "no alarm"
    click.echo(f"{shown.campaign_id}: {shown.standing}; {alarms}; {shown.claims:,} claimed, {shown.redeemed:,} used")
    for each in shown.budget:
        period = each.period or "altogether"
        click.echo(
            f"{each.unit} {period}: {each.left:,} left of {each.declared:,}, {each.out:,} in blocks, "
            f"{each.given:,} given"
        )
