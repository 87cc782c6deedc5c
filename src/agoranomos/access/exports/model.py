"""An export, and whether a read may be one: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.access.exposure.deciding import Barred
from agoranomos.access.exposure.policy import Policy
from agoranomos.kernel.calendar import after
from agoranomos.kernel.schema.access import DataRead, ExportRequested

UNAPPROVED: Final = "access.export_unapproved"
FREE: Final = frozenset({"buyer", "merchant"})
"""Who may take files of what they may see: their own data, and those of their customers."""
State = Literal["asked", "approved", "refused", "expired"]


class Agreed(msgspec.Struct, frozen=True):
    """Who agreed, and when."""

    by: str
    at: datetime


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to take out of the house, and who agreed."""

    export_id: str
    principal_id: str
    purpose: str
    fields: tuple[str, ...]
    region: str
    requested_at: datetime
    subject_count: int | None = None
    requested_by: str = ""
    agreed: tuple[Agreed, ...] = ()
    refused: bool = False

    def agree(self, by: str, at: datetime) -> Export:
        """With the consent of `by`; that of who asked does not count, and one person counts once."""
        if by in (self.principal_id, self.requested_by) or any(each.by == by for each in self.agreed):
            return self
        return msgspec.structs.replace(self, agreed=(*self.agreed, Agreed(by, at)))

    def until(self, policy: Policy) -> datetime | None:
        """Until when it may be read; None while not enough people agreed."""
        needed = policy.approvers(self.region)
        if self.refused or len(self.agreed) < needed:
            return None
        times = sorted(each.at for each in self.agreed)
        return after(times[needed - 1], timedelta(days=policy.export_days))

    def state(self, policy: Policy, now: datetime) -> State:
        """What became of it."""
        if self.refused:
            return "refused"
        until = self.until(policy)
        if until is None:
            return "asked" if now < after(self.requested_at, timedelta(days=policy.export_days)) else "expired"
        return "approved" if now < until else "expired"

    def covers(self, body: DataRead, at: datetime, policy: Policy) -> bool:
        """Whether `body` may leave as this export."""
        until = self.until(policy)
        return (
            until is not None
            and self.principal_id == body.principal_id
            and self.requested_at <= at < until
            and set(body.fields) <= set(self.fields)
            and (body.purpose is None or body.purpose == self.purpose)
        )


def export_of(body: ExportRequested, at: datetime) -> Export:
    """The export that an event asks for."""
    return Export(
        export_id=body.export_id, principal_id=body.principal_id, purpose=body.purpose, fields=body.fields,
        region=body.destination_region, requested_at=at, subject_count=body.subject_count,
    )  # fmt: skip


def by_agreement(body: DataRead) -> bool:
    """Whether others have to agree to `body` before it leaves as a file."""
    return bool(body.export) and body.principal_kind not in FREE


def barred(body: DataRead, known: Iterable[Export], at: datetime, policy: Policy) -> list[Barred]:
    """Why `body` may not leave as a file; empty when it does not, or may. `known` are exports of its reader."""
    if not by_agreement(body) or any(each.covers(body, at, policy) for each in known):
        return []
    words = "These data would leave as a file, and no approved and unexpired export covers reader, fields and purpose."
    return [Barred(UNAPPROVED, words, "数据将以文件导出，但没有已批准且未过期的导出申请覆盖该读取者、字段与用途。")]
