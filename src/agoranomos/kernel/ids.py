"""Identifiers: opaque strings of 1..128 characters, and ids derived from content.

Nothing here draws randomness: an id that is not given from outside is a hash of what it names, so that the
same input gives the same ids.
"""

from __future__ import annotations

import hashlib
from typing import NewType

ListingId = NewType("ListingId", str)
StoreId = NewType("StoreId", str)
SellerId = NewType("SellerId", str)
BrandId = NewType("BrandId", str)

LENGTH_MAX = 128


def is_id(value: object) -> bool:
    """Whether `value` can be an id of the contract: a printable string of 1..128 characters."""
    return isinstance(value, str) and 1 <= len(value) <= LENGTH_MAX and value.isprintable()


def derived(prefix: str, *parts: str) -> str:
    """An id that is a hash of `parts`, such as `f_3b1c…`; equal parts give the equal id.

    Parts are length-prefixed before hashing, so that ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.blake2b(digest_size=15)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return f"{prefix}_{digest.hexdigest()}"
