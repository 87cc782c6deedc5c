"""Watches the trace of the staff and tells, at the end of a day, who stands out beside colleagues.

Whoever is busy, lenient to all, works at night, or is given all cases of one seller is honest until more than that is
seen: each count is held against what peers do and how they differ (`odds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

import msgspec

from agoranomos.access.insiders import looking
from agoranomos.access.insiders.favouring import clears
from agoranomos.access.insiders.hearing import Hearing, settle
from agoranomos.access.insiders.model import Known, Sign
from agoranomos.access.insiders.policy import Policy
from agoranomos.access.insiders.telling import NAME, VERSION, finding, told_of
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.calendar import LAST, begins, day_of
from agoranomos.kernel.events import Event

HEARS: Final = (
    "case.decided", "data.read", "export.approved", "export.requested", "staff.acted", "store.opened",
)  # fmt: skip


class InsiderMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy = policy
        self._hearing = Hearing(Known(), policy.remembered_max)

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:  # noqa: ARG002 - a monitor's signature; told at the end of a day
        """What one of the staff did, or what explains it."""
        if event.type == "data.read" and event.data["principal_kind"] != "staff":
            return  # nearly all reads
        known = self._hearing.known
        if self._hearing.verbs[event.type](event) and known.looked_day is None:
            known.looked_day = day_of(event.time)

    def due(self) -> datetime | None:
        """The end of a day on which one of the staff did something."""
        day = self._hearing.known.looked_day
        if day is None:
            return None
        end = begins(day + 1)
        return end if end < LAST else None

    def wake(self, now: datetime, out: Out) -> None:
        """The day is over: who stands out?"""
        known, policy, today = self._hearing.known, self._policy, day_of(now)
        known.looked_day = None
        settle(known, today - policy.window_days, policy.remembered_max)
        for sign in sorted(self._signs(known), key=lambda each: (each.code, each.staff_id, each.key)):
            key = f"{sign.code}|{sign.staff_id}|{sign.key}"
            before = known.told.get(key)
            if sign.chance > policy.chance_max or (before is not None and len(sign.acts) <= before.count):
                continue
            told = known.told[key] = told_of(sign, before, today)
            out.say(finding(sign, told, now, policy))

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._hearing.known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=Known)
        self._hearing = Hearing(known, self._policy.remembered_max)

    def _signs(self, known: Known) -> Iterator[Sign]:
        policy = self._policy
        return chain(
            clears(known, policy), looking.looks(known, policy), looking.pairs(known, policy),
            looking.nights(known, policy), looking.restores(known, policy),
        )  # fmt: skip
