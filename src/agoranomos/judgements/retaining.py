"""Findings and decisions that led to nothing, for the schedule."""

from __future__ import annotations

from typing import Final

from agoranomos.judgements.counting import decisions_leave
from agoranomos.judgements.tables import check_keys, decisions, findings, staff_findings
from agoranomos.kernel.retained import Kept

KEPT: Final = (
    Kept(
        kind="judgements.shadow", about="findings of rules and detectors that do not act", table=findings,
        at=findings.c.recorded_at, names=findings.c.document, where=findings.c.status != "live", least_days=90,
    ),
    Kept(
        kind="judgements.staff", about="what was found about members of the staff", table=staff_findings,
        at=staff_findings.c.recorded_at, names=staff_findings.c.document, least_days=180,
    ),
    Kept(
        kind="judgements.approvals", about="decisions of checks that approved", table=decisions,
        at=decisions.c.recorded_at, names=decisions.c.document, where=decisions.c.outcome == "approve", least_days=90,
        children=(check_keys,), leaving=decisions_leave,
    ),
)  # fmt: skip
