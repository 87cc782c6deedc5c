"""Looks at each campaign as it is declared: what it allows by itself and together with all that is not over.

What it was looked at with before need not be looked at again: every new combination has the new campaign in it.
Campaigns known from the start are looked at when they begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.promotions.campaigns.book import HEARS, CampaignBook
from agoranomos.promotions.campaigns.model import Declared, over
from agoranomos.promotions.lint.policy import Policy
from agoranomos.promotions.lint.report import Remark, Report

NAME: Final = "promotions.lint"
VERSION: Final = "1"
CODE: Final = "promotions.campaign_unsafe"
EFFORT_S_MAX: Final = 2.0
"""For each declaration: a history may have many, and live it is not the only thing to do."""
SCORES: Final = {"paid_to_face": 0.99, "paid_to_face_together": 0.99, "above_face": 0.9, "codes_guessable": 0.8}
"""How sure the lint is that harm follows. A receipt is arithmetic; what a campaign leaves out (`LEFT_OUT`) may be kept
elsewhere.
"""
LEFT_OUT: Final = 0.6


class _State(msgspec.Struct):
    book: bytes
    waiting: list[tuple[datetime, str]]


class LintMonitor:
    """See `engine.stream.Monitor`; `known` campaigns are declared from the start."""

    def __init__(self, policy: Policy, known: Iterable[Declared] = ()) -> None:
        self.name, self.version = NAME, f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        search = msgspec.structs.replace(policy.search, effort_s_max=min(policy.search.effort_s_max, EFFORT_S_MAX))
        self._policy = msgspec.structs.replace(policy, search=search)
        self._book = CampaignBook(known)
        self._waiting = sorted((each.campaign.starts_at or each.declared_at, each.id) for each in self._book)

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """A declaration is looked at; an end makes nothing worse. What cannot be used is refused by the guard."""
        with suppress(Invalid):
            found = self._book.hear(event)
            if found is not None and event.type == "campaign.declared":
                self._look(found, event.time, (event.id,), out)

    def due(self) -> datetime | None:
        """When the next of those known from the start begins."""
        return self._waiting[0][0] if self._waiting else None

    def wake(self, now: datetime, out: Out) -> None:
        """Looks at those that begin."""
        while self._waiting and self._waiting[0][0] <= now:
            found = self._book.get(self._waiting.pop(0)[1])
            if found is not None:
                self._look(found, now, (), out)

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(_State(self._book.state(), self._waiting))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=_State)
        self._book.resume(known.book)
        self._waiting = known.waiting

    def _look(self, declared: Declared, now: datetime, event_ids: tuple[str, ...], out: Out) -> None:
        from agoranomos.promotions.lint.linting import Question, lint  # noqa: PLC0415 - the solver takes a second

        live = [each for each in self._book if not over(each, now)]
        report = lint(Question(live, about=declared.id), self._policy)
        if report.refused:
            out.say(_finding(declared, report, now, event_ids, self.version))


def _finding(declared: Declared, report: Report, now: datetime, event_ids: tuple[str, ...], version: str) -> Finding:
    subject = Subject("campaign", declared.id)
    remarks = [remark for verdict in report.campaigns for remark in verdict.reasons]
    others = sorted({each for found in report.combinations for each in found.campaign_ids} - {declared.id})
    return Finding(
        id=finding_id(CODE, subject, declared.declared_at),
        at=rfc3339(now),
        code=CODE,
        subject=subject,
        score=max(SCORES.get(each.code, LEFT_OUT) for each in remarks),
        reasons=tuple(_reason(each) for each in remarks),
        related=tuple(Related("campaign", each, "tie") for each in others),
        event_ids=event_ids,
        detector=NAME,
        version=version,
    )


def _reason(remark: Remark) -> Reason:
    evidence = {"message_zh": remark.zh} | ({"pointer": remark.pointer} if remark.pointer else {})
    return Reason(remark.code, remark.en, evidence)
