"""The rules of checks in a process that keeps no counts: it asks the holders of its keys at once, and judges.

What no holder says in time is unknown to rules as a missing value is, and the decision names it. A rule that is new is
evaluated when the holders that answer have counted its features; until then the process answers by the book it had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final

from agoranomos.engine.features.encoding import Texts, key_128, micros
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.taking import Taker
from agoranomos.engine.rules.tree import Value
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import Consultant, Consulted, Quiet
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.rules.book import Book, Group
from agoranomos.rules.evaluator import Asking, ruled
from agoranomos.rules.following import POLL_S, Polling
from agoranomos.rules.hits import keep_hits
from agoranomos.rules.holders.asking import Holders
from agoranomos.rules.holders.frames import Look
from agoranomos.rules.saying import consulted

if TYPE_CHECKING:
    import sqlalchemy as sa

ROUNDS_MAX: Final = 3
"""How often holders are asked about one event: more than once where a feature's key is found by another feature."""
Asked = tuple[str, tuple[Value, ...]]
"""A feature, by its fingerprint, and its keys."""


class Elsewhere(Polling):
    """See `kernel.consulting.Consultant`. `checks` are those whose rules it knows."""

    def __init__(
        self, store: Store, checks: Iterable[str], clock: Clock, holders: Holders, *, poll_s: float = POLL_S
    ) -> None:  # fmt: skip
        super().__init__(store, clock, poll_s)
        self._checks, self.holders = tuple(checks), holders
        self._book: Book | None = None
        self._takers: dict[str, Taker] = {}

    def refresh(self) -> None:
        """Takes over what changed in the store, and looks how the holders stand."""
        self.holders.look()
        with self._store.reading() as connection:
            self._loader.refresh(connection, self._clock())
        book = self._loader.book
        if self._book is None or book is not self._book:
            features = book.features_of(self._checks)
            if self._book is None or self.holders.know([each.fingerprint for each in features]):
                self._takers = {each.fingerprint: Taker(each, Texts()) for each in features}
                self._book = book

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.holders.close()

    @property
    def book(self) -> Book:
        """What is evaluated."""
        return self._book or self._loader.book

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`, which is not in the log, as if it had come last."""
        return self.beforehand(check, event).ask(check, event, scores)

    def waits(self, check: str) -> bool:
        """See `kernel.consulting.Consultant`."""
        return any(group.features for group in self.book.groups.get(check, ()))

    def beforehand(self, check: str, event: Event) -> Told:
        """See `kernel.consulting.Consultant`: asks for every feature that a rule of `check` names."""
        book, told, at = self.book, dict[Asked, Value](), micros(event.time)
        left: dict[Asked, Feature] = {}
        for _ in range(ROUNDS_MAX):
            wanted: dict[Asked, Feature] = {}
            for group in book.groups.get(check, ()):
                group.rules.foresee(event, _Foreseeing(book, group, event, told, left, wanted))
            if not wanted:
                break
            looks = {asked: self._look(feature, asked, event, at) for asked, feature in wanted.items()}
            values = self.holders.ask(at, [look for look in looks.values() if look is not None])
            for asked, look in looks.items():
                if look is None:
                    told[asked] = None
                elif look in values:
                    told[asked] = values[look]
                else:
                    left[asked] = wanted[asked]
        return Told(self, book, check, event, told)

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        return self.book.snoozed(codes, subjects, at)

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`."""
        keep_hits(connection, [decision])

    def _look(self, feature: Feature, asked: Asked, event: Event, at: int) -> Look | None:
        """As `Features.value` would look it up, with the event as if it had come; None when a key is missing."""
        name, keys = asked
        key = key_128(keys)  # type: ignore[arg-type] # keys are declared: no fractions
        if key is None:
            return None
        taker = self._takers.get(name) or Taker(feature, Texts())
        if event.type not in feature.types or taker.key(event.data) != key:
            return Look(name, *key)
        return Look(name, *key, tuple(taker.added(event, at)))


class Told:
    """What holders said about one event, and who answers by that. See `kernel.consulting.Consultant`."""

    def __init__(
        self, of: Elsewhere, book: Book, check: str, event: Event, told: Mapping[Asked, Value]
    ) -> None:  # fmt: skip
        self._of, self._book, self._check, self._event, self._told = of, book, check, event, told

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`, and which features were unknown to them."""
        if (check, event) != (self._check, self._event):
            return self._of.ask(check, event, scores)
        if check not in self._book.groups:
            return Consulted()
        unknown: set[str] = set()
        found = ruled(
            self._book, check, event, lambda group: _There(self._book, group, event, scores, self._told, unknown)
        )  # fmt: skip
        return consulted(found, event, self._book.name, unknown)

    def waits(self, check: str) -> bool:
        """See `kernel.consulting.Consultant`."""
        return check != self._check

    def beforehand(self, check: str, event: Event) -> Consultant:
        """See `kernel.consulting.Consultant`."""
        return self if (check, event) == (self._check, self._event) else self._of.beforehand(check, event)

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        return self._book.snoozed(codes, subjects, at)

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`."""
        keep_hits(connection, [decision])


class _Foreseeing(Asking):
    """Finds out what will be asked."""

    def __init__(
        self, book: Book, group: Group, event: Event, told: Mapping[Asked, Value], left: Mapping[Asked, Feature],
        wanted: dict[Asked, Feature],
    ) -> None:  # fmt: skip
        super().__init__(book, group, event, {})
        self._told, self._left, self._wanted = told, left, wanted

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        feature = self._features[name]
        asked = (feature.fingerprint, keys)
        if asked not in self._told and asked not in self._left:
            self._wanted[asked] = feature
        return self._told.get(asked)


class _There(Asking):
    """By what holders said."""

    def __init__(
        self, book: Book, group: Group, event: Event, scores: Mapping[str, float], told: Mapping[Asked, Value],
        unknown: set[str],
    ) -> None:  # fmt: skip
        super().__init__(book, group, event, scores)
        self._told, self._unknown = told, unknown

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        asked = (self._features[name].fingerprint, keys)
        if asked not in self._told:
            self._unknown.add(name)
        return self._told.get(asked)
