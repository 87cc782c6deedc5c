"""What is said of points: actions for the marketplace to carry out, and findings for people to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from agoranomos.enforcement.asking import Needs, ask
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.kernel.ledger.model import Entry
from agoranomos.sellers.points.cabinet import Asked

NAME: Final = "sellers.points"
VERSION: Final = "1"
UNKNOWN: Final = "sellers.holder_unknown"
BY: Final = Actor("model", NAME)
ENDING: Final = SYSTEM
"""Who says that something ends by itself: nobody in particular."""
WARN, UNWARN = "seller.warn", "seller.withdraw_warning"
DEDUCT, RESTORE = "seller.deduct_points", "seller.restore_points"
SUSPEND, RESUME = "store.suspend", "store.resume"
CLOSE, REOPEN = "store.close", "store.reopen"


class Hands(Protocol):
    """Who carries out what is decided about a seller."""

    def book(self, seller_id: str, entries: list[Entry]) -> None:
        """Writes `entries` into the ledger."""

    def take_back(self, asked: Asked, reversing: Action | None) -> list[Output]:
        """Takes back what was asked for; `reversing` is how, None: only if it has not gone out. What is to be said."""


class SaidOnly:
    """In a replay nothing is carried out: what takes back is said."""

    def book(self, seller_id: str, entries: list[Entry]) -> None:
        """See `Hands`. The sheet has what is booked."""

    def take_back(self, asked: Asked, reversing: Action | None) -> list[Output]:  # noqa: ARG002 - the port's
        """See `Hands`."""
        return [] if reversing is None else [reversing]


class Speaker:
    """Makes actions about one seller; no two of them have one id, also when the same is asked for a second time.

    `said` are the ids of those asked for before; `cause` is the case, or record, for which it is asked now.
    """

    def __init__(self, seller_id: str, said: tuple[str, ...], cause: str, at: datetime, needs: Needs) -> None:
        self.said = said
        self._seller_id = seller_id
        self._cause = cause
        self._at = at
        self._needs = needs

    def ask(
        self, kind: str, subject: Subject, params: Mapping[str, Any], because: tuple[str, ...], *, by: Actor = BY
    ) -> Action:
        """An action for the cases `because`, and for what brought it about."""
        reasons = tuple(dict.fromkeys((*because, self._cause))) if self._cause else because
        made = self._made(kind, subject, params, reasons, by)
        if made.id in self.said:
            again = derived_again(self._seller_id, len(self.said))
            made = self._made(kind, subject, params, (*reasons, again), by)
        self.said = (*self.said, made.id)
        return made

    def _made(
        self, kind: str, subject: Subject, params: Mapping[str, Any], reasons: tuple[str, ...], by: Actor
    ) -> Action:
        return ask(kind, subject, params, reasons, by=by, at=rfc3339(self._at), needs=self._needs)


def derived_again(seller_id: str, number: int) -> str:
    """What tells an action from an earlier one of the same content: the how-many-th it is for the seller."""
    return f"again:{number}:{seller_id}"[:128]


def holder_unknown(event: Event, subject: Subject) -> Finding:
    """On a store or listing: a case was upheld, and nobody said whose it is."""
    words = "A case was upheld, and no event says which seller it is about; its points wait until one does."
    evidence = {
        "case_id": event.data["case_id"],
        "message_zh": "案件已成立，但尚无事件说明所属卖家；扣分待确认卖家后处理。",
    }
    return Finding(
        id=finding_id(UNKNOWN, subject, event.data["case_id"]), at=rfc3339(event.time), code=UNKNOWN, subject=subject,
        score=0.6, reasons=(Reason(UNKNOWN, words, evidence),), detector=UNKNOWN, version=VERSION,
        event_ids=(event.id,),
    )  # fmt: skip
