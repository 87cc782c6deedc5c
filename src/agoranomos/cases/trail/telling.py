"""From an entry of the audit log to the event that tells of it: who of the staff did what to whom.

Only what somebody may do wrong, and what no event tells yet: cases that were decided, people who were looked at, what
was agreed to for a colleague, what left as a file, listings that were brought back. An appeal and an agreement to an
export are told by the verbs themselves (`sellers.appeals`, `access.exports`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.access.insiders.hearing import AGREES
from agoranomos.audit.model import Entry, Recorded
from agoranomos.cases.desk import queries as cases
from agoranomos.cases.desk.deciding import AGAIN
from agoranomos.cases.quality.queries import is_seed
from agoranomos.cases.trail.queries import ever_held
from agoranomos.enforcement import queries as actions
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.ids import derived
from agoranomos.vault.revealing import queries as permits
from agoranomos.vault.subjects import audit_id

SOURCE: Final = "agoranomos/audit"
RESTORE: Final = "listing.restore"
Data = dict[str, Any]
Verb = Callable[[sa.Connection, Entry], Data | None]


def told(connection: sa.Connection, recorded: Recorded) -> Event | None:
    """The event that tells of an entry, of which there is one for ever; None for what is not told. `audit_index` says
    which entry it was.
    """
    entry = recorded.entry
    verb = VERBS.get(entry.verb)
    if verb is None or entry.actor.kind != "person":
        return None
    data = verb(connection, entry)
    if data is None:
        return None
    event = {
        "specversion": "1.0", "id": derived("e", "audit", recorded.id), "source": SOURCE, "type": "staff.acted",
        "time": rfc3339(entry.at), "data": {"staff_id": entry.actor.id, "audit_index": recorded.index, **data},
    }  # fmt: skip
    return parse_event(event)


def _decided(connection: sa.Connection, entry: Entry) -> Data | None:
    """A case about something; what looks at a case again has no seller of its own, of a known one nobody is told."""
    case = cases.find(connection, entry.subject_id)
    if case is None or case.kind in AGAIN or is_seed(connection, case.case_id):
        return None
    return _act("case.decide", case.subject.kind, case.subject.id, case_id=case.case_id)


def _looked(connection: sa.Connection, entry: Entry) -> Data | None:
    """Personal data that was read under a permit. The case that it names explains it when it is none of ours, or the
    reader had it in hands.
    """
    permit_id, case_id = entry.params.get("permit"), entry.params.get("case")
    if not isinstance(permit_id, str) or not isinstance(case_id, str):
        return None
    try:
        named = permits.get(connection, permit_id).subjects
    except NotFound:
        return None
    subject = next((each for each in named if audit_id(each) == entry.subject_id), None)
    if subject is None:
        return None
    kind, _, name = subject.partition(":")
    mine = cases.find(connection, case_id) is None or ever_held(connection, case_id, str(entry.actor))
    return _act("data.reveal", kind, name, case_id=case_id if mine else None)


def _agreed(connection: sa.Connection, entry: Entry) -> Data | None:
    """What a colleague had asked for."""
    try:
        asked = approvals.get(connection, entry.subject_id).requested_by
    except NotFound:
        return None
    return _act("other", "staff", asked.id, reason=AGREES) if asked.kind == "person" else None


def _left(_: sa.Connection, entry: Entry) -> Data:
    """A file with data of people."""
    return _act("export", entry.subject_kind, entry.subject_id)


def _asked_for(connection: sa.Connection, entry: Entry) -> Data | None:
    """A listing that comes back; not when the case by which it went was overturned."""
    if entry.params.get("kind") != RESTORE:
        return None
    found = actions.by_ids(connection, [entry.subject_id]).get(entry.subject_id)
    if found is None:
        return None
    removal = actions.by_ids(connection, [found.reverses]).get(found.reverses) if found.reverses else None
    if removal is not None and any(_fallen(connection, each) for each in removal.because):
        return None
    return _act(RESTORE, found.subject.kind, found.subject.id)


def _fallen(connection: sa.Connection, because: str) -> bool:
    case = cases.find(connection, because)
    return case is not None and case.decision is not None and not case.decision.stands


def _act(action: str, kind: str, name: str, *, case_id: str | None = None, reason: str | None = None) -> Data:
    data = {"action": action, "target_kind": kind, "target_id": name, "case_id": case_id, "reason": reason}
    return {key: value for key, value in data.items() if value is not None}


VERBS: Final[Mapping[str, Verb]] = {
    "action.request": _asked_for, "approval.approve": _agreed, "case.decide": _decided, "credit.export": _left,
    "incident.evidence": _left, "referral.fetch": _left, "vault.reveal": _looked,
}  # fmt: skip
"""Verb of the audit log → what is told of it."""
