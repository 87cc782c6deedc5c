"""What monitors have found about accounts, as ties of an incident: farms at sign-up, and who acts together.

Both take all of the log to see. An incident looks at the accounts of one campaign, and goes by what was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from agoranomos.judgements.queries import told_of
from agoranomos.promotions.registration.farms import FARM
from agoranomos.promotions.tracing.judging import Suspects
from agoranomos.promotions.tracing.telling import RING

_CONDUCT: Final = "promotions.conduct"
_AT_A_GLANCE: Final = 0.5


def suspects(connection: sa.Connection, accounts: Collection[str]) -> Suspects:
    """The farms of `accounts`, and groups of them that act together, by the latest findings."""
    farms: dict[str, str] = {}
    together: dict[str, set[str]] = defaultdict(set)
    for finding in told_of(connection, (FARM, RING), "account", accounts):
        if finding.code == FARM and finding.ring_id and finding.score >= _AT_A_GLANCE:
            farms[finding.subject.id] = finding.ring_id
        for reason in finding.reasons if finding.code == RING else ():
            if reason.code == _CONDUCT:
                together[finding.subject.id].add(str(reason.evidence["key"]))
    return Suspects(farms, whole=False, together={name: frozenset(keys) for name, keys in together.items()})
