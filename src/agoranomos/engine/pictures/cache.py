"""Signatures kept between nights, by content hash: what was decoded once is not decoded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from agoranomos.engine.pictures.bounds import REASONS, Skip
from agoranomos.engine.pictures.by_content import ContentFile
from agoranomos.engine.pictures.signature import VERSION, Signature

PASSING: Final = frozenset(("unreadable", "too_slow", "crashed"))
"""Reasons that may not hold another time; they are not kept."""


class SignatureCache(ContentFile):
    """A file of signatures and skips."""

    def __init__(self, path: Path, night: int = 0) -> None:
        super().__init__(path, VERSION, ("packed BLOB", "reason TEXT"), night)

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, Signature | Skip]:
        """What is known of these contents; marks it as used this night."""
        found: dict[bytes, Signature | Skip] = {}
        for digest, packed, reason, _ in self._rows(hashes):
            known = Skip(reason) if reason in REASONS else Signature.unpacked(packed or b"")
            if known is not None:
                found[digest] = known
        return found

    def put(self, known: Mapping[bytes, Signature | Skip]) -> None:
        """Keeps these. What may turn out otherwise another time (too slow, crashed, unreadable) is not kept."""
        rows: list[tuple[object, ...]] = []
        for digest, each in known.items():
            if not isinstance(each, Skip):
                rows.append((digest, each.packed(), None))
            elif each.reason not in PASSING:
                rows.append((digest, None, each.reason))
        self._put(rows)
