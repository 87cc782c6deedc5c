"""What was asked and answered, and what is wrong about an answer."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

CHECKED: Final = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip


class Asked(NamedTuple):
    """A request and its answer, as far as they are the same in each run."""

    part: str
    who: str
    operation: str
    status: int


class Tally:
    """What was asked and answered, and what was wrong about it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self._digest = hashlib.blake2b(digest_size=8)

    def add(self, part: str, who: str, case: Any, response: Any) -> None:
        """Counts an answer, and checks it."""
        operation = case.operation.label
        self.asked.append(Asked(part, who, operation, response.status_code))
        body = b"" if isinstance(case.body, schemathesis.core.NotSet) else repr(case.body).encode("utf-8", "replace")
        self._digest.update(repr((part, who, operation, case.query, response.status_code)).encode() + body)
        for problem in problems_of(case, response):
            words = f"{part}, {who}: {operation} {case.path_parameters or ''} {case.query or ''} {body[:300]!r}"
            self.wrong.append(f"{words}\n    {response.status_code}: {problem}")

    @property
    def digest(self) -> str:
        """Of all requests and the statuses of their answers."""
        return self._digest.hexdigest()

    def summary(self) -> dict[str, Any]:
        """Counts for a reader."""
        return {
            "requests": len(self.asked),
            "operations": len({each.operation for each in self.asked}),
            "callers": dict(Counter(each.who for each in self.asked)),
            "parts": dict(Counter(each.part for each in self.asked)),
            "statuses": {str(status): n for status, n in sorted(Counter(each.status for each in self.asked).items())},
            "answered_5xx": sum(each.status >= 500 for each in self.asked),
            "wrong": len(self.wrong),
            "never_2xx": sorted(self.operations() - {each.operation for each in self.asked if each.status < 300}),
            "digest": self.digest,
        }

    def operations(self) -> set[str]:
        """All operations that were asked."""
        return {each.operation for each in self.asked}


def problems_of(case: Any, response: Any) -> Iterator[str]:
    """What is wrong about an answer: with the document, or as a problem document."""
    load_all_checks()
    try:
        case.validate_response(response, checks=CHECKS.get_by_names(CHECKED))
    except FailureGroup as group:
        yield from (f"{type(each).__name__}: {' '.join(str(each).split())[:300]}" for each in group.exceptions)
    if response.status_code >= 400 and response.headers["content-type"] != ["application/problem+json"]:
        yield f"no problem document but {response.headers['content-type']}"
