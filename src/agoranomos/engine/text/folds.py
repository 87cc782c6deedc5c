"""The fold as a compiled loop: UTF-8 in, letters with what stood between them and how they were written out."""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.eights import eight_bytes, put_letters, small_letters

# Boundary bits before a folded byte.
GAP_BEFORE = 1  # a space, punctuation, an emoji, the start of a field
EDGE = 2  # beside a character of a script written without spaces
WEAK = 4  # between letter and digit, before a capital in the middle, at an apostrophe
SIGN_EDGE = 8  # beside a sign that may be a letter or punctuation
INSIDE = 16  # a continuation byte: not the start of a character
UNDERSCORE = 32  # the gap is an underscore, as in account names
AT_SIGN = 64  # the gap is an @
STRONG = GAP_BEFORE | EDGE | SIGN_EDGE

# Letter classes of the fold, for weak boundaries.
_NONE = 0
_LETTER = 1
_DIGIT = 2
_IDEOGRAPH = 3
_SIGN = 4

SOURCE_BITS = 26
"""The low bits of a hit's place are the byte offset inside its field; the bits above name the field."""
DIGIT_RUN_MIN = 7
ANNOUNCED_REACH = 9
"""Characters between a number and the pictograph, plus or Q that announces it."""


@nb.njit(cache=True, nogil=True)
def _announced(data: Any, begin: int, at: int) -> bool:
    """Whether a plus or a Q (of QQ) stands before the digit at `at`, with nothing but signs or ideographs between."""
    i = at - 1
    for _ in range(ANNOUNCED_REACH):
        while i > begin and data[i] & 0xC0 == 0x80:
            i -= 1
        if i < begin:
            return False
        c = data[i]
        if c == 43 or c == 81 or c == 113:
            return True
        if (c >= 48 and c <= 57) or (c >= 65 and c <= 90) or (c >= 97 and c <= 122):
            return False
        i -= 1
    return False


@nb.njit(inline="always")
def _is_underscore(code: Any) -> Any:
    """Whether compatibility makes an underscore of a character: ＿, ︳, ︴, ﹍, ﹎, ﹏."""
    return code == 0xFF3F or code == 0xFE33 or code == 0xFE34 or (code >= 0xFE4D and code <= 0xFE4F)


@nb.njit(inline="always")
def _letter_at(data: Any, at: int, end: int) -> Any:
    return at < end and (data[at] | 32) >= 97 and (data[at] | 32) <= 122


_ITSELF = np.uint32(3 | 15 << 19)
"""The entry of an ideograph that stands for itself, and for no digit."""


@nb.njit(inline="always")
def _put_letter(out: Any, meta: Any, source: Any, at: int, letter: Any, bound: Any, where: Any) -> None:
    out[at] = np.uint8(105) if letter == 108 else letter
    meta[at] = bound | np.uint32(letter) << np.uint32(16)
    source[at] = where


