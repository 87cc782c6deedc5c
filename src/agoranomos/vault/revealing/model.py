"""A permit to read personal data, what is read under it, and why somebody was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from agoranomos.kernel.errors import Forbidden
from agoranomos.vault.subjects import Whom
from agoranomos.vault.tokens import Kind

Case = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$")]
"""The id of the case, appeal, notice or application that the data are needed for: no words, no addresses."""
State = Literal["waiting", "open", "over"]
Reason = Literal["not_yours", "over", "purpose", "not_named", "fresh", "no_budget", "budget", "budget_together"]
"""Why somebody was refused; the codes are stable, and stand in the audit log."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose data somebody needs, what for, and for which case."""

    case_id: Case
    purpose: str
    subjects: Annotated[tuple[Whom, ...], msgspec.Meta(min_length=1, max_length=100_000)]


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """`actor` may read what is kept of `subjects` (`seller:s-1`) for `purpose`, until `until`.

    `approval_id`: somebody else has to agree first; `until` is None until the permit is used for the first time.
    """

    permit_id: str
    actor: str
    case_id: str
    purpose: str
    subjects: tuple[str, ...]
    asked_at: datetime
    until: datetime | None
    approval_id: str | None = None
    ended_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """`waiting` for a second person or for its first use, `open`, or `over`."""
        if self.ended_at is not None or (self.until is not None and now >= self.until):
            return "over"
        return "waiting" if self.until is None else "open"


class Revealed(msgspec.Struct, frozen=True, kw_only=True):
    """A value, plain, with its token and whom it is about."""

    subject: Whom
    kind: Kind
    token: str
    value: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom a value is kept. `token` is None when it is kept of nobody; `more`: of others, too, than these."""

    token: str | None
    subjects: tuple[Whom, ...]
    more: bool


class Refused(Forbidden):
    """Somebody may not read this now, for the reason `code`; that they tried is recorded."""

    def __init__(self, code: Reason, message: str) -> None:
        super().__init__(message)
        self.code: Reason = code
