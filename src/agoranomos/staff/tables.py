"""The tables of people, their roles and sessions, and of API keys."""

from __future__ import annotations

import sqlalchemy as sa

from agoranomos.kernel.dialects import Json, Key, Moment
from agoranomos.kernel.store import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", Key, nullable=False, unique=True),  # folded; also what a local account signs in with
    sa.Column("password", sa.Text),  # Argon2id; NULL: signs in through the identity provider only
    sa.Column("issuer", Key),  # of the identity provider, with `issued_subject` once the person came through it
    sa.Column("issued_subject", Key),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("disabled_at", Moment),
    sa.Column("failures", sa.Integer, nullable=False),  # of signing in, since the last success
    sa.Column("blocked_until", Moment),
    sa.UniqueConstraint("issuer", "issued_subject"),
    sa.CheckConstraint("(issuer IS NULL) = (issued_subject IS NULL)", "issued"),
)
"""Names and addresses of staff stand here and nowhere else; everything else says `person_id`."""

person_roles = sa.Table(
    "person_roles",
    metadata,
    sa.Column("person_id", Key, sa.ForeignKey("people.person_id"), primary_key=True),
    sa.Column("role", Key, primary_key=True),
    sa.Column("granted_at", Moment, nullable=False),
    sa.Column("granted_by", Key, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", Key, primary_key=True),  # of the secret in the cookie
    sa.Column("person_id", Key, sa.ForeignKey("people.person_id"), nullable=False, index=True),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("permissions", Json, nullable=False),
    sa.Column("digest", Key, nullable=False),
    sa.Column("earlier_digest", Key),  # good until `earlier_until`, after a rotation
    sa.Column("earlier_until", Moment),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", Key, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("revoked_at", Moment),
)
