"""The verb of remedies, given an open transaction: a plan is asked for as measures that a second person agrees to.

The ids of actions follow from what is to be done and from the plan, so asking again asks for the same, and whatever was
executed is never executed twice. Until it is settled, each measure can be undone as one (`agora actions undo-measure`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.enforcement.actions import MEASURE_ACTIONS_MAX, request_measure
from agoranomos.enforcement.model import Measure, Want
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict
from agoranomos.promotions.remedies.plan import Plan, Remedy

NOTHING: Final = "there is nothing to be done: nobody took anything that the policy of remedies speaks of"


def ask_for(connection: sa.Connection, plan: Plan, *, by: Actor, policy: ActionPolicy, now: datetime) -> list[Measure]:
    """Asks for all of `plan`; nothing goes out before a second person has agreed. Raises Conflict for an empty plan,
    and when some of it, but not exactly this, was asked for before.
    """
    if not plan.remedies:
        raise Conflict(NOTHING)
    wants = [want_of(remedy) for remedy in plan.remedies]
    return [
        request_measure(
            connection, wants[start : start + MEASURE_ACTIONS_MAX], by=by, because=[plan.plan_id], policy=policy,
            now=now, waits=True,
        )
        for start in range(0, len(wants), MEASURE_ACTIONS_MAX)
    ]  # fmt: skip


def want_of(remedy: Remedy) -> Want:
    """A remedy as an action that can be asked for."""
    params = remedy.params | ({"message": remedy.message} if remedy.message else {})
    return Want(remedy.kind, remedy.subject, params)
