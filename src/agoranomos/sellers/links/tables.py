"""What the room knows, in tables: sellers with what they said, stores, and how far the log was heard."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

# `step` is the one in which a row was last changed: whoever knows all up to there reads the rest.
link_sellers = sa.Table(
    "link_sellers",
    metadata,
    sa.Column("seller_id", Key, primary_key=True),
    sa.Column("state", Key, nullable=False),
    sa.Column("closed_at", Moment),
    # The event that closed a store of his.
    sa.Column("because", Key, nullable=False),
    # The closed seller who is back as this one, and the application that gave him away; "" for nobody.
    sa.Column("returns", Key, nullable=False),
    sa.Column("returned_with", Key, nullable=False),
    sa.Column("stores", Json, nullable=False),
    # All that he has said, as digests: see `engine.links.slots.packed`, each behind its length.
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("step", sa.BigInteger, nullable=False, index=True),
    # That application was decided in his favour; empty: it was not, as with what was kept before this was.
    sa.Column("let_in", sa.Boolean),
    # When he was closed, nobody else was at his address; empty as above.
    sa.Column("alone", sa.Boolean),
    sa.CheckConstraint("state IN ('open', 'closed')", "state"),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", "closed"),
)

link_stores = sa.Table(
    "link_stores",
    metadata,
    sa.Column("store_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False),
    sa.Column("state", Key, nullable=False),
    # The finding that stands on it: since when, how often it was said, for whose sake.
    sa.Column("told_at", Key, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("sources", Json, nullable=False),
    sa.Column("step", sa.BigInteger, nullable=False, index=True),
    sa.CheckConstraint("state IN ('open', 'closed')", "state"),
)

link_progress = sa.Table(
    "link_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # How often the tables were written.
    sa.Column("step", sa.BigInteger, nullable=False),
    # The tables are those of the event log up to here.
    sa.Column("position", sa.BigInteger, nullable=False),
    # The model, and how many sellers there were when it was fitted to them.
    sa.Column("model", Json),
    sa.Column("fitted_at", sa.BigInteger, nullable=False),
)
