"""What a feature means, written as plainly as it goes: look at every event of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from agoranomos.engine.features.encoding import Value, micros
from agoranomos.engine.features.fields import TIME, getter
from agoranomos.engine.features.model import Feature
from agoranomos.kernel.events import Event


def reference(feature: Feature, events: Sequence[Event], keys: Sequence[Any], at: Event) -> Value:
    """The value for `keys` as of `at`, of `events` in their order."""
    if None in keys:
        return None
    by = [getter(field) for field in feature.by]
    until = (at.time, at.source, at.id)
    since = at.time - timedelta(microseconds=feature.window_us)
    seen = [one for one in events if since < one.time and (one.time, one.source, one.id) <= until]
    seen = [one for one in seen if one.type in feature.types]
    seen = [one for one in seen if [get(one.data) for get in by] == list(keys)]
    seen = [one for one in seen if feature.where is None or feature.where.holds(one)]
    if feature.share is not None:
        return len([one for one in seen if feature.share.holds(one)]) / len(seen) if seen else None
    if feature.field is None:
        return len(seen)
    values = [value for one in seen for value in _values(feature, one)]
    return _aggregated(feature.aggregate, values)


def _values(feature: Feature, event: Event) -> list[Any]:
    field = feature.field
    assert field is not None
    if field.path == TIME:
        return [micros(event.time)]
    value = getter(field)(event.data)
    if feature.declared.currency is not None and value is not None:
        currency = event.data[field.names[0]]["currency"]
        value = value if currency == feature.declared.currency else None
    if isinstance(value, list):
        return value
    if field.kind == "number" and value is not None:
        value = math.floor(value * 1e6 + 0.5) / 1e6
    return [] if value is None else [value]


def _aggregated(aggregate: str, values: list[Any]) -> Value:
    if aggregate == "count":
        return len(values)
    if aggregate == "count_distinct":
        return len(set(values))
    if not values:
        return None
    found: Value = {
        "sum": lambda: sum(values), "avg": lambda: sum(values) / len(values), "min": lambda: min(values),
        "max": lambda: max(values), "last": lambda: values[-1],
    }[aggregate]()  # fmt: skip
    return found
