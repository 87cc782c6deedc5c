"""The features that rules ask, each with a state of its own: one may be added or go without the others noticing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from agoranomos.engine.features.features import AsOf, Features
from agoranomos.engine.features.model import Feature
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event


class Bank:
    """Features by fingerprint: two versions of a rule may declare one name differently, and both are kept."""

    def __init__(self) -> None:
        self._held: dict[str, Features] = {}
        self._by_type: dict[str, dict[str, Features]] = {}
        self._unfilled: set[str] = set()
        self._known: dict[str, bytes] = {}

    def adopt(self, wanted: Iterable[Feature]) -> list[Feature]:
        """Holds `wanted` and nothing else. Returns those of which nothing is known; they are kept once `filled`."""
        features = {feature.fingerprint: feature for feature in wanted}
        before = {name: held for name, held in self._held.items() if name not in self._unfilled}
        self._held, self._by_type = {}, {}
        missing: list[Feature] = []
        for fingerprint, feature in sorted(features.items()):
            held = before.get(fingerprint) or self._resumed(feature)
            if held is None:
                held = Features([feature])
                missing.append(feature)
            self._held[fingerprint] = held
            for kind in feature.types:
                self._by_type.setdefault(kind, {})[fingerprint] = held
        self._known = {}
        self._unfilled = {feature.fingerprint for feature in missing}
        return missing

    def copy(self) -> Bank:
        """The same features, with the same states."""
        other = Bank()
        other._held, other._known, other._unfilled = dict(self._held), dict(self._known), set(self._unfilled)
        return other

    def filled(self) -> None:
        """Everything that happened before was counted."""
        self._unfilled = set()

    @property
    def types(self) -> frozenset[str]:
        """The types of event that are counted."""
        return frozenset(self._by_type)

    def hear(self, event: Event) -> None:
        """Counts an event."""
        for held in self._by_type.get(event.type, {}).values():
            held.hear(event)

    def hear_again(self, event: Event) -> None:
        """Counts an event for those features of which something is known; the others are filled with it later."""
        for fingerprint, held in self._by_type.get(event.type, {}).items():
            if fingerprint not in self._unfilled:
                held.hear(event)

    def fill(self, feature: Feature, events: Sequence[Event]) -> None:
        """Counts events, which are in order, for one feature only."""
        self._held[feature.fingerprint].load(events)

    def values(self, fingerprint: str, event: Event, *, heard: bool) -> AsOf:
        """Values of a feature as of `event`: it was heard, or is looked at as if it had come last."""
        held = self._held[fingerprint]
        return held.as_of(event) if heard else held.with_event(event)

    def state(self) -> bytes:
        """Everything that is known of what is filled."""
        known = {name: held.state() for name, held in self._held.items() if name not in self._unfilled}
        return msgspec.msgpack.encode({**self._known, **known}, order="sorted")

    def resume(self, state: bytes) -> None:
        """Knows again what `state` said, as soon as it is asked to hold the same features."""
        self._held, self._by_type, self._unfilled = {}, {}, set()
        self._known = msgspec.msgpack.decode(state, type=dict[str, bytes])

    def _resumed(self, feature: Feature) -> Features | None:
        state = self._known.get(feature.fingerprint)
        if state is None:
            return None
        held = Features([feature])
        try:
            held.resume(state)
        except Conflict:  # kept by another version of the program
            return None
        return held
