"""The facts about a seller's conduct, and which of them stand: pure, whatever the order in which they became known.

A case is decided, decided again, overturned by another case, which may be overturned itself. What stands at a moment
follows from everything that had happened by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import SubjectKind
from agoranomos.kernel.ids import is_id
from agoranomos.sellers.points.policy import INTENTS, Intent

Outcome = Literal["upheld", "rejected", "overturned"]


class Decided(msgspec.Struct, frozen=True, order=True):
    """What was said of a case at a moment. `overturns`: the case that it takes back; of the outcome overturned without
    it the case itself is meant.
    """

    at: datetime
    case_id: str
    outcome: Outcome
    clause: str = ""
    store_id: str = ""
    overturns: str = ""
    subject_kind: SubjectKind = "seller"
    subject_id: str = ""

    @property
    def target(self) -> str:
        """The case that is overturned; "" when none is."""
        return (self.overturns or self.case_id) if self.outcome == "overturned" else ""


class Intended(msgspec.Struct, frozen=True, order=True):
    """What is recorded of the intent behind a case, with codes of the reasons."""

    at: datetime
    case_id: str
    intent: Intent
    reasons: tuple[str, ...] = ()


def intended_of(event: Event, case_id: str) -> Intended | None:
    """What a `case.decided` says of intent, in two fields beyond those of the contract: `intent`, and `intent_reasons`
    (a list of codes). None where there is nothing that can be used.
    """
    intent, reasons = event.data.get("intent"), event.data.get("intent_reasons")
    if intent not in INTENTS:
        return None
    codes = [each for each in reasons if isinstance(each, str) and is_id(each)] if isinstance(reasons, list) else []
    return Intended(event.time, case_id, intent, tuple(codes))


class Taught(msgspec.Struct, frozen=True, order=True):
    """A course that was completed."""

    at: datetime
    course_id: str


class Held(msgspec.Struct, frozen=True, order=True):
    """A store of the seller."""

    store_id: str
    opened_at: datetime
    closed_at: datetime | None = None

    def open_at(self, moment: datetime) -> bool:
        """Whether it was there then."""
        return self.opened_at <= moment and (self.closed_at is None or self.closed_at > moment)


Fact = Decided | Intended | Taught
FactT = TypeVar("FactT", Decided, Intended, Taught)


class History(msgspec.Struct, frozen=True):
    """All facts about one seller, each once, in the order of their times."""

    decided: tuple[Decided, ...] = ()
    intended: tuple[Intended, ...] = ()
    taught: tuple[Taught, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All but the stores."""
        return (*self.decided, *self.intended, *self.taught)

    def knowing(self, fact: Fact) -> History:
        """This history with one more fact; itself when it is known."""
        match fact:
            case Decided():
                return msgspec.structs.replace(self, decided=_with(self.decided, fact))
            case Intended():
                return msgspec.structs.replace(self, intended=_with(self.intended, fact))
            case Taught():
                return msgspec.structs.replace(self, taught=_with(self.taught, fact))

    def holding(self, store: Held) -> History:
        """This history with what is known of a store."""
        others = (each for each in self.held if each.store_id != store.store_id)
        return msgspec.structs.replace(self, held=tuple(sorted((*others, store), key=lambda each: each.store_id)))

    def intent_of(self, case_id: str, as_of: datetime) -> Intended | None:
        """What was last recorded of a case by then."""
        found = [each for each in self.intended if each.case_id == case_id and each.at <= as_of]
        return found[-1] if found else None

    def stores_at(self, moment: datetime) -> tuple[str, ...]:
        """The stores that were open then."""
        return tuple(each.store_id for each in self.held if each.open_at(moment))


class Offence(msgspec.Struct, frozen=True):
    """A case that stands upheld. `at`: since when; `decided`: what said so."""

    case_id: str
    at: datetime
    decided: Decided


def offences(history: History, as_of: datetime) -> list[Offence]:
    """The offences that stand at `as_of`, in the order of (`at`, `case_id`)."""
    known = _Known([each for each in history.decided if each.at <= as_of])
    found = [known.standing(case_id) for case_id in known.by_case]
    return sorted((each for each in found if each is not None), key=lambda each: (each.at, each.case_id))


class _Known:
    """The decisions known at a moment."""

    def __init__(self, decided: Sequence[Decided]) -> None:
        self.by_case: dict[str, list[Decided]] = {}
        self.against: dict[str, list[Decided]] = {}
        for each in decided:
            self.by_case.setdefault(each.case_id, []).append(each)
            if each.target:
                self.against.setdefault(each.target, []).append(each)

    def standing(self, case_id: str) -> Offence | None:
        upheld = [each for each in self.by_case[case_id] if each.outcome == "upheld"]
        if not upheld:
            return None
        voids = [each.at for each in self.by_case[case_id] if each.outcome == "rejected"]
        # Who names a case has it before him: an overturning cannot be earlier than what it overturns, whatever its
        # clock said.
        voids += [max(each.at, upheld[0].at) for each in self._overturning(case_id, frozenset())]
        last = max(voids, default=None)
        left = [each for each in upheld if last is None or each.at > last]
        return Offence(case_id, left[0].at, left[0]) if left else None

    def _overturning(self, case_id: str, asked: frozenset[str]) -> list[Decided]:
        """The decisions that take back a case and stand themselves; of a circle nobody takes back anybody."""
        return [each for each in self.against.get(case_id, ()) if self._stands(each, asked | {case_id})]

    def _stands(self, overturning: Decided, asked: frozenset[str]) -> bool:
        own = overturning.case_id
        if own == overturning.target:
            return True
        if own in asked:
            return False
        latest = self.by_case[own][-1]
        return latest.target == overturning.target and not self._overturning(own, asked)


def _with(known: tuple[FactT, ...], fact: FactT) -> tuple[FactT, ...]:
    if fact in known:
        return known
    found = list(known)
    found.append(fact)
    return tuple(sorted(found))
