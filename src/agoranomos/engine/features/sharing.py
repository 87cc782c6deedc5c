"""Which keys a process counts, where several share them: those whose hash falls to its part."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from agoranomos.engine.features.encoding import Key128
from agoranomos.kernel.errors import Invalid

PARTS_MAX: Final = 256


def part_of(key: Key128, parts: int) -> int:
    """The part (from 1) of `parts` that a key falls to: by the low 64 bits of its hash, the same in every process."""
    return key[1] % parts + 1


class Share(msgspec.Struct, frozen=True):
    """Part `part` (from 1) of `parts`, and of that only what is `within` another share; one of one is everything."""

    part: int = 1
    parts: int = 1
    within: Share | None = None

    def holds(self, key: Key128) -> bool:
        """Whether the key falls to this part."""
        return part_of(key, self.parts) == self.part and (self.within is None or self.within.holds(key))

    def __str__(self) -> str:
        return f"{self.part}/{self.parts}"


WHOLE: Final = Share()


def share_of(text: str) -> Share:
    """A share as `2/3` says it. Raises Invalid."""
    found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= PARTS_MAX:
        raise Invalid(f"a part is written I/N, from 1/1 to {PARTS_MAX}/{PARTS_MAX}, such as 1/2")
    return Share(int(found[1]), int(found[2]))
