"""What appeals and complaints are kept in; other rooms do not import it."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

appeals = sa.Table(
    "appeals",
    metadata,
    sa.Column("appeal_id", Key, primary_key=True),
    sa.Column("case_id", Key, nullable=False, index=True),
    sa.Column("state", Key, nullable=False),
    sa.Column("filed_at", Moment, nullable=False),
    # `decide_by`, until somebody was told that it is late or it is decided.
    sa.Column("alarm_at", Moment, index=True),
    sa.Column("document", Json, nullable=False),
    sa.CheckConstraint("state IN ('filed', 'granted', 'rejected')", "state"),
    sa.Index(None, "filed_at", "appeal_id"),
)
"""One row for each appeal; `document` is `model.Appeal`. What was said in it stays in the event log."""

complaint_claims = sa.Table(
    "complaint_claims",
    metadata,
    sa.Column("claim_id", Key, primary_key=True),
    sa.Column("account_id", Key, nullable=False, index=True),
    sa.Column("listing_id", Key, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
)
"""Who said of which listing that it is a fake."""

complaint_verdicts = sa.Table(
    "complaint_verdicts",
    metadata,
    sa.Column("verdict_id", Key, primary_key=True),
    sa.Column("listing_id", Key, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("fake", sa.Boolean, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False),
)
"""What was decided about listings."""
