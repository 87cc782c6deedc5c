"""Credit of conduct: the score as of any day, and its export to a lender with the seller's consent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import Note, NoteError, SigningKey, VerifierKey
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock, rfc3339
from agoranomos.kernel.errors import Forbidden, Invalid
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.store import Store
from agoranomos.sellers.credit import queries
from agoranomos.sellers.credit.scorecard import Conduct, Score, Scorecard, scored
from agoranomos.sellers.points import queries as points
from agoranomos.sellers.points.policy import Policy
from agoranomos.sellers.points.standing import standing

FORM = "agoranomos credit of conduct, form 1"
"""The first line of what is signed: nothing else that the key signs begins like this."""


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's score as of a moment, with what it was made from."""

    seller_id: str
    as_of: datetime
    score: Score
    conduct: Conduct
    version: str


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What a lender gets: `note` is signed text (C2SP signed-note, Ed25519), `key` the public key that verifies it."""

    note: str
    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CreditService:
    """The store, the scorecard, the policy of points, the clock, and the key that signs exports."""

    store: Store
    card: Scorecard
    points: Policy
    clock: Clock
    key: Callable[[], SigningKey]

    def show(self, seller_id: str, *, as_of: datetime | None = None) -> Credit:
        """As of a moment (None: now). Raises NotFound for what is no id."""
        with self.store.reading() as connection:
            return self._credit(connection, seller_id, as_of or self.clock())

    def export(self, seller_id: str, recipient: str, *, by: Actor) -> Exported:
        """The signed score for `recipient`. Raises NotFound, Invalid, Forbidden without the seller's consent."""
        if not is_id(recipient):
            raise Invalid("a recipient is named by an id", pointer="/recipient")
        with self.store.transaction() as connection:
            now = self.clock()
            credit = self._credit(connection, seller_id, now)
            consent = queries.consent(connection, seller_id, self.card.purposes, recipient, now)
            if consent is None:
                raise Forbidden("the seller has not agreed to this recipient, or no longer does; ask for consent")
            purpose, ends_at = consent
            told = {
                "seller_id": seller_id, "recipient": recipient, "purpose": purpose, "as_of": rfc3339(now),
                "consent_ends_at": rfc3339(ends_at), "score": credit.score, "version": credit.version,
            }  # fmt: skip
            text = f"{FORM}\n{msgspec.json.encode(told, order='sorted').decode()}\n"
            key = self.key()
            record(
                connection,
                Entry(
                    at=now, actor=by, verb="credit.export", subject_kind="seller", subject_id=derived("sl", seller_id),
                    params={"purpose": derived("pu", purpose), "recipient": derived("rc", recipient)},
                ),
            )  # fmt: skip
        return Exported(note=str(Note(text, (key.sign(text),))), key=str(key.verifier), expires_at=ends_at)

    def _credit(self, connection: sa.Connection, seller_id: str, as_of: datetime) -> Credit:
        sheet = points.sheet(connection, seller_id)
        found = standing(sheet.history, self.points, as_of)
        since = as_of - timedelta(days=self.card.window_days)
        stores = [each.store_id for each in sheet.history.held if each.opened_at <= as_of]
        day = as_of.astimezone(self.points.zone).date()
        counts = queries.totals(connection, stores, day, self.card.window_days)
        conduct = Conduct(
            orders=counts["orders"], violations=sum(each.at > since for each in found.offences),
            points_in_force=found.points, disputes=counts["returns"] + counts["complaints"],
            late_delivery=counts["late"], attitude=counts["harassed"],
        )  # fmt: skip
        return Credit(
            seller_id=seller_id, as_of=as_of, score=scored(conduct, self.card), conduct=conduct,
            version=self.card.version,
        )  # fmt: skip


def verified(text: str, key: str) -> bytes:
    """What was signed, as JSON. Raises Invalid when the key did not sign exactly this, or it is no such export."""
    try:
        note = Note.parse(text)
        signature = note.signed_by(VerifierKey.parse(key))
    except NoteError as error:
        raise Invalid(f"this cannot be verified: {error}") from error
    form, _, said = note.text.partition("\n")
    if signature is None:
        raise Invalid("this key has not signed it; ask the marketplace for its public key")
    if form != FORM:
        raise Invalid("this is signed, but is no export of credit")
    return said.encode()
