"""What the rooms of the promotions desk go by: a file of each in a folder of the house, else as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agoranomos.kernel.policies import policy_in
from agoranomos.promotions.breaker.policy import load_policy as load_breaker
from agoranomos.promotions.budgets.policy import load_policy as load_budgets
from agoranomos.promotions.guard.model import Policies as GuardPolicies
from agoranomos.promotions.lint.policy import Policy as LintPolicy
from agoranomos.promotions.lint.policy import load_policy as load_lint
from agoranomos.promotions.registration.policy import Policy as SignUpPolicy
from agoranomos.promotions.registration.policy import load_policy as load_sign_ups
from agoranomos.promotions.remedies.policy import Policy as RemedyPolicy
from agoranomos.promotions.remedies.policy import load_policy as load_remedies
from agoranomos.promotions.tracing.policy import Policy as RingPolicy
from agoranomos.promotions.tracing.policy import load_policy as load_rings

NAMES: Final = ("breaker", "budgets", "lint", "remedies", "rings", "sign-ups")
"""The files of the promotions desk that a folder of policies may hold, each with the ending `.toml`."""


def policy_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    assert name in NAMES, f"{name} is no policy"
    return policy_in(folders, name)


def guard_policies(folders: Sequence[Path]) -> GuardPolicies:
    """What the guard goes by. Raises Invalid, naming the key."""
    return GuardPolicies(
        load_budgets(policy_file("budgets", folders)), load_breaker(policy_file("breaker", folders))
    )  # fmt: skip


def lint_policy(folders: Sequence[Path]) -> LintPolicy:
    """What campaigns must keep to. Raises Invalid, naming the key."""
    return load_lint(policy_file("lint", folders))


def ring_policies(folders: Sequence[Path]) -> tuple[RingPolicy, SignUpPolicy]:
    """What rings and sign-ups are judged by. Raises Invalid, naming the key."""
    return load_rings(policy_file("rings", folders)), load_sign_ups(policy_file("sign-ups", folders))


def remedy_policy(folders: Sequence[Path]) -> RemedyPolicy:
    """What is done about incidents. Raises Invalid, naming the key."""
    return load_remedies(policy_file("remedies", folders))
