"""One request, one transaction: what pages and commands share of the registry; each verb leaves an audit entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.goods.brands import actions, queries
from agoranomos.goods.brands.model import Brand, BrandStatus, Proposal, fold_name
from agoranomos.goods.brands.seed import seed_brands
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.store import Store

STORES_MAX: Final = 1_000
"""So many stores are authorised at once."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A brand and what spoke for it when it was proposed. `registered`: it is part of the registry."""

    brand: Brand
    proposal: Proposal | None
    registered: bool


class BrandService:
    """The registry over the store. A snapshot is kept until the store has another one; safe to share between threads,
    of which at worst two make the same one.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self._known: tuple[queries.Stamp, RegistrySnapshot, list[str]] | None = None

    def snapshot(self) -> RegistrySnapshot:
        """Seed and store, as they are now."""
        with self.store.reading() as connection:
            return self._current(connection)[0]

    def listed(self, text: str = "", *, category: str = "", after: str = "", limit: int = 100) -> list[Brand]:
        """At most `limit` brands of the registry behind the id `after`, in the order of ids: those with `text` in one
        of their names or in their id, of a `category`.
        """
        with self.store.reading() as connection:
            registry, names = self._current(connection)
        wanted = fold_name(text)
        found = (
            brand
            for brand, folded in zip(registry.brands, names, strict=True)
            if brand.brand_id > after and wanted in folded and (not category or category in brand.categories)
        )
        return list(islice(found, limit))

    def kept(self, status: BrandStatus, *, after: str = "", limit: int = 100) -> list[Brand]:
        """At most `limit` stored brands of a status behind the id `after`: what was rejected, or merged."""
        with self.store.reading() as connection:
            return queries.of_status(connection, status, after=after, limit=limit)

    def show(self, brand_id: str) -> Shown:
        """Also what is only proposed, rejected or merged. Raises NotFound."""
        with self.store.reading() as connection:
            known = self._current(connection)[0].by_id.get(brand_id)
            brand = known or (queries.brand(connection, brand_id) if is_id(brand_id) else None)
            if brand is None:
                raise NotFound("there is no brand with this id; see `agora brands list`")
            return Shown(brand=brand, proposal=queries.proposal(connection, brand_id), registered=known is not None)

    def proposals(self, *, after: tuple[float, str] | None = None, limit: int = 100) -> list[Proposal]:
        """At most `limit` names that wait for a decision, the most brand-like first."""
        with self.store.reading() as connection:
            return queries.open_proposals(connection, limit, after=after)

    def counts(self) -> dict[str, int]:
        """How many stored brands there are by status; `registry` counts those of the registry, seed included."""
        with self.store.reading() as connection:
            return {**queries.counts(connection), "registry": len(self._current(connection)[0].brands)}

    def accept(self, brand_ids: Sequence[str], *, by: Actor) -> list[Brand]:
        """See `actions.accept`. Raises Conflict for what is shipped."""

        def verb(connection: sa.Connection, now: datetime) -> list[Brand]:
            shipped = {each.brand_id for each in seed_brands()}
            for brand_id in brand_ids:
                if brand_id in shipped and queries.brand(connection, brand_id) is None:
                    raise Conflict(f"{brand_id} is shipped with the registry; there is nothing to accept")
            return [actions.accept(connection, brand_id, now) for brand_id in brand_ids]

        return self._done("brand.accept", verb, by)

    def reject(self, brand_ids: Sequence[str], *, by: Actor) -> list[Brand]:
        """See `actions.reject`."""

        def verb(connection: sa.Connection, now: datetime) -> list[Brand]:
            entries = [self._entry(connection, brand_id) for brand_id in brand_ids]
            return [actions.reject(connection, entry, now) for entry in entries]

        return self._done("brand.reject", verb, by)

    def merge(self, brand_id: str, into: str, *, by: Actor) -> Brand:
        """See `actions.merge`; returns `into`."""

        def verb(connection: sa.Connection, now: datetime) -> list[Brand]:
            entry, target = (self._entry(connection, each) for each in (brand_id, into))
            return [actions.merge(connection, entry, target, now)]

        return self._done("brand.merge", verb, by, merged=brand_id)[0]

    def authorise(self, brand_id: str, store_ids: Sequence[str], *, by: Actor, remove: bool = False) -> Brand:
        """See `actions.authorise`. Raises Invalid for what names no store."""
        if not 1 <= len(store_ids) <= STORES_MAX or not all(map(is_id, store_ids)):
            raise Invalid("name one store or more by their ids", pointer="/store_ids")

        def verb(connection: sa.Connection, now: datetime) -> list[Brand]:
            entry = self._accepted(connection, brand_id)
            return [actions.authorise(connection, entry, store_ids, now, remove=remove)]

        name = "brand.unauthorise" if remove else "brand.authorise"
        return self._done(name, verb, by, stores=derived("ss", *store_ids))[0]

    def sell_openly(self, brand_id: str, *, by: Actor) -> Brand:
        """See `actions.sell_openly`."""

        def verb(connection: sa.Connection, now: datetime) -> list[Brand]:
            return [actions.sell_openly(connection, self._accepted(connection, brand_id), now)]

        return self._done("brand.sell_openly", verb, by)[0]

    def _entry(self, connection: sa.Connection, brand_id: str) -> Brand:
        return queries.brand(connection, brand_id) or self._current(connection)[0].get(brand_id)

    def _accepted(self, connection: sa.Connection, brand_id: str) -> Brand:
        stored = queries.brand(connection, brand_id)
        if stored is not None and stored.status != "accepted":
            raise Conflict(f"{brand_id} is {stored.standing}; accept it first: agora brands accept {brand_id}")
        return self._current(connection)[0].get(brand_id)

    def _done(
        self, name: str, verb: Callable[[sa.Connection, datetime], list[Brand]], by: Actor, *, merged: str = "",
        stores: str = "",
    ) -> list[Brand]:  # fmt: skip
        """What `verb` changed, in one transaction with its audit entries. Ids of brands may hold words: as parameters
        they are hashes.
        """
        params = {"merged": derived("b", merged)} if merged else {"stores": stores} if stores else {}
        with self.store.transaction() as connection:
            now = self.clock()
            changed = verb(connection, now)
            for brand in changed:
                entry = Entry(at=now, actor=by, verb=name, subject_kind="brand", subject_id=brand.brand_id,
                              params=params)  # fmt: skip
                record(connection, entry)
        self._known = None
        return changed

    def _current(self, connection: sa.Connection) -> tuple[RegistrySnapshot, list[str]]:
        """The registry as the store has it, and for each brand all that it is called, folded, a line each."""
        stamp = queries.stamp(connection)
        known = self._known
        if known is None or known[0] != stamp:
            registry = load_snapshot(connection)
            names = ["\n".join(map(fold_name, (brand.brand_id, *brand.called()))) for brand in registry.brands]
            self._known = known = (stamp, registry, names)
        return known[1], known[2]
