"""From a finding to the actions that a policy of this desk asks for, as a monitor says them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agoranomos.enforcement.model import Want
from agoranomos.kernel.actions import Action
from agoranomos.kernel.findings import Subject

NeedsApproval = Callable[[str], bool]
"""Whether a second person must agree to an action of this kind."""


def asked(
    kind: str, subject: Subject, params: dict[str, Any], *, because: str, by: str, at: str, needs: NeedsApproval
) -> Action:
    """The action, which the same reason asks for once, however often it is said; `by` is the monitor's name."""
    return Action(
        id=Want(kind, subject, params).action_id((because,)),
        at=at,
        kind=kind,
        subject=subject,
        params=params,
        because=(because,),
        requested_by=f"model:{by}",
        status="proposed" if needs(kind) else "pending",
    )
