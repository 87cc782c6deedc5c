"""The monitor of the reviews desk in a replay, and nothing that only the store or the web needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from agoranomos.reviews.policies import policy_file


def anonymity_monitor(actions: ActionPolicy, folders: Sequence[Path]) -> Monitor:
    """Who could be told from an anonymous review, by the policy in `folders`; it asks nobody."""
    return AnonymityMonitor(load_policy(policy_file("anonymous-reviews", folders)), needs_of(actions))
