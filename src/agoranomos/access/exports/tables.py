"""What exports are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

access_exports = sa.Table(
    "access_exports",
    metadata,
    sa.Column("export_id", Key, primary_key=True),
    sa.Column("principal_id", Key, nullable=False, index=True),
    sa.Column("requested_at", Moment, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Index(None, "requested_at", "export_id"),
)
"""One row for each export that was asked for; `document` is `model.Export`."""
