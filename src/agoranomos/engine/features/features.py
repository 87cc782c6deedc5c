"""All declared features over one stream of events.

`hear` takes events in the order of the contract; `as_of` looks features up at an event that was heard, later ones
unseen; `with_event` does so as if an event that is not in the log had come. No clock, no store: the same events give
the same values, and the same state in bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import msgspec
import numpy as np

from agoranomos.engine.features.encoding import Key128, KeyPart, Texts, Value, key_128, micros
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.resharing import joined
from agoranomos.engine.features.sharing import WHOLE, Share
from agoranomos.engine.features.taking import Taker, decoder
from agoranomos.engine.features.windows import KEYS_MAX, Counters, Integers, Windows
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import FeatureInfo
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event

FORMAT: Final = 1
"""Of the state."""
_TEXTS_MIN: Final = 4096
_LOADED: Final = 65_536


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
    tidy_at: int | None
    features: dict[str, _Kept]


class _Active:
    """A feature with its windows."""

    def __init__(self, feature: Feature, keys_max: int, share: Share) -> None:
        self.feature = feature
        self._share = share
        self.windows = Windows(feature.aggregate, feature.window_us, keys_max=keys_max)
        self.by = tuple(field.path for field in feature.by)
        self.other_currency = 0
        self.use(Texts())

    def use(self, texts: Texts) -> None:
        self.texts = texts
        self.taker = Taker(self.feature, texts, self._share)
        self.decode = decoder(self.feature, texts)
        self.texts_max = max(_TEXTS_MIN, 2 * len(texts.texts))

    def take(self, event: Event, at: int) -> Sequence[int]:
        values = self.taker.take(event, at)
        if not values and self.taker.in_other_currency(event):
            self.other_currency += 1
        return values

    def read(self, key: Key128, at: int) -> Value:
        return self.decode(*self.windows.read(key, at))

    def tidy(self) -> None:
        """Forgets texts that are the last of no key any more, when they may be half of all."""
        if self.feature.result is not Type.TEXT or len(self.texts.texts) < self.texts_max:
            return
        used = self.windows.codes()
        self.windows.recode(used, np.arange(len(used)))
        self.use(Texts([self.texts.texts[code] for code in used]))


class Features:
    """The features of `declared`, each with at most `keys_max` keys, of which those of `share` are counted. Raises
    Conflict when two have one name.
    """

    def __init__(self, declared: Iterable[Feature], *, keys_max: int = KEYS_MAX, share: Share = WHOLE) -> None:
        self._all: dict[str, _Active] = {}
        self._heard: dict[str, dict[tuple[str, ...], list[_Active]]] = {}
        for feature in declared:
            if feature.name in self._all:
                raise Conflict(f"two features are called {feature.name}; give one another name")
            active = self._all[feature.name] = _Active(feature, keys_max, share)
            for kind in feature.types:
                self._heard.setdefault(kind, {}).setdefault(active.by, []).append(active)
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

    @property
    def only(self) -> str:
        """The name of the feature, where there is but one."""
        (name,) = self._all
        return name

    @property
    def infos(self) -> Mapping[str, FeatureInfo]:
        """What rules may call, for the scope of their conditions."""
        return {name: active.feature.info for name, active in self._all.items()}

    def hear(self, event: Event) -> None:
        """An event at its place in time. The event just heard, given again, is ignored and counted; for older repeats
        look to the log, which has every event once.
        """
        if event.identity == self._last:
            self.repeats += 1
            return
        self._last = event.identity
        at = micros(event.time)
        if self._tidy_at is None or at >= self._tidy_at:
            self._tidy(at)
        for actives in self._heard.get(event.type, _NOBODY).values():
            key = actives[0].taker.key(event.data)
            if key is not None:
                for active in actives:
                    for value in active.take(event, at):
                        active.windows.put(key, at, value)

    def load(self, events: Iterable[Event]) -> None:
        """The same for many in order, such as a history after which rules begin."""
        loads: dict[str, _Load] = {name: _Load([], [], []) for name in self._all}
        for number, event in enumerate(events, 1):
            self._load_one(event, loads)
            if number % _LOADED == 0:
                self._put(loads)
        self._put(loads)

    def as_of(self, event: Event) -> AsOf:
        """Values at `event`, which was heard."""
        return AsOf(self, micros(event.time))

    def with_event(self, event: Event) -> AsOf:
        """Values as if `event`, which was not heard, had come last; nothing changes."""
        return _With(self, event)

    def value(self, name: str, keys: Sequence[KeyPart | None], at: int, more: Event | None = None) -> Value:
        """The feature `name` of `keys` over the window that ends with `at` (microseconds since 1970), with `more` as if
        it had come at that moment. None when a key is missing, and where SQL says NULL. Raises NotFound.
        """
        active = self._of(name)
        key = key_128(keys)
        if key is None:
            return None
        if more is None or more.type not in active.feature.types or active.taker.key(more.data) != key:
            return active.read(key, at)
        return active.decode(*active.windows.read(key, at, _integers(active.taker.take(more, at))))

    def read(self, name: str, key: Key128, at: int, more: Sequence[int | str] = ()) -> Value:
        """Like `value`, for a key that was hashed elsewhere; `more` is what an event that was not heard adds at `at`:
        see `Taker.added`. Raises NotFound, and Invalid for a text where none is counted.
        """
        active = self._of(name)
        if active.feature.result is not Type.TEXT and any(isinstance(each, str) for each in more):
            raise Invalid(f"{name} counts no texts")
        codes = [active.texts.code(each) if isinstance(each, str) else each for each in more]
        return active.decode(*active.windows.read(key, at, _integers(codes)))

    def counters(self) -> Mapping[str, Counters]:
        """How each feature goes."""
        return {name: active.windows.counters() for name, active in self._all.items()}

    def other_currency(self) -> Mapping[str, int]:
        """How many amounts each feature left out because they were in another currency."""
        return {name: active.other_currency for name, active in self._all.items() if active.other_currency}

    def state(self) -> bytes:
        """Everything that is known."""
        kept = {
            name: _Kept(
                active.feature.fingerprint, active.other_currency, active.texts.texts, active.windows.state()
            )
            for name, active in self._all.items()
        }  # fmt: skip
        return msgspec.msgpack.encode(_State(FORMAT, self.repeats, self._last, self._tidy_at, kept))

    def state_pieces(self) -> Iterator[bytes | memoryview]:
        """The same of the only feature in pieces, not copied once more, for a file; see `state_of`."""
        (active,) = self._all.values()
        kept = _Kept(active.feature.fingerprint, active.other_currency, active.texts.texts, [])
        yield msgspec.msgpack.encode(_State(FORMAT, self.repeats, self._last, self._tidy_at, {self.only: kept}))
        yield from (array.view(np.uint8).data for array in active.windows.state_arrays())

    def resume(self, state: bytes) -> None:
        """Knows again what `state` said, and nothing else. Raises Conflict when it is of other declarations."""
        known = msgspec.msgpack.decode(state, type=_State)
        prints = {name: kept.fingerprint for name, kept in known.features.items()}
        mine = {name: active.feature.fingerprint for name, active in self._all.items()}
        if known.format != FORMAT or prints != mine:
            raise Conflict("this state is of other declarations; make it again from the event log")
        for name, kept in known.features.items():
            active = self._all[name]
            active.use(Texts(kept.texts))
            active.other_currency = kept.other_currency
            active.windows.resume(kept.windows)
        self.repeats, self._last, self._tidy_at = known.repeats, known.last, known.tidy_at

    def resume_parts(self, states: Sequence[bytes], share: Share) -> None:
        """Knows what several states said of the keys of `share`, which have no key in common and were kept at the same
        place of the log. Raises Conflict as `resume` does.
        """
        known = [msgspec.msgpack.decode(state, type=_State) for state in states]
        kept = {}
        for name in self._all:
            parts = [each.features[name] for each in known if name in each.features]
            if len(parts) < len(known) or len({each.fingerprint for each in parts}) > 1:
                raise Conflict("these states are of other declarations; make them again from the event log")
            texts = [text for each in parts for text in each.texts]
            offsets = [0, *accumulate(len(each.texts) for each in parts[:-1])] if texts else [0] * len(parts)
            windows = joined([each.windows for each in parts], share, offsets)
            kept[name] = _Kept(parts[0].fingerprint, sum(each.other_currency for each in parts), texts, windows)
        tidy_at = min((each.tidy_at for each in known if each.tidy_at is not None), default=None)
        newest = max(known, key=lambda each: (each.tidy_at or 0, each.last or ("", "")))
        state = _State(known[0].format, sum(each.repeats for each in known), newest.last, tidy_at, kept)
        self.resume(msgspec.msgpack.encode(state))

    def _load_one(self, event: Event, loads: dict[str, _Load]) -> None:
        if event.identity == self._last:
            self.repeats += 1
            return
        self._last = event.identity
        at = micros(event.time)
        for actives in self._heard.get(event.type, _NOBODY).values():
            key = actives[0].taker.key(event.data)
            for active in actives if key is not None else ():
                load = loads[active.feature.name]
                for value in active.take(event, at):
                    load.keys.append(key)
                    load.ats.append(at)
                    load.values.append(value)

    def _put(self, loads: dict[str, _Load]) -> None:
        latest = max((load.ats[-1] for load in loads.values() if load.ats), default=None)
        for name, load in loads.items():
            if load.ats:
                self._all[name].windows.put_many(_integers(load.keys), _integers(load.ats), _integers(load.values))
                load.keys.clear()
                load.ats.clear()
                load.values.clear()
        if latest is not None:
            self._tidy(latest)

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


def state_of(pieces: Sequence[bytes]) -> bytes:
    """The state of a feature out of what `state_pieces` gave. Raises Conflict when it is of another program."""
    try:
        state = msgspec.msgpack.decode(pieces[0], type=_State)
    except msgspec.MsgspecError as error:
        raise Conflict("this state is of another version; make it again from the event log") from error
    (kept,) = state.features.values()
    kept.windows = [*pieces[1:]]
    return msgspec.msgpack.encode(state)


_NOBODY: Final[dict[tuple[str, ...], list[_Active]]] = {}


class _Load(NamedTuple):
    """What many events add to one feature."""

    keys: list[Key128 | None]
    ats: list[int]
    values: list[int]


class AsOf:
    """Looks features up at one moment, as `engine.rules` asks for them."""

    def __init__(self, features: Features, at: int) -> None:
        self._features = features
        self._at = at

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        """The value of a feature; moments are microseconds since 1970. Raises NotFound."""
        return self._features.value(name, keys, self._at)  # type: ignore[arg-type] # keys are declared: no fractions


class _With(AsOf):
    """The same, with an event that was not heard."""

    def __init__(self, features: Features, event: Event) -> None:
        super().__init__(features, micros(event.time))
        self._event = event

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        return self._features.value(name, keys, self._at, self._event)  # type: ignore[arg-type] # as above


def _integers(values: object) -> Integers:
    return np.array(values, np.int64)
