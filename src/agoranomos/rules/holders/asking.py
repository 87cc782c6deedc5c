"""Asks holders: those of all parts at once, within a deadline, over connections that are kept.

An address that fails three times in a row is away: no check waits for it any more, and only `look`, which is called
once a second beside the checks, finds that it is back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import Final

import msgspec

from agoranomos.engine.features.encoding import Value
from agoranomos.engine.features.sharing import part_of
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.holders.addresses import Address, addresses_of, require_secret
from agoranomos.rules.holders.connection import Connection
from agoranomos.rules.holders.frames import LOOKS_MAX, Answer, Broken, Look, Question
from agoranomos.rules.holders.settings import FeatureSettings

DEADLINE_S: Final = 0.05
DEADLINE_MS_MAX: Final = 5_000
LOOK_S: Final = 1.0
"""How long `look` waits for somebody who was away."""
FAILURES_MAX: Final = 3
KEPT_MAX: Final = 16
"""Connections to one address that are kept while nobody uses them."""

_log = logging.getLogger(__name__)


def asked_at(settings: FeatureSettings, draw: Callable[[int], bytes]) -> Holders:
    """Whoever asks the holders that are named. Raises Invalid."""
    parts = addresses_of(settings.holders)
    secret = require_secret(settings.secret, tuple(each for part in parts for each in part))
    told = settings.deadline_ms
    if told and (not told.isdecimal() or not 1 <= int(told) <= DEADLINE_MS_MAX):
        raise Invalid(f"AGORA_FEATURE_DEADLINE_MS is a number of milliseconds, from 1 to {DEADLINE_MS_MAX}")
    return Holders(parts, secret, draw, deadline_s=int(told) / 1_000 if told else DEADLINE_S)


class Standing(msgspec.Struct, frozen=True):
    """How a holder stands: which part (from 1) it is asked for, and up to where in the log it had counted, when last
    heard; None before.
    """

    part: int
    address: str
    away: bool
    position: int | None


class _Holder:
    """One address, and the connections to it that are free."""

    def __init__(self, address: Address, part: int, parts: int, secret: bytes, draw: Callable[[int], bytes]) -> None:
        self.address, self.part, self._parts = address, part, parts
        self._secret, self._draw = secret, draw
        self._free: list[Connection] = []
        self._lock = threading.Lock()
        self._failures = 0
        self.away = False
        self.position: int | None = None

    def begin(self, question: Question, until: float) -> Connection:
        """A connection that was asked. Raises OSError and Broken."""
        while True:
            with self._lock:
                kept = self._free.pop() if self._free else None
            connection = kept or Connection(self.address, self._secret, self._draw, until)
            try:
                connection.ask(question, until)
            except OSError:
                connection.close()
                if kept is None:
                    raise
                continue  # the holder was started anew since then; another one may be good
            return connection

    def end(self, connection: Connection, question: Question, until: float) -> Answer:
        """What it says. Raises OSError and Broken."""
        answer = connection.answer(until)
        if answer.number != question.number or len(answer.values) != len(question.looks):
            raise Broken("an answer to another question")
        if (answer.part, answer.parts) != (self.part, self._parts):
            raise Broken(f"it holds {answer.part}/{answer.parts} and is asked for {self.part}/{self._parts}")
        self.position = max(self.position or 0, answer.position)
        self._failures = 0
        with self._lock:
            keep = len(self._free) < KEPT_MAX
            if keep:
                self._free.append(connection)
        if not keep:
            connection.close()
        return answer

    def failed(self, error: Exception, failures: int = 1) -> None:
        """It did not answer."""
        self._failures += failures
        if self._failures >= FAILURES_MAX and not self.away:
            self.away = True
            why = str(error) if isinstance(error, Broken) else type(error).__name__
            _log.warning("the holder of features at %s is away: %s", self.address, why)

    def back(self) -> None:
        """It answers."""
        if self.away:
            _log.warning("the holder of features at %s is back", self.address)
        self.away = False

    def close(self) -> None:
        with self._lock:
            free, self._free = self._free, []
        for each in free:
            each.close()


class Holders:
    """All holders, by part; `draw` draws random bytes."""

    def __init__(
        self, addresses: Sequence[Sequence[Address]], secret: bytes, draw: Callable[[int], bytes], *,
        deadline_s: float = DEADLINE_S,
    ) -> None:  # fmt: skip
        self._parts = [
            [_Holder(address, part, len(addresses), secret, draw) for address in each]
            for part, each in enumerate(addresses, 1)
        ]
        self._deadline_s = deadline_s
        self._numbers = count(1)
        self.unknown = 0
        """Look-ups that nobody answered, since the start."""

    def ask(self, at: int, looks: Sequence[Look]) -> Mapping[Look, Value]:
        """The values of those `looks` that are known in time; never raises, and never takes longer than the deadline
        (and what this process itself needs).
        """
        waiting: dict[int, list[Look]] = {}
        for look in dict.fromkeys(looks):
            waiting.setdefault(part_of((look.hi, look.lo), len(self._parts)), []).append(look)
        found: dict[Look, Value] = {}
        until = monotonic() + self._deadline_s
        there = {part: [each for each in self._parts[part - 1] if not each.away] for part in waiting}
        for turn in range(turns := max(map(len, there.values()), default=0)):
            # Each that is tried has its share of what is left, so that there is time for the next.
            limit = monotonic() + (until - monotonic()) / (turns - turn)
            asked = {part: there[part][turn] for part in waiting if turn < len(there[part])}
            answered = self._ask_each(at, {part: (each, waiting[part]) for part, each in asked.items()}, limit)
            for part, answer in answered.items():
                unknown = set(answer.unknown)
                values = zip(waiting.pop(part), answer.values, strict=False)  # a question has its bound
                found.update({look: value for n, (look, value) in enumerate(values) if n not in unknown})
            if not waiting:
                break
        self.unknown += len(dict.fromkeys(looks)) - len(found)
        return found

    def _ask_each(self, at: int, asked: Mapping[int, tuple[_Holder, list[Look]]], limit: float) -> dict[int, Answer]:
        """All are asked before the first is listened to."""
        begun: dict[int, tuple[_Holder, Connection, Question]] = {}
        for part, (holder, looks) in asked.items():
            question = Question(next(self._numbers), at, tuple(looks[:LOOKS_MAX]))
            try:
                begun[part] = (holder, holder.begin(question, limit), question)
            except (OSError, Broken) as error:
                holder.failed(error)
        answered: dict[int, Answer] = {}
        for part, (holder, connection, question) in begun.items():
            try:
                answered[part] = holder.end(connection, question, limit)
            except (OSError, Broken) as error:
                connection.close()
                again = self._once_more(holder, question, limit) if isinstance(error, ConnectionError) else None
                if again is None:
                    holder.failed(error)
                else:
                    answered[part] = again
        return answered

    @staticmethod
    def _once_more(holder: _Holder, question: Question, limit: float) -> Answer | None:
        """Over a new connection: what was kept is of a holder that was started anew since then."""
        holder.close()
        connection = None
        try:
            connection = holder.begin(question, limit)
            return holder.end(connection, question, limit)
        except (OSError, Broken):
            if connection is not None:
                connection.close()
            return None

    def look(self) -> None:
        """Asks everybody how they stand; who does not say is away."""
        for holder in (each for part in self._parts for each in part):
            if self._heard(holder, Question(next(self._numbers), 0, ()), LOOK_S) is not None:
                holder.back()

    @staticmethod
    def _heard(holder: _Holder, question: Question, patience_s: float) -> Answer | None:
        """What one says, with patience; None, and it is away, when it does not."""
        until, connection = monotonic() + patience_s, None
        try:
            connection = holder.begin(question, until)
            return holder.end(connection, question, until)
        except (OSError, Broken) as error:
            if connection is not None:
                connection.close()
            holder.failed(error, FAILURES_MAX)
            return None

    def know(self, features: Sequence[str]) -> bool:
        """Whether every holder that answers has counted these features, which are named by their fingerprints."""
        for holder in (each for part in self._parts for each in part if not each.away):
            for start in range(0, len(features), LOOKS_MAX):
                # A key that falls to the part, and is nobody's.
                looks = tuple(Look(name, 0, holder.part - 1) for name in features[start : start + LOOKS_MAX])
                answer = self._heard(holder, Question(next(self._numbers), 0, looks), LOOK_S)
                if answer is not None and answer.unknown:
                    return False
        return True

    def standings(self) -> list[Standing]:
        """Of every address, by part."""
        return [
            Standing(each.part, str(each.address), each.away, each.position) for part in self._parts for each in part
        ]

    def missing(self) -> list[str]:
        """The parts of which nobody answers, such as `2/3`."""
        parts = len(self._parts)
        return [f"{part}/{parts}" for part, each in enumerate(self._parts, 1) if all(one.away for one in each)]

    def close(self) -> None:
        """Hangs up."""
        with suppress(OSError):
            for holder in (each for part in self._parts for each in part):
                holder.close()
