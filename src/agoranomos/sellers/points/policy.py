"""The policy of penalty points, in versions: the one in force on the day of an offence applies.

It is read from a TOML file, strictly and as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from agoranomos.kernel.calendar import LAST, after, local
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped

Intent = Literal["knowing", "negligent", "unknowing"]
INTENTS: tuple[Intent, ...] = ("knowing", "negligent", "unknowing")
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=3_650)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What intent changes of a step; what is not named stays."""

    warn: bool | None = None
    points: Count | None = None
    suspend_days: Days | None = None


class Measure(msgspec.Struct, frozen=True):
    """What an offence costs."""

    warn: bool
    points: int
    suspend_days: int


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a ladder, and what it is for those of whom it is recorded that they knew, should have, or could not."""

    warn: bool = False
    points: Count = 0
    suspend_days: Days = 0
    knowing: Change | None = None
    negligent: Change | None = None
    unknowing: Change | None = None

    def measure(self, intent: Intent | None) -> Measure:
        """The measure for an offence of this intent; None: nothing is recorded of it."""
        change = (getattr(self, intent) if intent is not None else None) or Change()
        return Measure(
            self.warn if change.warn is None else change.warn,
            self.points if change.points is None else change.points,
            self.suspend_days if change.suspend_days is None else change.suspend_days,
        )


class Expiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When points end; see the shipped file."""

    kind: Literal["year_end", "rolling"]
    days: Days = 0


class Education(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a course takes off, and from what; see the shipped file."""

    within_days: Days
    points_off_max: Count
    steps_max: Count
    times: Count
    otherwise: Name
    courses: Mapping[str, Name] = {}

    def course_for(self, clause: str) -> str:
        """The course that somebody takes who broke `clause`."""
        return by_clause(self.courses, clause, self.otherwise)


class Version(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy from the day `begins` until the next one begins."""

    version: Name
    begins: date
    closes_at: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    expiry: Expiry
    otherwise: Name
    ladders: Mapping[str, Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=50)]]
    education: Education
    counts_days: Days = 0
    clauses: Mapping[str, Name] = {}

    def ladder_of(self, clause: str) -> str:
        """The name of the ladder for `clause`."""
        return by_clause(self.clauses, clause, self.otherwise)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """All versions, the earliest first; `stamp` names them, with a hash of the file."""

    calendar: Name
    versions: Annotated[tuple[Version, ...], msgspec.Meta(min_length=1)]
    stamp: str = ""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The calendar's."""
        return ZoneInfo(self.calendar)

    def on(self, moment: datetime) -> Version:
        """The version in force on the day of `moment`; before the first one began, that one."""
        day = local(moment, self.zone).date()
        return next((each for each in reversed(self.versions) if each.begins <= day), self.versions[0])

    def ends(self, moment: datetime) -> datetime:
        """When the points of an offence at `moment` end, in UTC."""
        expiry = self.on(moment).expiry
        if expiry.kind == "rolling":
            return after(moment, timedelta(days=expiry.days))
        year = local(moment, self.zone).year
        if year == MAXYEAR:
            return LAST
        return datetime.combine(date(year + 1, 1, 1), time(), self.zone).astimezone(UTC)


def by_clause(named: Mapping[str, str], clause: str, otherwise: str) -> str:
    """What is said of `clause`, else of its beginning up to a dot, the longest first."""
    while clause not in named:
        clause, dot, _ = clause.rpartition(".")
        if not dot:
            return otherwise
    return named[clause]


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "policy.toml").read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "points")
    try:
        _ = policy.zone
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("calendar is no time zone such as Asia/Shanghai") from error
    begins = [each.begins for each in policy.versions]
    if begins != sorted(set(begins)):
        raise Invalid("versions stand in the order in which they begin, each on a day of its own")
    for version in policy.versions:
        _check(version)
    return msgspec.structs.replace(policy, stamp=stamped(policy.versions[-1].version, raw))


def _check(version: Version) -> None:
    key = f"versions {version.version}"
    for name in (version.otherwise, *version.clauses.values()):
        if name not in version.ladders:
            raise Invalid(f"{key}: {name[:60]} is no ladder of this version")
    if version.expiry.kind == "rolling" and version.expiry.days == 0:
        raise Invalid(f"{key}: expiry is rolling; say for how many days")
    for name, ladder in version.ladders.items():
        for number, step in enumerate(ladder, start=1):
            _check_step(step, f"{key}: ladders.{name}, step {number}")


def _check_step(step: Step, key: str) -> None:
    """Whoever knew never gets less than who is not known to have known, and who could not know never more."""
    chain = [step.measure(each) for each in ("unknowing", "negligent", None, "knowing")]
    for milder, harsher in pairwise(chain):
        if milder.points > harsher.points or milder.suspend_days > harsher.suspend_days:
            raise Invalid(f"{key}: unknowing, negligent, nothing recorded, knowing may not become milder in this order")
    for each in chain:
        if not (each.warn or each.points or each.suspend_days):
            raise Invalid(f"{key}: a step without a warning, points or days says nothing")
