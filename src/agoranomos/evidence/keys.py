"""The key that signs evidence: one of its own, in a folder beside the store, made when there is none."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from agoranomos.audit import keys
from agoranomos.audit.keys import Random
from agoranomos.audit.notes import SigningKey
from agoranomos.kernel.errors import Conflict


def evidence_key(home: Path, random: Random) -> SigningKey:
    """The key in `home`/evidence; whoever is given evidence should have its public half by another way."""
    folder = home / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    known = keys.find(folder, None)
    if known is not None:
        return known
    # Named so that nobody takes it for the key of a log; who was faster has named it.
    with suppress(Conflict):
        return keys.find_or_make(folder, None, random, f"agoranomos.local/evidence-{random(4).hex()}")
    return keys.find_or_make(folder, None, random)
