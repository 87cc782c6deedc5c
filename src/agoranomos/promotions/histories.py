"""The monitors of the promotions desk in a replay, and nothing that only the store or the web needs; each imported by
whoever lets it hear, as compiled code takes half a second to get ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.promotions.policies import guard_policies, lint_policy, ring_policies

if TYPE_CHECKING:
    from agoranomos.promotions.campaigns.model import Declared


def lint_monitor(folders: Sequence[Path], known: Sequence[Declared]) -> Monitor:
    """What is wrong with campaigns, by the policy in `folders`; `known` ones are declared from the start."""
    from agoranomos.promotions.lint.monitor import LintMonitor

    return LintMonitor(lint_policy(folders), known)


def guard_monitor(actions: ActionPolicy, folders: Sequence[Path], known: Sequence[Declared]) -> Monitor:
    """Budgets, caps and the breaker; it asks nobody."""
    from agoranomos.promotions.guard.monitor import GuardMonitor

    return GuardMonitor(guard_policies(folders), needs_of(actions), known)


def ring_monitor(actions: ActionPolicy, folders: Sequence[Path]) -> Monitor:
    """Rings and sign-ups; it asks nobody."""
    from agoranomos.promotions.tracing.monitor import RingMonitor

    return RingMonitor(*ring_policies(folders), needs_of(actions))
