"""Log lines as JSON, for machines to read and without what should not be in them."""

from __future__ import annotations

import logging
import traceback
from typing import Any, Final

import msgspec

from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import AgoranomosError
from agoranomos.kernel.masking.masks import labelled, masked

FACTS: Final = "facts"
"""`extra={FACTS: {...}}` of a log call: members of the line's object."""


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the call's facts, and where an error came from.

    Of an error that is not ours only the type is told: messages of libraries quote what they were given. Personal data
    that got into a message or a fact all the same, such as a telephone number in an address that was asked for, is
    taken out, and what it was is said: `[phone]`.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": rfc3339(self._clock()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage(), labelled),
            **{name: _without_personal(fact) for name, fact in getattr(record, FACTS, {}).items()},
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = told(record.exc_info[1])
        return msgspec.json.encode(line).decode()


def _without_personal(fact: Any) -> Any:
    return masked(fact, labelled) if isinstance(fact, str) else fact


def told(error: BaseException) -> dict[str, Any]:
    """Type and place of `error` and of what caused it; the message when it is one of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    said: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, AgoranomosError):
        said["message"] = masked(error.message, labelled)
    if error.__cause__ is not None:
        said["cause"] = told(error.__cause__)
    return said


def configure(clock: Clock, *, requests: bool) -> None:
    """Lets the whole program log JSON to stderr, warnings and worse; with `requests` also a line for each of them."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(clock))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("agoranomos.requests").setLevel(logging.INFO if requests else logging.WARNING)