@nb.njit(cache=True, nogil=True)
def fold_into(
    data: Any, begin: int, end: int, field: int, at: int,
    entries: Any, spell_at: Any, spellings: Any,
    out: Any, meta: Any, source: Any, runs: Any, runs_used: int,
) -> Any:  # fmt: skip
    """Folds `data[begin:end]` (UTF-8) behind position `at` of the scratch buffers.

    out: uint8 folded bytes; meta: uint32 = boundary bits | how written << 8 | light byte << 16;
    source: int32 = field << SOURCE_BITS | byte offset in the field of the character that gave the byte;
    runs: int32 (m, 4), filled with (start, end, digits, first two digits) of long runs of digits.
    Returns the new position and the number of runs used.
    """
    i = begin
    bound = np.uint32(GAP_BEFORE)
    pending = np.uint32(0)
    last = _NONE
    upper_may_follow = False
    uppers = 0
    place = np.int32(field) << np.int32(SOURCE_BITS)
    digits = 0
    digits_first: Any = 0
    pictograph = 0
    digits_start = 0
    digits_end = 0
    digit_gap = 0
    while i < end:
        c = data[i]
        if upper_may_follow and digits == 0 and pending == 0:
            # Behind a small letter of a word more of them change nothing but the place, nor do words of them.
            behind = i
            while True:
                if behind + 8 <= end:
                    eight = eight_bytes(data, behind)
                    plain = small_letters(eight)
                    put_letters(out, meta, source, at, eight, place | np.int32(behind - begin))
                    at += plain
                    behind += plain
                    if plain == 8:
                        continue
                    c = data[behind]
                elif behind < end:
                    c = data[behind]
                    if c >= 97 and c <= 122:
                        _put_letter(out, meta, source, at, c, np.uint32(0), place | np.int32(behind - begin))
                        at += 1
                        behind += 1
                        continue
                else:
                    break
                if c != 32 or behind + 1 >= end or data[behind + 1] < 97 or data[behind + 1] > 122:
                    break
                first = place | np.int32(behind + 1 - begin)
                _put_letter(out, meta, source, at, data[behind + 1], np.uint32(GAP_BEFORE), first)
                at += 1
                behind += 2
            pictograph -= behind - i
            i = behind
            if i == end:
                break
        elif last == _IDEOGRAPH and c >= 0xE4 and c <= 0xE9 and bound == 0 and pending == 0 and digits == 0:
            # So are ideographs that stand for themselves behind one another.
            behind = i
            while behind < end and c >= 0xE4 and c <= 0xE9:
                code = (
                    ((np.uint32(c) & np.uint32(15)) << np.uint32(12))
                    | ((np.uint32(data[behind + 1]) & np.uint32(63)) << np.uint32(6))
                    | (np.uint32(data[behind + 2]) & np.uint32(63))
                )
                if entries[code] != _ITSELF:
                    break
                for k in range(3):
                    out[at + k] = data[behind + k]
                    meta[at + k] = np.uint32(EDGE) if k == 0 else np.uint32(INSIDE)
                    source[at + k] = place | np.int32(behind - begin)
                at += 3
                behind += 3
                pictograph -= 1
                if behind < end:
                    c = data[behind]
            i = behind
            if i == end:
                break
        if c < 128:
            code = np.uint32(c)
            size = 1
        elif c < 0xE0:
            code = ((np.uint32(c) & np.uint32(31)) << np.uint32(6)) | (np.uint32(data[i + 1]) & np.uint32(63))
            size = 2
        elif c < 0xF0:
            code = (
                ((np.uint32(c) & np.uint32(15)) << np.uint32(12))
                | ((np.uint32(data[i + 1]) & np.uint32(63)) << np.uint32(6))
                | (np.uint32(data[i + 2]) & np.uint32(63))
            )
            size = 3
        else:
            code = (
                ((np.uint32(c) & np.uint32(7)) << np.uint32(18))
                | ((np.uint32(data[i + 1]) & np.uint32(63)) << np.uint32(12))
                | ((np.uint32(data[i + 2]) & np.uint32(63)) << np.uint32(6))
                | (np.uint32(data[i + 3]) & np.uint32(63))
            )
            size = 4
        if code < np.uint32(0x2FA20):
            entry = entries[code]
        elif code < np.uint32(0xE0000):
            entry = np.uint32(3) | np.uint32(15 << 19)
        else:
            entry = np.uint32(32 << 11) | np.uint32(15 << 19)
        kind = entry & np.uint32(7)
        how = (entry >> np.uint32(11)) & np.uint32(0xFF)

        pictograph = ANNOUNCED_REACH if kind == 1 and code >= np.uint32(0x2190) else pictograph - 1
        # Long runs of digits, in whatever writing, with at most two other characters between two of them.
        digit = (entry >> np.uint32(19)) & np.uint32(15)
        if digit != 15:
            if digits == 0:
                digits_start = i
                # Behind a plus, a Q, or a pictograph that may stand for an app or a telephone: 100 and more.
                digits_first = 1 if pictograph > 0 or _announced(data, begin, i) else 0
            if digits < 2:
                digits_first = digits_first * 10 + np.int64(digit)
            digits += 1
            digit_gap = 0
            digits_end = i
        elif digits:
            stands_for_digit = digits > 2 and (c == 111 or c == 79 or c == 108 or c == 73)
            if stands_for_digit:
                digits += 1
                digit_gap = 0
                digits_end = i
            elif kind == 0 or ((kind == 1 or kind == 5) and digit_gap < 3):
                if kind != 0:
                    digit_gap += 1
            else:
                if digits >= DIGIT_RUN_MIN and runs_used < len(runs):
                    runs[runs_used, 0] = place | np.int32(digits_start - begin)
                    runs[runs_used, 1] = place | np.int32(digits_end - begin)
                    runs[runs_used, 2] = digits
                    runs[runs_used, 3] = digits_first
                    runs_used += 1
                digits = 0
                digit_gap = 0

        if kind == 2:
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            is_digit = light >= np.uint32(48) and light <= np.uint32(57)
            now = _DIGIT if is_digit else _LETTER
            if last == _IDEOGRAPH:
                bound |= np.uint32(EDGE)
            elif last != now and last != _NONE and last != _SIGN:
                bound |= np.uint32(WEAK)
            if bound & np.uint32(GAP_BEFORE | EDGE):
                uppers = 0
            if c < 128 and c >= 65 and c <= 90:
                uppers += 1
                if upper_may_follow and bound & np.uint32(GAP_BEFORE) == 0:
                    bound |= np.uint32(WEAK)
                    how |= np.uint32(64)
                upper_may_follow = False
            else:
                upper_may_follow = c >= 97 and c <= 122
                if upper_may_follow and uppers >= 2:
                    how |= np.uint32(64)
                uppers = 0
            out[at] = letter
            meta[at] = bound | (how | pending) << np.uint32(8) | light << np.uint32(16)
            source[at] = place | np.int32(i - begin)
            at += 1
            bound = np.uint32(0)
            pending = np.uint32(0)
            last = now
        elif kind == 1:
            bound = np.uint32(GAP_BEFORE)
            if c == 95 or (c == 0xEF and _is_underscore(code)):
                bound = np.uint32(GAP_BEFORE | UNDERSCORE)
            pending = np.uint32(0)
            last = _NONE
            upper_may_follow = False
        elif kind == 3 and size == 3:
            bound |= np.uint32(EDGE)
            said = (how << np.uint32(8)) | (((entry >> np.uint32(23)) & np.uint32(0xFF)) << np.uint32(16))
            for k in range(3):
                out[at + k] = data[i + k]
                meta[at + k] = np.uint32(INSIDE) | said
                source[at + k] = place | np.int32(i - begin)
            meta[at] = bound | pending << np.uint32(8) | said
            at += 3
            pending = np.uint32(0)
            bound = np.uint32(0)
            last = _IDEOGRAPH
            upper_may_follow = False
        elif kind == 3 or kind == 4:
            wide = size >= 3 and kind == 3
            length: Any = size
            if kind == 4:
                length = np.int64((entry >> np.uint32(3)) & np.uint32(0xFF))
                wide = spellings[spell_at[code]] >= 0xE0
            if wide or last == _IDEOGRAPH:
                bound |= np.uint32(EDGE)
            light = (entry >> np.uint32(23)) & np.uint32(0xFF)
            for k in range(length):
                out[at] = data[i + k] if kind == 3 else spellings[spell_at[code] + k]
                inside = np.uint32(0)
                if k and out[at] & 0xC0 == 0x80:
                    inside = np.uint32(INSIDE)
                meta[at] = (bound if k == 0 else inside) | (how | pending) << np.uint32(8) | light << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                pending = np.uint32(0)
            bound = np.uint32(0)
            last = _IDEOGRAPH if wide else _LETTER
            upper_may_follow = False
        elif kind == 5:
            letter = np.uint8((entry >> np.uint32(3)) & np.uint32(0xFF))
            kept = letter == 43 or letter == 38
            follows = i + size < end and (
                (data[i + size] >= 48 and data[i + size] <= 57)
                or (data[i + size] >= 65 and data[i + size] <= 90)
                or (data[i + size] >= 97 and data[i + size] <= 122)
                or data[i + size] >= 128
            )
            joined = at > 0 and bound & np.uint32(GAP_BEFORE) == 0 and last != _IDEOGRAPH and last != _NONE
            # A stroke between single letters is a gap: H|E|R|M|E|S.
            if (
                (c == 124 or size == 3 or c == 0xC7)
                and letter == 105
                and at > 0
                and i + 2 * size < end + size
                and _letter_at(data, i + size, end)
                and (
                    (i + size + 1 < end and data[i + size + 1] == c)
                    or (meta[at - 1] & np.uint32(GAP_BEFORE) and (c != 0xE4 or not _letter_at(data, i + size + 1, end)))
                )
            ):
                follows = False
            # Between ideographs signs part; elsewhere a sign is a letter only inside a word, or at its head or end where it is no punctuation: n!ke, $upreme.
            ends = last == _LETTER and joined and letter != 105
            between = last == _IDEOGRAPH and bound == 0 and i + size < end and data[i + size] >= 0xE4
            if not between and (
                kept or ends or (follows and (joined or c == 36 or c == 64 or (c == 0xE2 and data[i + 1] == 0x82)))
            ):
                light = (entry >> np.uint32(23)) & np.uint32(0xFF)
                out[at] = letter
                meta[at] = (bound | np.uint32(SIGN_EDGE)) | (how | pending) << np.uint32(8) | light << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                bound = np.uint32(SIGN_EDGE)
                pending = np.uint32(0)
                last = _SIGN
            else:
                at_sign = code == np.uint32(0x40) or code == np.uint32(0xFF20) or code == np.uint32(0xFE6B)
                bound = np.uint32(GAP_BEFORE | AT_SIGN) if at_sign else np.uint32(GAP_BEFORE)
                last = _NONE
            upper_may_follow = False
        elif kind == 6:
            bound |= np.uint32(GAP_BEFORE) if last == _IDEOGRAPH else np.uint32(WEAK)
            upper_may_follow = False
        elif kind == 7:
            nxt = i + size
            if nxt < end and data[nxt] == 32:
                nxt += 1
            if at > 0 and nxt < end and digits > 0 and data[nxt] >= 48 and data[nxt] <= 57:
                out[at] = np.uint8(58)
                meta[at] = np.uint32(58) << np.uint32(16)
                source[at] = place | np.int32(i - begin)
                at += 1
                bound = np.uint32(0)
                last = _DIGIT
            else:
                bound = np.uint32(GAP_BEFORE)
                last = _NONE
            upper_may_follow = False
        elif how == np.uint32(16) and at > 0 and bound == np.uint32(0):
            # A combining mark belongs to the letter before it, as if the two were one character.
            meta[at - 1] |= np.uint32(16 << 8) | np.uint32(0xFF << 16)
        else:
            pending |= how
        i += size
    if digits >= DIGIT_RUN_MIN and runs_used < len(runs):
        runs[runs_used, 0] = place | np.int32(digits_start - begin)
        runs[runs_used, 1] = place | np.int32(digits_end - begin)
        runs[runs_used, 2] = digits
        runs[runs_used, 3] = digits_first
        runs_used += 1
    out[at] = np.uint8(10)
    meta[at] = np.uint32(GAP_BEFORE)
    source[at] = place | np.int32(end - begin)
    return at + 1, runs_used


