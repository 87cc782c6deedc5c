"""The compiled heart: one pass per listing folds its texts, finds phrases and decides whether to look closer.

For every row the title, description and brand field are folded into a small scratch buffer that stays in the
first-level cache (squeezed letters, what stood between them, how they were written, where they came from).
From each place where a word may begin, a bitmap of prefixes says in one load whether any phrase can start
here; only then a trie is walked. A hit must begin and end on a boundary, and its gaps must be none, the
phrase's own, all (N I K E) or a break inside a word that no ordinary words explain (Ni ke).

The row's weights of evidence are summed as if every hit were meant in the worst way. A row whose worst case
stays under the line is dropped here; everything else goes to the detectors, which look at the context. So
the sieve is a bound, not a second opinion: it never drops what the detectors would report.

The functions take plain arrays because numba compiles them; `matching` is the door for everyone else.
Method: multi-pattern matching over a normalised text with a way back to the source, as in Aho and Corasick
(1975) and Wu and Manber (1994); the prefix bitmap plays the part of Wu-Manber's shift table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.announced import follows_cue, may_hold_mail
from agoranomos.engine.text.entering import BLOCK, CANDIDATES, GOES_ON, IN_FRONT, KIND_BITS, gather, settle, sift
from agoranomos.engine.text.folds import (
    GAP_BEFORE,
    SOURCE_BITS,
    STRONG,
    WEAK,
    fold_into,
)
from agoranomos.engine.text.mistyped import near_words
from agoranomos.engine.text.nearby import (
    RARE,
    SOUND_MAX,
    chinese_alike,
    has_pair,
    languages,
)
from agoranomos.engine.text.summing import WORDS_MAX
from agoranomos.engine.text.trie import follow
from agoranomos.engine.text.weighing import (
    ACCOUNT,
    BELOW,
    BY_ITSELF,
    BY_MAIL,
    DIGITS_SPELLING,
    HAN,
    IN_WORDS,
    REACHES,
    RESEMBLING,
    SMALL,
    priced,
    weigh,
)

# Rules of a spelling.
MAY_TOUCH = 1  # may begin or end where letters meet digits
MAY_SPACE = 2  # may be fully spaced
MAY_BREAK = 4  # may be broken by a gap of its own
MAY_LEET = 8  # other letters of a class count
KEEPS_GAPS = 16  # its gaps must stand where it has them: 1-1 is not 11

GAP_BYTES_MAX = 24
"""A longer gap in the source separates words for good."""
HITS_PER_ROW_MAX = 256
HARMLESS_PER_ROW_MAX = 160
NEAR_SPELLING = -2
"""Stands for a word one mistake away from a name, or a name with letters repeated."""
ODD_SPELLING = -4
"""Stands for a Chinese name with one character exchanged."""
RARE_SPELLING = -6
"""Stands for an ideograph that everyday Chinese does without, which may be built from one of a name's."""
SOUND_SPELLING = -3
"""Stands for Chinese characters that sound like a phrase and are not it."""
TANGLED_SPELLING = -7
"""Stands for a word written so that nobody looks for it (`tangled`), in which a name may be."""
LOOSE_SPELLING = -5
"""Stands for a name with letters drawn, or of several words with a mistake (`loose`); `hit_extra` says how."""
CHANCY = 8192 | 65536
"""The flags of `folding` (another shape, reversed) of variants that two words can make up together."""
TORN_MIN = 5
"""Fewest letters of a name that a sign between two words of everyday language may hide."""


