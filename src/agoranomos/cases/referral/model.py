"""A referral: from whom to whom, how far it is, and what came of it. Pure values and moves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

import msgspec

from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.ids import derived
from agoranomos.kernel.schema.base import Id

AboutKind = Literal["seller", "store", "listing", "batch", "account", "ring", "campaign"]
ABOUT_KINDS: Final[tuple[AboutKind, ...]] = get_args(AboutKind)
State = Literal["open", "sent", "received", "accepted", "rejected", "closed", "withdrawn"]
STATES: Final[tuple[State, ...]] = get_args(State)
Role = Literal["suspect", "victim", "beneficiary", "witness"]
Verb = Literal["open", "make", "fetch", "send", "receive", "accept", "reject", "outcome", "close", "withdraw"]

_FROM: Final[dict[Verb, tuple[State, ...]]] = {
    "make": ("open",),
    "send": ("open",),
    "receive": ("sent",),
    "accept": ("sent", "received"),
    "reject": ("sent", "received"),
    "outcome": ("accepted",),
    "close": ("accepted", "rejected"),
    "withdraw": ("open",),
}
"""From which states a verb is possible; the others are so from every one."""
_TO: Final[dict[Verb, State]] = {
    "send": "sent", "receive": "received", "accept": "accepted", "reject": "rejected", "close": "closed",
    "withdraw": "withdrawn",
}  # fmt: skip


class About(msgspec.Struct, frozen=True):
    """What the matter is about."""

    kind: AboutKind
    id: Id


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    """`package`: the number of the last package that was made, `sent` of the one that went out, 0 for none. `because`:
    the case that it comes from. `reference` is the authority's own number.
    """

    referral_id: str
    about: About
    authority: str
    because: str | None
    opened_at: datetime
    opened_by: str
    state: State = "open"
    package: int = 0
    sent: int = 0
    reference: str | None = None
    changed_at: datetime

    def after(self, verb: Verb, now: datetime) -> Referral:
        """The referral after `verb`. Raises Conflict when that is not possible any more, or not yet."""
        allowed = _FROM.get(verb)
        if allowed is not None and self.state not in allowed:
            wanted = " or ".join(allowed)
            raise Conflict(f"this referral is {self.state}; to {verb} it, it has to be {wanted}")
        return msgspec.structs.replace(self, state=_TO.get(verb, self.state), changed_at=now)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A package that was made: what it holds, and the SHA-256 of the archive and of its manifest."""

    number: int
    made_at: datetime
    made_by: str
    bytes: int
    sha256: str
    manifest_sha256: str
    audit_entries: int
    personal: bool
    facts: dict[str, int]
    totals: dict[str, int]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A link of the chain of custody: who did what, when; `audit_index` is its place in the audit log."""

    number: int
    at: datetime
    actor: str
    verb: Verb
    package: int
    sha256: str | None
    audit_index: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What an authority reported: additions to what it reported before; negative where it takes something back.
    `involved` and `recovered` are minor units of `currency`.
    """

    cases: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    suspects: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    detained: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    convicted: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    involved: Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)] = 0
    recovered: Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)] = 0
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")] = "CNY"

    @property
    def counts(self) -> tuple[int, ...]:
        """All figures but the currency."""
        return (self.cases, self.suspects, self.detained, self.convicted, self.involved, self.recovered)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One report of an authority."""

    number: int
    at: datetime
    figures: Figures


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """What came of referrals in a year of the house's calendar: those sent, accepted, rejected in it, and the sums of
    what was reported in it, by currency.
    """

    year: int
    sent: int
    accepted: int
    rejected: int
    cases: int
    suspects: int
    detained: int
    convicted: int
    involved: dict[str, int]
    recovered: dict[str, int]


def new_referral(about: About, authority: str, because: str | None, by: str, now: datetime) -> Referral:
    """A referral that was just opened; its id follows from what it is about, to whom, and when."""
    return Referral(
        referral_id=derived("rf", about.kind, about.id, authority, now.isoformat()), about=about, authority=authority,
        because=because, opened_at=now, opened_by=by, changed_at=now,
    )  # fmt: skip
