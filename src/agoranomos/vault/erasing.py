"""Erasing a person: their data key goes, and with it every value that was sealed under it, in backups too.

Somebody asks and somebody else agrees (`request`, `erase`); or a schedule that people have agreed to says so
(`erase_now`, `erase_kinds`). What was erased stays known (`proving_erasure`). The tokens stay in the event log,
where they mean nobody any more; the log itself is never rewritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry, Param
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.dialects import among, overwrite_deleted
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.ids import derived
from agoranomos.staff import approving
from agoranomos.vault.subjects import SubjectKind, Whom, audit_id
from agoranomos.vault.tables import vault_erasures, vault_keys, vault_values
from agoranomos.vault.tokens import PREFIXES, Kind, kind_of

ERASE: Final = "vault.erase"
Held = Callable[[sa.Connection, Whom], str | None]
"""Why nothing of a person may be erased now, such as a legal hold; None when it may."""
Forget = Callable[[sa.Connection, Whom], int]
"""Deletes what rooms have made of somebody's data, such as prints of photos; how many rows went."""
FORGET: Final = "vault.forget"
_VALUES: Final = vault_values.c


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data is gone: `values` of them, by kind in `kinds`; `erasure_id` is what proves it."""

    kind: str
    id: str
    values: int
    kinds: dict[str, int]
    erasure_id: str


def nobody_is_held(_: sa.Connection, __: Whom) -> str | None:
    """Where nothing keeps anybody's data from being erased."""
    return None


def nothing_is_derived(_: sa.Connection, __: Whom) -> int:
    """Where no room makes anything of personal data."""
    return 0


def request(
    connection: sa.Connection, kind: SubjectKind, subject_id: str, *, by: Actor, now: datetime,
    held: Held = nobody_is_held,
) -> Approval:  # fmt: skip
    """Asks a second person to agree that all personal data of a seller or account is erased.

    The person concerned cannot be that second one. Raises NotFound when nothing is kept about them, Invalid, Conflict
    when the data is held.
    """
    about = Whom(kind, subject_id)
    if not _data_key(connection, about.key):
        raise NotFound("the vault keeps nothing about this subject; it never did, or it was erased")
    _require_free(connection, about, held)
    # What is asked about is an id derived from the subject's: that of a marketplace may hold what an audit entry must
    # not, such as an address.
    wanted = Wanted(
        kind=ERASE, subject_kind="vault_subject", subject_id=audit_id(about.key),
        params={"kind": kind, "id": subject_id}, beneficiaries=(subject_id,),
    )  # fmt: skip
    return approving.request(connection, wanted, by=by, now=now)


def erase(
    connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime, held: Held = nobody_is_held,
    forget: Forget = nothing_is_derived,
) -> Erased:  # fmt: skip
    """Does what was agreed to, once, and has rooms `forget` what they made of it. Raises NotFound; Conflict as long as
    nobody has agreed, or the data is held.
    """
    wanted = approvals.get(connection, approval_id).wanted
    if wanted.kind != ERASE:
        raise Conflict("this approval is for something else than an erasure")
    about = Whom(wanted.params["kind"], str(wanted.params["id"]))
    _require_free(connection, about, held)
    approving.spend(connection, approval_id, wanted, by=by, now=now)
    found = _erase(connection, about, {"approval_id": approval_id}, by=by, now=now)
    if found is None:
        raise NotFound("the vault keeps nothing about this subject any more")
    if rows := forget(connection, about):
        entry = Entry(
            at=now, actor=by, verb=FORGET, subject_kind="vault_subject", subject_id=wanted.subject_id,
            params={"approval_id": approval_id, "rows": rows},
        )  # fmt: skip
        record(connection, entry)
    return found


def erase_now(connection: sa.Connection, about: Whom, *, because: str, by: Actor, now: datetime) -> Erased | None:
    """Erases `about` for the reason `because`, a code such as `retention.closed_seller`; None when nothing is kept.

    For schedules and verbs that people have agreed to already, and that have looked whether the data is held.
    """
    return _erase(connection, about, {"because": because}, by=by, now=now)


