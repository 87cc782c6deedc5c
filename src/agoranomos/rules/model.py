"""What the verbs of the rule book are given and give back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import Quiet
from agoranomos.kernel.findings import Status, Subject
from agoranomos.kernel.ids import derived

PROMOTE: Final = "rule.promote"
ROLL_BACK: Final = "rule.rollback"
ListKind = Literal["allow", "deny", "watch"]
SNOOZE_MAX: Final = timedelta(days=180)
"""After half a year what was innocent then is looked at again."""
BY_RULE: Final = "rule:"
"""How the detector of a finding, and the detector among a hit's values, begin when a rule said it."""
EXPOSURE: Final = "exposure"
"""The key of a reason's evidence under which a rule says how much money its events are about."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as somebody wrote it, checked before: `document` is the rule, `features` the declarations that it asks."""

    rule_id: str
    owner: str
    document: dict[str, Any]
    features: list[dict[str, Any]] = []

    @property
    def digest(self) -> str:
        """The same for the same rule with the same features."""
        return derived("r", msgspec.json.encode((self.document, self.features), order="sorted").decode())


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule as it was proposed; `document` is the rule as data, `features` what it asks.

    `digest` is a hash of both. `status`: `live` and `shadow` as the rule stands now; `expired` when it was either and
    is no longer; else `draft`.
    """

    rule_id: str
    version: int
    status: Status
    digest: str
    document: dict[str, Any]
    features: list[dict[str, Any]]
    owner: str
    proposed_by: str
    proposed_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rule stands: the newest of its versions, and which of them are live and in shadow."""

    rule_id: str
    latest: int
    live_version: int | None = None
    live_approval: str | None = None
    live_since: datetime | None = None
    shadow_version: int | None = None
    shadow_since: datetime | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to a rule: `propose`, `shadow`, `promote`, `rollback`, `expire`."""

    rule_id: str
    number: int
    at: datetime
    by: str
    verb: str
    version: int
    approval_id: str | None = None


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that rules look values up in; `entries` counts those that have not expired."""

    list_id: str
    kind: ListKind
    made_by: str
    made_at: datetime
    entries: int = 0


class ListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A value on a list, why, and until when (exclusive; None: until it is taken off)."""

    value: str
    reason: str
    added_by: str
    added_at: datetime
    expires_at: datetime | None = None


class NewEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value to put on a list."""

    value: str
    reason: str
    expires_at: datetime | None = None


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """For one subject a rule or detector (`code`) does not count until `until`; it goes on matching."""

    snooze_id: str
    code: str
    subject: Subject
    reason: str
    by: str
    at: datetime
    until: datetime
    case_id: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def quiet(self) -> Quiet:
        """The snooze as desks are told of it."""
        return Quiet(
            code=self.code, subject=self.subject, snooze_id=self.snooze_id, until=rfc3339(self.until),
            case_id=self.case_id,
        )  # fmt: skip

    def holds(self, now: datetime) -> bool:
        """Whether it suppresses at `now`."""
        return now < self.until and self.ended_at is None


class RuleHit(msgspec.Struct, frozen=True, kw_only=True):
    """That a version of a rule was true of an event; `facts` are the values that it looked at."""

    rule_id: str
    version: int
    said_id: str
    at: datetime
    standing: Literal["live", "shadow", "snoozed"]
    subject: Subject
    event_id: str
    outcome: str
    score: float
    facts: dict[str, Any]
