"""How desks ask for actions: the same ids live and in a replay, by what is to be done and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Policy
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.findings import Subject

Needs = Callable[[str, Mapping[str, Any]], bool]
"""Whether an action of a kind, with these parameters, waits for a second person."""
TELLING: Final = SYSTEM
"""Who tells people something: nobody in particular."""


def needs_of(policy: Policy) -> Needs:
    """What the policy of actions says."""
    return lambda kind, params: policy.entry(kind).needs_approval([params])


def ask(
    kind: str,
    subject: Subject,
    params: Mapping[str, Any],
    because: str | tuple[str, ...],
    *,
    by: Actor,
    at: str,
    needs: Needs,
) -> Action:
    """The action as a monitor says it; whoever keeps it decides about its status anew. `at`: RFC 3339."""
    want = Want(kind, subject, dict(params))
    reasons = (because,) if isinstance(because, str) else tuple(sorted(set(because)))
    return Action(
        id=want.action_id(reasons),
        at=at,
        kind=kind,
        subject=subject,
        params=want.params,
        because=reasons,
        requested_by=str(by),
        status="proposed" if needs(kind, params) else "pending",
    )
