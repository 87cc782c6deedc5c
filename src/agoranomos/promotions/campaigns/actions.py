"""What the event log tells of campaigns goes into the tables, in the transaction that takes it in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.promotions import CampaignDeclared, CampaignEnded
from agoranomos.promotions.campaigns import queries
from agoranomos.promotions.campaigns.model import campaign_of


def hear(connection: sa.Connection, event: Event, now: datetime) -> None:  # noqa: ARG001 - a hearer's signature
    """`campaign.declared` and `campaign.ended`.

    Terms that no price can be computed from are left out: nothing is given by them. The event stays in the log, and the
    lint says why it is not used.
    """
    if isinstance(event.body, CampaignEnded):
        queries.put_ended(connection, event.body.campaign_id, event.time)
    elif isinstance(event.body, CampaignDeclared):
        with suppress(Invalid):
            campaign = campaign_of(event.data["campaign"])
            queries.put_declared(connection, campaign.id, event.data["campaign"], event.time)
