"""The registry as one immutable value: the shipped seed, what the store adds, and a registry file
on top.

An entry of a higher layer meets an entry of a lower one when the ids are equal or the main names
fold alike. What it says wins; names, aliases, misspellings, nicknames, lines and ordinary words
are united. An entry that nobody has checked, when it meets one that somebody has, adds its names
only: a list from the web must not undo what somebody checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from agoranomos.goods.brands.model import NAME_KINDS, Brand, PriceBand, fold_name, unique
from agoranomos.goods.brands.seed import seed_brands
from agoranomos.kernel.errors import NotFound

if TYPE_CHECKING:  # the store takes a quarter of a second to import, and the scan's workers do without
    import sqlalchemy as sa


class RegistrySnapshot:
    """The accepted brands in the order of their ids; equal content gives the equal `version`.

    `version`: that of the same brands where it is known already.
    """

    def __init__(self, brands: Iterable[Brand], *, version: str | None = None) -> None:
        self.brands: tuple[Brand, ...] = tuple(sorted(brands, key=lambda brand: brand.brand_id))
        self.version: str = version or _version_of(self.brands)
        """blake2b of the canonical JSON, 32 hex digits."""

    @cached_property
    def by_id(self) -> dict[str, Brand]:
        """The brands by id."""
        return {brand.brand_id: brand for brand in self.brands}

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Folded name (`model.fold_name`) to the ids of the brands that are called so, ordered."""
        found: dict[str, dict[str, None]] = {}
        for brand in self.brands:
            for name in brand.called():
                found.setdefault(fold_name(name), {})[brand.brand_id] = None
        return {name: tuple(ids) for name, ids in found.items()}

    def get(self, brand_id: str) -> Brand:
        """The brand `brand_id`; raises NotFound."""
        try:
            return self.by_id[brand_id]
        except KeyError:
            raise NotFound(f"no brand {brand_id[:128]} in the registry; see `agora brands list`") from None


def _version_of(brands: tuple[Brand, ...]) -> str:
    return hashlib.blake2b(msgspec.json.encode(brands, order="sorted"), digest_size=16).hexdigest()


def load_snapshot(connection: sa.Connection | None = None, extra: Iterable[Brand] = ()) -> RegistrySnapshot:
    """The registry of seed, store (when a connection is given) and `extra` (the brands of a
    registry file).
    """
    if connection is None:
        return layered(seed_brands(), (), extra)
    from agoranomos.goods.brands import queries  # noqa: PLC0415

    stored = queries.all_brands(connection)
    return layered(seed_brands(), stored, extra, queries.learned_bands(connection))


def seed_of(brands: Iterable[Brand]) -> list[Brand]:
    """The entries of the shipped seed that one of `brands` lies over: what is known of those brands, and no others."""
    ids, names = set(), set()
    for brand in brands:
        ids.add(brand.brand_id)
        names.add(fold_name(brand.main_name))
    return [each for each in seed_brands() if each.brand_id in ids or fold_name(each.main_name) in names]


def layered(
    seed: Iterable[Brand],
    stored: Iterable[Brand],
    extra: Iterable[Brand] = (),
    bands: Mapping[str, Iterable[PriceBand]] | None = None,
) -> RegistrySnapshot:
    """The layers as one snapshot; learned `bands` (by brand id) stand after those that somebody
    stated.
    """
    merged = {brand.brand_id: brand for brand in seed}
    _overlay(merged, stored)
    _overlay(merged, extra)
    for brand_id, learned in (bands or {}).items():
        if brand_id in merged:
            brand = merged[brand_id]
            bands_of_brand = unique([*brand.price_bands, *learned])
            merged[brand_id] = replace(brand, price_bands=bands_of_brand)
    return RegistrySnapshot(brand for brand in merged.values() if brand.status == "accepted")


def _overlay(merged: dict[str, Brand], layer: Iterable[Brand]) -> None:
    """Lays `layer` over `merged`, in place."""
    by_main = {fold_name(brand.main_name): brand_id for brand_id, brand in merged.items()}
    for brand in layer:
        if brand.status == "proposed":
            continue
        below_id = brand.brand_id if brand.brand_id in merged else by_main.get(fold_name(brand.main_name))
        if brand.status != "accepted":
            merged.pop(brand.brand_id, None)
        elif below_id is None or below_id not in merged:
            merged[brand.brand_id] = brand
        else:
            united = unite(merged.pop(below_id), brand)
            merged[united.brand_id] = united


def unite(below: Brand, above: Brand) -> Brand:
    """One brand of two entries for it: `above` wins what it says, names are united."""
    new = [name for name in above.called() if name not in below.called()]
    if above.unchecked and not below.unchecked:
        return replace(
            below,
            aliases=unique([*below.aliases, *new]),
            ordinary=unique([*below.ordinary, *(name for name in above.ordinary if name in new)]),
            unverified=unique([*below.unverified, *(name for name in above.unverified if name in new)]),
        )
    kinds = (*NAME_KINDS, "ordinary", "unverified")
    fields = {kind: unique([*getattr(above, kind), *getattr(below, kind)]) for kind in kinds}
    if not above.unchecked:
        checked = [name for name in above.called() if name not in above.unverified]
        fields["unverified"] = tuple(name for name in fields["unverified"] if name not in checked)
    return replace(
        above,
        **fields,
        categories=above.categories or below.categories,
        floors={**below.floors, **above.floors},
        price_bands=above.price_bands or below.price_bands,
        features=above.features if above.features is not None else below.features,
        reference_pictures=above.reference_pictures or below.reference_pictures,
    )
