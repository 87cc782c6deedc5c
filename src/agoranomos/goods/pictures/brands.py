"""The pictures that brands name in the registry, as known pictures beside those of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.files import signed_files
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.places import placed
from agoranomos.engine.pictures.signature import Signature
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.pictures.model import Reference
from agoranomos.goods.pictures.references import References
from agoranomos.kernel.ids import is_id


class Beside(msgspec.Struct, frozen=True, eq=False):
    """Known pictures of the store and of brands; `hash` names those of brands ("": none), `absent` counts pictures
    that brands name and that cannot be read under the root."""

    references: References
    hash: str
    absent: int


def with_brands(
    references: References, brands: Iterable[Brand], root: Path, cache: SignatureCache, guard: Guard
) -> Beside:
    """`references` with the pictures under `root` that `brands` name as their own."""
    real = str(root.resolve())
    wanted: list[tuple[str, str, Path]] = []
    absent = 0
    for brand in brands:
        for given in brand.reference_pictures:
            there = placed(real, given)
            name = Path(given).stem
            if isinstance(there, str) or not is_id(name):
                absent += 1
            else:
                wanted.append((brand.brand_id, name, there))
    found: list[tuple[Reference, Signature]] = []
    files = signed_files([path for *_, path in wanted], cache, guard)
    for (brand_id, name, _), signed in zip(wanted, files, strict=True):
        if not isinstance(signed.found, Signature) or signed.hash is None:
            absent += 1
            continue
        reference = Reference(
            role="genuine", content=signed.hash.hex(), name=name, brand_id=brand_id, source="brand.registered"
        )
        found.append((reference, signed.found))
    if not found:
        return Beside(references, "", absent)
    named = sorted({f"{each.key}:{each.brand_id}:{each.name}" for each, _ in found})
    digest = hashlib.blake2b("\n".join(named).encode(), digest_size=8).hexdigest()
    return Beside(references.and_also(found), digest, absent)
