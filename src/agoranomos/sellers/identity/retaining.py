"""What applications leave behind, for the schedule and for whoever is erased: prints of photos, verdicts, checks."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.dialects import overwrite_deleted
from agoranomos.kernel.retained import Kept
from agoranomos.sellers.identity.tables import identity_checks, identity_parts, identity_photos, identity_verdicts

KEPT: Final = (
    Kept(
        kind="identity.photos", about="prints of photos, by which they are known again", table=identity_photos,
        at=identity_photos.c.kept_at, subjects={"seller": identity_photos.c.seller_id}, children=(identity_parts,),
        least_days=180,
    ),
    Kept(
        kind="identity.verdicts", about="what the provider of real-person comparison said", table=identity_verdicts,
        at=identity_verdicts.c.asked_at, subjects={"application": identity_verdicts.c.application_id},
    ),
    Kept(
        kind="identity.checks", about="what applicants were told", table=identity_checks, at=identity_checks.c.at,
        subjects={"application": identity_checks.c.application_id},
    ),
)  # fmt: skip


def applications_of(connection: sa.Connection, seller_id: str) -> list[str]:
    """The applications by which a seller is known here, in the order of their ids."""
    table = identity_photos.c
    query = sa.select(table.application_id).distinct().where(table.seller_id == seller_id)
    return list(connection.execute(query.order_by(table.application_id)).scalars())


def forget(connection: sa.Connection, seller_id: str) -> int:
    """Deletes all that the photos and numbers of a seller have left; how many rows."""
    overwrite_deleted(connection)
    count = 0
    for application_id in applications_of(connection, seller_id):
        for table in (identity_parts, identity_verdicts, identity_checks, identity_photos):
            gone = connection.execute(
                table.delete().where(table.c.application_id == application_id),
                execution_options={"preserve_rowcount": True},
            )
            count += int(gone.rowcount)
    return count
