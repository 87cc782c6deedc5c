"""What is to be done about a finding or decision: the action of the contract."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from agoranomos.kernel.findings import Subject

ActionStatus = Literal["proposed", "approved", "pending", "done", "failed", "undone", "refused"]
"""`proposed` waits for a second person; `pending` is on its way to the marketplace."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the contract. `because` holds the ids of findings, decisions or cases that it rests on.

    `requested_by` and `approved_by` are actors such as `rule:r1`, `person:p1`.
    """

    id: str
    at: str
    kind: str
    subject: Subject
    params: dict[str, Any] = {}
    because: tuple[str, ...]
    requested_by: str
    approved_by: str | None = None
    status: ActionStatus