def erase_kinds(
    connection: sa.Connection, kinds: Collection[Kind], before: datetime, *, because: str, by: Actor, now: datetime,
    except_of: Collection[str] = (), limit: int = 1_000,
) -> int:  # fmt: skip
    """Deletes up to `limit` values of `kinds` that were put away before `before`, but for those of the subjects
    `except_of` (`seller:s-1`); returns how many. Call it again until it is 0: each call is a step of its own.

    The people stay, and so do their keys: in a backup from before, these values can still be read.
    """
    of_kinds = (sa.and_(_VALUES.token >= f"{PREFIXES[k]}_", _VALUES.token < f"{PREFIXES[k]}`") for k in sorted(kinds))
    prefixes = sa.or_(sa.false(), *of_kinds)
    query = sa.select(_VALUES.token, _VALUES.subject).where(_VALUES.kept_at < before, prefixes)
    if except_of:
        query = query.where(sa.not_(among(_VALUES.subject, "held")))
    query = query.order_by(_VALUES.token, _VALUES.subject).limit(limit)
    gone = [(row[0], row[1]) for row in connection.execute(query, {"held": sorted(except_of)} if except_of else {})]
    if not gone:
        return 0
    overwrite_deleted(connection)
    this = sa.delete(vault_values).where(_VALUES.token == sa.bindparam("t"), _VALUES.subject == sa.bindparam("s"))
    connection.execute(this, [{"t": token, "s": subject} for token, subject in gone])
    counts = Counter(kind_of(token) for token, _ in gone)
    entry = Entry(
        at=now, actor=by, verb="vault.erase_kinds", subject_kind="vault_kinds", subject_id=because,
        params=dict(sorted(counts.items())),
    )  # fmt: skip
    record(connection, entry)
    return len(gone)


def _erase(
    connection: sa.Connection, about: Whom, params: dict[str, Param], *, by: Actor, now: datetime
) -> Erased | None:
    subject = about.key
    key = _data_key(connection, subject)
    if key is None:
        return None
    tokens = connection.execute(sa.select(_VALUES.token).where(_VALUES.subject == subject)).scalars().all()
    overwrite_deleted(connection)
    connection.execute(sa.delete(vault_values).where(_VALUES.subject == subject))
    connection.execute(sa.delete(vault_keys).where(vault_keys.c.subject == subject))
    kinds = Counter(map(kind_of, tokens))
    erased = Erased(
        kind=about.kind, id=about.id, values=len(tokens), kinds=dict(sorted(kinds.items())),
        erasure_id=derived("ve", subject, now.isoformat()),
    )  # fmt: skip
    entry = Entry(
        at=now, actor=by, verb=ERASE, subject_kind="vault_subject", subject_id=audit_id(subject),
        params={**params, "values": len(tokens), "erasure_id": erased.erasure_id, "key": _fingerprint(key)},
    )  # fmt: skip
    index = record(connection, entry)
    connection.execute(vault_erasures.insert(), _row(erased, tokens, key, index, by=by, now=now))
    return erased


def _row(
    erased: Erased, tokens: Sequence[str], key: sa.Row[Any], index: int, *, by: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "erasure_id": erased.erasure_id, "subject": audit_id(f"{erased.kind}:{erased.id}"), "at": now,
        "actor": str(by), "kinds": erased.kinds, "tokens": sorted(tokens), "key_digest": _fingerprint(key),
        "master_id": key.master_id, "audit_index": index,
    }  # fmt: skip


def _fingerprint(key: sa.Row[Any]) -> str:
    """Of the wrapped key: it says which key went, and nothing of the key."""
    return derived("vk", key.master_id, key.nonce.hex(), key.wrapped.hex())


def _require_free(connection: sa.Connection, about: Whom, held: Held) -> None:
    reason = held(connection, about)
    if reason is not None:
        raise Conflict(f"this data must stay for now: {reason}")


def _data_key(connection: sa.Connection, subject: str) -> sa.Row[Any] | None:
    query = sa.select(vault_keys).where(vault_keys.c.subject == subject)
    return connection.execute(query.with_for_update()).first()
