"""How a desk's monitor gets the rules of its check, without knowing the rule book."""

from __future__ import annotations

from collections.abc import Callable

from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.consulting import NO_RULES, Consultant

Asking = Callable[[Callable[[Consultant], Monitor], str], Monitor]
"""From what makes the monitor of a desk, given whom it asks, and its check: that monitor, with rules of the check."""


def nobody_asked(make: Callable[[Consultant], Monitor], check: str) -> Monitor:  # noqa: ARG001 - that of `Asking`
    """Where there is no rule book."""
    return make(NO_RULES)
