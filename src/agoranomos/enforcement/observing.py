"""What an operator sees of actions: how many wait for a person, and of which kinds the policy does not know."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agoranomos.enforcement import queries
from agoranomos.enforcement.policy import Policy
from agoranomos.kernel.store import Store


class WaitingActions(Collector):
    """`agora_actions_waiting{named="yes|no"}`, counted when it is asked for; nothing while the store is away."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """What it will tell, without asking the store."""
        yield self._family()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of now."""
        try:
            with self._store.reading() as connection:
                waiting = queries.count_proposed(connection)
        except sa.exc.SQLAlchemyError:
            return
        named = sum(count for kind, count in waiting.items() if kind in self._policy.kinds)
        family = self._family()
        family.add_metric(["yes"], named)
        family.add_metric(["no"], sum(waiting.values()) - named)
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        words = "Actions that wait for a person; named: whether the policy of actions names their kind"
        return GaugeMetricFamily("agora_actions_waiting", words, labels=["named"])
