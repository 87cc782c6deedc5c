"""What canaries are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

access_canaries = sa.Table(
    "access_canaries",
    metadata,
    sa.Column("canary_id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    # The account of a record or login, or the number.
    sa.Column("value", Key, nullable=False, unique=True),
    sa.Column("planted_at", Moment, nullable=False),
    # Whose export it lies in; null while it lies in none.
    sa.Column("export_id", Key),
    sa.Column("principal_id", Key),
    sa.CheckConstraint("kind IN ('record', 'number', 'account')", "kind"),
    sa.Index(None, "kind", "export_id"),
)
"""What was planted. It is told by its rows alone: whoever may read this table can walk around all of them."""
