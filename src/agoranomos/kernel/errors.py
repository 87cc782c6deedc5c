"""The four ways in which a request can be wrong; the docstring of an error is its message.

No HTTP in here: the web floor translates. Raise with a message that says what to do next; without one,
the class's docstring is the message.
"""

from __future__ import annotations


class AgoranomosError(Exception):
    """Something went wrong that the caller can mend."""

    def __init__(self, message: str | None = None, *, pointer: str = "") -> None:
        """`pointer` is the RFC 6901 JSON pointer of the offending value, when there is one."""
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.pointer = pointer

    @property
    def message(self) -> str:
        return str(self.args[0])


class NotFound(AgoranomosError):
    """No such thing; list what exists and try its id."""


class Conflict(AgoranomosError):
    """What was asked contradicts what is already so; read the current state and ask again."""


class Forbidden(AgoranomosError):
    """The caller has no right to this; ask an administrator for the role."""


class Invalid(AgoranomosError):
    """The input is not of the expected form."""
