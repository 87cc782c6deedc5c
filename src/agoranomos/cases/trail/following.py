"""Tells the audit log on, behind its end: some entries, their events and how far it came, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.audit import queries as audit
from agoranomos.audit.model import recorded
from agoranomos.cases.desk.tools import Tools
from agoranomos.cases.trail import queries
from agoranomos.cases.trail.telling import told
from agoranomos.intake.actions import accept, hold_log
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Event

ENTRIES_MAX: Final = 500


def follow(connection: sa.Connection, tools: Tools, now: datetime) -> bool:
    """Tells the next entries; whether it has reached the end. Each is told once: its event has an id of its own, and
    what was told is not looked at again.
    """
    hold_log(connection)  # one at a time, and in the order of whoever decides a case
    begin = queries.next_index(connection)
    end = min(audit.next_index(connection), begin + ENTRIES_MAX)
    found: list[Event] = []
    for kept in audit.entries(connection, begin, end):
        with suppress(Conflict):  # no entry any more: `agora audit verify` says so, and the rest goes on
            event = told(connection, recorded(kept.leaf_index, kept.leaf))
            found += [event] if event is not None else []
    accept(connection, tools.vault, found, now=now, hearers=tools.hearers)
    if end > begin:
        queries.put_next_index(connection, end)
    return end - begin < ENTRIES_MAX
