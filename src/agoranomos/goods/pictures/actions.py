"""The verbs of known pictures, given an open transaction: add them, say whose they are, forget them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.engine.pictures.signature import Signature
from agoranomos.goods.pictures import queries
from agoranomos.goods.pictures.model import Reference, Role
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import NotFound

_ADDING: Final = 0x706963747572  # "pictur": the advisory lock of whoever gives out numbers
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED_MAX: Final = 100

Change = Literal["added", "changed", "unchanged", "known_otherwise"]


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to be known from now on; see `Reference`."""

    content: str
    name: str
    source: str
    signature: Signature


def add(
    connection: sa.Connection,
    role: Role,
    offered: Sequence[Offered],
    *,
    brand_id: str | None,
    by: Actor,
    now: datetime,
) -> list[Change]:
    """Adds pictures; says of each what that did.

    A content that is known in this role stays as it is, but for the brand when one is given; one that is known in the
    other role (`known_otherwise`) is left out: who takes a brand's own picture for a fake accuses all that sell it.
    """
    take_turn(connection, _ADDING)
    roles = queries.roles_of(connection, (each.content for each in offered))
    here = queries.known(connection, role, roles)
    number = max(queries.state(connection)[1] + 1, (now - _EPOCH) // timedelta(microseconds=1))
    changes: list[Change] = []
    rows: list[dict[str, Any]] = []
    for each in offered:
        known = here.get(each.content)
        if known is not None:
            renamed = brand_id is not None and known.brand_id != brand_id
            if renamed:
                assert brand_id is not None
                queries.set_brand(connection, known, brand_id)
                here[each.content] = msgspec.structs.replace(known, brand_id=brand_id)
            changes.append("changed" if renamed else "unchanged")
        elif roles.get(each.content):
            changes.append("known_otherwise")
        else:
            row = Reference(
                role=role, content=each.content, name=each.name, brand_id=brand_id, source=each.source,
                number=number + len(rows), added_at=now,
            )  # fmt: skip
            here[each.content] = row
            rows.append({**msgspec.structs.asdict(row), "packed": each.signature.packed()})
            changes.append("added")
    queries.add(connection, rows)
    done = [each.content for each, change in zip(offered, changes, strict=True) if change in ("added", "changed")]
    _record(connection, "picture.add", role, done, brand_id, by, now)
    return changes


def remove(connection: sa.Connection, name: str, role: Role | None, *, by: Actor, now: datetime) -> list[Reference]:
    """Forgets the pictures of this name or content; raises NotFound when there is none."""
    found = queries.named(connection, name, role)
    if not found:
        raise NotFound(f"no picture {name[:128]!r} is known; see `agora pictures list`")
    queries.remove(connection, found)
    for one in ("fake", "genuine"):
        _record(connection, "picture.remove", one, [each.content for each in found if each.role == one], None, by, now)
    return found


def _record(
    connection: sa.Connection, verb: str, role: str, contents: Iterable[str], brand_id: str | None, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """What was done, in the audit log: the contents by their hashes, above a hundred by one hash of all."""
    named = sorted(contents)
    if not named:
        return
    digest = hashlib.sha256("\n".join(named).encode()).hexdigest()
    params: dict[str, str | int | bool | tuple[str, ...]] = {"count": len(named), "contents_sha256": digest}
    if len(named) <= _NAMED_MAX:
        params["contents"] = tuple(named)
    if brand_id is not None:
        params["brand"] = hashlib.sha256(brand_id.encode()).hexdigest() if any(map(str.isspace, brand_id)) else brand_id
    record(connection, Entry(at=now, actor=by, verb=verb, subject_kind="pictures", subject_id=role, params=params))
