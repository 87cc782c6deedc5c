"""The features that rules ask, each with a state of its own: one may be added or go without the others noticing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from agoranomos.engine.features.encoding import Key128, Value
from agoranomos.engine.features.features import AsOf, Features
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.sharing import WHOLE, Share
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event


class Bank:
    """Features by fingerprint: two versions of a rule may declare one name differently, and both are kept. Only keys of
    `share` are counted.
    """

    def __init__(self, share: Share = WHOLE) -> None:
        self._share = share
        self._held: dict[str, Features] = {}
        self._by_type: dict[str, dict[str, Features]] = {}
        self._unfilled: set[str] = set()
        self._known: dict[str, list[bytes]] = {}

    def adopt(self, wanted: Iterable[Feature]) -> list[Feature]:
        """Holds `wanted` and nothing else. Returns those of which nothing is known; they are kept once `filled`."""
        features = {feature.fingerprint: feature for feature in wanted}
        before = {name: held for name, held in self._held.items() if name not in self._unfilled}
        self._held, self._by_type = {}, {}
        missing: list[Feature] = []
        for fingerprint, feature in sorted(features.items()):
            held = before.get(fingerprint) or self._resumed(feature)
            if held is None:
                held = Features([feature], share=self._share)
                missing.append(feature)
            self._held[fingerprint] = held
            for kind in feature.types:
                self._by_type.setdefault(kind, {})[fingerprint] = held
        self._known = {}
        self._unfilled = {feature.fingerprint for feature in missing}
        return missing

    def copy(self) -> Bank:
        """The same features, with the same states."""
        other = Bank(self._share)
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

    def read(self, fingerprint: str, key: Key128, at: int, more: Sequence[int | str]) -> Value:
        """See `Features.read`. Raises KeyError for a feature that is not held, or not filled."""
        if fingerprint in self._unfilled:
            raise KeyError(fingerprint)
        held = self._held[fingerprint]
        return held.read(held.only, key, at, more)

    def held(self) -> dict[str, Features]:
        """What is filled, by fingerprint."""
        return {name: held for name, held in self._held.items() if name not in self._unfilled}

    def state(self) -> bytes:
        """Everything that is known of what is filled."""
        known = {name: states[0] for name, states in self._known.items()}
        known |= {name: held.state() for name, held in self.held().items()}
        return msgspec.msgpack.encode(known, order="sorted")

    def resume(self, state: bytes) -> None:
        """Knows again what `state` said, as soon as it is asked to hold the same features."""
        known = msgspec.msgpack.decode(state, type=dict[str, bytes])
        self.resume_parts({name: [each] for name, each in known.items()})

    def resume_parts(self, known: Mapping[str, list[bytes]]) -> None:
        """The same of states of features, by fingerprint, where several parts of the keys may have one each; see
        `Features.resume_parts`.
        """
        self._held, self._by_type, self._unfilled = {}, {}, set()
        self._known = dict(known)

    def _resumed(self, feature: Feature) -> Features | None:
        states = self._known.pop(feature.fingerprint, None)
        if states is None:
            return None
        held = Features([feature], share=self._share)
        try:
            if self._share == WHOLE and len(states) == 1:
                held.resume(states[0])
            else:
                held.resume_parts(states, self._share)
        except Conflict:  # kept by another version of the program
            return None
        return held
