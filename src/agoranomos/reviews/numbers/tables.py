"""What virtual numbers are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

number_bindings = sa.Table(
    "number_bindings",
    metadata,
    sa.Column("binding_id", Key, primary_key=True),
    sa.Column("order_id", Key, nullable=False),
    sa.Column("store_id", Key, nullable=False),
    sa.Column("account_id", Key, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("virtual_number", Key),
    sa.Column("state", Key, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    # Null until the provider knows that it ended; only then there is nothing left to be done.
    sa.Column("told_at", Moment),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('asked', 'bound', 'ended')", "state"),
    sa.UniqueConstraint("order_id", "turn"),
    sa.Index(None, "virtual_number", "asked_at"),
    sa.Index(None, "told_at", "expires_at"),
    sa.Index(None, "account_id", "store_id"),
    sa.Index(None, "asked_at", "binding_id"),
)
"""One row for each number that an order was given; `document` is `model.Binding`."""

number_lines = sa.Table(
    "number_lines",
    metadata,
    sa.Column("virtual_number", Key, primary_key=True),
    sa.Column("binding_id", Key, nullable=False, unique=True),
    # From when somebody else may have it.
    sa.Column("free_at", Moment, nullable=False, index=True),
)
"""The embedded exchange: who has a number, or had it last. A number that was never given out has no row."""