@nb.njit(cache=True, nogil=True)
def _written(meta: Any, begin: int, end: int, own: Any, own_at: int, own_gaps: Any, rules: int) -> int:
    """How the text between `begin` and `end` writes the spelling `own[own_at:]`; -1 when it is another word.

    own: uint32 = how written << 8 | light byte << 16 of the spelling itself; own_gaps: bits of the places where
    it has a gap, so that RayBan is no game with capitals. Returns the flags of `folding`.
    """
    how = 0
    cases = 0
    marks = 0
    for k in range(end - begin):
        text = meta[begin + k]
        name = own[own_at + k]
        text_how: Any = np.int64((text >> np.uint32(8)) & np.uint32(0xFF))
        name_how: Any = np.int64((name >> np.uint32(8)) & np.uint32(0xFF))
        text_light = (text >> np.uint32(16)) & np.uint32(0xFF)
        name_light = (name >> np.uint32(16)) & np.uint32(0xFF)
        if text_how & 128:
            text_how &= ~128
            how |= 262144  # another orthography: whether that hides anything depends on the words around
        if k == 0:
            text_how &= ~(64 | 32)
            name_how &= ~64
        # A capital where the name has a gap hides nothing, as in RayBan, unless it stands in for another letter.
        if text_how & 64 and (
            text_light != name_light or k > 63 or (own_gaps >> np.uint64(k)) & np.uint64(1) == np.uint64(0)
        ):
            cases += 1
        if name_how & 64:
            cases -= 1
        extra = text_how & ~name_how & ~64
        if text_light != name_light:
            text_letter = text_light >= np.uint32(97) and text_light <= np.uint32(122)
            if name_light < np.uint32(97) and text_letter:
                return -1  # the name has a digit or sign here and the text a letter: em is not 3M
            if name_light >= np.uint32(128):
                if name_how & 10 and not name_how & 16:
                    return -1  # a letter of another script was meant: тг is not tr
                if not text_letter:
                    how |= extra
                continue
            if rules & MAY_LEET == 0 and (text_light < np.uint32(128) or text_how & 11 == 0):
                return -1  # letters borrowed from elsewhere are no chance, however short the name
            if text_letter:
                how |= 128
            elif text_light < np.uint32(128):
                how |= 4
        if extra & 16:
            marks += 1
        how |= extra
    if cases >= 2:
        how |= 256
    elif cases == 1:
        how |= 64
    if marks >= 2:
        how |= 512
    return how


