"""Rules of the check of reads: what they stop is not shown, and not counted."""

from __future__ import annotations

from collections.abc import Mapping

from agoranomos.access.exposure.deciding import decide
from agoranomos.access.exposure.shelf import MemoryShelf
from agoranomos.kernel.consulting import Consulted, NoRules
from agoranomos.kernel.decisions import Hit, Outcome
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason
from tests.access.builders import POLICY, people, read


class Nights(NoRules):
    """A rule that holds at night."""

    def __init__(self, outcome: Outcome, status: str = "live") -> None:
        self._hit = Hit("night", outcome, 0.8, status)

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:  # noqa: ARG002 - the port's
        """Holds for all but the morning."""
        return Consulted() if event.time.hour == 2 else Consulted((self._hit,), (Reason("night", "At night."),), "b1")


def test_a_rule_stops_a_read_and_nobody_is_counted() -> None:
    for outcome, counted in ((Outcome.DECLINE, 0), (Outcome.HOLD, 0), (Outcome.REVIEW, 3), (Outcome.WARN, 3)):
        shelf = MemoryShelf(90, 30)
        made = decide(shelf, read("p1", people(0, 3), 12), POLICY, rules=Nights(outcome))
        assert (made.outcome, made.retry_after, made.reasons[-1].code) == (outcome, None, "night")
        assert len(shelf.seen("p1", people(0, 3))) == counted
    shelf = MemoryShelf(90, 30)
    assert decide(shelf, read("p1", ["a1"]), POLICY, rules=Nights(Outcome.DECLINE)).outcome is Outcome.APPROVE
    shadow = decide(shelf, read("p1", ["a1"], 12), POLICY, rules=Nights(Outcome.DECLINE, "shadow"))
    assert shadow.outcome is Outcome.APPROVE
