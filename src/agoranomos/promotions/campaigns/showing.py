"""A campaign as HTTP and commands show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.money import Money
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import Declared


class ShownCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as it stands; `campaign` is the entry as it was declared, fields of no meaning here included."""

    campaign_id: str
    version: int
    declared_at: datetime
    ended_at: datetime | None
    campaign: dict[str, Any]


def shown(declared: Declared) -> ShownCampaign:
    """What is said of a campaign, here and on the command line."""
    return ShownCampaign(
        campaign_id=declared.id, version=declared.version, declared_at=declared.declared_at,
        ended_at=declared.ended_at, campaign=declared.document,
    )  # fmt: skip


def line(declared: Declared) -> str:
    """A campaign on one line: id, version, when it gives, what."""
    campaign = declared.campaign
    start = rfc3339(campaign.starts_at) if campaign.starts_at else "always"
    end = declared.ended_at or campaign.ends_at
    until = rfc3339(end) if end else "no end"
    return f"{declared.id}  v{declared.version}  {start} to {until}  {benefit(campaign)}"


def benefit(campaign: Campaign) -> str:
    """What a campaign gives, in words: `5.00 CNY off`, `20 % off, at most 10.00 CNY`, `each for 0.01 CNY`."""
    given = campaign.benefit
    if given is None:
        return "nothing that it says"
    if isinstance(given.value, Money):
        words = f"each for {given.value}" if given.kind == "price" else f"{given.value} off"
    else:
        words = f"{given.value:g} % off" if given.kind == "percent" else f"{given.value:g} points"
    return words if given.cap is None else f"{words}, at most {given.cap}"
