"""Identifiers: opaque strings of 1..128 characters, and ids derived from content.

Nothing here draws randomness: an id that is not given from outside is a hash of what it names, so that the
same input gives the same ids.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NewType

ListingId = NewType("ListingId", str)
StoreId = NewType("StoreId", str)
SellerId = NewType("SellerId", str)
BrandId = NewType("BrandId", str)

LENGTH_MAX = 128
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = tuple(length.to_bytes(8, "big") for length in range(256))


def is_id(value: object) -> bool:
    """Whether `value` can be an id of the contract: a printable string of 1..128 characters."""
    return isinstance(value, str) and 1 <= len(value) <= LENGTH_MAX and value.isprintable()


def derived(prefix: str, *parts: str) -> str:
    """An id that is a hash of `parts`, such as `f_3b1c…`; equal parts give the equal id.

    Parts are length-prefixed before hashing, so that ("ab", "c") and ("a", "bc") differ.
    """
    return f"{prefix}_{_hashed(parts, 15)}"


def derived_at(moment: datetime, prefix: str, *parts: str) -> str:
    """As `derived`, of the same length, but sorted by `moment` first: for ids of rows that come by the thousand.

    Neighbours in time are then neighbours in every index over the id; scattered ones cost the store twice as much to
    write, and more as the table grows.
    """
    micros = (moment - _EPOCH) // _MICROSECOND
    return f"{prefix}_{micros:014x}{_hashed(parts, 8)}"


def _hashed(parts: tuple[str, ...], size: int) -> str:
    try:
        raw = [part.encode() for part in parts]
    except UnicodeEncodeError:  # half of a character that takes two
        raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    hashed = b"".join([_length(part) + part for part in raw])
    return hashlib.blake2b(hashed, digest_size=size).hexdigest()


def _length(part: bytes) -> bytes:
    length = len(part)
    return _LENGTHS[length] if length < len(_LENGTHS) else length.to_bytes(8, "big")
