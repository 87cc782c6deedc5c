"""What contact details look like behind a cue: for the machine, which must not miss what the detector finds."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.text.compiled import nb
from agoranomos.engine.text.folds import AT_SIGN, EDGE, GAP_BEFORE, INSIDE, UNDERSCORE, WEAK

NUMBER_WORDS = np.frombuffer(b"zeronetwothrfoufivsixseveignin", np.uint8)
"""The first three letters of zero … nine."""
HANDLE_REACH = 40
"""Folded bytes behind an app's name in which an account name is looked for."""
SPELLED_MIN = 6
"""Ideographs that may be the sounds of a number (seven, of which the fold may join the first to what is before)."""


@nb.njit(cache=True, nogil=True)
def follows_cue(out: Any, meta: Any, begin: int, end: int, limit: int) -> int:
    """What may follow the contact cue from `begin` to `end`.

    1 for an account name, 2 for a number in words, 3 for both. Behind an ideograph anything may; behind Latin letters
    an account has a digit, an @, an underscore or "id", and a number two number words or many ideographs.
    """
    if out[begin] >= 0xC0:
        return 3
    found = 1 if out[end] == 105 and out[end + 1] == 100 else 0
    numbers = 0
    ideographs = 0
    for k in range(end, min(end + HANDLE_REACH, limit)):
        light = (meta[k] >> np.uint32(16)) & np.uint32(0xFF)
        if (light >= 48 and light <= 57) or light == 64 or meta[k] & np.uint32(AT_SIGN):
            found |= 1
        if k > end and meta[k] & np.uint32(UNDERSCORE):
            found |= 1
        ideographs += out[k] >= 0xE3 and meta[k] & np.uint32(INSIDE) == 0
        if meta[k] & np.uint32(GAP_BEFORE | EDGE | WEAK) or k == end:
            for word in range(0, len(NUMBER_WORDS), 3):
                numbers += (
                    out[k] == NUMBER_WORDS[word]
                    and out[k + 1] == NUMBER_WORDS[word + 1]
                    and out[k + 2] == NUMBER_WORDS[word + 2]
                )
    return found | 2 if numbers >= 2 or ideographs >= SPELLED_MIN else found


@nb.njit(cache=True, nogil=True)
def may_hold_mail(data: Any, begin: int, end: int) -> bool:
    """Whether an address with @, (at) or [at] in any writing may stand in the text."""
    for i in range(begin, end):
        c = data[i]
        if c == 64 or c == 40 or c == 91 or c == 0xEF or c == 0xF0 or c == 0xE2:
            return True
    return False
