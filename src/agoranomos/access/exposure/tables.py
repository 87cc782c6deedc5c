"""What exposure is kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key
from agoranomos.kernel.store import metadata

access_readers = sa.Table(
    "access_readers",
    metadata,
    sa.Column("principal_id", Key, primary_key=True),
    sa.Column("document", Json, nullable=False),
)
"""One row for each reader, which is locked while a read is decided; `document` is `model.Reader`."""

access_seen = sa.Table(
    "access_seen",
    metadata,
    sa.Column("principal_id", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("hour", sa.BigInteger, nullable=False, index=True),
    sa.Column("stranger", sa.Boolean, nullable=False),
)
"""Whom a reader was shown, and when last."""

access_business = sa.Table(
    "access_business",
    metadata,
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("owner_id", Key, primary_key=True),
    sa.Column("day", sa.BigInteger, nullable=False, index=True),
)
"""Who has had business with a store, or with the platform, and when last."""

access_orders = sa.Table(
    "access_orders",
    metadata,
    sa.Column("order_id", Key, primary_key=True),
    sa.Column("buyer_id", Key, nullable=False),
    sa.Column("day", sa.BigInteger, nullable=False, index=True),
)

access_progress = sa.Table(
    "access_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""How far the event log was heard."""

access_checks = sa.Table(
    "access_checks",
    metadata,
    sa.Column("idempotency_key", Key, primary_key=True),
    sa.Column("digest", Key, nullable=False),
    sa.Column("decision_id", Key, nullable=False),
    sa.Column("day", sa.BigInteger, nullable=False, index=True),
)
"""Which decision a request got."""
