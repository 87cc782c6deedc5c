"""What waits for a second person, and who may be that person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden
from agoranomos.kernel.ids import derived


class ApprovalStatus(StrEnum):
    """`spent`: what was approved has been done; it cannot be done again on the same approval."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SPENT = "spent"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what somebody wants to do: `kind` such as `payment.release`, to what, and how.

    `params` are ids, codes and numbers. `beneficiaries` are the ids of those who gain by it, as actors
    (`person:p1`) or things (`seller-7`): none of them may agree to it.
    """

    kind: str
    subject_kind: str
    subject_id: str
    params: dict[str, Any] = {}
    beneficiaries: tuple[str, ...] = ()

    def approval_id(self, by: Actor, at: datetime) -> str:
        """The id of the wish of `by` at that moment; asking the same again at once is the same wish."""
        params = msgspec.json.encode(self.params, order="sorted").decode()
        return derived("ap", self.kind, self.subject_kind, self.subject_id, params, str(by), at.isoformat())


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A wish and what became of it. `status` is as stored; see `status_at`."""

    approval_id: str
    wanted: Wanted
    requested_by: Actor
    requested_at: datetime
    expires_at: datetime
    status: ApprovalStatus = ApprovalStatus.PENDING
    decided_by: Actor | None = None
    decided_at: datetime | None = None

    def status_at(self, now: datetime) -> ApprovalStatus:
        """The status at `now`: a wish that nobody decided or used in time has expired."""
        open_still = self.status in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)
        return ApprovalStatus.EXPIRED if open_still and now >= self.expires_at else self.status

    def require_pending(self, now: datetime) -> None:
        """Raises Conflict unless it waits for a decision."""
        status = self.status_at(now)
        if status is not ApprovalStatus.PENDING:
            raise Conflict(f"this is {status} already; ask for it again")

    def require_second_person(self, by: Actor) -> None:
        """Raises Forbidden unless `by` is a person who neither asked for it nor gains by it."""
        if by.kind != "person":
            raise Forbidden("only a person can agree to this")
        if by == self.requested_by:
            raise Forbidden("you asked for this yourself; another person must agree")
        if {str(by), by.id} & set(self.wanted.beneficiaries):
            raise Forbidden("you gain by this yourself; another person must agree")