@nb.njit(cache=True, nogil=True)
def fold_column(
    data: Any, at: Any, entries: Any, spell_at: Any, spellings: Any,
    out: Any, meta: Any, source: Any, runs: Any, letters: Any, own: Any, starts: Any, gaps: Any, characters: Any,
) -> None:  # fmt: skip
    """Folds many texts (UTF-8 `data` with offsets `at`), each as it would be folded inside a listing.

    letters uint8, own uint32 (how written << 8 | light byte << 16), one behind the other with starts int64 (n + 1);
    gaps uint64: the places, up to the 63rd byte, where the text has a gap or may have one; characters int32. A text
    may be spaced as the writer likes where its own signs, digits, capitals or scripts meet: H & M, Reno 8, Air Pods.
    """
    none = np.int64(0)  # a plain 0 is a type of its own, and another compilation
    used = 0
    for text in range(len(at) - 1):
        begin, stop = at[text], at[text + 1]
        end, _ = fold_into(
            data, begin, stop, none, none, entries, spell_at, spellings, out, meta, source, runs, none
        )  # fmt: skip
        starts[text] = used
        bits = np.uint64(0)
        count = 0
        for k in range(end - 1):
            letters[used] = out[k]
            own[used] = meta[k] & np.uint32(0x00FF7F00)  # without the orthography, which is the text's matter
            used += 1
            if meta[k] & np.uint32(INSIDE) == 0:
                count += 1
            if k == 0 or k > 63:
                continue
            free = np.uint32(GAP_BEFORE | SIGN_EDGE | WEAK)
            if out[k] < 128 or out[k - 1] < 128:
                free |= np.uint32(EDGE)
            if meta[k] & free:
                bits |= np.uint64(1) << np.uint64(k)
        gaps[text] = bits
        characters[text] = count
    starts[len(at) - 1] = used
