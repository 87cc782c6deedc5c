"""A buyer who wrote badly of a store, how the store reached out to them, and whether they took it back: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.reviews.pressure.policy import Policy

Kind = Literal["call", "message", "payment", "unknown_call", "harassment"]
How = Literal["deleted", "raised"]
SEEN: Final[frozenset[Kind]] = frozenset(("call", "message", "payment"))
"""What the platform saw the store do; of the others it has somebody's word, or cannot tell who it was."""
CONTACTS_KEPT: Final = 12
_SAME_CALL: Final = timedelta(minutes=15)
"""One call may be told by the telephone company and by the shop."""


class Contact(msgspec.Struct, frozen=True, array_like=True):
    """The store reached out; `event_id` tells which event says so."""

    kind: Kind
    at: datetime
    event_id: str


class Written(msgspec.Struct, array_like=True):
    """A bad review; when and how its author took it back, or `gone_at` alone: the platform removed it."""

    rating: int
    posted_at: datetime
    order_id: str | None = None
    gone_at: datetime | None = None
    how: How | None = None
    event_id: str = ""

    def stands(self, at: datetime) -> bool:
        """Whether it was there to be taken back."""
        return self.posted_at <= at and (self.gone_at is None or at <= self.gone_at)


class Sequence(msgspec.Struct, frozen=True):
    """A bad review, what the store did about it, and that it was taken back soon after; ids only."""

    review_id: str
    how: How
    at: datetime
    event_id: str
    contacts: tuple[Contact, ...]

    @property
    def seen(self) -> bool:
        """Whether the platform itself saw the store reach out."""
        return any(each.kind in SEEN for each in self.contacts)

    def has(self, kind: Kind) -> bool:
        """Whether a contact of this kind came before."""
        return any(each.kind == kind for each in self.contacts)


class Counts(msgspec.Struct, frozen=True, array_like=True):
    """People: `reached` by the store, of them `paid`; who took it back after what was `seen`, or after a `word`, and
    after a payment (`bought`); whom nobody reached out to (`alone`), and of them who took it back of their `own`.
    """

    reached: int = 0
    paid: int = 0
    seen: int = 0
    word: int = 0
    bought: int = 0
    alone: int = 0
    own: int = 0

    @property
    def taken_back(self) -> int:
        """Who counts: the word of people weighs at most as much as what was seen, so that no number of accounts can
        make a store guilty by reporting it.
        """
        return self.seen + min(self.word, self.seen)

    @property
    def critics(self) -> int:
        """All who wrote badly."""
        return self.reached + self.alone

    def plus(self, other: Counts, sign: int = 1) -> Counts:
        """Both together, or (`sign` -1) without the other."""
        return Counts(
            self.reached + sign * other.reached, self.paid + sign * other.paid, self.seen + sign * other.seen,
            self.word + sign * other.word, self.bought + sign * other.bought, self.alone + sign * other.alone,
            self.own + sign * other.own,
        )  # fmt: skip


class Person(msgspec.Struct, array_like=True):
    """One author at one store. However much they write, edit or report, they are one person to every count."""

    reviews: dict[str, Written] = {}
    contacts: list[Contact] = []
    wrote_at: datetime | None = None
    reported_at: datetime | None = None
    sequence: Sequence | None = None
    counted: Counts = Counts()
    """What the store's counts have of this person so far."""

    def reach(self, contact: Contact, policy: Policy) -> bool:
        """Notes that the store reached out; whether that is news. Nothing is reached out about that does not stand."""
        if not any(each.stands(contact.at) for each in self.reviews.values()):
            return False
        if contact.kind == "message" and self.wrote_at is not None:
            answered = self.wrote_at <= contact.at <= after(self.wrote_at, timedelta(hours=policy.answer_hours))
            if answered:
                return False
        if any(each.kind == contact.kind and abs(each.at - contact.at) <= _SAME_CALL for each in self.contacts):
            return False
        self.contacts = [*self.contacts, contact][-CONTACTS_KEPT:]
        return True

    def find(self, policy: Policy) -> None:
        """Looks for the first review that was taken back soon after the store reached out about it."""
        if self.sequence is not None:
            return
        for review_id, each in self.reviews.items():
            if each.gone_at is None or each.how is None:
                continue
            before = tuple(
                contact for contact in self.contacts
                if each.posted_at <= contact.at <= each.gone_at <= after(contact.at, policy.within)
            )  # fmt: skip
            if before:
                self.sequence = Sequence(review_id, each.how, each.gone_at, each.event_id, before)
                return

    def counts(self) -> Counts:
        """What this person adds to the counts of the store."""
        if not self.contacts:
            return Counts(alone=1, own=int(any(each.how is not None for each in self.reviews.values())))
        paid = any(each.kind == "payment" for each in self.contacts)
        found = self.sequence
        if found is None:
            return Counts(reached=1, paid=int(paid))
        seen = int(found.seen)
        return Counts(reached=1, paid=int(paid), seen=seen, word=1 - seen, bought=int(found.has("payment")))


class Episode(msgspec.Struct):
    """What was said of a store since it began: of how many people, how often."""

    started_at: datetime
    last_at: datetime
    people: int = 0
    revision: int = 0
