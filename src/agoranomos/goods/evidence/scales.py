"""How a monitor puts weights of evidence on the scales: beside what it says, to whoever adds them up.

A room's monitor is given an `Out` like any other. Within the desk's monitor that is `Scales`, which notes weights;
elsewhere, such as in a test of the room alone, weights go nowhere and everything else stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.goods.evidence.model import Source, Weight
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject


class Renewal(msgspec.Struct, frozen=True):
    """All that `sources` know of `subject` is forgotten before what comes next."""

    subject: Subject
    sources: tuple[Source, ...]


class Scales(Out):
    """Hands on to `out` what is said, and notes findings and weights in their order."""

    def __init__(self, out: Out) -> None:
        super().__init__()
        self._out = out
        self.noted: list[Finding | Weight | Renewal] = []

    def say(self, *outputs: Output) -> None:
        """See `Out.say`."""
        self._out.say(*outputs)
        self.noted += [each for each in outputs if isinstance(each, Finding)]

    def refuse(self, event: Event, error: Invalid) -> None:
        """See `Out.refuse`."""
        self._out.refuse(event, error)

    def put(self, *noted: Weight | Renewal) -> None:
        """See `weigh` and `reweigh`."""
        self.noted += noted


def weigh(out: Out, *weights: Weight) -> None:
    """Puts `weights` on the scales, if `out` has any."""
    if isinstance(out, Scales):
        out.put(*weights)


def reweigh(out: Out, subject: Subject, sources: tuple[Source, ...], weights: Iterable[Weight]) -> None:
    """Puts `weights` on the scales instead of all that `sources` said of `subject` before."""
    if isinstance(out, Scales):
        out.put(Renewal(subject, sources), *weights)
