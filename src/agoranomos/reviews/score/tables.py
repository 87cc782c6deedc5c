"""Reviews as the log tells of them, a row each, and what people decided about them."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Key, Moment
from agoranomos.kernel.store import metadata

score_reviews = sa.Table(
    "score_reviews",
    metadata,
    sa.Column("review_id", Key, primary_key=True),
    # All three are "" as long as only edits of the review were told.
    sa.Column("store_id", Key, nullable=False, index=True),
    sa.Column("author_id", Key, nullable=False, index=True),
    sa.Column("order_id", Key, nullable=False, index=True),
    sa.Column("told", sa.LargeBinary, nullable=False),  # `score.model.Review` in MessagePack
)

score_cases = sa.Table(
    "score_cases",
    metadata,
    sa.Column("subject_kind", Key, primary_key=True),  # account or review
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),  # of the latest decision
    sa.Column("cleared", sa.Boolean, nullable=False),
)

score_progress = sa.Table(
    "score_progress",
    metadata,
    sa.Column("name", Key, primary_key=True),
    # The table is that of the event log up to here.
    sa.Column("position", sa.BigInteger, nullable=False),
)
