"""The pure rules of a way back: what is known of an enrolled seller, and where that leaves them.

Where somebody stands follows from the facts alone, in the order of their times, however they arrived. A relapse that
is overturned is a fact that is left out: everything is as if it had not been.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from agoranomos.goods.programmes.policy import Milestone, Programme
from agoranomos.kernel.calendar import after

FactKind = Literal["enrolled", "milestone", "genuine", "relapse", "left"]
EnrolmentState = Literal["asked", "refused", "active", "completed", "expelled", "left"]
_ORDER = ("enrolled", "milestone", "genuine", "relapse", "left")


class Fact(msgspec.Struct, frozen=True):
    """Something that is known: `fact_id` of the case, test buy or milestone; `overturned`: it no longer counts."""

    kind: FactKind
    fact_id: str
    at: datetime
    overturned: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody stands. `reached` and `told` are codes of milestones, `in_force` restrictions. Nothing was wrong
    since `since`; `heard_at` is the time of the latest fact; `due_at`: when time alone may next change something.
    """

    state: EnrolmentState
    since: datetime
    heard_at: datetime
    reached: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    genuine: int = 0
    relapses: int = 0
    in_force: frozenset[str] = frozenset()
    completed_at: datetime | None = None
    due_at: datetime | None = None


def standing(facts: Iterable[Fact], programme: Programme, now: datetime) -> Standing | None:
    """Where the facts up to `now` leave somebody; None when they were never enrolled."""
    found: Standing | None = None
    counting = (each for each in facts if not each.overturned and each.at <= now)
    for fact in sorted(counting, key=lambda each: (each.at, _ORDER.index(each.kind), each.fact_id)):
        if fact.kind == "enrolled":
            found = found or Standing(
                state="active", since=fact.at, heard_at=fact.at, in_force=frozenset(programme.restrictions)
            )
        elif found is not None:
            found = _after(_passed(found, programme, fact.at), fact, programme)
    return None if found is None else _passed(found, programme, now)


def _after(found: Standing, fact: Fact, programme: Programme) -> Standing:
    """`found` after the fact, which happened while it was so."""
    if found.state in ("expelled", "left"):
        return found
    found = msgspec.structs.replace(found, heard_at=fact.at)
    match fact.kind:
        case "milestone":
            return msgspec.structs.replace(found, told=found.told | {fact.fact_id.partition("@")[0]})
        case "genuine":
            return msgspec.structs.replace(found, genuine=found.genuine + 1)
        case "left":
            return msgspec.structs.replace(found, state="left", in_force=frozenset(programme.restrictions), due_at=None)
        case _:
            return _relapsed(found, fact, programme)


def _relapsed(found: Standing, fact: Fact, programme: Programme) -> Standing:
    watched_until = found.completed_at and after(found.completed_at, timedelta(days=programme.watch_days))
    if watched_until is not None and fact.at > watched_until:
        return found
    lasting = {step.code for step in programme.milestones if step.lasting}
    relapses = found.relapses + 1
    return Standing(
        state="expelled" if relapses > programme.relapses_max else "active",
        since=fact.at,
        heard_at=fact.at,
        told=found.told & lasting,
        relapses=relapses,
        in_force=frozenset(programme.restrictions),
    )


def _passed(found: Standing, programme: Programme, now: datetime) -> Standing:
    """`found` as time goes by: milestones are reached as soon as all that they ask holds, in their order."""
    if found.state != "active":
        return msgspec.structs.replace(found, due_at=None)
    moment = found.heard_at
    for step in programme.milestones[len(found.reached) :]:
        if not _holds(step, found, programme, now):
            return msgspec.structs.replace(found, due_at=_due(step, found, programme))
        moment = max(moment, found.since + _clean(step, found, programme))
        found = msgspec.structs.replace(
            found, reached=(*found.reached, step.code), in_force=found.in_force - frozenset(step.lifts)
        )
    return msgspec.structs.replace(found, state="completed", completed_at=moment, due_at=None)


def _clean(step: Milestone, found: Standing, programme: Programme) -> timedelta:
    """How long nothing may have been wrong: what lasts through a relapse lifts nothing again at once."""
    again = programme.again_days if found.relapses and step.lifts else 0
    return timedelta(days=max(step.clean_days, again))


def _holds(step: Milestone, found: Standing, programme: Programme, now: datetime) -> bool:
    clean = now >= found.since + _clean(step, found, programme)
    return clean and found.genuine >= step.genuine and (not step.told or step.code in found.told)


def _due(step: Milestone, found: Standing, programme: Programme) -> datetime | None:
    """When the step is reached by time alone; None when it waits for something else as well."""
    if found.genuine < step.genuine or (step.told and step.code not in found.told):
        return None
    return found.since + _clean(step, found, programme)


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the way back, or asked for. `in_force` is what was said last."""

    enrolment_id: str
    seller_id: str
    programme: str
    state: EnrolmentState
    asked_at: datetime
    asked_by: str
    approval_id: str
    began_at: datetime | None = None
    in_force: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    relapses: int = 0
    due_at: datetime | None = None
