"""Where a seller stands: the definition of penalty points, as a pure function of facts, policy and moment.

The ledger, the actions and the pages are all made from it. As of a moment, only what had happened by then counts; what
became known late counts when it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.sellers.points.model import History, Offence, offences
from agoranomos.sellers.points.policy import Intent, Policy

Why = Literal["offence", "reinstated", "regraded", "overturned", "expired", "taught"]


ALL_STORES: Final = ""
"""In the place of a store, where a case names none and no store of the seller is known: all that the seller has."""


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """An offence and what it costs: the `number`-th step of its ladder, by the policy `version`.

    `points_off` were taken off by the course `course_id` at `taught_at`. `stores`: those that it was found in (or
    ALL_STORES), which are suspended until `suspended_until`.
    """

    case_id: str
    at: datetime
    clause: str
    version: str
    ladder: str
    number: int
    stores: tuple[str, ...]
    warn: bool
    points: int
    suspend_days: int
    ends_at: datetime
    course_id: str
    intent: Intent | None = None
    intent_reasons: tuple[str, ...] = ()
    points_off: int = 0
    taught_at: datetime | None = None

    @property
    def suspended_until(self) -> datetime:
        """The end of the suspension; `at` when there is none."""
        return after(self.at, timedelta(days=self.suspend_days))

    def points_at(self, moment: datetime) -> int:
        """The points that it has in force then."""
        if not self.at <= moment < self.ends_at:
            return 0
        return self.points - (self.points_off if self.taught_at is not None and self.taught_at <= moment else 0)


class SellerStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Where a seller stands at `as_of`. `points` are in force; `closed_since`: since when they close the stores
    `closed`; `suspended`: store (or ALL_STORES) → until when; `next_at`: when time alone changes something.
    """

    as_of: datetime
    points: int
    closes_at: int
    offences: tuple[Graded, ...]
    suspended: dict[str, datetime]
    closed: tuple[str, ...]
    closed_since: datetime | None
    next_at: datetime | None


class PointsMove(msgspec.Struct, frozen=True, order=True):
    """By how much the points of a case change at a moment, and why."""

    at: datetime
    case_id: str
    amount: int
    why: Why


def standing(history: History, policy: Policy, as_of: datetime) -> SellerStanding:
    """The definition. Everything else that this room says must agree with it."""
    graded = grade(history, policy, as_of)
    closes_at = policy.on(graded[-1].at if graded else as_of).closes_at
    closed_since = _closed_since(graded, closes_at)
    suspended: dict[str, datetime] = {}
    for each in graded:
        for store_id in each.stores:
            if each.suspended_until > as_of:
                suspended[store_id] = max(each.suspended_until, suspended.get(store_id, as_of))
    ends = [each.ends_at for each in graded if each.points_at(as_of)]
    ends += [each.suspended_until for each in graded if each.stores]
    return SellerStanding(
        as_of=as_of,
        points=sum(each.points_at(as_of) for each in graded),
        closes_at=closes_at,
        offences=tuple(graded),
        suspended=suspended,
        closed=tuple(sorted({store for each in graded for store in each.stores})) if closed_since is not None else (),
        closed_since=closed_since,
        next_at=min((each for each in ends if each > as_of), default=None),
    )


def grade(history: History, policy: Policy, as_of: datetime) -> list[Graded]:
    """The offences that stand at `as_of` with what each costs, in the order of time."""
    graded: list[Graded] = []
    for offence in offences(history, as_of):
        graded.append(_step(offence, graded, history, policy, as_of))
    return _taught(graded, history, policy, as_of)


def moves(history: History, policy: Policy, until: datetime) -> list[PointsMove]:
    """All changes of points up to `until`: added up to a moment they are the points of `standing` at that moment."""
    moments = {each.at for each in history.facts}
    moments |= {policy.ends(each.at) for each in history.decided if each.outcome == "upheld"}
    found: list[PointsMove] = []
    before: dict[str, int] = {}
    stood: set[str] = set()
    for moment in sorted(each for each in moments if each <= until):
        graded = {each.case_id: each for each in grade(history, policy, moment)}
        now = {name: each.points_at(moment) for name, each in graded.items()}
        for case_id in sorted(before.keys() | now.keys()):
            amount = now.get(case_id, 0) - before.get(case_id, 0)
            if amount:
                found.append(
                    PointsMove(moment, case_id, amount, _why(amount, graded.get(case_id), moment, case_id in stood))
                )
        stood, before = set(graded), now
    return found


def _step(offence: Offence, before: Sequence[Graded], history: History, policy: Policy, as_of: datetime) -> Graded:
    version = policy.on(offence.at)
    ladder = version.ladder_of(offence.decided.clause)
    since = after(offence.at, -timedelta(days=version.counts_days)) if version.counts_days else None
    number = 1 + sum(each.ladder == ladder and (since is None or each.at > since) for each in before)
    intended = history.intent_of(offence.case_id, as_of)
    steps = version.ladders[ladder]
    measure = steps[min(number, len(steps)) - 1].measure(intended.intent if intended else None)
    stores = (offence.decided.store_id,) if offence.decided.store_id else history.stores_at(offence.at)
    if not stores and all(each.opened_at > offence.at for each in history.held):
        stores = (ALL_STORES,)
    return Graded(
        case_id=offence.case_id,
        at=offence.at,
        clause=offence.decided.clause,
        version=version.version,
        ladder=ladder,
        number=number,
        stores=stores,
        warn=measure.warn,
        points=measure.points,
        suspend_days=measure.suspend_days,
        ends_at=policy.ends(offence.at),
        course_id=version.education.course_for(offence.decided.clause),
        intent=intended.intent if intended else None,
        intent_reasons=intended.reasons if intended else (),
    )


def _taught(graded: list[Graded], history: History, policy: Policy, as_of: datetime) -> list[Graded]:
    """What courses take off: each course once, in time, of the first offence that it can help."""
    used = 0
    done: set[str] = set()
    for course in history.taught:
        if course.at > as_of or course.course_id in done:
            continue
        for place, each in enumerate(graded):
            education = policy.on(each.at).education
            in_time = each.at <= course.at <= after(each.at, timedelta(days=education.within_days))
            helps = each.course_id == course.course_id and each.number <= education.steps_max and not each.points_off
            off = min(each.points_at(course.at), education.points_off_max)
            if in_time and helps and off and used < education.times:
                graded[place] = msgspec.structs.replace(each, points_off=off, taught_at=course.at)
                done.add(course.course_id)
                used += 1
                break
    return graded


def _closed_since(graded: Sequence[Graded], closes_at: int) -> datetime | None:
    """The first moment at which the offences that stand now had so many points in force together."""
    for each in graded:  # points only grow at offences
        if sum(other.points_at(each.at) for other in graded) >= closes_at:
            return each.at
    return None


def _why(amount: int, graded: Graded | None, moment: datetime, stood: bool) -> Why:
    if amount > 0:
        if graded is not None and graded.at == moment:
            return "offence"
        return "regraded" if stood else "reinstated"
    if graded is None:
        return "overturned"
    if graded.ends_at <= moment:
        return "expired"
    return "taught" if graded.taught_at == moment else "regraded"
