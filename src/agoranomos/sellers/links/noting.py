"""What is kept of an application before tokens take the place of personal data: digests by which two can be compared.

Each facet (`engine.links.facets`) becomes 64 bits of an HMAC with the vault's key: equal facets are equal, and nothing
else can be read from them. A photo's hash becomes its bits in a secret order with a secret half of them turned: how far
two photos differ stays, what they show does not. See docs/decisions/0024.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from agoranomos.engine.links.facets import PHOTOS, facets_of, phash_of
from agoranomos.intake.noting import notes_of
from agoranomos.kernel.events import Event
from agoranomos.vault.keys import KeyRing

ROOM: Final = "links"
"""Under this name the notes travel."""
VERSION: Final = 1
_DIGEST_BYTES: Final = 8
"""Two of a million sellers meet by chance in a facet with a probability of 3e-8."""
_BITS: Final = 64


def note(keys: KeyRing, event: Event) -> Mapping[str, Any]:
    """The notes of a plain `seller.applied`: `slots`, each with 16 hex digits. Of what cannot be read there is none."""
    found = {name: _digest(keys, f"{name}\0{text}") for name, text in facets_of(event.data).items()}
    for photo in PHOTOS:
        value = event.data.get(photo)
        if value:
            phash = phash_of(value)
            found[photo] = _digest(keys, f"photo\0{value}") if phash is None else _turned(keys, phash)
    return {"version": VERSION, "slots": {name: f"{value:016x}" for name, value in found.items()}}


def noted_slots(event: Event) -> dict[str, int]:
    """The slots that were noted of an application, by name; empty when it came in before this room existed."""
    notes = notes_of(event, ROOM)
    if notes.get("version") != VERSION:
        return {}
    return {name: int(value, 16) for name, value in notes["slots"].items()}


def _digest(keys: KeyRing, text: str) -> int:
    message = f"links\0{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(keys.digest(message)[:_DIGEST_BYTES], "big") or 1


def _turned(keys: KeyRing, phash: int) -> int:
    order, turned = _secret_order(keys.digest(b"links\0order of the bits of photos"))
    moved = 0
    for place, bit in enumerate(order):
        moved |= (phash >> bit & 1) << place
    return (moved ^ turned) or 1


@lru_cache(maxsize=8)
def _secret_order(secret: bytes) -> tuple[tuple[int, ...], int]:
    """An order of 64 bits, and which of them are turned, drawn from `secret`."""
    drawn = [hashlib.blake2b(bytes([bit]), key=secret, digest_size=8).digest() for bit in range(_BITS)]
    turned = int.from_bytes(hashlib.blake2b(b"turned", key=secret, digest_size=8).digest(), "big")
    return tuple(sorted(range(_BITS), key=drawn.__getitem__)), turned
