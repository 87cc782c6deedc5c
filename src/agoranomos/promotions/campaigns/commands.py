"""`agora promotions list|show`: the campaigns that were declared."""

from __future__ import annotations

from typing import Protocol

import click
import msgspec

from agoranomos.kernel.context import Context
from agoranomos.promotions.campaigns import showing
from agoranomos.promotions.campaigns.service import CampaignService
from agoranomos.terminal import json_option, write_out


class _Rooms(Protocol):
    @property
    def campaigns(self) -> CampaignService: ...


class CampaignContext(Context, Protocol):
    """A context that knows campaigns."""

    @property
    def promotions(self) -> _Rooms:
        """The rooms of the promotions desk."""


@click.command("list")
@click.option("--giving", is_flag=True, help="Only those that give something now.")
@click.option("--after", default="", metavar="CAMPAIGN", help="Go on after this campaign.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
@click.pass_obj
def list_campaigns(context: CampaignContext, giving: bool, after: str, limit: int, as_json: bool) -> None:
    """List campaigns with their terms, in the order of ids."""
    found = context.promotions.campaigns.listed(giving=giving, after=after, limit=limit)
    write_out({"items": [showing.shown(each) for each in found]}, as_json, *(showing.line(each) for each in found))


@click.command("show")
@click.argument("campaign_id")
@click.option("--versions", is_flag=True, help="All that was declared of it, the first first.")
@json_option
@click.pass_obj
def show_campaign(context: CampaignContext, campaign_id: str, versions: bool, as_json: bool) -> None:
    """Show a campaign as it was declared."""
    rooms = context.promotions.campaigns
    found = rooms.versions(campaign_id) if versions else [rooms.get(campaign_id)]
    entries = [showing.shown(each) for each in found]
    lines = []
    for each in found:
        lines += [showing.line(each), msgspec.json.format(msgspec.json.encode(each.document)).decode()]
    write_out({"items": entries} if versions else entries[0], as_json, *lines)
