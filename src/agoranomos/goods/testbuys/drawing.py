"""The draw: a number for each listing from a seed that nobody could choose, the same for whoever does it again.

A seed is the hash of two halves. One is drawn before and only committed to; the other is the root of the audit log's
tree, signed later than the commitment. Who made the first could not know the second, who signs could not know the
first. Numbers come from a hash and not from a library's generator, so that an auditor with nothing but BLAKE2b finds
the same (permanent random numbers: Ohlsson, "Coordination of samples using permanent random numbers", 1995).
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np

from agoranomos.goods.testbuys.chances import Floats, Whole
from agoranomos.goods.testbuys.design import Design
from agoranomos.kernel.errors import Conflict

ATTEMPTS_MAX: Final = 1_000
_SCALE: Final = 2.0**-64


def commitment(secret: bytes, digest: str) -> str:
    """What is written down before the draw: binds the secret half to the design whose digest this is."""
    return hashlib.blake2b(
        secret, digest_size=32, person=b"agora.testbuys", salt=bytes.fromhex(digest)[:16]
    ).hexdigest()


def seed_of(secret: bytes, root: bytes) -> bytes:
    """The seed from both halves."""
    return hashlib.blake2b(root, digest_size=32, key=secret).digest()


def numbers(seed: bytes, names: list[str], attempt: int) -> Floats:
    """A number from 0 to below 1 for each name, in this attempt."""
    key = hashlib.blake2b(attempt.to_bytes(4, "big"), digest_size=32, key=seed).digest()
    drawn = b"".join(hashlib.blake2b(name.encode(), digest_size=8, key=key).digest() for name in names)
    return np.asarray(np.frombuffer(drawn, dtype=">u8").astype(np.float64) * _SCALE)


def draw(design: Design, seed: bytes) -> Whole:
    """The indexes of the candidates drawn. Raises Conflict when no basket keeps to the budget, which is next to
    impossible for a design of `design.design`.
    """
    names = [each.listing_id for each in design.candidates]
    chances = design.chances
    for attempt in range(ATTEMPTS_MAX):
        chosen = np.flatnonzero(numbers(seed, names, attempt) < chances.p)
        if int(chances.units[chosen].sum()) <= chances.cap:
            return chosen
    raise Conflict("no basket that was drawn kept to the budget; lower `fill` in the policy of test buys")
