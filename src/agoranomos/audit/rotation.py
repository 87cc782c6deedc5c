"""Change of the signing key. The log holds who followed whom, and each key vouches for the other.

A rotation is an entry like any other, so the database alone proves nothing by it: what counts are the two signatures
in it. Whoever trusts one of the keys can follow from it to the others, back and forth.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agoranomos.audit.model import Param
from agoranomos.audit.notes import NoteError, SigningKey, VerifierKey

VERB: Final = "audit.rotate_key"


@dataclass(frozen=True, slots=True)
class Rotation:
    """From the tree of `size` on, `new` signs instead of `old`; that tree itself is signed by both."""

    size: int
    old: VerifierKey
    new: VerifierKey


@dataclass(frozen=True, slots=True)
class Term:
    """The sizes of trees that `key` may sign; `end` is None for the present key."""

    key: VerifierKey
    begin: int = 0
    end: int | None = None

    def covers(self, size: int) -> bool:
        """Whether a checkpoint of `size` is this key's to sign."""
        return self.begin <= size and (self.end is None or size <= self.end)


def _statement(old: VerifierKey, new: VerifierKey) -> str:
    return f"agoranomos audit key rotation\n{old}\n{new}\n"


def params_of(old: SigningKey, new: SigningKey) -> dict[str, Param]:
    """The parameters of the entry by which `new` follows `old`, signed by both."""
    text = _statement(old.verifier, new.verifier)
    return {
        "old": str(old.verifier),
        "new": str(new.verifier),
        "by_old": base64.b64encode(old.sign(text).raw).decode(),
        "by_new": base64.b64encode(new.sign(text).raw).decode(),
    }


def read(index: int, params: Mapping[str, Param]) -> Rotation | None:
    """The rotation in the entry at `index`; None unless both keys have signed it."""
    try:
        old, new = (VerifierKey.parse(str(params.get(name, ""))) for name in ("old", "new"))
        text = _statement(old, new)
        signed = (
            (old, base64.b64decode(str(params.get("by_old", "")))),
            (new, base64.b64decode(str(params.get("by_new", "")))),
        )
    except (NoteError, binascii.Error):
        return None
    whole = old.name == new.name and all(key.accepts(text, raw) for key, raw in signed)
    return Rotation(index + 1, old, new) if whole else None


def terms(trusted: Iterable[VerifierKey], rotations: Sequence[Rotation]) -> list[Term]:
    """What the trusted keys, and those that they vouch for directly or through others, may sign."""
    known = set(trusted)
    while True:
        more = {key for one in rotations if {one.old, one.new} & known for key in (one.old, one.new)} - known
        if not more:
            break
        known |= more
    began = {one.new: one.size for one in reversed(rotations)}  # the first counts, should one be repeated
    ended = {one.old: one.size for one in reversed(rotations)}
    return [Term(key, began.get(key, 0), ended.get(key)) for key in sorted(known, key=str)]
