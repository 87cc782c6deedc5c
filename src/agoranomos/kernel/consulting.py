"""How a desk asks the rules that listen to its check: a port, since desks and rule book do not know each other.

The desk says what it judged and what its detectors made of it; it is told which rules hold, and what is snoozed. The
strongest outcome of what is live wins; what runs in shadow or is snoozed is listed and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from agoranomos.kernel.decisions import Decision, Hit, strongest
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason, Subject

if TYPE_CHECKING:  # a tenth of a second, which a replay does without
    import sqlalchemy as sa

LIVE: Final = "live"
SNOOZED: Final = "snoozed"
SNOOZED_REASON: Final = "rules.snoozed"
"""The code of the reason that says so."""


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """That the rule or detector `code` does not count for `subject` until `until` (RFC 3339): somebody has looked."""

    code: str
    subject: Subject
    snooze_id: str
    until: str
    case_id: str | None = None

    @property
    def reason(self) -> Reason:
        """What a decision or finding says of it."""
        about = {"code": self.code, "snooze_id": self.snooze_id, "until": self.until}
        about |= {"case_id": self.case_id} if self.case_id else {}
        about["message_zh"] = (
            f"{self.code} 对该{_KINDS_ZH.get(self.subject.kind, '对象')}已暂停，至 {self.until} 不计入。"
        )
        message = f"{self.code} does not count: it is snoozed for this {self.subject.kind} until {self.until}."
        return Reason(SNOOZED_REASON, message, about)


_KINDS_ZH: Final = {"listing": "商品", "store": "店铺", "seller": "卖家", "account": "账户", "device": "设备"}


class Consulted(msgspec.Struct, frozen=True):
    """The rules that hold, in the order of their ids, a reason for each live or snoozed one, and the book's name."""

    hits: tuple[Hit, ...] = ()
    reasons: tuple[Reason, ...] = ()
    book: str = ""


class Consultant(Protocol):
    """Whoever knows the rules of a check."""

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`; `scores` are what detectors found, by code. Changes nothing."""

    def waits(self, check: str) -> bool:
        """Whether `ask` about this check waits for other processes, so that it should be asked `beforehand`."""

    def beforehand(self, check: str, event: Event) -> Consultant:
        """Whoever answers `ask` about `event` without waiting for other processes: for use within a transaction."""

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """Those of `codes` that do not count at `at` for one of `subjects`, the first of them that is snoozed."""

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`, in its transaction."""


class NoRules:
    """A book without rules."""

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:  # noqa: ARG002 - the port's
        """None hold."""
        return Consulted()

    def waits(self, check: str) -> bool:  # noqa: ARG002 - the port's
        """Never."""
        return False

    def beforehand(self, check: str, event: Event) -> NoRules:  # noqa: ARG002 - the port's
        """Nobody is asked."""
        return self

    def snoozed(
        self, codes: Collection[str], subjects: Sequence[Subject], at: datetime  # noqa: ARG002 - the port's
    ) -> Mapping[str, Quiet]:  # fmt: skip
        """Nothing is."""
        return {}

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Nothing to keep."""


NO_RULES: Final = NoRules()


def scores_of(decision: Decision) -> dict[str, float]:
    """What the detectors of a desk found, as rules may ask for it."""
    scores: dict[str, float] = {}
    for hit in decision.hits:
        if hit.status != LIVE:
            continue
        scores[hit.code] = max(hit.score, scores.get(hit.code, 0.0))
    return scores


def with_rules(decision: Decision, consulted: Consulted) -> Decision:
    """`decision` with the rules that hold: the strongest outcome wins, and the highest score of what is live."""
    if not consulted.hits and not consulted.book:
        return decision
    live = [hit for hit in consulted.hits if hit.status == LIVE]
    return msgspec.structs.replace(
        decision,
        outcome=strongest([decision.outcome, *(hit.outcome for hit in live)]),
        score=max([decision.score, *(hit.score for hit in live)]),
        reasons=(*decision.reasons, *consulted.reasons),
        hits=(*decision.hits, *consulted.hits),
        policy_version=f"{decision.policy_version};{consulted.book}" if consulted.book else decision.policy_version,
    )
