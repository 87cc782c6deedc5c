"""What was found in a content before: its marks, its codes, which known pictures it shows, its words. A cache.

Beside the signatures (`engine.pictures.cache`), and much smaller: a picture that comes again costs one look-up, and its
signature is read only when known pictures were added since; these alone are searched then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.engine.pictures.bounds import REASONS
from agoranomos.engine.pictures.by_content import ContentFile
from agoranomos.engine.pictures.cache import PASSING, SignatureCache
from agoranomos.engine.pictures.signature import VERSION as SIGNATURES

_VERSION: Final = SIGNATURES * 1000 + 2
"""Raised when anything here may come out otherwise for the same content."""
_COLUMNS: Final = ("skipped TEXT", "marks INTEGER", "codes BLOB", "matched BLOB", "words TEXT")
_SEEN: Final = ("skipped", "marks", "codes", "matched")


class Match(msgspec.Struct, frozen=True, array_like=True):
    """A known picture, by its key, that the content shows; see `model.Resembled`."""

    key: str
    score: float
    marks: int
    share: float
    how: str


class Matched(msgspec.Struct, frozen=True, array_like=True):
    """`number`: of the newest known picture that was searched for; `beside`: a hash of those that are not of the
    store."""

    number: int
    beside: str
    matches: tuple[Match, ...] = ()


NEVER: Final = Matched(-1, "")
"""Of a content that was never searched for."""


class Found(msgspec.Struct, frozen=True):
    """`skipped`: why the content has no signature (then all else is empty); `words`: None when nobody read."""

    skipped: str | None = None
    marks: int = 0
    codes: tuple[Barcode, ...] = ()
    matched: Matched = NEVER
    words: str | None = None


class Kept(ContentFile):
    """A file of what was found, by content."""

    def __init__(self, path: Path, night: int = 0, beside: SignatureCache | None = None) -> None:
        super().__init__(path, _VERSION, _COLUMNS, night, beside)
        # Most contents show nothing, and those of one night were searched for among the same known pictures.
        self._read: dict[tuple[type, bytes | None], Any] = {}

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, Found]:
        """What is known of these contents."""
        found = {}
        for digest, skipped, marks, codes, matched, words, _ in self._rows(hashes):
            if skipped in REASONS:
                found[digest] = Found(skipped)
            elif marks is not None:
                matches = self._decoded(matched, Matched, NEVER)
                found[digest] = Found(None, marks, self._decoded(codes, tuple[Barcode, ...], ()), matches, words)
        return found

    def keep(self, found: Mapping[bytes, Found]) -> None:
        """Keeps what was seen just now, all but words. Skips that may not hold another time are not kept."""
        encode = msgspec.msgpack.encode
        rows = [
            (digest, each.skipped, each.marks, encode(each.codes) if each.codes else None, encode(each.matched))
            for digest, each in found.items()
            if each.skipped not in PASSING
        ]
        self._put(rows, _SEEN)

    def words(self, hashes: Iterable[bytes]) -> dict[bytes, str]:
        """The words in these contents, of those that were read."""
        return {row[0]: row[5] for row in self._rows(hashes) if row[5] is not None}

    def keep_words(self, found: Mapping[bytes, str]) -> None:
        """Keeps words that were read just now."""
        self._put(list(found.items()), ("words",))

    def _decoded(self, packed: bytes | None, kind: Any, empty: Any) -> Any:
        if packed is None:
            return empty
        known = self._read.get((kind, packed))
        if known is None:
            if len(self._read) >= _REMEMBERED_MAX:
                self._read.clear()
            known = self._read[kind, packed] = msgspec.msgpack.decode(packed, type=kind)
        return known


_REMEMBERED_MAX: Final = 256
