"""Events that come by HTTP: taken apart one by one, and written together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from agoranomos.intake.actions import Hearers, accept
from agoranomos.intake.noting import NOTHING, Notings, noted
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, items, parse_line
from agoranomos.kernel.writer import GroupWriter
from agoranomos.vault.keys import Vault

BATCH_EVENTS_MAX: Final = 10_000


class TooMany(Invalid):
    """A batch has at most 10,000 events; send the rest in another one."""


class Rejected(msgspec.Struct, frozen=True):
    """The event at `index` of the batch (from 0) was not taken; `pointer` leads to the place in it."""

    index: int
    reason: str
    pointer: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of a batch. `repeated` are known already and were ignored, `conflicting` of them with other content;
    `late` of the accepted came more than ten minutes behind the newest of their source.
    """

    accepted: int
    repeated: int
    rejected: tuple[Rejected, ...]
    conflicting: int
    late: int


@dataclass(frozen=True, slots=True)
class EventService:
    """Takes bodies of requests into the event log; many requests share a commit."""

    writer: GroupWriter
    vault: Vault
    clock: Clock
    hearers: Hearers = field(default_factory=dict)
    notings: Notings = field(default_factory=lambda: NOTHING)

    def take(self, body: bytes, *, as_lines: bool = False) -> Receipt:
        """One event or an array of them in JSON, or JSON lines; returns once all is committed.

        Raises Invalid when the body as a whole cannot be read, TooMany above BATCH_EVENTS_MAX.
        """
        texts = [line for line in body.split(b"\n") if line.strip()] if as_lines else items(body)
        if len(texts) > BATCH_EVENTS_MAX:
            raise TooMany
        events, rejected = _parsed(texts)
        events = [noted(self.notings, self.vault.keys, event) for event in events]
        now = self.clock()
        counts = self.writer.call(
            lambda connection: accept(connection, self.vault, events, now=now, hearers=self.hearers)
        )
        return Receipt(counts.accepted, counts.repeated, tuple(rejected), counts.conflicting, counts.late)


def _parsed(texts: Sequence[bytes]) -> tuple[list[Event], list[Rejected]]:
    events: list[Event] = []
    rejected: list[Rejected] = []
    for index, text in enumerate(texts):
        try:
            events.append(parse_line(text, "event"))
        except Invalid as error:
            rejected.append(Rejected(index, error.message, error.pointer))
    return events, rejected
