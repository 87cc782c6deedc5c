"""The monitor of retaliation in a replay: apart from those of the desk that ask each other, as it asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.engine.stream.monitor import Monitor
from agoranomos.sellers.conduct.policies import policy_file
from agoranomos.sellers.retaliation.monitor import RetaliationMonitor
from agoranomos.sellers.retaliation.policy import load_policy


def retaliation_monitor(folders: Sequence[Path]) -> Monitor:
    """Who pays back a complaint, by the policy in the first of `folders` that has it, else as shipped."""
    return RetaliationMonitor(load_policy(policy_file("retaliation", folders)))