@nb.njit(cache=True, nogil=True)
def _torn(title: Any, title_at: Any, source: Any, meta: Any, begin: int, end: int, own_gaps: Any) -> bool:
    """Whether every gap that the name does not have is, in a title, one sign that joins no words: Car.tier, Th|e.

    Or a dot amid blanks, as no list has it: Car . tier.
    """
    for at in range(begin + 1, end):
        own = at - begin < 64 and (own_gaps >> np.uint64(at - begin)) & np.uint64(1) != np.uint64(0)
        if meta[at] & np.uint32(GAP_BEFORE) and not own:
            width = source[at] - source[at - 1]
            if source[at] >> SOURCE_BITS != 0 or (width != 2 and width != 4):
                return False
            sign = title[title_at + source[at] - width // 2]
            if width == 4:
                if sign != 46 or title[title_at + source[at] - 1] != 32 or title[title_at + source[at] - 3] != 32:
                    return False
                continue
            # . / backslash _ | * ~
            if not (sign == 46 or sign == 47 or sign == 92 or sign == 95 or sign == 124 or sign == 42 or sign == 126):
                return False
    return True


@nb.njit(inline="always")
def _fold_row(
    row: int, title_at: Any, title: Any, text_at: Any, text: Any, brand_at: Any, brand: Any,
    entries: Any, spell_at: Any, spellings: Any, out: Any, meta: Any, source: Any, runs: Any,
) -> Any:  # fmt: skip
    """Folds title, brand field and description of a row into the scratch buffers; bytes and runs of digits used."""
    tables = (entries, spell_at, spellings)
    scratch = (out, meta, source, runs)
    at, used = fold_into(title, title_at[row], title_at[row + 1], 0, 0, *tables, *scratch, 0)
    if brand_at[row + 1] > brand_at[row]:
        at, used = fold_into(brand, brand_at[row], brand_at[row + 1], 2, at, *tables, *scratch, used)
    if text_at[row + 1] > text_at[row]:
        at, used = fold_into(text, text_at[row], text_at[row + 1], 1, at, *tables, *scratch, used)
    for k in range(8):
        out[at + k] = 10
        meta[at + k] = np.uint32(GAP_BEFORE)
    return at, used


@nb.njit(cache=True, nogil=True)
def read_rows(
    first: int, last: int,
    title_at: Any, title: Any, text_at: Any, text: Any, brand_at: Any, brand: Any, price: Any, stated: Any, loosely: Any,
    characters: Any, spell_at: Any, spell_bytes: Any,
    table: Any, jumps: Any, bitmap: Any, shift: Any, words: Any, spellings: Any, own: Any,
    syllable_of: Any, heads: Any, middles: Any, sounds: Any, odds: Any, places: Any, near: Any, tails: Any,
    class_sets: Any, how_weight: Any, kinds_of: Any, steps: Any, fine: Any, dear: Any, most: Any, line: Any, every: bool,
    out: Any, meta: Any, source: Any, runs: Any, apart: Any,
    hit_row: Any, hit_spelling: Any, hit_from: Any, hit_to: Any, hit_how: Any, hit_extra: Any,
) -> Any:  # fmt: skip
    """Reads rows `first` to `last`; returns (next row, hits written). Stops early when the hit arrays are full.

    *_at: int32 or int64 Arrow offsets; title, text, brand: uint8 Arrow data; price: float64 in the reference currency
    (0 = unknown); stated: uint32, a bit for each kind of goods that the category names and
    `ACCESSORY_KIND`, 0 unknown; loosely: uint8, whether `loose` found a name in the row; line: float64 (2,), the
    evidence that a row must be able to reach in each concern. hit_*: int32 output, `hit_extra` 1 where
    only what resembles a name keeps the row.

    steps, fine, dear: float64 (n, 2), the share of the floor below which a price has a weight; most: see above.

    spellings: `trie.SPELLING`; own: uint32, how the letters of each are written; the other tables as `lexicon` says. With
    `every` nothing is weighed: all rows and all lengths of a phrase are returned.
    """
    codes = np.zeros(SOUND_MAX, np.uint32)
    heard = np.zeros(SOUND_MAX, np.uint32)
    starts = np.empty(BLOCK, np.uint32)
    candidates = np.empty(CANDIDATES, np.int64)
    hashes = np.empty(CANDIDATES, np.uint64)
    entries = np.empty(CANDIDATES, np.int64)
    worded = np.empty(WORDS_MAX, np.int32)
    word_sets = np.empty(WORDS_MAX, np.uint64)
    word_weights = np.empty(WORDS_MAX, np.float64)
    used = 0
    capacity = len(hit_row) - HITS_PER_ROW_MAX - 2
    mask = np.uint64((len(table) >> 1) - 1)
    for row in range(first, last):
        if used > capacity:
            return row, used
        row_start = used
        kinds = stated[row]
        at, runs_used = _fold_row(
            row, title_at, title, text_at, text, brand_at, brand, characters, spell_at, spell_bytes, out, meta, source, runs,
        )  # fmt: skip
        resembling = 1 if loosely[row] else 0
        han = False
        harmless = 0
        crowded = False
        near_classes = np.uint64(0)
        covered = 0
        block = 0
        number = 0
        count = 0
        while number < count or block < at:
            if number == count:
                # The next stretch of the row, whose phrases may end behind it.
                found, ideographs = gather(out, meta, block, min(block + BLOCK, at), starts)
                han = han or ideographs
                count = sift(out, meta, source, starts, found, bitmap, shift, candidates, hashes)
                count = settle(out, meta, count, jumps, table, spellings, candidates, hashes, entries)
                block += BLOCK
                number = 0
                continue
            begin: Any = np.int64(candidates[number] >> KIND_BITS)
            strong_start = meta[begin] & np.uint32(STRONG) != 0
            in_front = strong_start and source[begin] >> SOURCE_BITS != 1
            best = -1
            best_end = 0
            best_how = 0
            while number < count and np.int64(candidates[number] >> KIND_BITS) == begin:
                size_class = candidates[number] & ((1 << KIND_BITS) - 1)
                link = entries[number] & ~GOES_ON
                goes_on = entries[number] & GOES_ON != 0
                number += 1
                if size_class == IN_FRONT:
                    continue
                prefix = 6 if size_class == 0 else 5 - size_class
                depth_max = 1 << 30 if size_class == 0 else 5 if size_class == 1 else prefix
                gaps = 0
                gap_bits = np.uint64(0)
                place = begin + 1
                while place < begin + prefix:
                    if meta[place] & np.uint32(GAP_BEFORE):
                        if source[place] - source[place - 1] > GAP_BYTES_MAX:
                            break
                        gaps += 1
                        gap_bits |= np.uint64(1) << np.uint64(place - begin)
                    place += 1
                if place < begin + prefix:
                    continue
                while True:
                    spelling: Any = (link >> 32) - 1
                    if spelling >= 0:
                        edge = meta[place] & np.uint32(STRONG | WEAK)
                        if edge != 0:
                            solid = strong_start and edge & np.uint32(STRONG) != 0
                            while spelling >= 0:
                                own_form = spellings[spelling]
                                rule = own_form.rules
                                own_gaps = own_form.own_gaps
                                inherent = own_form.inherent
                                good = solid or rule & MAY_TOUCH
                                how = 0
                                if rule & KEEPS_GAPS and gap_bits != own_gaps:
                                    good = False
                                elif good and gaps and gap_bits & ~own_gaps != np.uint64(0):
                                    if gaps == own_form.size - 1 and rule & MAY_SPACE:
                                        how = 1024
                                    elif rule & MAY_BREAK and gaps <= max(3, own_form.size // 2 + 1):
                                        # A break is only a disguise when no words of one language explain it.
                                        how = 2048
                                        piece = begin
                                        plainly = np.uint8(255)
                                        for k in range(begin + 1, place + 1):
                                            if k == place or meta[k] & np.uint32(GAP_BEFORE):
                                                plainly &= languages(out, piece, k, words) & np.uint8(127)
                                                piece = k
                                        if plainly and not (
                                            own_form.size >= TORN_MIN
                                            and _torn(title, title_at[row], source, meta, begin, place, own_gaps)
                                        ):
                                            good = False
                                    else:
                                        good = False
                                if good:
                                    written = _written(meta, begin, place, own, own_form.own_at, own_gaps, rule)
                                    if inherent & 8 and written >= 0 and written & 11 == 0:
                                        written = -1  # an upside-down spelling with no letter turned is another word
                                    if inherent & CHANCY and out[begin] >= 0xE4 and own_form.size <= 3:
                                        # Few ideographs are said by chance; they count where a name would stand.
                                        beside = meta[begin]
                                        if own_form.size == 3:
                                            beside |= meta[place]
                                        if beside & np.uint32(GAP_BEFORE) == 0:
                                            written = -1
                                    if own_form.beside:
                                        if written >= 0:
                                            near_classes |= class_sets[own_form.beside]
                                    elif written >= 0:
                                        how |= written | inherent
                                        if every and used - row_start < HITS_PER_ROW_MAX:
                                            hit_row[used] = row
                                            hit_spelling[used] = spelling
                                            hit_from[used] = source[begin]
                                            hit_to[used] = source[place - 1]
                                            hit_how[used] = how
                                            hit_extra[used] = 0
                                            used += 1
                                        if best < 0 or place > best_end or (place == best_end and how < best_how):
                                            best = spelling
                                            best_end = place
                                            best_how = how
                                spelling = own_form.following
                    if not goes_on or place - begin == depth_max or place >= at:
                        break
                    if meta[place] & np.uint32(GAP_BEFORE):
                        if source[place] - source[place - 1] > GAP_BYTES_MAX:
                            break
                        gaps += 1
                        if place - begin < 64:
                            gap_bits |= np.uint64(1) << np.uint64(place - begin)
                    link = follow(table, mask, link & 0xFFFFFFFF, out[place])
                    if link < 0:
                        break
                    place += 1
            if in_front and not every and begin >= covered and (best < 0 or best_how == 0 or out[begin] >= 0xE3):
                # What no phrase explains may still be a name one mistake away, or one that sounds like it.
                near_end = -1
                odd_end = -1
                rare = False
                kind = NEAR_SPELLING
                if out[begin] < 128:
                    if best < 0:
                        near_end = near_words(out, meta, source, begin, at, words, near, tails, apart)
                elif out[begin] >= 0xE3 and out[begin] <= 0xEF:
                    kind = SOUND_SPELLING
                    # Looking closer is dear: inside a word only where some name begins with these two syllables.
                    closer = meta[begin] & np.uint32(GAP_BEFORE) != 0
                    if not closer:
                        code = (
                            ((np.int64(out[begin]) & 15) << 12)
                            | ((np.int64(out[begin + 1]) & 63) << 6)
                            | (np.int64(out[begin + 2]) & 63)
                        )
                        syllable = np.int64(syllable_of[code])
                        closer = syllable >= RARE
                        if not closer and out[begin + 3] >= 0xE4 and out[begin + 3] <= 0xE9:
                            code = (
                                ((np.int64(out[begin + 3]) & 15) << 12)
                                | ((np.int64(out[begin + 4]) & 63) << 6)
                                | (np.int64(out[begin + 5]) & 63)
                            )
                            closer = has_pair(heads, syllable, syllable_of[code] & np.uint16(RARE - 1))
                    if closer:
                        near_end, odd_end, rare = chinese_alike(
                            out,
                            meta,
                            source,
                            begin,
                            best_end,
                            syllable_of,
                            sounds,
                            odds,
                            places,
                            heads,
                            middles,
                            codes,
                            heard,
                        )
                for way in range(3):
                    alike_end = near_end if way == 0 else odd_end if way == 1 else begin + 1 if rare else -1
                    if alike_end > 0 and used - row_start < HITS_PER_ROW_MAX:
                        resembling += 1
                        hit_row[used] = row
                        hit_spelling[used] = kind if way == 0 else ODD_SPELLING if way == 1 else RARE_SPELLING
                        hit_from[used] = source[begin]
                        hit_to[used] = source[alike_end - 1]
                        hit_how[used] = 0
                        hit_extra[used] = 0
                        used += 1
            if best < 0 or every or best_end <= covered:
                continue
            if best_how == 128 and languages(out, begin, best_end, words) & np.uint8(127):
                continue  # "daily" shares its letters with Dally
            form = spellings[best]
            if form.blanket:
                covered = best_end
                continue
            behind: Any = np.int64(0)
            if form.concern == 1 and form.handle_weight > 0:
                behind = follows_cue(out, meta, begin, best_end, at)
            says_little = best_how == 0 and form.plain_weight <= SMALL and form.classes == 0
            if says_little and priced(form, source[begin], price[row], kinds, steps, fine, dear, most) == 0:
                harmless += 1
                if harmless > HARMLESS_PER_ROW_MAX:
                    crowded = True
                    continue  # a flood of plain names must not crowd out what it is to hide
            if used - row_start < HITS_PER_ROW_MAX:
                hit_row[used] = row
                hit_spelling[used] = best
                hit_from[used] = source[begin]
                hit_to[used] = source[best_end - 1]
                hit_how[used] = best_how
                hit_extra[used] = (ACCOUNT if behind & 1 else 0) | (IN_WORDS if behind & 2 else 0)
                used += 1
            else:
                crowded = True
        for run in range(runs_used):
            # A number counts behind a cue or a sign; in a Chinese text also of the form of a mobile number, with or
            # without the 86 of China or other numbers beside it.
            size, first_two = runs[run, 2], runs[run, 3]
            mobile = (size == 11 and first_two >= 13 and first_two <= 19) or size >= 12
            if used - row_start < HITS_PER_ROW_MAX:
                hit_row[used] = row
                hit_spelling[used] = DIGITS_SPELLING
                hit_from[used] = runs[run, 0]
                hit_to[used] = runs[run, 1]
                hit_how[used] = 0
                hit_extra[used] = BY_ITSELF if first_two >= 100 or (han and mobile) else 0
                used += 1
            else:
                crowded = True
        if every:
            continue
        if han:
            for hit in range(row_start, used):
                hit_extra[hit] |= HAN
        comes_to = REACHES
        if not crowded:
            comes_to = weigh(
                row_start, used, hit_spelling, hit_from, hit_how, hit_extra, spellings, class_sets, how_weight, kinds_of,
                steps, fine, dear, most, line, price[row], kinds, brand_at[row + 1] > brand_at[row], near_classes,
                worded, word_sets, word_weights,
            )  # fmt: skip
        if comes_to == BY_MAIL:
            in_title = may_hold_mail(title, title_at[row], title_at[row + 1])
            comes_to = REACHES if in_title or may_hold_mail(text, text_at[row], text_at[row + 1]) else BELOW
        if comes_to == BELOW:
            if resembling == 0:
                used = row_start
            for hit in range(row_start, used):
                hit_extra[hit] |= RESEMBLING
    return last, used
