"""Ways back over a history: who was enrolled, what their milestones lifted, and what a relapse brought back.

Live, the verbs of `actions` do the same in the store, as soon as an event arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.engine.stream.monitor import Out
from agoranomos.goods.programmes.hearing import ENROLLED, HEARS, heard
from agoranomos.goods.programmes.model import Fact, standing
from agoranomos.goods.programmes.policy import Policy
from agoranomos.goods.programmes.telling import VERSION, changes, relapse
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject

NAME: Final = "goods.programmes"
_BY: Final = Actor("model", NAME)


class Way(msgspec.Struct):
    """Somebody's way back: the programme, what is known, and which restrictions were said to be in force."""

    programme: str
    facts: list[Fact]
    in_force: list[str]
    due_at: datetime | None = None


class _State(msgspec.Struct):
    ways: dict[str, Way]
    sellers: dict[str, str]


class ProgrammeMonitor:
    """See `engine.stream.Monitor`. `needs` says which actions wait for a second person."""

    def __init__(self, policy: Policy, needs: Needs) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears = HEARS
        self._policy = policy
        self._needs = needs
        self._known = _State({}, {})

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """A store, an enrolment or milestone, a case, a verdict."""
        if event.type == "store.opened":
            self._known.sellers[event.data["store_id"]] = event.data["seller_id"]
            return
        found = heard(event, self._known.sellers.get)
        if found is None:
            return
        if found.fact is not None and found.fact.kind == "enrolled":
            self._enrol(found.seller_id, event.data["milestone"].removeprefix(f"{ENROLLED}:"))
        way = self._known.ways.get(found.seller_id)
        if way is None:
            return
        if found.overturned:
            way.facts = [_overturned(each, found.overturned) for each in way.facts]
        elif found.fact is not None and all(_key(each) != _key(found.fact) for each in way.facts):
            way.facts.append(found.fact)
        self._settle(found.seller_id, way, event.time, event.id, out, found.fact)

    def due(self) -> datetime | None:
        """When time alone lifts something."""
        return min((way.due_at for way in self._known.ways.values() if way.due_at is not None), default=None)

    def wake(self, now: datetime, out: Out) -> None:
        """Milestones that are reached by time."""
        for seller_id, way in sorted(self._known.ways.items()):
            if way.due_at is not None and way.due_at <= now:
                self._settle(seller_id, way, now, f"clock@{rfc3339(now)}", out, None)

    def state(self) -> bytes:
        """Everybody's way, and who holds which store."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)

    def _enrol(self, seller_id: str, programme: str) -> None:
        """A programme that the policy does not have is none of ours."""
        if programme in self._policy.programmes and seller_id not in self._known.ways:
            self._known.ways[seller_id] = Way(programme, [], [])

    def _settle(self, seller_id: str, way: Way, now: datetime, cause: str, out: Out, fact: Fact | None) -> None:
        found = standing(way.facts, self._policy.programme(way.programme), now)
        if found is None:
            return
        because = cause
        if fact is not None and fact.kind == "relapse" and found.since == fact.at:
            finding = relapse(seller_id, way.programme, found, fact.fact_id, now, (cause,))
            out.say(finding)
            because = finding.id
        for change in changes(way.in_force, found.in_force):
            params = {"programme": way.programme, "restriction": change.restriction}
            action = ask(
                change.kind, Subject("seller", seller_id), params, because, by=_BY, at=rfc3339(now),
                needs=self._needs,
            )  # fmt: skip
            out.say(action)
        way.in_force, way.due_at = sorted(found.in_force), found.due_at


def _key(fact: Fact) -> tuple[str, str]:
    return fact.kind, fact.fact_id


def _overturned(fact: Fact, case_id: str) -> Fact:
    return msgspec.structs.replace(fact, overturned=True) if fact.fact_id == case_id else fact
