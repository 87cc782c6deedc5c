"""What is kept in place of keys and values: 64-bit integers that say nothing about people.

Keys are kept as 128 bits of BLAKE2b (RFC 7693): two of a billion keys share them with a probability below 1e-20, and
nobody can make two that do. Values to be told apart are kept as 64 bits: of 1,024, two are taken for one with a
probability of 3e-14.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Any, Final

KeyPart = str | int | bool
Value = int | float | str | bool | None
"""Moments are microseconds since 1970, as in rules."""
Key128 = tuple[int, int]

MILLIONTHS: Final = 1_000_000
"""Numbers with a fraction are kept in millionths, so that sums are exact and do not depend on their order."""
LIMIT: Final = (1 << 63) - 1
MILLIONTHS_MAX: Final = 9.2e18
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PAIR: Final = Struct("<qq").unpack
_ONE: Final = Struct("<q").unpack


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def canonical(part: KeyPart) -> str:
    """One text for one key part, as JSON would write it without quotes."""
    if part is True or part is False:
        return "true" if part else "false"
    return part if isinstance(part, str) else str(part)


def key_128(parts: Sequence[KeyPart | None]) -> Key128 | None:
    """The key of these parts; None when one is missing."""
    if len(parts) == 1:
        part = parts[0]
        if part is None:
            return None
        text = part if type(part) is str else canonical(part)
    elif None in parts:
        return None
    else:
        texts = [canonical(part) for part in parts if part is not None]
        text = "".join([f"{len(text)}:{text}" for text in texts])
    hi, lo = _PAIR(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
    return hi, lo


def distinct_64(value: KeyPart) -> int:
    """What stands for a value whose distinct ones are counted."""
    digest = blake2b(canonical(value).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int(_ONE(digest)[0])


def whole(value: Any) -> int | None:
    """An integer; None for what does not fit into 64 bits."""
    number = int(value)
    return number if -LIMIT <= number <= LIMIT else None


def millionths(value: Any) -> int | None:
    """A number in millionths, halves upwards; None for what does not fit into 64 bits."""
    scaled = float(value) * MILLIONTHS
    return math.floor(scaled + 0.5) if abs(scaled) < MILLIONTHS_MAX else None


class Texts:
    """Texts by small numbers, as in a dictionary-encoded Arrow column."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts = list(texts)
        self._codes = {text: code for code, text in enumerate(self.texts)}

    def code(self, text: str) -> int:
        """The number of `text`."""
        found = self._codes.get(text)
        if found is None:
            found = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return found
