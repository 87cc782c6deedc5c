"""The monitors of the reviews desk in a replay, and nothing that only the store or the web needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from agoranomos.reviews.extortion import policy as extortion
from agoranomos.reviews.extortion.monitor import ExtortionMonitor
from agoranomos.reviews.numbers.monitor import NumberMonitor
from agoranomos.reviews.numbers.policy import load_policy as load_numbers
from agoranomos.reviews.operators import policy as operators
from agoranomos.reviews.operators.monitor import OperatorMonitor
from agoranomos.reviews.photos.looking import looking
from agoranomos.reviews.policies import policy_file
from agoranomos.reviews.pressure.monitor import PressureMonitor
from agoranomos.reviews.pressure.policy import load_policy as load_pressure


def anonymity_monitor(actions: ActionPolicy, folders: Sequence[Path], pictures_root: Path | None = None) -> Monitor:
    """Who could be told from an anonymous review, by the policy in `folders`; it asks nobody."""
    policy = load_policy(policy_file("anonymous-reviews", folders))
    return AnonymityMonitor(policy, needs_of(actions), looking(pictures_root))


def pressure_monitor(folders: Sequence[Path]) -> Monitor:
    """Who is made to take a bad review back, by the policy in `folders`."""
    return PressureMonitor(load_pressure(policy_file("review-pressure", folders)))


def number_monitor(actions: ActionPolicy, folders: Sequence[Path]) -> Monitor:
    """Who rings virtual numbers, and whom reports protect, by the policy in `folders`."""
    return NumberMonitor(load_numbers(policy_file("virtual-numbers", folders)), needs_of(actions))


def gain_monitors(folders: Sequence[Path]) -> list[Monitor]:
    """Who is paid for reviews to vanish, by the policies in `folders`: those who take them back, and those who call."""
    return [
        OperatorMonitor(operators.load_policy(policy_file("hired-operators", folders))),
        ExtortionMonitor(extortion.load_policy(policy_file("extortion", folders))),
    ]
