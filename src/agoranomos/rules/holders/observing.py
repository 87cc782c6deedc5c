"""What an operator sees of the holders that this process asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agoranomos.rules.holders.asking import Holders


class HolderMetrics(Collector):
    """`agora_feature_holder_up`, `agora_feature_holder_position` and `agora_features_unknown_total`."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders

    def describe(self) -> Iterator[Metric]:
        """What it will tell."""
        yield from self._families()

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        up, position, unknown = self._families()
        for each in self._holders.standings():
            labels = [str(each.part), each.address]
            up.add_metric(labels, 0 if each.away else 1)
            if each.position is not None:
                position.add_metric(labels, each.position)
        unknown.add_metric([], self._holders.unknown)
        yield from (up, position, unknown)

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, CounterMetricFamily]:
        labels = ["part", "address"]
        return (
            GaugeMetricFamily("agora_feature_holder_up", "Whether a holder of features answers", labels=labels),
            GaugeMetricFamily(
                "agora_feature_holder_position", "The last event of the log that a holder had counted", labels=labels
            ),
            CounterMetricFamily("agora_features_unknown", "Features that no holder said in time, in checks"),
        )
