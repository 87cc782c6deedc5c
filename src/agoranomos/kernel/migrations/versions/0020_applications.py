"""Applications: photos that were met, what a provider said, and checks that were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "identity_photos",
        sa.Column("application_id", Key, nullable=False),
        sa.Column("role", Key, nullable=False),
        sa.Column("seller_id", Key, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("number", Key, nullable=False),
        sa.Column("content", Key, nullable=False),
        sa.Column("print", sa.Text, nullable=False),
        sa.Column("phash", Key, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("application_id", "role", name="pk_identity_photos"),
    )
    op.create_index("ix_identity_photos_content", "identity_photos", ["content"])
    op.create_index("ix_identity_photos_phash", "identity_photos", ["phash"])
    op.create_index("ix_identity_photos_seller_id", "identity_photos", ["seller_id"])
    op.create_table(
        "identity_parts",
        sa.Column("part", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("role", Key, nullable=False),
        sa.PrimaryKeyConstraint("part", "application_id", "role", name="pk_identity_parts"),
    )
    op.create_index("ix_identity_parts_application_id_role", "identity_parts", ["application_id", "role"])
    op.create_table(
        "identity_verdicts",
        sa.Column("application_id", Key, nullable=False),
        sa.Column("about", Key, nullable=False),
        sa.Column("verdict", Json, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("application_id", "about", name="pk_identity_verdicts"),
    )
    op.create_table(
        "identity_checks",
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("idempotency_key", Key),
        sa.Column("body_digest", Key, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_identity_checks"),
        sa.UniqueConstraint("idempotency_key", name="uq_identity_checks_idempotency_key"),
    )
    op.create_index("ix_identity_checks_application_id", "identity_checks", ["application_id"])
