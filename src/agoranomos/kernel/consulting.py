"""How a desk asks the rules that listen to its check: a port, since desks and rule book do not know each other.

The desk says what it judged and what its detectors made of it; it is told which rules hold. The strongest outcome of
what is live wins; what runs in shadow or is snoozed is listed and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.decisions import Decision, Hit, strongest
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason

LIVE: Final = "live"


class Consulted(msgspec.Struct, frozen=True):
    """The rules that hold, in the order of their ids, a reason for each that is live, and which book they are from."""

    hits: tuple[Hit, ...] = ()
    reasons: tuple[Reason, ...] = ()
    book: str = ""


class Consultant(Protocol):
    """Whoever knows the rules of a check."""

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`; `scores` are what detectors found, by code. Changes nothing."""

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`, in its transaction."""


class NoRules:
    """A book without rules."""

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:  # noqa: ARG002 - the port's
        """None hold."""
        return Consulted()

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Nothing to keep."""


NO_RULES: Final = NoRules()


def scores_of(decision: Decision) -> dict[str, float]:
    """What the detectors of a desk found, as rules may ask for it."""
    scores: dict[str, float] = {}
    for hit in decision.hits:
        scores[hit.code] = max(hit.score, scores.get(hit.code, 0.0))
    return scores


def with_rules(decision: Decision, consulted: Consulted) -> Decision:
    """`decision` with the rules that hold: the strongest outcome wins, and the highest score of what is live."""
    if not consulted.hits and not consulted.book:
        return decision
    live = [hit for hit in consulted.hits if hit.status == LIVE]
    return msgspec.structs.replace(
        decision,
        outcome=strongest([decision.outcome, *(hit.outcome for hit in live)]),
        score=max([decision.score, *(hit.score for hit in live)]),
        reasons=(*decision.reasons, *consulted.reasons),
        hits=(*decision.hits, *consulted.hits),
        policy_version=f"{decision.policy_version};{consulted.book}" if consulted.book else decision.policy_version,
    )
