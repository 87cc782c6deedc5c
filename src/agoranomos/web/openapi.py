"""Pieces of the OpenAPI document that the handlers' signatures cannot say.

Bodies are read as bytes, so that a wrong value is answered with the pointer to it; their form is
declared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, cast

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from agoranomos.web.problems import KINDS, MEDIA_TYPE, Problem

_DEFINITIONS = "#/$defs/"


@cache
def inline_schema(form: Any) -> dict[str, Any]:
    """The JSON schema of a msgspec type with nothing referred to: `#/$defs` would point into the
    document. Made once for each type, and not to be changed.
    """
    schema = msgspec.json.schema(form)
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(item) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref", "")
        if reference.startswith(_DEFINITIONS):
            return resolved(definitions[reference.removeprefix(_DEFINITIONS)])
        return {key: resolved(value) for key, value in node.items()}

    return cast("dict[str, Any]", resolved(schema))


class Header(NamedTuple):
    """A header that a request may have, read by the handler itself."""

    name: str
    description: str


IDEMPOTENCY_KEY: Final = Header(
    "Idempotency-Key", "1 to 128 characters; a repeat with it gets the first decision again"
)  # fmt: skip
"""Of checks."""


def json_body(form: type[Any], *further_types: str, headers: Sequence[Header] = ()) -> type[Operation]:
    """An operation whose required body is `form`, as `application/json` or a further type."""
    return bodies(dict.fromkeys(("application/json", *further_types), form), headers)


def bodies(
    forms: Mapping[str, Any], headers: Sequence[Header] = (), *, answers: Sequence[str] = ()
) -> type[Operation]:  # fmt: skip
    """An operation whose required body has one of these media types, each with its form, and that knows `headers`. Its
    answer is a file of one of the types `answers`, where they are given.
    """
    # Litestar renders a mapping in the place of its Schema objects as it is.
    body = RequestBody(
        required=True,
        content={
            media_type: OpenAPIMediaType(schema=cast("Schema", inline_schema(form)))
            for media_type, form in forms.items()
        },
    )

    @dataclass
    class WithBody(Operation):
        def __post_init__(self) -> None:
            self.request_body = body
            if headers:
                self.parameters = [*(self.parameters or ()), *map(_parameter, headers)]
            answer = (self.responses or {}).get("200")
            if answers and isinstance(answer, OpenAPIResponse):
                file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
                answer.content = dict.fromkeys(answers, file)

    return WithBody


def _parameter(header: Header) -> Parameter:
    form = Schema(
        one_of=[Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.NULL)], description=header.description
    )
    return Parameter(
        header.name, "header", schema=form, description=header.description, required=False, deprecated=False
    )


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The problem documents that an operation may answer with."""
    titles = dict(KINDS.values())
    return {
        status: ResponseSpec(Problem, description=titles[status], media_type=MEDIA_TYPE, generate_examples=False)
        for status in statuses
    }
