"""Attachments of cases, for the schedule: some time after a case was decided their content goes; that they were there,
with their sums, stays.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.cases.desk.tables import cases
from agoranomos.kernel.retained import Kept
from agoranomos.vault.tables import vault_values

KEPT: Final = (
    Kept(
        kind="cases.papers", about="what people attached to cases that are decided", table=cases, at=cases.c.decided_at,
        action="erase", subjects={"case": cases.c.case_id, "seller": cases.c.seller_id}, person="case", least_days=180,
        # What is erased already is not due again.
        where=sa.exists().where(vault_values.c.subject == sa.literal("case:") + cases.c.case_id),
    ),
)  # fmt: skip
