"""Nothing that anybody sends to an address of the API makes it fail, and every answer is as the OpenAPI document says.

`python -m tests.hostile` runs the same and prints what was asked and answered.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agoranomos.web import problems
from tests.hostile import asking
from tests.hostile.asking import MODES, ask_alone, ask_in_chains
from tests.hostile.furnished import CALLERS
from tests.hostile.tally import Tally

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"


def operations() -> set[str]:
    """All that the document names, such as `GET /v1/me`."""
    paths = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_every_operation_by_everybody(mode: str) -> None:
    tally = Tally()
    ask_alone(CALLERS, mode, tally)
    assert tally.wrong == []
    assert {each.who for each in tally.asked} == set(CALLERS)
    if mode == "allowed":
        assert tally.operations() == operations()
        assert {200, 201, 202, 401, 403, 404} <= {each.status for each in tally.asked}
    else:
        changed = {
            each.operation for each in tally.asked if each.status < 300 and not each.operation.startswith("GET ")
        }
        assert changed <= {"POST /v1/events"}, "what is forbidden changes nothing; events are refused one by one"


@pytest.mark.slow
def test_what_one_answer_names_is_asked_for_next() -> None:
    tally = Tally()
    ask_in_chains(tally)
    assert tally.wrong == []
    followed = {each.operation for each in tally.asked if each.status < 300 and "{" in each.operation}
    assert len(followed) >= 8, "ids of answers lead on"


@pytest.mark.slow
def test_the_same_is_asked_and_answered_in_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "EXAMPLES", {"allowed": 3})  # of each operation, twice over
    digests = []
    for _ in range(2):
        tally = Tally()
        ask_alone(("everything",), "allowed", tally)
        digests.append(tally.digest)
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_an_answer_that_is_not_as_the_document_says_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "EXAMPLES", {"allowed": 1})
    monkeypatch.setattr(problems, "MEDIA_TYPE", "application/json")
    tally = Tally()
    ask_alone(("nobody",), "allowed", tally)
    assert any("no problem document" in each for each in tally.wrong)
    assert any("content" in each.lower() for each in tally.wrong)
