"""Courses: a quiz that is passed takes points off, as often as the policy allows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.sellers.education.courses import load_courses
from agoranomos.sellers.education.service import EducationService
from agoranomos.sellers.points import queries
from agoranomos.sellers.points.actions import Verbs
from agoranomos.sellers.points.standing import standing
from tests.sellers.conduct.builders import POLICIES, VAULT, Market, case, on, opened

ADA = Actor("person", "ada")
COURSES = load_courses()
RIGHT = [each.right for each in COURSES.course("genuine-goods").questions]


def test_answers_are_counted() -> None:
    assert COURSES.counted("genuine-goods", RIGHT) == (5, True)
    assert COURSES.counted("genuine-goods", [RIGHT[0] % 3 + 1, *RIGHT[1:]]) == (4, True)
    assert COURSES.counted("genuine-goods", [1] * 5)[1] is False
    for wrong in ([1], [9] * 5, [0] * 5):
        with pytest.raises(Invalid):
            COURSES.counted("genuine-goods", wrong)
    with pytest.raises(NotFound):
        COURSES.counted("none", RIGHT)


def test_a_quiz_takes_points_off_once(store: Store) -> None:
    market = Market(store).take(opened(), case("c1", 0), case("c2", 1))
    verbs = Verbs(VAULT, {}, market.live.catch_up)
    office = EducationService(store, verbs, COURSES, lambda: market.now)
    market.now = on(2)
    for _ in range(3):
        assert not office.answer("u1", "genuine-goods", [1] * 5, by=ADA).passed
    with pytest.raises(Conflict, match="tomorrow"):
        office.answer("u1", "genuine-goods", RIGHT, by=ADA)
    market.now += timedelta(days=1, minutes=1)
    assert office.answer("u1", "genuine-goods", RIGHT, by=ADA).passed
    with store.reading() as connection:
        history = queries.sheet(connection, "u1").history
    assert [standing(history, POLICIES.points, on(day)).points for day in (2.5, 4)] == [2, 0]
    with pytest.raises(Conflict, match="counts once"):
        office.answer("u1", "genuine-goods", RIGHT, by=ADA)
    assert not hasattr(office.show("genuine-goods").questions[0], "right"), "the answers are not shown"
