"""Counts what falls to one part of the keys, keeps it in a file now and then, and answers look-ups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.engine.features.sharing import Share
from agoranomos.intake import queries as log
from agoranomos.intake.model import Logged
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.rules.evaluator import Evaluator
from agoranomos.rules.following import POLL_S, Counting
from agoranomos.rules.holders import keeping
from agoranomos.rules.holders.frames import Answer, Question
from agoranomos.rules.queries import Checkpoint

KEEP_EVERY: Final = timedelta(minutes=5)
PAGE_MAX: Final = 500
"""Events that are read at a time: the database's driver answers nobody while it takes them in."""
STEP: Final = 20
"""Events that are counted between two looks at who asks: less than a millisecond."""
Do = Callable[[Callable[[], None]], None]
"""Does something between questions, and returns when it is done."""


def at_once(step: Callable[[], None]) -> None:
    """Where nobody asks beside."""
    step()


class Holder(Counting):
    """Part `share` of what the features of the rules of `checks` count; `folder` is where it is kept.

    Counting and answering are both done where `do` does it, one after the other: neither sees half of the other.
    """

    def __init__(
        self, store: Store, checks: Iterable[str], clock: Clock, share: Share, folder: Path, *,
        monitor: str = "", poll_s: float = POLL_S, alive: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        super().__init__(store, checks, clock, monitor=monitor, poll_s=poll_s, share=share, page_max=PAGE_MAX)
        self._folder, self._alive = folder, alive
        self._kept_at: datetime | None = None
        self._kept_position = 0
        self.do: Do = at_once

    @property
    def share(self) -> Share:
        """What is held."""
        return self._share

    def refresh(self) -> None:
        """See `Counting`; every KEEP_EVERY what was counted is kept."""
        super().refresh()
        now = self._clock()
        if self._kept_at is None:
            self._kept_at = now
        elif now - self._kept_at >= KEEP_EVERY:
            self.keep()

    def keep(self) -> None:
        """Keeps what was counted, unless it is kept already. Called where the log is followed, or once that is over."""
        self._kept_at = self._clock()
        if self._position == self._kept_position:
            return
        with self._store.reading() as connection:
            mark = _mark(connection, self._position)
        keeping.write(self._folder, self._share, self._position, mark, self._now.bank.held())
        self._kept_position = self._position

    def answer(self, question: Question) -> Answer:
        """The values that are held; of the others it is said that they are unknown."""
        values, unknown, bank, share = list[int | float | str | bool | None](), list[int](), self._now.bank, self._share
        for place, look in enumerate(question.looks):
            value, key = None, (look.hi, look.lo)
            try:
                if not share.holds(key):
                    raise KeyError(key)
                value = bank.read(look.feature, key, question.at, look.more)
            except (KeyError, Invalid):
                unknown.append(place)
            values.append(value)
        return Answer(question.number, self._position, share.part, share.parts, tuple(values), tuple(unknown))

    def _count(self, arrived: Sequence[Logged]) -> None:
        for start in range(0, len(arrived), STEP):
            part = arrived[start : start + STEP]
            self.do(lambda part=part: super(Holder, self)._count(part))  # type: ignore[misc] # bound now, called now
        self._alive()

    def _use(self, evaluator: Evaluator, position: int) -> None:
        self.do(lambda: super(Holder, self)._use(evaluator, position))

    def _filling(self) -> None:
        self._alive()

    def _begun(self, connection: sa.Connection, position: int) -> Evaluator:
        """What files say, and what came since; else what the desk's monitor had counted."""
        for paths in keeping.find(self._folder, self._share):
            kept = keeping.read(paths)
            if kept is not None and all(_of_this_log(connection, each.head, position) for each in kept):
                return self._resumed(connection, kept, position)
        return super()._begun(connection, position)

    def _resumed(self, connection: sa.Connection, kept: list[keeping.Kept], position: int) -> Evaluator:
        """Each of `kept` is brought to `position` with the keys that were its own, then they are put together."""
        parts = []
        while kept:
            head, states = (one := kept.pop(0)).head, one.states
            mine = self._share if head.share == self._share else msgspec.structs.replace(self._share, within=head.share)
            part = Evaluator(self._now.listens, mine)
            part.bank.resume_parts({name: [state] for name, state in states.items()})
            part.adopt(self._loader.book)
            at = Checkpoint(b"", "", head.position, head.position + 1, None)
            self._catch_up(connection, part, at, position)
            parts.append(part)
            if mine == self._share:
                return part
        held = [part.bank.held() for part in parts]
        everywhere = set(held[0]).intersection(*held)
        begun = Evaluator(self._now.listens, self._share)
        begun.bank.resume_parts({name: [each[name].state() for each in held] for name in sorted(everywhere)})
        begun.adopt(self._loader.book)
        return begun


def do_in(submit: Callable[[Callable[[], None]], object]) -> Do:
    """Does things where `submit` has them done, such as an event loop, and waits for each."""

    def do(step: Callable[[], None]) -> None:
        done: Future[None] = Future()

        def run() -> None:
            try:
                step()
            except BaseException as error:  # raised to whoever waits
                done.set_exception(error)
            else:
                done.set_result(None)

        submit(run)
        done.result()

    return do


def _mark(connection: sa.Connection, position: int) -> str:
    """What the event at `position` is called, as a hash; nothing when it is not there any more."""
    found = log.read_after(connection, position - 1, 1)
    if not found or found[0].position != position:
        return ""
    return hashlib.blake2b("\0".join(found[0].event.identity).encode(), digest_size=16).hexdigest()


def _of_this_log(connection: sa.Connection, head: keeping.Head, position: int) -> bool:
    """Whether the log is the one that was counted: not another, and not an older copy."""
    if head.position > position:
        return False
    there = _mark(connection, head.position)
    return not there or not head.mark or there == head.mark
