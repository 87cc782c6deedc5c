"""The verbs about master keys, given an open transaction: use, take over what older ones have wrapped, retire.

A key that is retired wraps nothing, and nothing may be wrapped with it later: a process that still has it as its newest
would lose what it puts away. So who wraps holds the key's row (`use_current`), and who retires it waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.vault.keys import KeyRing, Vault
from agoranomos.vault.tables import vault_masters

REWRAPPED_AT_A_TIME: Final = 500
_table = vault_masters.c


class Wrapped(Protocol):
    """A kind of things that are encrypted with master keys, such as the data keys of the vault."""

    @property
    def name(self) -> str: ...

    def count(self, connection: sa.Connection) -> Mapping[str, int]:
        """Master key → how many are encrypted with it."""

    def rewrap(self, connection: sa.Connection, vault: Vault, limit: int) -> int:
        """Encrypts up to `limit` of those that are under another key with the newest; returns how many."""


class Master(msgspec.Struct, frozen=True, kw_only=True):
    """A master key. `uses` are `tokens` and `new` (what is put away from now on); `wraps` counts what it opens.

    `in_ring`: without it in the ring nothing of that can be opened.
    """

    id: str
    in_ring: bool
    uses: tuple[str, ...]
    wraps: dict[str, int]
    known_at: datetime | None
    retired_at: datetime | None


def use_current(connection: sa.Connection, vault: Vault, now: datetime) -> str:
    """The id of the newest master key, which nobody retires before this transaction ends.

    Raises Conflict when it was retired.
    """
    if _retired(connection, vault.keys.current, now):
        vault.keys.renew()
        if _retired(connection, vault.keys.current, now):
            raise Conflict(f"the master key {vault.keys.current} is retired; give this process the newer key ring")
    return vault.keys.current


def listed(connection: sa.Connection, keys: KeyRing, kinds: Sequence[Wrapped]) -> list[Master]:
    """All master keys: those of the ring in its order, then others that the store knows."""
    known = {row.master_id: row for row in connection.execute(sa.select(vault_masters).order_by(_table.master_id))}
    counts = {kind.name: kind.count(connection) for kind in kinds}
    others = sorted({*known, *(key_id for count in counts.values() for key_id in count)} - set(keys.ids))
    return [
        Master(
            id=key_id,
            in_ring=key_id in keys.ids,
            uses=tuple(use for use, used in (("tokens", keys.ids[0]), ("new", keys.current)) if used == key_id),
            wraps={name: count.get(key_id, 0) for name, count in counts.items()},
            known_at=known[key_id].known_at if key_id in known else None,
            retired_at=known[key_id].retired_at if key_id in known else None,
        )
        for key_id in (*keys.ids, *others)
    ]


def added(connection: sa.Connection, key_id: str, *, by: Actor, now: datetime) -> None:
    """Notes that a master key was put into the ring."""
    insert_ignore(connection, vault_masters, [{"master_id": key_id, "known_at": now}])
    _record(connection, "vault.add_key", key_id, by, now)


def rewrap(connection: sa.Connection, vault: Vault, kind: Wrapped, *, by: Actor, now: datetime) -> int:
    """Encrypts some of `kind` that older keys have wrapped with the newest; 0 when none is left.

    Called again and again: each call is a step of its own, so that one that is killed loses nothing.
    """
    current = use_current(connection, vault, now)
    done = kind.rewrap(connection, vault, REWRAPPED_AT_A_TIME)
    if done:
        _record(connection, "vault.rewrap", current, by, now, **{kind.name: done})
    return done


def retire(
    connection: sa.Connection, keys: KeyRing, key_id: str, kinds: Sequence[Wrapped], *, by: Actor, now: datetime
) -> None:
    """Lets a master key go that is needed no more; the caller then takes it out of the ring. Again changes nothing.

    Raises NotFound, and Conflict for the key that makes the tokens, the newest, and one that still opens something.
    """
    if key_id == keys.ids[0]:
        raise Conflict("this key makes the tokens; without it nobody could be recognised again")
    if key_id == keys.current:
        raise Conflict("this is the newest key; add another one first: agora vault keys add")
    insert_ignore(connection, vault_masters, [{"master_id": key_id, "known_at": now}])
    # The row is written first: whoever wraps with this key holds it, and is waited for.
    alive = sa.update(vault_masters).where(_table.master_id == key_id, _table.retired_at.is_(None))
    new = connection.execute(alive.values(retired_at=now), execution_options={"preserve_rowcount": True}).rowcount == 1
    left = sum(kind.count(connection).get(key_id, 0) for kind in kinds)
    if left:
        raise Conflict(f"{left:,} are still wrapped with this key; run agora vault rewrap first")
    if new and key_id not in keys.ids:
        raise NotFound("the key ring has no such key; see agora vault keys list")
    if new:
        _record(connection, "vault.retire_key", key_id, by, now)


def _retired(connection: sa.Connection, key_id: str, now: datetime) -> bool:
    insert_ignore(connection, vault_masters, [{"master_id": key_id, "known_at": now}])
    held = sa.select(_table.retired_at).where(_table.master_id == key_id).with_for_update(read=True)
    return connection.execute(held).scalar_one() is not None


def _record(connection: sa.Connection, verb: str, key_id: str, by: Actor, now: datetime, **params: int) -> None:
    entry = Entry(at=now, actor=by, verb=verb, subject_kind="vault_key", subject_id=key_id, params=params)
    record(connection, entry)
