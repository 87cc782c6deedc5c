"""What points are kept in, beside the ledger; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

points_sheets = sa.Table(
    "points_sheets",
    metadata,
    sa.Column("seller_id", Key, primary_key=True),
    # In force when it was last looked at.
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("offences", sa.Integer, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    # When time alone changes something.
    sa.Column("due_at", Moment, index=True),
    sa.Column("document", Json, nullable=False),
    sa.Index(None, "points", "seller_id"),
)
"""One row for each seller; `document` is the whole `cabinet.Sheet`."""

points_stores = sa.Table(
    "points_stores",
    metadata,
    sa.Column("store_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False, index=True),
)
"""Who holds which store."""

points_cases = sa.Table(
    "points_cases",
    metadata,
    sa.Column("case_id", Key, primary_key=True),
    sa.Column("seller_id", Key, nullable=False),
)
"""Whose a case is."""

points_waiting = sa.Table(
    "points_waiting",
    metadata,
    # store:… or case:…: what says whose it is.
    sa.Column("waits_for", Key, primary_key=True),
    sa.Column("case_id", Key, primary_key=True),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("outcome", Key, primary_key=True),
    sa.Column("document", Json, nullable=False),
)
"""Decisions whose seller nobody has named yet; `document` is `model.Decided`."""
