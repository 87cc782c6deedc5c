"""What is true in a made market, kept apart from its events: who takes part in a plot, who only looks like it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from agoranomos.engine.market.rhythm import rfc3339

LOOKALIKES: Final = {
    "namesake": "sellers of one name and one year of birth who do not know each other",
    "couple": "two sellers at one address",
    "agency_phone": "many sellers whom one agent registered with his own phone and device",
    "family": "buyers of one household with one address, device and network",
    "campus": "many students behind one network, who tell each other of coupons",
    "office": "colleagues behind one network and delivery address",
    "rural_agency": "one operator orders and pays for many neighbours from his device",
    "bulk_buyer": "buys often and much, for a shop or a firm of his own",
    "coupon_hunter": "claims whatever there is, within the caps",
    "viral_product": "a listing that sells many times its usual number for days",
    "honest_deletion": "a bad review that its author deleted of himself",
    "heavy_partner": "a partner who works for a tenth of all stores and reads all of their customers",
    "growing_partner": "a partner who reads more people every week, because he serves more",
    "easy_queue": "a clerk who clears nearly everything, because his queue is the easy one",
    "busy_colleague": "a clerk who does twice the work of others",
}
"""Honest look-alikes that every market holds, and what they are."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the truth: what `subject_id` is. Times are milliseconds, `ended_at` None: to the end.

    `kind` is `plot` for those who take part in one and `lookalike` for the honest who resemble them; `plot` names the
    plot or the likeness, `role` the part in it (member, victim, tool, …). Rows of one household, agency or ring share
    `notes`.
    """

    kind: Literal["plot", "lookalike"]
    subject_kind: str
    subject_id: str
    plot: str
    role: str
    started_at: int
    ended_at: int | None = None
    notes: str = ""

    def line(self) -> bytes:
        """The row as a JSON line."""
        row = {
            "kind": self.kind,
            "subject": {"kind": self.subject_kind, "id": self.subject_id},
            "plot": self.plot,
            "role": self.role,
            "started_at": rfc3339(self.started_at),
            "ended_at": None if self.ended_at is None else rfc3339(self.ended_at),
            "notes": self.notes,
        }
        return msgspec.json.encode(row) + b"\n"


def lookalike(
    likeness: str, subject_kind: str, subject_id: str, at: int, notes: str = "", ends: int | None = None
) -> Truth:
    """The row of an honest subject that resembles an offender; `likeness` is one of LOOKALIKES."""
    assert likeness in LOOKALIKES, likeness
    return Truth(
        kind="lookalike",
        subject_kind=subject_kind,
        subject_id=subject_id,
        plot=likeness,
        role="innocent",
        started_at=at,
        ended_at=ends,
        notes=notes,
    )
