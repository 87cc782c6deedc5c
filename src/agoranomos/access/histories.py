"""The monitor of the access desk in a replay, and nothing that only the store or the web needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.access.exposure import policy as exposure
from agoranomos.access.exposure.deciding import CHECK
from agoranomos.access.harvest import policy as harvest
from agoranomos.access.harvest.monitor import HarvestMonitor
from agoranomos.access.policies import policy_file
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.asking import Asking
from agoranomos.engine.stream.monitor import Monitor


def harvest_monitor(actions: ActionPolicy, folders: Sequence[Path], asking: Asking) -> Monitor:
    """Who reads more than his work needs, by the policies in `folders`; in a replay it decides on reads as well, where
    `asking` lets its check ask the rule book.
    """
    harvests = harvest.load_policy(policy_file("harvest", folders))
    exposures = exposure.load_policy(policy_file("exposure", folders))
    needs = needs_of(actions)
    return asking(lambda rules: HarvestMonitor(harvests, exposures, needs, decides=True, rules=rules), CHECK)
