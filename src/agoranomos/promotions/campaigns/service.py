"""Campaigns over the store: what HTTP and commands share."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.promotions.campaigns import queries
from agoranomos.promotions.campaigns.model import Declared


@dataclass(frozen=True, slots=True)
class CampaignService:
    """The store and the clock."""

    store: Store
    clock: Clock

    def get(self, campaign_id: str) -> Declared:
        """The campaign as it stands. Raises NotFound."""
        with self.store.reading() as connection:
            return queries.campaign(connection, campaign_id)

    def versions(self, campaign_id: str) -> list[Declared]:
        """All that was declared of it, the first first. Raises NotFound."""
        with self.store.reading() as connection:
            queries.campaign(connection, campaign_id)
            return queries.versions(connection, campaign_id)

    def listed(self, *, giving: bool = False, after: str = "", limit: int = 100) -> list[Declared]:
        """At most `limit` campaigns behind the id `after`, in the order of ids; `giving`: only what gives now."""
        with self.store.reading() as connection:
            if not giving:
                return queries.campaigns(connection, after=after, limit=limit)
            found = queries.gives_at(connection, self.clock())
        return [each for each in found if each.id > after][:limit]
