"""How far apart the characters of a Chinese name stand, and what that says."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from agoranomos.engine.text.folding import BROKEN, SPACED

_SPACED_BY_SIGNS: Final = 2.0
_SPACED_BY_BLANKS: Final = 0.8
_BROKEN_BY_SIGNS: Final = 0.8
_LISTING_SIGNS: Final = frozenset(" \u3000\t\n\r/、，,.。+-—:：;；()（）*×xX|&~·")
"""What also stands between the items of a list."""
_NOT_IDEOGRAPHS: Final = re.compile(r"[^\u3041-\u312f㐀-鿿\uf900-\ufaff]")


class Spacing(NamedTuple):
    """How the characters of a Chinese name stand apart (flags of `folding`) and what that adds in log-odds."""

    how: int
    weight: float


def chinese_spacing(text: str) -> Spacing | None:
    """What stands between the ideographs of `text` says; None where two mere words may stand side by side."""
    pieces = [piece for piece in _NOT_IDEOGRAPHS.split(text) if piece]
    if len(pieces) < 2:
        return Spacing(0, 0.0)
    listed = not set(_NOT_IDEOGRAPHS.findall(text)) - _LISTING_SIGNS
    size = sum(map(len, pieces))
    if len(pieces) == size:
        if size == 2 and listed:
            return None
        return Spacing(SPACED, _SPACED_BY_BLANKS if listed else _SPACED_BY_SIGNS)
    return Spacing(BROKEN, 0.0 if listed else _BROKEN_BY_SIGNS)
