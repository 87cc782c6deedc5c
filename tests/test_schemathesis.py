"""Nothing that anybody sends to an address of the API makes it fail: examples drawn from the OpenAPI document.

schemathesis draws what the document allows and what it forbids; the application is the whole one, on a real store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode

from agoranomos.staff.roles import FOR_PROGRAMS, Role
from tests.staff.house import House
from tests.stores import make_store

CALLERS = ("nobody", "program", *Role)
EXAMPLES = {"program": 15}
"""Of each operation and mode; the others mostly meet the guard."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    store = make_store(tmp_path_factory.mktemp("store"))
    yield House(store)
    store.close()


def credentials(house: House, who: str, mode: GenerationMode) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """(headers, cookies) of the caller."""
    if who == "nobody":
        return {}, {}
    if who == "program":
        return house.program(*FOR_PROGRAMS).headers, {}
    return {}, dict(house.browser_of(house.add(f"{who}.{mode.value}", Role(who))).cookies)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
@pytest.mark.parametrize("who", CALLERS)
def test_no_request_makes_it_fail(house: House, who: str, mode: GenerationMode) -> None:
    schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", house.app)
    headers, cookies = credentials(house, who, mode)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            cases = operation.as_strategy(generation_mode=mode)
        except Exception:
            if mode is GenerationMode.POSITIVE:
                raise
            continue  # nothing can be wrong about a request without parameters

        @hypothesis.settings(
            max_examples=EXAMPLES.get(who, 2), phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @hypothesis.given(case=cases)
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            response = case.call(headers=dict(headers), cookies=dict(cookies))
            assert response.status_code < 500, (case.method, case.path, response.status_code)
            if response.status_code >= 400:
                assert response.headers["content-type"][0].startswith("application/problem+json")

        try:
            ask()
        except hypothesis.errors.Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE
    assert asked > 10
