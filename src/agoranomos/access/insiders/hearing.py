"""What the events of the log tell of the staff: one verb for each type of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from agoranomos.access.insiders.model import Act, Closed, Day, Known, Working, remember
from agoranomos.kernel.calendar import day_of, hour_of
from agoranomos.kernel.events import Event

_CASES: Final = ("case.clear", "case.decide")
AGREES: Final = "approval.approve"
"""The reason of an act that agrees to what a colleague has asked for."""
_PERSON: Final = "person:"
_TWICE_S: Final = 3_600
"""Two sources that tell of one decision within an hour tell of the same."""


class Hearing:
    """Takes events into what is known; `most` bounds what waits to be explained."""

    def __init__(self, known: Known, most: int) -> None:
        self.known = known
        self._most = most
        self.verbs: Final[Mapping[str, Callable[[Event], bool]]] = {
            "case.decided": self._decided,
            "data.read": self._read,
            "export.approved": self._approved,
            "export.requested": self._requested,
            "staff.acted": self._acted,
            "store.opened": self._opened,
        }

    def _opened(self, event: Event) -> bool:
        self.known.stores[event.data["store_id"]] = event.data["seller_id"]
        return False

    def _acted(self, event: Event) -> bool:
        data, known = event.data, self.known
        staff_id, action, case_id = who(data["staff_id"]), data["action"], data.get("case_id")
        if action in _CASES and self._told_twice(event, staff_id):
            return False
        day = _day(known, staff_id, event.time)
        if action != "export":
            hour = hour_of(event.time) % 24
            day.hours[hour] = day.hours.get(hour, 0) + 1
        if action in _CASES:
            self._closed(event, staff_id, action == "case.clear", case_id)
        elif action == "data.reveal":
            known.looks.append(act_of(event, staff_id, data["target_id"], case_id or ""))
        elif action == "export":
            known.exports.append(act_of(event, staff_id, str(hour_of(event.time) % 24)))
        elif action == "role.grant" or (action == "other" and data.get("reason") == AGREES):
            self._granted(event, staff_id)
        elif action == "listing.restore":
            self._restored(event, staff_id, data["target_id"], case_id)
        return True

    def _told_twice(self, event: Event, staff_id: str) -> bool:
        """Whether another source has told of this decision already: the marketplace of what happened here, or this
        system of what the marketplace has told. One source may well tell of two.
        """
        data = event.data
        key = f"{staff_id}|{data['target_kind']}|{data['target_id']}"
        source, at = self.known.sources.get(key, (event.source, event.time))
        if source != event.source and abs((event.time - at).total_seconds()) <= _TWICE_S:
            return True
        remember(self.known.sources, key, (event.source, event.time), self._most)
        return False

    def _granted(self, event: Event, staff_id: str) -> None:
        colleague = who(event.data["target_id"])
        if event.data["target_kind"] == "staff" and colleague != staff_id:
            self.known.approvals.append(act_of(event, staff_id, colleague))

    def _closed(self, event: Event, staff_id: str, cleared: bool, case_id: str | None) -> None:
        data, known = event.data, self.known
        work = Working(act_of(event, staff_id, ""), data["target_kind"], data["target_id"], cleared)
        if work.queue == "case":
            return  # an appeal: another one's case again
        remember(known.handled, f"{staff_id}|{work.target_id}", work.act.day, self._most)
        if case_id is None:
            self._close(work, self._seller(work.queue, work.target_id), work.cleared)
            return
        remember(known.closers, case_id, staff_id, self._most)
        if (decided := known.decided.pop(case_id, None)) is not None:
            self._close(work, decided[0] or self._seller(work.queue, work.target_id), decided[1])
        else:
            remember(known.working, case_id, work, self._most)

    def _decided(self, event: Event) -> bool:
        data, known = event.data, self.known
        case_id, about = data["case_id"], data["subject"]
        if data["outcome"] == "overturned":
            remember(known.overturned, case_id, True, self._most)
            return False
        seller_id = data.get("seller_id") or known.stores.get(data.get("store_id") or "")
        seller_id = seller_id or self._seller(about["kind"], about["id"])
        cleared = data["outcome"] == "rejected"
        if (work := known.working.pop(case_id, None)) is not None:
            self._close(work, seller_id, cleared)
        else:
            remember(known.decided, case_id, (seller_id, cleared), self._most)
        return False

    def _close(self, work: Working, seller_id: str, cleared: bool) -> None:
        known, act = self.known, work.act
        day = _day(known, act.staff_id, act.at)
        day.closed[work.queue] = day.closed.get(work.queue, 0) + 1
        day.cleared[work.queue] = day.cleared.get(work.queue, 0) + cleared
        if not seller_id:
            return
        known.cases.append(
            Closed(Act(act.day, act.at, act.staff_id, seller_id, act.event_id), work.queue, cleared)
        )  # fmt: skip
        if work.queue == "listing" and not cleared:
            remember(known.removed, work.target_id, (act.staff_id, seller_id), self._most)

    def _restored(self, event: Event, staff_id: str, listing_id: str, case_id: str | None) -> None:
        removed = self.known.removed.pop(listing_id, None)
        if removed is None or removed[0] == staff_id or case_id in self.known.overturned:
            return  # nobody's, his own mistake, or what an appeal has decided
        self.known.restores.append(act_of(event, staff_id, removed[1], f"{listing_id}|{removed[0]}"))

    def _read(self, event: Event) -> bool:
        data = event.data
        if data["principal_kind"] != "staff":
            return False
        staff_id = who(data["principal_id"])
        if data.get("export"):
            self.known.exports.append(act_of(event, staff_id, str(hour_of(event.time) % 24)))
        else:
            self.known.looks += [act_of(event, staff_id, each) for each in data.get("subject_ids") or ()]
        _day(self.known, staff_id, event.time)
        return True

    def _requested(self, event: Event) -> bool:
        asked = who(event.data.get("requested_by") or event.data["principal_id"])  # who asks need not be who reads
        remember(self.known.requests, event.data["export_id"], asked, self._most)
        return False

    def _approved(self, event: Event) -> bool:
        asked, by = self.known.requests.get(event.data["export_id"]), who(event.data["staff_id"])
        if asked is None or asked == by:
            return False
        self.known.approvals.append(act_of(event, by, asked))
        return True

    def _seller(self, kind: str, name: str) -> str:
        return name if kind == "seller" else self.known.stores.get(name, "") if kind == "store" else ""


def who(name: str) -> str:
    """A member of the staff, whether told as an actor of this system or by the id alone."""
    return name.removeprefix(_PERSON)


def act_of(event: Event, staff_id: str, about: str, beside: str = "") -> Act:
    """What `event` says that somebody did."""
    return Act(day_of(event.time), event.time, staff_id, about, event.id, beside)


def settle(known: Known, first_day: int, most: int) -> None:
    """At the end of a day: looks that a case explains are dropped, and so is what lies before `first_day`.

    A look is explained by a case of one's own, named or about the same person on the same day or the days around it; a
    case that nobody has closed yet explains it for now.
    """
    seen = {(act.staff_id, act.about, act.day) for act in known.odd_looks}
    named = {(act.staff_id, act.about, act.day) for act in known.looks if act.beside and _explained(known, act)}
    for act in known.looks:
        key = (act.staff_id, act.about, act.day)
        if key not in seen and key not in named and not _explained(known, act):
            seen.add(key)
            known.odd_looks.append(act)
    known.looks.clear()
    for name in ("odd_looks", "approvals", "exports", "restores"):
        setattr(known, name, [act for act in getattr(known, name) if act.day >= first_day][-most:])
    known.cases = [each for each in known.cases if each.act.day >= first_day][-most:]
    for staff_id in list(known.days):
        kept = {number: day for number, day in known.days[staff_id].items() if number >= first_day}
        known.days[staff_id] = kept
        if not kept:
            del known.days[staff_id]
    known.told = {key: told for key, told in known.told.items() if told.day >= first_day}


def _explained(known: Known, act: Act) -> bool:
    if act.beside:
        return known.closers.get(act.beside, act.staff_id) == act.staff_id
    day = known.handled.get(f"{act.staff_id}|{act.about}")
    return day is not None and abs(day - act.day) <= 1


def _day(known: Known, staff_id: str, at: datetime) -> Day:
    days = known.days.setdefault(staff_id, {})
    number = day_of(at)
    if number not in days:
        days[number] = Day()
    return days[number]
