"""Courses and their quizzes as data, and how answers are counted: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.policies import parsed, stamped

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    en: Text
    zh: Text


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question; `right` is the number of the right choice, from 1."""

    ask: Words
    choices: Annotated[tuple[Words, ...], msgspec.Meta(min_length=2, max_length=10)]
    right: Annotated[int, msgspec.Meta(ge=1)]


class Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be read, and the quiz about it."""

    title: Words
    text: Words
    questions: Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=100)]


class Courses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All courses; `version` is the file's own and a hash of its content."""

    version: Text
    pass_share: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    tries_per_day: Annotated[int, msgspec.Meta(ge=1, le=100)]
    courses: Mapping[str, Course]

    def course(self, course_id: str) -> Course:
        """Raises NotFound."""
        try:
            return self.courses[course_id]
        except KeyError:
            raise NotFound(f"there is no such course; there is {', '.join(sorted(self.courses))}") from None

    def counted(self, course_id: str, answers: Sequence[int]) -> tuple[int, bool]:
        """How many answers (numbers of choices, from 1) are right, and whether that passes.

        Raises NotFound, and Invalid unless every question has one of its choices as an answer.
        """
        questions = self.course(course_id).questions
        if len(answers) != len(questions):
            raise Invalid(f"this quiz has {len(questions)} questions; answer each", pointer="/answers")
        for place, (answer, question) in enumerate(zip(answers, questions, strict=True)):
            if not 1 <= answer <= len(question.choices):
                raise Invalid(f"the answer is a choice from 1 to {len(question.choices)}", pointer=f"/answers/{place}")
        right = sum(answer == question.right for answer, question in zip(answers, questions, strict=True))
        return right, right >= self.pass_share * len(questions)


def load_courses(path: Path | None = None) -> Courses:
    """The courses in `path`, by default those shipped. Raises Invalid, naming the key."""
    raw = (path or resources.files(__package__) / "data" / "courses.toml").read_bytes()
    found = parsed(raw, Courses, "courses")
    for name, course in found.courses.items():
        for number, question in enumerate(course.questions, start=1):
            if question.right > len(question.choices):
                raise Invalid(f"courses.{name}, question {number}: right is none of its choices")
    return msgspec.structs.replace(found, version=stamped(found.version, raw))
