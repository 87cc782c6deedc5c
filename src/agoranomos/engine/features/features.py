"""All declared features over one stream of events.

`hear` takes events in the order of the contract; `value` looks a feature up as of a moment, later events unseen;
`peek` does so as if an event that is not in the log had come. No clock, no store: the same events give the same
values, and the same state in bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from agoranomos.engine.features.encoding import Key128, KeyPart, Texts, Value, key_128, micros
from agoranomos.engine.features.model import Feature, Result
from agoranomos.engine.features.taking import Taker, decoder
from agoranomos.engine.features.windows import KEYS_MAX, Counters, Windows
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.events import Event

FORMAT: Final = 1
"""Of the state."""
Reader = Callable[..., Value]
"""reader(name, *key parts) -> the value of a feature."""
_SWEEP_TEXTS_MIN: Final = 4096


class _Kept(msgspec.Struct):
    """The state of one feature."""

    fingerprint: str
    other_currency: int
    texts: list[str]
    windows: list[bytes]


class _State(msgspec.Struct):
    format: int
    repeats: int
    last: tuple[str, str] | None
    features: dict[str, _Kept]


class _Active:
    """A feature with its windows."""

    def __init__(self, feature: Feature, keys_max: int) -> None:
        self.feature = feature
        self.taker = Taker(feature)
        self.windows = Windows(feature.aggregate, feature.window_us, keys_max=keys_max)
        self.decode = decoder(feature, self.taker.texts)
        self.by = tuple(field.path for field in feature.by)
        self.sweep_at = _SWEEP_TEXTS_MIN

    def read(self, key: Key128 | None, at: int) -> Value:
        return None if key is None else self.decode(*self.windows.read(key, at))

    def tidy(self) -> None:
        """Forgets texts that no key has last seen, when there are twice as many as keys."""
        texts = self.taker.texts
        if self.feature.result != "text" or len(texts.texts) < self.sweep_at:
            return
        used = self.windows.codes()
        texts.sweep(used.tolist())
        self.windows.recode(used, np.arange(len(used)))
        self.sweep_at = max(_SWEEP_TEXTS_MIN, 2 * len(used))


class Features:
    """The features of `declared`, each with at most `keys_max` keys. Raises Conflict when two have one name."""

    def __init__(self, declared: Iterable[Feature], *, keys_max: int = KEYS_MAX) -> None:
        self._all: dict[str, _Active] = {}
        for feature in declared:
            if feature.name in self._all:
                raise Conflict(f"two features are called {feature.name}; give one another name")
            self._all[feature.name] = _Active(feature, keys_max)
        self._heard: dict[str, list[tuple[tuple[str, ...], list[_Active]]]] = {}
        for active in self._all.values():
            for kind in active.feature.types:
                groups = dict(self._heard.get(kind, ()))
                groups.setdefault(active.by, []).append(active)
                self._heard[kind] = list(groups.items())
        self._last: tuple[str, str] | None = None
        self._tidy_at: int | None = None
        self._tidy_every = min((active.feature.window_us // 64 for active in self._all.values()), default=1)
        self.repeats = 0

    @property
    def hears(self) -> frozenset[str]:
        """The types of event that some feature counts."""
        return frozenset(self._heard)

    @property
    def version(self) -> str:
        """16 hex digits that change when state can no longer be resumed."""
        parts = sorted((name, active.feature.fingerprint) for name, active in self._all.items())
        return hashlib.blake2b(msgspec.json.encode([FORMAT, parts]), digest_size=8).hexdigest()

    def signature(self, name: str) -> tuple[tuple[str, ...], Result]:
        """The kinds of a feature's key parts and of its value. Raises NotFound."""
        feature = self._of(name).feature
        return tuple(field.kind for field in feature.by), feature.result

    def hear(self, event: Event) -> None:
        """An event at its place in time. The event just heard, given again, is ignored and counted; for older repeats
        look to the log, which has every event once.
        """
        if event.identity == self._last:
            self.repeats += 1
            return
        self._last = event.identity
        groups = self._heard.get(event.type)
        at = micros(event.time)
        if self._tidy_at is None or at >= self._tidy_at:
            self._tidy(at)
        if groups is None:
            return
        data = event.data
        for _, actives in groups:
            key = actives[0].taker.key(data)
            if key is None:
                continue
            for active in actives:
                for value in active.taker.take(data, at):
                    active.windows.put(key, at, value)

    def value(self, name: str, keys: Sequence[KeyPart | None], at: int) -> Value:
        """The feature `name` of `keys` over the window that ends with `at` (microseconds since 1970).

        None when a key is missing, and where SQL says NULL. Raises NotFound.
        """
        return self._of(name).read(key_128(keys), at)

    def reader(self, event: Event) -> Reader:
        """Values as of `event`, which was heard."""
        at = micros(event.time)
        return lambda name, *keys: self.value(name, keys, at)

    def peek(self, event: Event) -> Reader:
        """Values as if `event`, which was not heard, were the latest; nothing changes."""
        at = micros(event.time)
        taken: dict[str, tuple[Key128 | None, Any]] = {}

        def read(name: str, *keys: KeyPart | None) -> Value:
            active = self._of(name)
            key = key_128(keys)
            if key is None or event.type not in active.feature.types:
                return active.read(key, at)
            if name not in taken:
                before = active.taker.other_currency
                more = np.array(active.taker.take(event.data, at), np.int64)
                active.taker.other_currency = before
                taken[name] = active.taker.key(event.data), more
            own, more = taken[name]
            return active.decode(*active.windows.read(key, at, more)) if own == key else active.read(key, at)

        return read

    def counters(self) -> Mapping[str, Counters]:
        """How each feature goes."""
        return {name: active.windows.counters() for name, active in self._all.items()}

    def other_currency(self) -> Mapping[str, int]:
        """Amounts that each feature left out because they were in another currency."""
        return {name: active.taker.other_currency for name, active in self._all.items() if active.taker.other_currency}

    def state(self) -> bytes:
        """Everything that is known."""
        kept = {name: self._kept(active) for name, active in self._all.items()}
        return msgspec.msgpack.encode(_State(FORMAT, self.repeats, self._last, kept))

    def resume(self, state: bytes) -> None:
        """Knows again what `state` said, and nothing else. Raises Conflict when it is of other declarations."""
        known = msgspec.msgpack.decode(state, type=_State)
        prints = {name: kept.fingerprint for name, kept in known.features.items()}
        mine = {name: active.feature.fingerprint for name, active in self._all.items()}
        if known.format != FORMAT or prints != mine:
            raise Conflict("this state is of other declarations; make it again from the event log")
        for name, kept in known.features.items():
            active = self._all[name]
            active.taker.texts.__init__(kept.texts)  # type: ignore[misc] # begins anew
            active.taker.other_currency = kept.other_currency
            active.windows.resume(kept.windows)
        self.repeats, self._last, self._tidy_at = known.repeats, known.last, None

    def _kept(self, active: _Active) -> _Kept:
        return _Kept(
            active.feature.fingerprint, active.taker.other_currency, active.taker.texts.texts, active.windows.state()
        )

    def _of(self, name: str) -> _Active:
        try:
            return self._all[name]
        except KeyError:
            raise NotFound(f"no feature is called {name}; declared are {', '.join(sorted(self._all))}") from None

    def _tidy(self, at: int) -> None:
        """Time goes on for features that hear nothing, too."""
        self._tidy_at = at + self._tidy_every
        for active in self._all.values():
            active.windows.advance(at)
            active.tidy()
