"""Monitors that speak, refuse and want to be woken by the dice, which each event throws anew: the same every time."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from agoranomos.engine.replay.desks import Desks, Seat
from agoranomos.engine.stream.monitor import Monitor, Out, Output
from agoranomos.engine.stream.timers import Timers
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from tests.engine.stream.monitors import Echo

TYPES = ("listing.submitted", "listing.removed", "store.closed")


class Dice:
    """Hears some of TYPES. Alarms are set for the past, for now and for later, by events and by other alarms."""

    def __init__(self, name: str) -> None:
        draw = random.Random(name)
        self.name, self.version = name, "1"
        self.hears = tuple(draw.sample(TYPES, draw.randint(1, 2)))
        self.heard = 0
        self.timers = Timers()

    def foresee(self, events: Sequence[Event]) -> None:
        """Nothing is done ahead."""

    def hear(self, event: Event, out: Out) -> None:
        self.heard += 1
        draw = random.Random(f"{self.name}:{event.id}")
        self._speak(draw, event.id, event.time, out)
        if draw.random() < 0.2:
            out.refuse(event, Invalid(f"{self.name} cannot use it"))
        for _ in range(draw.randint(0, 2)):
            minutes = draw.choice((-30, -1, 0, 0, 1, 5, 60, 600))
            self.timers.set(f"{event.id}:{minutes}", event.time + timedelta(minutes=minutes))

    def due(self) -> datetime | None:
        return self.timers.due()

    def wake(self, now: datetime, out: Out) -> None:
        for key in self.timers.ring(now):
            draw = random.Random(f"{self.name}:{key}:{self.heard}")
            self._speak(draw, key, now, out)
            if draw.random() < 0.4:
                self.timers.set(f"{key}+", now + timedelta(minutes=draw.choice((1, 5, 90))))

    def state(self) -> bytes:
        return self.timers.state()

    def resume(self, state: bytes) -> None:
        self.timers.resume(state)

    def _speak(self, draw: random.Random, what: str, at: datetime, out: Out) -> None:
        subject = Subject("listing", what)
        for number in range(draw.randint(0, 2)):
            reason = Reason("test.dice", f"{self.name} {self.heard} {number}")
            finding = Finding(
                id=finding_id("test.dice", subject, at), at=rfc3339(at), code="test.dice", subject=subject, score=0.5,
                reasons=(reason,), detector=self.name, version=self.version,
            )  # fmt: skip
            decision = Decision(
                id=f"{what}-{self.name}", at=rfc3339(at), check="listing", subject=subject, outcome=Outcome.APPROVE,
                score=0.0, reasons=(reason,), hits=(), policy_version="1",
            )  # fmt: skip
            action = Action(
                id=f"{what}-{self.name}-{number}", at=rfc3339(at), kind="listing.remove", subject=subject, params={},
                because=(finding.id,), requested_by=self.name, status="proposed",
            )  # fmt: skip
            said: list[Output] = [finding, decision, action]
            out.say(*draw.sample(said, draw.randint(1, 3)))


def one(name: str) -> list[Monitor]:
    return [Dice(name)]


def two(name: str) -> list[Monitor]:
    return [Dice(f"{name}-a"), Dice(f"{name}-b")]


def desks(seed: int, seats: int = 5) -> Desks:
    """Seats with one monitor or two, of random costs."""
    draw = random.Random(seed)
    return Desks(
        tuple(
            Seat(f"s{n}", partial(draw.choice((one, two)), f"{seed}-{n}"), draw.uniform(0.1, 9)) for n in range(seats)
        )
    )


def echo(name: str) -> list[Monitor]:
    return [Echo(name)]


def killed() -> list[Monitor]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def refused() -> list[Monitor]:
    raise Invalid("the policy of echoes cannot be used")


def refuse(_: object) -> None:
    refused()


def wait_for_ever() -> list[Monitor]:
    print(os.getpid(), flush=True)
    signal.pause()
    return []
