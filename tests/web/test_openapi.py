"""docs/openapi.json is what the application says of itself.

Renew it with `python -m tests.web.test_openapi`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.goods.listings.market import Market
from tests.stores import make_store

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def current() -> dict[str, Any]:
    """The document of the application as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        schema = Market(store).app.openapi_schema.to_schema()
        store.close()
    plain: dict[str, Any] = json.loads(json.dumps(schema))
    for operations in plain["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if "headers" in response:  # a set in the framework: in another order in each process
                    response["headers"] = dict(sorted(response["headers"].items()))
    return plain


@pytest.mark.slow
def test_the_checked_in_document_is_current() -> None:
    assert json.loads(DOCUMENT.read_text("utf-8")) == current(), __doc__


@pytest.mark.slow
def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    for path, operations in current()["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            if path.startswith("/v1/"):
                problems = [status for status in operation["responses"] if status >= "400"]
                assert problems
                for status in problems:
                    content = operation["responses"][status]["content"]
                    assert list(content) == ["application/problem+json"]


@pytest.mark.slow
def test_it_is_openapi_3_1_and_refers_to_nothing_that_is_not_there() -> None:
    document = current()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(json.dumps(current(), indent=2, ensure_ascii=False) + "\n", "utf-8")
