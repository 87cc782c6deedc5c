"""People, their roles and sessions, and API keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agoranomos.kernel.dialects import Json, Key, Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "people",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", Key, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("issuer", Key),
        sa.Column("issued_subject", Key),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("disabled_at", Moment),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("blocked_until", Moment),
        sa.CheckConstraint("(issuer IS NULL) = (issued_subject IS NULL)", "issued"),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
        sa.UniqueConstraint("issuer", "issued_subject", name="uq_people_issuer_issued_subject"),
    )
    op.create_table(
        "person_roles",
        sa.Column("person_id", Key, nullable=False),
        sa.Column("role", Key, nullable=False),
        sa.Column("granted_at", Moment, nullable=False),
        sa.Column("granted_by", Key, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_person_roles"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_person_roles_person_id_people"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_sessions_person_id_people"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "api_keys",
        sa.Column("key_id", Key, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("permissions", Json, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("earlier_digest", Key),
        sa.Column("earlier_until", Moment),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", Key, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("revoked_at", Moment),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )
