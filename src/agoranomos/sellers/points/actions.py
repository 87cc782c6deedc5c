"""The verbs of points, given an open transaction, and the hands that carry out live what the rules decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry as AuditEntry
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Output
from agoranomos.intake.actions import Hearers, accept
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.ledger.model import Entry
from agoranomos.kernel.ledger.posting import open_accounts, post
from agoranomos.sellers.points import queries
from agoranomos.sellers.points.booking import accounts
from agoranomos.sellers.points.cabinet import Asked
from agoranomos.sellers.points.model import offences
from agoranomos.sellers.points.policy import Intent
from agoranomos.sellers.points.telling import BY
from agoranomos.vault.keys import Vault

SOURCE: Final = "agoranomos/sellers"
REASONS_MAX: Final = 20
Follow = Callable[[sa.Connection, datetime], None]
"""Lets the rules hear what was put into the log."""


class StoreHands:
    """Books in the ledger of the store, and takes back through `enforcement`, which knows what has gone out."""

    def __init__(self, connection: sa.Connection, policy: ActionPolicy, now: datetime) -> None:
        self._connection = connection
        self._policy = policy
        self._now = now

    def book(self, seller_id: str, entries: list[Entry]) -> None:
        """See `telling.Hands`."""
        open_accounts(self._connection, accounts(seller_id))
        post(self._connection, entries, now=self._now)

    def take_back(self, asked: Asked, reversing: Action | None) -> list[Output]:
        """See `telling.Hands`. What waits never goes out; what took effect is reversed, once."""
        kept = asked_for.by_ids(self._connection, [asked.action_id]).get(asked.action_id)
        if kept is None:  # it was snoozed or left out: there is nothing to take back
            return []
        if reversing is not None or kept.status == "proposed":
            enforcing.undo(self._connection, kept.id, by=BY, policy=self._policy, now=self._now)
        return []


class Verbs(msgspec.Struct, frozen=True):
    """What the verbs work with."""

    vault: Vault
    hearers: Hearers
    follow: Follow


def record_intent(
    connection: sa.Connection, verbs: Verbs, case_id: str, intent: Intent, reasons: Sequence[str], *, by: Actor,
    now: datetime,
) -> str:  # fmt: skip
    """Records what is known of the seller's intent, with the codes of what speaks for it; the measure follows at once.

    Returns the seller's id. The case is told once more, as decided, with the intent; so the log holds everything.
    Raises NotFound for a case that nobody decided against a seller, Conflict when it does not stand, Invalid.
    """
    if not 1 <= len(reasons) <= REASONS_MAX or not all(map(_is_code, reasons)):
        raise Invalid(f"say why: 1 to {REASONS_MAX} codes without spaces, such as warned_before", pointer="/reasons")
    verbs.follow(connection, now)
    seller_id = queries.holder_of_case(connection, case_id)
    sheet = queries.sheet(connection, seller_id)
    now = max(now, sheet.as_of or now)
    standing = {each.case_id: each for each in offences(sheet.history, now)}
    if case_id not in standing:
        raise Conflict("this case does not stand upheld; nothing follows from its intent")
    known = sheet.history.intent_of(case_id, now)
    if known is not None and (known.intent, known.reasons) == (intent, tuple(reasons)):
        return seller_id
    decided = standing[case_id].decided
    data: dict[str, Any] = {
        "case_id": case_id, "subject": {"kind": decided.subject_kind, "id": decided.subject_id}, "outcome": "upheld",
        "clause": decided.clause, "seller_id": seller_id, "intent": intent, "intent_reasons": list(reasons),
    } | ({"store_id": decided.store_id} if decided.store_id else {})  # fmt: skip
    tell(connection, verbs, "case.decided", derived("e", "intent", case_id, intent, *reasons, rfc3339(now)), data, now)
    entry = AuditEntry(
        at=now, actor=by, verb="case.intent", subject_kind="case", subject_id=derived("cs", case_id),
        params={"intent": intent, "reasons": tuple(reasons)},
    )  # fmt: skip
    record(connection, entry)
    return seller_id


def tell(
    connection: sa.Connection, verbs: Verbs, kind: str, event_id: str, data: dict[str, Any], now: datetime
) -> None:
    """Puts an event into the log and lets the rules hear it."""
    event = parse_event(
        {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": kind, "time": rfc3339(now), "data": data}
    )
    accept(connection, verbs.vault, [event], now=now, hearers=verbs.hearers)
    verbs.follow(connection, now)


def _is_code(text: str) -> bool:
    return is_id(text) and "@" not in text and not any(map(str.isspace, text))
