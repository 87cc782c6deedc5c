"""Where a word is written so that nobody looks for it: letters set apart, of several alphabets, with signs inside.

Whether a name is in it is found out afterwards (`tangled`); few honest words are written so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.drawn import decode, entry_of, year_follows

APART_MIN = 4
"""Letters that stand alone one behind the other from which they are a word set apart."""
_GAP_CHARS_MAX = 8
_LETTERS_MAX = 40
_MASKS_MAX = 2
"""Letters of a word in whose place a star may stand: G**ci."""
_MASKED_MIN = 3
_STAR, _HASH = 42, 35
_PLAIN, _BORROWED, _DIGIT, _SIGN, _HIDDEN, _GAP, _OTHER = range(7)


@nb.njit(inline="always")
def _kind_of(entry: Any) -> Any:
    """What a character is in a tangled word, by its entry in the table of the fold."""
    kind = entry & np.uint32(7)
    how = np.int64((entry >> np.uint32(11)) & np.uint32(0xFF))
    light = (entry >> np.uint32(23)) & np.uint32(0xFF)
    if kind == 0:
        return _HIDDEN if how & 32 else _GAP
    if kind == 2:
        if light >= np.uint32(48) and light <= np.uint32(57):
            return _DIGIT
        return _BORROWED if how & 10 else _PLAIN
    if kind == 5:
        return _SIGN
    if kind == 3 or kind == 4:
        return _OTHER
    return _GAP


@nb.njit(cache=True, nogil=True)
def letters_apart(data: Any, start: int, end: int, entries: Any) -> int:
    """The end of `APART_MIN` letters or more from `start` that each stand alone: N I K E, n.i_k.e; else -1.

    data: uint8 UTF-8; digits and signs count as letters among three that are.
    """
    at = start
    stop = start
    count = 0
    letters = 0
    while at < end and count < _LETTERS_MAX:
        code, width = decode(data, at, end)
        kind = _kind_of(entry_of(code, entries))
        if kind != _PLAIN and kind != _BORROWED and kind != _DIGIT and kind != _SIGN:
            break
        behind = at + width
        gaps = 0
        inner = 0
        while behind < end and gaps < _GAP_CHARS_MAX:
            code, width = decode(data, behind, end)
            between = _kind_of(entry_of(code, entries))
            if between == _GAP:
                gaps += 1
            elif between != _HIDDEN or inner > _GAP_CHARS_MAX:
                break
            inner += 1
            behind += width
        if gaps == 0 and behind < end:
            code, width = decode(data, behind, end)
            if _kind_of(entry_of(code, entries)) != _OTHER and not year_follows(data, behind, end):
                # A letter touches the next: the run ends before it.
                break
        count += 1
        letters += kind == _PLAIN or kind == _BORROWED
        stop = at + (1 if data[at] < 128 else 2 if data[at] < 0xE0 else 3 if data[at] < 0xF0 else 4)
        if gaps == 0:
            break
        at = behind
    return stop if count >= APART_MIN and letters >= APART_MIN - 1 else -1


@nb.njit(cache=True, nogil=True)
def is_tangled(data: Any, start: int, end: int, entries: Any) -> bool:
    """Whether the word `data[start:end]` mixes alphabets, hides characters between letters or holds several signs.

    Or one sign or two that stand for letters left to be guessed: N*ke, G**ci.
    """
    plain = 0
    borrowed = 0
    digits = 0
    signs = 0
    hidden = 0
    held = 0
    pending = 0
    masks = 0
    masking = 0
    at = start
    while at < end:
        if data[at] < 128:
            entry = entries[data[at]]
            width = 1
        else:
            code, width = decode(data, at, end)
            entry = entry_of(code, entries)
        kind = _kind_of(entry)
        at += width
        if kind == _HIDDEN:
            pending += plain + borrowed > 0
            continue
        if data[at - width] == _STAR or data[at - width] == _HASH:
            masking += plain + borrowed > 0
        elif kind == _PLAIN or kind == _BORROWED:
            masks += masking
            masking = 0
        else:
            masking = 0
        if kind == _PLAIN or kind == _BORROWED or kind == _DIGIT:
            plain += kind == _PLAIN
            borrowed += kind == _BORROWED
            digits += kind == _DIGIT
            hidden += pending
            signs += held
            held = 0
        elif kind == _SIGN:
            held += 1
        elif kind == _OTHER:
            break
        pending = 0
    signs += held
    letters = plain + borrowed
    if letters + digits + signs + masks < APART_MIN or letters + digits > _LETTERS_MAX or letters == 0:
        return False
    if masks > 0 and masks <= _MASKS_MAX and letters >= _MASKED_MIN:
        return True
    return (plain > 0 and borrowed > 0) or hidden > 0 or signs >= 2 or (signs > 0 and digits > 0 and letters > 1)
