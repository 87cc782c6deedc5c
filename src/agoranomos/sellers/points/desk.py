"""The rules of points over events: the same text of them in a replay and live; see `conduct.desk`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived
from agoranomos.kernel.schema.cases import CaseDecided
from agoranomos.kernel.schema.sellers import CourseCompleted, StoreClosed, StoreOpened
from agoranomos.sellers.points import telling
from agoranomos.sellers.points.booking import booked_anew
from agoranomos.sellers.points.cabinet import Cabinet, Sheet
from agoranomos.sellers.points.measures import Measures
from agoranomos.sellers.points.model import Decided, Fact, Held, Intended, Taught, intended_of
from agoranomos.sellers.points.policy import Policy
from agoranomos.sellers.points.standing import moves, standing
from agoranomos.sellers.points.telling import Hands, Speaker

HEARS: Final = ("case.decided", "course.completed", "store.closed", "store.opened")


class PointsDesk:
    """See `conduct.desk.Desk`. `hands` carry out what follows."""

    name = telling.NAME
    hears = HEARS

    def __init__(self, cabinet: Cabinet, policy: Policy, needs: Needs, hands: Hands) -> None:
        self._cabinet = cabinet
        self._policy = policy
        self._needs = needs
        self._hands = hands

    def hear(self, event: Event) -> list[Output]:
        """One of HEARS."""
        match event.body:
            case CaseDecided() as body:
                return self._decided(event, body)
            case CourseCompleted() as body:
                return self._know(body.seller_id, [Taught(event.time, body.course_id)], event.time, "")
            case StoreOpened() as body:
                return self._opened(body, event.time)
            case StoreClosed() as body:
                return self._closed(body, event.time)
            case _:
                return []

    def due(self) -> datetime | None:
        """When points end, or a suspension."""
        return self._cabinet.next_due()

    def wake(self, now: datetime) -> list[Output]:
        """Looks at those whose points or suspensions end."""
        said: list[Output] = []
        for seller_id in self._cabinet.due(now):
            sheet = self._cabinet.sheet(seller_id)
            assert sheet is not None, "who has a time has a sheet"
            said += self._settle(sheet, now, "")
        return said

    def _decided(self, event: Event, body: CaseDecided) -> list[Output]:
        store_id = body.store_id or (body.subject.id if body.subject.kind == "store" else "")
        if not store_id and body.subject.kind == "listing":
            store_id = self._cabinet.store_of_listing(body.subject.id) or ""
        decided = Decided(
            event.time, body.case_id, body.outcome, body.clause, store_id, body.overturns or "", body.subject.kind,
            body.subject.id,
        )  # fmt: skip
        named = body.seller_id or (body.subject.id if body.subject.kind == "seller" else None)
        target = decided.target if decided.target != body.case_id else ""
        holder = self._cabinet.seller_of_case(target or body.case_id)
        seller_id = holder or named or self._cabinet.seller_of_store(store_id)
        if target and holder is None:
            self._cabinet.wait_for(f"case:{target}", decided)
        facts: list[Fact] = [decided]
        intended = intended_of(event, body.case_id)
        if intended is not None:
            facts.append(intended)
        if seller_id is not None:
            return self._place(seller_id, facts, event.time, _cause(facts))
        if not target and body.subject.kind in ("store", "listing", "seller"):
            self._cabinet.wait_for(f"store:{store_id}" if store_id else f"case:{body.case_id}", decided)
            if body.outcome == "upheld":
                return [telling.holder_unknown(event, Subject(body.subject.kind, body.subject.id))]
        return []

    def _place(self, seller_id: str, facts: list[Fact], at: datetime, cause: str) -> list[Output]:
        """Puts facts about a case on the seller's sheet, and with them what waited for the case."""
        found: list[Fact] = []
        cases = [each.case_id for each in facts if isinstance(each, Decided)]
        while cases:
            case_id = cases.pop()
            self._cabinet.put_case(case_id, seller_id)
            waited = self._cabinet.take_waiting(f"case:{case_id}")
            cases += [each.case_id for each in waited]
            found += waited
        return self._know(seller_id, [*facts, *found], at, cause)

    def _opened(self, body: StoreOpened, at: datetime) -> list[Output]:
        self._cabinet.put_store(body.store_id, body.seller_id)
        sheet = self._cabinet.sheet(body.seller_id) or Sheet(seller_id=body.seller_id)
        known = next((each for each in sheet.history.held if each.store_id == body.store_id), None)
        held = Held(body.store_id, at, known.closed_at if known is not None else None)
        self._cabinet.put(msgspec.structs.replace(sheet, history=sheet.history.holding(held)))
        waited: list[Fact] = [*self._cabinet.take_waiting(f"store:{body.store_id}")]
        return self._place(body.seller_id, waited, at, "") if waited else []

    def _closed(self, body: StoreClosed, at: datetime) -> list[Output]:
        seller_id = self._cabinet.seller_of_store(body.store_id)
        sheet = self._cabinet.sheet(seller_id) if seller_id is not None else None
        if sheet is not None:
            opened = next((each.opened_at for each in sheet.history.held if each.store_id == body.store_id), at)
            held = Held(body.store_id, opened, at)
            self._cabinet.put(msgspec.structs.replace(sheet, history=sheet.history.holding(held)))
        return []

    def _know(self, seller_id: str, facts: Iterable[Fact], at: datetime, cause: str) -> list[Output]:
        sheet = self._cabinet.sheet(seller_id) or Sheet(seller_id=seller_id)
        history = sheet.history
        for fact in facts:
            history = history.knowing(fact)
        if history == sheet.history:
            return []
        return self._settle(msgspec.structs.replace(sheet, history=history), at, cause)

    def _settle(self, sheet: Sheet, at: datetime, cause: str) -> list[Output]:
        """Books and asks for what follows from the facts by now."""
        as_of = max(at, sheet.as_of or at, *(each.at for each in sheet.history.decided))
        found = standing(sheet.history, self._policy, as_of)
        booked, entries = booked_anew(
            sheet.seller_id, sheet.booked, moves(sheet.history, self._policy, as_of), sheet.entries
        )
        if entries:
            self._hands.book(sheet.seller_id, entries)
        speaker = Speaker(sheet.seller_id, sheet.said, cause, as_of, self._needs)
        done = Measures(sheet, found, speaker, self._hands)
        self._cabinet.put(
            msgspec.structs.replace(
                sheet, booked=booked, asked=tuple(done.asked), said=speaker.said, entries=sheet.entries + len(entries),
                offences=len(found.offences),
                as_of=as_of, due_at=found.next_at,
            )
        )  # fmt: skip
        return done.outputs


def _cause(facts: list[Fact]) -> str:
    """What the actions that follow name beside the offence: the case that was decided, or the record of intent."""
    decided = facts[0]
    assert isinstance(decided, Decided), "a decision comes first"
    intended = next((each for each in facts if isinstance(each, Intended)), None)
    if intended is not None:
        return derived("in", intended.case_id, intended.intent, rfc3339(intended.at))
    return decided.case_id
