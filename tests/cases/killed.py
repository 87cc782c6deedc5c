"""A process that takes cases and decides them, one by one and several at once, until it is killed or none is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import open_store
from tests.cases.office import REASON, Office

TOGETHER: Final = 3
REMOVE: Final = "listing.remove"


def work(url: str, name: str, minutes: str) -> None:
    """Works as the person `name`, `minutes` after the office opened, and says each case or bulk that is decided."""
    office = Office(open_store(url))
    office.now += timedelta(minutes=int(minutes))
    print("ready", flush=True)
    while decided := work_once(office, Actor("person", name)):
        print(decided, flush=True)


def work_once(office: Office, by: Actor) -> str:
    """Decides the next case, or the next few together where nobody holds any; which it was, "" when none is left."""
    try:
        case = office.next(by)
    except NotFound:
        return ""
    if int(case.subject.id[1:]) % 2:
        wants = [(REMOVE, Subject("listing", case.subject.id))]
        return office.decide(case, by=by, clause="misleading_listing", wants=wants).case_id
    waiting = [each for each in office.cases.page("goods", after=None, limit=50) if not each.held_at(office.now)]
    chosen = [case.case_id, *(each.case_id for each in waiting[: TOGETHER - 1])]
    ruling = BulkRuling(outcome="upheld", clause="misleading_listing", reason=REASON, actions=(REMOVE,))
    office.rooms.bulk.decide(chosen, ruling, by=by)
    return case.case_id
