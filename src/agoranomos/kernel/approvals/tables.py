"""The table of approvals."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("approval_id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("beneficiaries", Json, nullable=False),
    sa.Column("requested_kind", Key, nullable=False),
    sa.Column("requested_id", Key, nullable=False),
    sa.Column("requested_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("status", Key, nullable=False),
    sa.Column("decided_kind", Key),
    sa.Column("decided_id", Key),
    sa.Column("decided_at", Moment),
    sa.CheckConstraint("(decided_id IS NULL) = (decided_at IS NULL)", "decided"),
    # What the rules of this package say, said once more where nobody can forget to ask.
    sa.CheckConstraint(
        "status NOT IN ('approved', 'spent') OR (decided_kind = 'person' AND NOT "
        "(decided_kind = requested_kind AND decided_id = requested_id))",
        "four_eyes",
    ),
    sa.Index("ix_approvals_status_approval_id", "status", "approval_id"),
)
