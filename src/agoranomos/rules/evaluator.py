"""Rules at work over a stream of events: a book, the features that it asks, and what they have counted so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from agoranomos.engine.features.features import AsOf
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.sharing import WHOLE, Share
from agoranomos.engine.rules.runtime import Lookups
from agoranomos.engine.rules.tree import Value
from agoranomos.kernel.events import Event
from agoranomos.rules.bank import Bank
from agoranomos.rules.book import Book, Fired, Group

Place = tuple[datetime, str, str]
"""Where an event stands in the order of the contract."""
if TYPE_CHECKING:  # a tenth of a second, which a replay does without
    import sqlalchemy as sa

Page = Callable[["sa.Connection", Sequence[str], datetime, datetime, int, Place | None], Sequence[Event]]
"""(connection, types, since, until, position, after) -> the next events in order, [] at the end."""
PAGES_A_STEP: Final = 2


class Evaluator:
    """`listens`: only rules that listen to one of these are evaluated here, and only their features counted; of these,
    only the keys of `share`.
    """

    def __init__(self, listens: Iterable[str], share: Share = WHOLE) -> None:
        self.listens = tuple(sorted(listens))
        self.share = share
        self.book = Book()
        self.bank = Bank(share)
        self._missing: list[Feature] = []
        self._after: Place | None = None

    def adopt(self, book: Book) -> None:
        """Evaluates `book` from now on; features that are new know nothing until they are filled."""
        self.book = book
        self._missing = self.bank.adopt(book.features_of(self.listens))
        self._after = None

    def begin_empty(self) -> None:
        """Nothing happened before: what is new need not be filled."""
        self._missing = []
        self.bank.filled()

    def resume(self, state: bytes) -> None:
        """What features have counted, as `bank.state` said."""
        self.bank.resume(state)
        if self.book.used:  # else a book is still to come, and says which of it is needed
            self._missing = self.bank.adopt(self.book.features_of(self.listens))

    def successor(self, book: Book) -> Evaluator:
        """Another evaluator for `book` that knows what this one knows; this one can be asked until it is ready."""
        next_one = Evaluator(self.listens, self.share)
        next_one.bank = self.bank.copy()
        next_one.adopt(book)
        return next_one

    def hear_again(self, event: Event) -> None:
        """Counts an event for what was resumed, before the rest is filled."""
        self.bank.hear_again(event)

    def fill(
        self, connection: sa.Connection, page: Page, position: int, until: datetime | None,
        *, back_from: datetime | None = None,
    ) -> bool:  # fmt: skip
        """Counts for new features what happened before, as far back as their windows reach; some pages at a time.

        What happened is what lies at `position` or before it and is not newer than `until`. Windows reach back from
        `until`, or from `back_from`. Returns whether it is done.
        """
        for _ in range(PAGES_A_STEP):
            if not self._missing or until is None or not position:
                break
            since = {feature.fingerprint: _back(back_from or until, feature.window_us) for feature in self._missing}
            types = sorted({kind for feature in self._missing for kind in feature.types})
            events = page(connection, types, min(since.values()), until, position, self._after)
            if not events:
                break
            for feature in self._missing:
                begin = since[feature.fingerprint]
                own = [event for event in events if event.type in feature.types and event.time > begin]
                self.bank.fill(feature, own)
            self._after = (events[-1].time, events[-1].source, events[-1].id)
        else:
            return False
        self.begin_empty()
        return True

    def hear(self, event: Event) -> None:
        """Counts an event."""
        self.bank.hear(event)

    def evaluate(
        self, listens: str, event: Event, *, heard: bool, scores: Mapping[str, float] | None = None
    ) -> list[Fired]:
        """The rules that listen to `listens`, a type of event or a check, and hold for `event`.

        `heard`: features have counted it; else they answer as if they had.
        """
        return ruled(
            self.book, listens, event, lambda group: _Here(self, group, event, heard, scores or {})
        )  # fmt: skip


def ruled(book: Book, listens: str, event: Event, asking: Callable[[Group], Lookups]) -> list[Fired]:
    """The rules of `book` that listen to `listens` and hold for `event`, by what each group of them may ask."""
    found = [fired for group in book.groups.get(listens, ()) for fired in book.evaluate(group, event, asking(group))]
    return sorted(found, key=lambda fired: (fired.used.written.rule.id, fired.used.version))


class Asking(ABC):
    """What rules may ask about one event; see `engine.rules.runtime.Lookups`."""

    def __init__(self, book: Book, group: Group, event: Event, scores: Mapping[str, float]) -> None:
        self._lists = book.lists
        self._features, self._event, self._scores = group.features, event, scores

    @abstractmethod
    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        """See `engine.rules.runtime.Lookups`."""

    def listed(self, name: str, item: str) -> bool:
        """See `engine.rules.runtime.Lookups`."""
        entries = self._lists.get(name)
        if entries is None or item not in entries:
            return False
        until = entries[item]
        return until is None or self._event.time < until

    def score(self, code: str) -> float | None:
        """See `engine.rules.runtime.Lookups`."""
        return self._scores.get(code)


class _Here(Asking):
    """Of features that are counted here; `heard`: they have counted the event."""

    def __init__(
        self, of: Evaluator, group: Group, event: Event, heard: bool, scores: Mapping[str, float]
    ) -> None:  # fmt: skip
        super().__init__(of.book, group, event, scores)
        self._bank, self._heard = of.bank, heard
        self._values: dict[str, AsOf] = {}

    def feature(self, name: str, keys: tuple[Value, ...]) -> Value:
        if name not in self._values:
            fingerprint = self._features[name].fingerprint
            self._values[name] = self._bank.values(fingerprint, self._event, heard=self._heard)
        return self._values[name].feature(name, keys)


def _back(until: datetime, window_us: int) -> datetime:
    return until - timedelta(microseconds=window_us)
