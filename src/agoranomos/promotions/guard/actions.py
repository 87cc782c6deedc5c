"""What is done at once when a campaign is declared or ended, in the transaction that takes the event into the log."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event
from agoranomos.promotions.budgets import leases
from agoranomos.promotions.campaigns import queries as campaigns
from agoranomos.promotions.guard import standing


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:
    """Calls in what is out under the old terms. A campaign that is declared again after its end begins anew."""
    campaign_id = event.data["campaign_id"] if event.type == "campaign.ended" else event.data["campaign"]["id"]
    leases.call_in(connection, campaign_id, now)
    guarded = standing.found(connection, campaign_id)
    if guarded is None:
        return
    try:
        declared = campaigns.campaign(connection, campaign_id)
    except NotFound:
        return
    if campaigns.ended_since(connection, declared, guarded.since):
        guarded = standing.opened(connection, declared)
        guarded.watch.resume()
        guarded.since = declared.declared_at
        standing.save(connection, guarded)
