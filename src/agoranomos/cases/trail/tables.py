"""How far the audit log was told."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key
from agoranomos.kernel.store import metadata

trail_progress = sa.Table(
    "trail_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    sa.Column("next_index", sa.BigInteger, nullable=False),  # of the audit log: what lies before was told
)
