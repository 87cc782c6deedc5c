"""Rules in the stream: those that listen to events say findings; those that listen to a check are asked by its desk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from agoranomos.engine.features.encoding import micros
from agoranomos.engine.rules.types import CHECKS
from agoranomos.engine.stream.monitor import Monitor, Out
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NO_RULES, Consultant, Consulted, Quiet
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.schema import TYPES
from agoranomos.rules.book import Book, Fired
from agoranomos.rules.evaluator import Evaluator
from agoranomos.rules.saying import EVENT_IDS_MAX, Episode, at_stake, consulted, finding_of, together

if TYPE_CHECKING:  # a tenth of a second, which a replay does without
    import sqlalchemy as sa

NAME: Final = "rules"
FORMAT: Final = "1"
"""Of the state."""
EPISODE_GAP: Final = timedelta(days=7)
"""After so long without another hit, the next one begins a new episode."""
_SWEEP_MIN: Final = 1_024
_END_OF_VERSION: Final = f":r{FORMAT}"


class _State(msgspec.Struct):
    bank: bytes
    episodes: dict[str, Episode]


class RuleMonitor:
    """See `engine.stream.Monitor`. `book` from the start, for a history; live, `evaluator` is given one later.

    `checks` are those that no desk makes: their rules are asked on the events that the check is about, and say findings
    as well.
    """

    def __init__(self, book: Book | None = None, *, checks: Iterable[str] = ()) -> None:
        self.name, self.version, self.hears = NAME, FORMAT, tuple(TYPES)
        self._listens: dict[str, list[str]] = {kind: [kind] for kind in TYPES}
        for check in sorted(checks):
            for kind in CHECKS[check]:
                self._listens[kind].append(check)
        self.evaluator = Evaluator({each for names in self._listens.values() for each in names})
        if book is not None:
            self.evaluator.adopt(book)
            self.evaluator.begin_empty()
            asked = {kind for kind, names in self._listens.items() if book.groups.keys() & {*names}}
            self.hears = tuple(sorted(self.evaluator.bank.types | asked))
        self._episodes: dict[str, Episode] = {}
        self._sweep_at = _SWEEP_MIN

    def foresee(self, events: Sequence[Event]) -> None:
        """Each event is judged when it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Counts the event, then asks the rules that listen to its type."""
        self.evaluator.hear(event)
        groups = self.evaluator.book.groups
        for listens in self._listens[event.type]:
            if listens in groups:
                for fired in self.evaluator.evaluate(listens, event, heard=True):
                    out.say(finding_of(fired, event, self._episode(fired, event)))

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """What features have counted, and the episodes that go on."""
        return msgspec.msgpack.encode(_State(self.evaluator.bank.state(), self._episodes))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=_State)
        self.evaluator.resume(known.bank)
        self._episodes = known.episodes

    def _episode(self, fired: Fired, event: Event) -> Episode:
        name = fired.used.key if fired.used.standing == "shadow" else fired.used.written.rule.id
        key = msgspec.json.encode((name, fired.subject.kind, fired.subject.id)).decode()
        now = micros(event.time)
        episode = self._episodes.get(key)
        if episode is None or now - episode.last_us > EPISODE_GAP // timedelta(microseconds=1):
            self._sweep(now)
            episode = self._episodes[key] = Episode(rfc3339(event.time), now, 0, [], None)
        episode.last_us = max(now, episode.last_us)
        episode.revision += 1
        episode.event_ids = [*episode.event_ids, event.id][-EVENT_IDS_MAX:]
        episode.exposure = together(episode.exposure, at_stake(event))
        return episode

    def _sweep(self, now: int) -> None:
        """Forgets episodes that are over, whenever there are twice as many as went on at the last time."""
        if len(self._episodes) < self._sweep_at:
            return
        gap = EPISODE_GAP // timedelta(microseconds=1)
        self._episodes = {key: each for key, each in self._episodes.items() if now - each.last_us <= gap}
        self._sweep_at = max(_SWEEP_MIN, 2 * len(self._episodes))


def asked_by(book: Book, make: Callable[[Consultant], Monitor], check: str) -> Monitor:
    """The monitor of a desk whose check asks the rules of `book`; just the desk's, where it has none for that check."""
    return Consulting(make, check, book) if check in book.groups else make(NO_RULES)


class _Known(msgspec.Struct):
    bank: bytes
    inner: bytes


def counted_by_a_desk(state: bytes, version: str) -> bytes | None:
    """What the rules of a desk's check had counted, out of the desk's own `state`; None when another version of the
    program kept it.
    """
    return msgspec.msgpack.decode(state, type=_Known).bank if version.endswith(_END_OF_VERSION) else None


class Consulting:
    """A desk's monitor whose check asks rules, with the features that those rules ask, on the events' own clock.

    `make` makes the desk's monitor, given whom to ask; `check` is its check. What the rules have counted is kept with
    the desk's own state, so that both are always as of one event.
    """

    def __init__(self, make: Callable[[Consultant], Monitor], check: str, book: Book | None = None) -> None:
        self.evaluator = Evaluator((check,))
        self._check = check
        self.inner = make(self)
        self._wanted = frozenset(self.inner.hears)
        self.name, self.version = self.inner.name, f"{self.inner.version}{_END_OF_VERSION}"
        self.hears: Iterable[str] = tuple(TYPES)
        if book is not None:
            self.evaluator.adopt(book)
            self.evaluator.begin_empty()
            self.hears = tuple(sorted(self._wanted | self.evaluator.bank.types))

    def foresee(self, events: Sequence[Event]) -> None:
        """The events that come next, to the desk."""
        self.inner.foresee([event for event in events if event.type in self._wanted])

    def hear(self, event: Event, out: Out) -> None:
        """Counts the event, then lets the desk hear it."""
        self.evaluator.hear(event)
        if event.type in self._wanted:
            self.inner.hear(event, out)

    def due(self) -> datetime | None:
        """The desk's."""
        return self.inner.due()

    def wake(self, now: datetime, out: Out) -> None:
        """The desk's."""
        self.inner.wake(now, out)

    def state(self) -> bytes:
        """What features have counted, and the desk's own state."""
        return msgspec.msgpack.encode(_Known(self.evaluator.bank.state(), self.inner.state()))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=_Known)
        self.evaluator.resume(known.bank)
        self.inner.resume(known.inner)

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """See `kernel.consulting.Consultant`; the event was counted."""
        assert check == self._check, "a desk asks about its own check"
        if check not in self.evaluator.book.groups:
            return Consulted()
        found = self.evaluator.evaluate(check, event, heard=True, scores=scores)
        return consulted(found, event, self.evaluator.book.name)

    def waits(self, check: str) -> bool:  # noqa: ARG002 - the port's
        """See `kernel.consulting.Consultant`: what is asked for lies in memory."""
        return False

    def beforehand(self, check: str, event: Event) -> Consulting:  # noqa: ARG002 - the port's
        """See `kernel.consulting.Consultant`."""
        return self

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        return self.evaluator.book.snoozed(codes, subjects, at)

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """What a monitor says is kept by whoever lets it follow."""
