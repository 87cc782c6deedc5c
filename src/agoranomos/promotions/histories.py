"""The monitors of the promotions desk in a replay, and nothing that only the store or the web needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.promotions.guard.monitor import GuardMonitor
from agoranomos.promotions.policies import guard_policies, ring_policies
from agoranomos.promotions.tracing.monitor import RingMonitor


def guard_monitor(actions: ActionPolicy, folders: Sequence[Path]) -> Monitor:
    """Budgets, caps and the breaker, by the policies in `folders`; it asks nobody."""
    return GuardMonitor(guard_policies(folders), needs_of(actions))


def ring_monitor(actions: ActionPolicy, folders: Sequence[Path]) -> Monitor:
    """Rings and sign-ups, by the policies in `folders`; it asks nobody."""
    return RingMonitor(*ring_policies(folders), needs_of(actions))
