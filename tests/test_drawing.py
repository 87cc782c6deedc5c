"""`make quick` tries few cases of each test, and says so."""

from __future__ import annotations

import pytest

from tests.drawing import few_cases


class Case(pytest.Item):
    def runtest(self) -> None:
        """Nothing is tried here."""


def cases(request: pytest.FixtureRequest, *names: str) -> list[pytest.Item]:
    return [Case.from_parent(request.session, name=name) for name in names]


def test_the_first_the_last_and_what_lies_between(request: pytest.FixtureRequest) -> None:
    given = cases(request, *(f"many[{n}]" for n in range(9)), "alone", "pair[a]", "pair[b]")
    kept, others = few_cases(given, 3)
    assert [each.name for each in kept] == ["many[0]", "many[4]", "many[8]", "alone", "pair[a]", "pair[b]"]
    assert {*kept, *others} == {*given}
    assert few_cases(given, 9)[1] == []
