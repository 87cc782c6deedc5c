"""Erasing a person: their data key goes, and with it every value that was sealed under it. Two people have to want it.

Their tokens stay in the event log, where they mean nobody any more; the log itself is never rewritten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.dialects import overwrite_deleted
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.staff import approving
from agoranomos.vault.tables import vault_keys, vault_values

ERASE: Final = "vault.erase"
SubjectKind = Literal["seller", "account", "rights_holder"]


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data is gone: `values` of them."""

    kind: str
    id: str
    values: int


def request(connection: sa.Connection, kind: SubjectKind, subject_id: str, *, by: Actor, now: datetime) -> Approval:
    """Asks a second person to agree that all personal data of a seller or account is erased.

    The person concerned cannot be that second one. Raises NotFound when nothing is kept about them, Invalid.
    """
    if not is_id(subject_id):
        raise Invalid("the id of a seller or account has 1 to 128 printable characters", pointer="/id")
    subject = f"{kind}:{subject_id}"
    if not _is_kept(connection, subject):
        raise NotFound("the vault keeps nothing about this subject; it never did, or it was erased")
    # What is asked about is an id derived from the subject's: that of a marketplace may hold what an audit entry must
    # not, such as an address.
    wanted = Wanted(
        kind=ERASE, subject_kind="vault_subject", subject_id=derived("vs", subject),
        params={"kind": kind, "id": subject_id}, beneficiaries=(subject_id,),
    )  # fmt: skip
    return approving.request(connection, wanted, by=by, now=now)


def erase(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Erased:
    """Does what was agreed to, once. Raises NotFound, and Conflict as long as nobody has agreed."""
    wanted = approvals.get(connection, approval_id).wanted
    if wanted.kind != ERASE:
        raise Conflict("this approval is for something else than an erasure")
    approving.spend(connection, approval_id, wanted, by=by, now=now)
    kind, subject_id = str(wanted.params["kind"]), str(wanted.params["id"])
    subject = f"{kind}:{subject_id}"
    if not _is_kept(connection, subject):
        raise NotFound("the vault keeps nothing about this subject any more")
    overwrite_deleted(connection)
    values = connection.execute(
        sa.delete(vault_values).where(vault_values.c.subject == subject),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    connection.execute(sa.delete(vault_keys).where(vault_keys.c.subject == subject))
    entry = Entry(
        at=now, actor=by, verb=ERASE, subject_kind="vault_subject", subject_id=wanted.subject_id,
        params={"approval_id": approval_id, "values": values},
    )  # fmt: skip
    record(connection, entry)
    return Erased(kind=kind, id=subject_id, values=values)


def _is_kept(connection: sa.Connection, subject: str) -> bool:
    query = sa.select(vault_keys.c.subject).where(vault_keys.c.subject == subject)
    return connection.execute(query.with_for_update()).first() is not None
