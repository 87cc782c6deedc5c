"""The verb of education, given an open transaction: a seller answers a quiz."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.sellers.conduct.following import take_turn
from agoranomos.sellers.education.courses import Courses
from agoranomos.sellers.education.tables import education_attempts
from agoranomos.sellers.points.actions import Verbs, tell

_T = education_attempts.c


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How a quiz went; whoever passed has completed the course."""

    attempt_id: str
    seller_id: str
    course_id: str
    at: datetime
    right_answers: int
    asked: int
    passed: bool


def answer(
    connection: sa.Connection, verbs: Verbs, courses: Courses, seller_id: str, course_id: str, answers: Sequence[int],
    *, by: Actor, now: datetime,
) -> Attempt:  # fmt: skip
    """Counts the answers; passed, `course.completed` is told, and points follow at once.

    Raises NotFound, Invalid, Conflict when it was passed before or today's tries are used up.
    """
    right, passed = courses.counted(course_id, answers)
    if not is_id(seller_id):
        raise Invalid("a seller is named by an id", pointer="/seller_id")
    take_turn(connection)
    earlier = attempts(connection, seller_id, course_id)
    if any(each.passed for each in earlier):
        raise Conflict("this course was completed before; it counts once")
    if sum(each.at > now - timedelta(days=1) for each in earlier) >= courses.tries_per_day:
        raise Conflict(f"there are {courses.tries_per_day} tries in 24 hours; read the course again and try tomorrow")
    attempt = Attempt(
        attempt_id=derived("qa", seller_id, course_id, str(len(earlier))), seller_id=seller_id, course_id=course_id,
        at=now, right_answers=right, asked=len(answers), passed=passed,
    )  # fmt: skip
    insert_ignore(connection, education_attempts, [msgspec.structs.asdict(attempt)])
    entry = Entry(
        at=now, actor=by, verb="course.answer", subject_kind="attempt", subject_id=attempt.attempt_id,
        params={"right": right, "passed": int(passed)},
    )  # fmt: skip
    record(connection, entry)
    if passed:
        data = {"seller_id": seller_id, "course_id": course_id}
        tell(connection, verbs, "course.completed", derived("e", attempt.attempt_id, rfc3339(now)), data, now)
    return attempt


def attempts(connection: sa.Connection, seller_id: str, course_id: str) -> list[Attempt]:
    """All tries of a seller at a course, the first first."""
    query = sa.select(education_attempts).where(_T.seller_id == seller_id, _T.course_id == course_id)
    return [Attempt(**row._mapping) for row in connection.execute(query.order_by(_T.at, _T.attempt_id))]
