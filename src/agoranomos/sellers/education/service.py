"""One request, one transaction: what HTTP and commands share of education."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.sellers.education import actions
from agoranomos.sellers.education.actions import Attempt
from agoranomos.sellers.education.courses import Courses, Words
from agoranomos.sellers.points.actions import Verbs


class Asked(msgspec.Struct, frozen=True):
    """A question as it is shown: without the answer."""

    ask: Words
    choices: tuple[Words, ...]


class CourseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A course as it is shown."""

    course_id: str
    title: Words
    text: Words
    questions: list[Asked]


@dataclass(frozen=True, slots=True)
class EducationService:
    """The store, what the verbs work with, the courses and the clock."""

    store: Store
    verbs: Verbs
    courses: Courses
    clock: Clock

    def listed(self) -> list[CourseShown]:
        """All courses, in the order of their ids."""
        return [self.show(course_id) for course_id in sorted(self.courses.courses)]

    def show(self, course_id: str) -> CourseShown:
        """Raises NotFound."""
        course = self.courses.course(course_id)
        questions = [Asked(each.ask, each.choices) for each in course.questions]
        return CourseShown(course_id=course_id, title=course.title, text=course.text, questions=questions)

    def answer(self, seller_id: str, course_id: str, answers: Sequence[int], *, by: Actor) -> Attempt:
        """See `actions.answer`."""
        with self.store.transaction() as connection:
            return actions.answer(
                connection, self.verbs, self.courses, seller_id, course_id, answers, by=by, now=self.clock()
            )  # fmt: skip
