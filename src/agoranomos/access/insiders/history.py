"""The monitor of insiders in a replay: it asks nobody, and needs nothing that only the store or the web does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.access.insiders.monitor import InsiderMonitor
from agoranomos.access.insiders.policy import load_policy
from agoranomos.access.policies import policy_file
from agoranomos.engine.stream.monitor import Monitor


def insider_monitor(folders: Sequence[Path]) -> Monitor:
    """Who of the staff stands out, by the policy in the first of `folders` that has it, else as shipped."""
    return InsiderMonitor(load_policy(policy_file("insiders", folders)))
