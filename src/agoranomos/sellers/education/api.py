"""Courses over HTTP: parse, one verb or query, present."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.kernel.schema.base import Id
from agoranomos.sellers.education.actions import Attempt
from agoranomos.sellers.education.service import CourseShown, EducationService
from agoranomos.web.auth import PERMISSION, caller_of
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.paging import Page
from agoranomos.web.problems import json_only

Asking = Request[Any, Any, Any]
READ, MANAGE = {PERMISSION: "conduct.read"}, {PERMISSION: "conduct.manage"}


class QuizAnswers(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A seller's answers: for each question the number of a choice, from 1."""

    seller_id: Id
    answers: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=10)], ...], msgspec.Meta(min_length=1, max_length=100)
    ]


def api_router(service: EducationService) -> Router:
    """The addresses under `/v1/sellers/courses`."""

    @get("/", sync_to_thread=True, summary="Courses", operation_id="listCourses", opt=READ,
         responses=problems(401, 403))  # fmt: skip
    def listed() -> Page[CourseShown]:
        """With their quizzes, without the answers; for the marketplace's own pages."""
        return Page(service.listed())

    @get("/{course_id:str}", sync_to_thread=True, summary="A course", operation_id="getCourse", opt=READ,
         responses=problems(400, 401, 403, 404))  # fmt: skip
    def show(course_id: FromPath[str]) -> CourseShown:
        """With its quiz, without the answers."""
        return service.show(course_id)

    @post("/{course_id:str}/answers", status_code=201, sync_to_thread=True, guards=[json_only],
          summary="Answer a quiz", operation_id="answerQuiz", opt=MANAGE, operation_class=json_body(QuizAnswers),
          responses=problems(400, 401, 403, 404, 409, 413, 415, 422))  # fmt: skip
    def answer(request: Asking, course_id: FromPath[str], body: RawBody) -> Attempt:
        """For a seller; passed, the course is completed and points follow."""
        form = events.typed(decoded(body, "body"), QuizAnswers)
        return service.answer(form.seller_id, course_id, form.answers, by=caller_of(request).actor)

    return Router("/v1/sellers/courses", route_handlers=[listed, show, answer], tags=["Sellers: courses"])
