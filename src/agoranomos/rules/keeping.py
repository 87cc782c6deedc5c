"""Keeping what monitors and desks say: findings, decisions, actions, and what rules have to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.monitor import Output
from agoranomos.judgements.actions import keep_confidential, keep_decisions, keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.findings import Finding, is_confidential
from agoranomos.rules.hits import keep_hits
from agoranomos.rules.queues import keep_exposures
from agoranomos.rules.snoozing import holding, quieted


def keep_outputs(connection: sa.Connection, outputs: Sequence[Output], now: datetime, *, policy: ActionPolicy) -> None:
    """Keeps what a monitor says; what is known already is ignored, and what is snoozed does not count.

    `policy` says what becomes of actions. What is confidential nobody can snooze, and it counts nowhere else.
    """
    found = [each for each in outputs if isinstance(each, Finding)]
    keep_confidential(connection, [each for each in found if is_confidential(each.code)], now=now)
    found = [each for each in found if not is_confidential(each.code)]
    found = quieted(found, holding(connection, {each.code for each in found}, now))
    made = [each for each in outputs if isinstance(each, Decision)]
    keep_findings(connection, found, now=now)
    keep_exposures(connection, found)
    keep_decisions(connection, made, now=now)
    keep_hits(connection, [*found, *made])
    if asked := [each for each in outputs if isinstance(each, Action)]:
        enforcing.take(connection, asked, policy=policy, now=now)
