"""What the verbs of cases work with, and the trace that each of them leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import SALT_BYTES, Entry, seal
from agoranomos.cases.desk import queries
from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.queries import Said, Step
from agoranomos.cases.policy import CasePolicy
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.goods.complaints.masking import masked
from agoranomos.goods.trade.queries import store_of_listing
from agoranomos.intake.actions import Hearers
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.rules.policy import QueuePolicy
from agoranomos.sellers.points.queries import seller_of_store
from agoranomos.vault.keys import Vault

TEXT_MAX: Final = 4_000
Follow = Callable[[sa.Connection, datetime], None]
"""Lets desks hear what was put into the log."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The vault, who hears events at once, what lets desks follow the log, the policies, and random bytes."""

    vault: Vault
    hearers: Hearers
    follow: Follow
    policy: CasePolicy
    queues: QueuePolicy
    actions: ActionPolicy
    draw: Callable[[int], bytes] = field(repr=False)

    def per_day(self, queue: str) -> int:
        """How many cases of a queue people can look at in a day; no limit is said of a queue that no policy has."""
        if queue in self.queues.queues:
            return self.queues.queues[queue].per_day
        return next((each.per_day for each in self.policy.kinds.values() if each.queue == queue), 1)

    def queue_names(self) -> list[str]:
        """All queues: of findings, and of what comes otherwise."""
        others = [each.queue for each in self.policy.kinds.values() if each.queue is not None]
        return sorted({*self.queues.queues, *others})


def stepped(
    connection: sa.Connection, case: Case, verb: str, *, by: Actor, now: datetime,
    params: Mapping[str, Any] | None = None, reason: str | None = None, draw: Callable[[int], bytes] | None = None,
    trail: list[Entry] | None = None,
) -> Case:  # fmt: skip
    """Keeps `case` as it is now, with one more step in it and an audit entry beside; the audit log only commits to
    `reason`, with a salt that `draw` gives. `trail` takes the entry, for whoever writes many at the end: who has
    written one keeps others waiting, and must not wait for a case that they hold.
    """
    number = case.steps + 1
    case = msgspec.structs.replace(case, steps=number, changed_at=now)
    queries.put(connection, case)
    given = dict(params or {})
    queries.add_step(connection, case, Step(number=number, at=now, actor=str(by), verb=verb, params=given))
    plain = {name: value for name, value in given.items() if _plain(value)}
    sealed = {"reason": seal(reason, draw(SALT_BYTES))} if reason and draw is not None else None
    entry = Entry(at=now, actor=by, verb=f"case.{verb}", subject_kind="case", subject_id=case.case_id, params=plain)
    if trail is None:
        record(connection, entry, sealed)
    else:
        trail.append(entry)
    return case


def say(connection: sa.Connection, case: Case, name: str, text: str, *, by: Actor, now: datetime) -> str:
    """Keeps words of somebody, without what looks like personal data; returns them as they are kept. Raises Invalid."""
    text = text.strip()
    if not 1 <= len(text) <= TEXT_MAX:
        raise Invalid(f"write 1 to {TEXT_MAX:,} characters", pointer="/text")
    if "\x00" in text:
        raise Invalid("a text holds no NUL characters", pointer="/text")
    kept = masked(text)
    queries.say(connection, case.case_id, Said(name=name, at=now, by=str(by), text=kept))
    return kept


def whose(connection: sa.Connection, subject: Subject) -> tuple[str | None, str | None]:
    """(seller, store) of a subject, as far as somebody has told."""
    store_id = subject.id if subject.kind == "store" else None
    if subject.kind == "listing":
        store_id = store_of_listing(connection, subject.id)
    seller_id = subject.id if subject.kind == "seller" else None
    if seller_id is None and store_id is not None:
        seller_id = seller_of_store(connection, store_id)
    return seller_id, store_id


def _plain(value: Any) -> bool:
    if isinstance(value, bool | int):
        return True
    return isinstance(value, str) and 1 <= len(value) <= 128 and "@" not in value and not any(map(str.isspace, value))
