"""What is said of appeals and complainants."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.sellers.appeals.model import Appeal, Record

NAME: Final = "sellers.appeals"
VERSION: Final = "1"
OVERDUE: Final = "sellers.appeal_overdue"
BAD_FAITH: Final = "sellers.complaints_in_bad_faith"


class Hands(Protocol):
    """Who takes back what rested on a case or decision."""

    def take_back(self, reason: str) -> None:
        """Whatever was done for `reason`, and is not taken back by the desk that asked for it."""


class NothingDone:
    """In a replay nothing is done, but what desks say; they take it back themselves."""

    def take_back(self, reason: str) -> None:
        """See `Hands`."""


def overdue(appeal: Appeal, subject: Subject) -> Finding:
    """An appeal that should have been decided."""
    due = rfc3339(appeal.decide_by)
    words = f"A decision on an appeal was owed by {due}."
    evidence = {"appeal_id": appeal.appeal_id, "decide_by": due, "message_zh": f"申诉应在 {due} 前作出决定，现已逾期。"}
    return Finding(
        id=finding_id(OVERDUE, subject, appeal.appeal_id), at=due, code=OVERDUE, subject=subject, score=0.6,
        reasons=(Reason(OVERDUE, words, evidence),), detector=OVERDUE, version=VERSION,
    )  # fmt: skip


def bad_faith(account_id: str, record: Record, sure: float, listing_id: str, at: datetime) -> Finding:
    """On an account: its complaints are hardly ever right."""
    subject = Subject("account", account_id)
    decided = record.right + record.wrong
    words = f"Of {decided} listings that it called fake and that were decided about, {record.right} were."
    zh = f"其投诉为假货且已有结论的 {decided} 件商品中，仅 {record.right} 件属实。"
    evidence = {"right": record.right, "wrong": record.wrong, "sure": round(sure, 4), "message_zh": zh}
    return Finding(
        id=finding_id(BAD_FAITH, subject, "record"), at=rfc3339(at), code=BAD_FAITH, subject=subject,
        score=round(sure, 4), reasons=(Reason(BAD_FAITH, words, evidence),), detector=BAD_FAITH, version=VERSION,
        related=(Related("listing", listing_id, "victim"),), revision=decided,
    )  # fmt: skip
