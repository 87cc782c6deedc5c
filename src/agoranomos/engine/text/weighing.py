"""The most that the hits of a row can come to: each weighed as if it were meant in the worst way.

The machine weighs a row with what it found. Whoever then finds out that some hits are nothing (a word that is no
disguise, digits that are no number) strikes them out and has the rest weighed again, by the same rule.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb
from agoranomos.engine.text.folds import SOURCE_BITS
from agoranomos.engine.text.summing import WORDS_MAX, add, most_of_classes

ACCESSORY_KIND: Final = 1 << 31
"""The bit of a row's kinds of goods that says it is an accessory or part."""
UNSURE_PRICE: Final = 0.35
"""What a price says of technical goods whose kind is not stated, as a share of what it says otherwise."""
SMALL: Final = 1.0
"""Names that weigh at most this much plainly count once for the row, by the weightiest."""
SEEN_MAX: Final = 8
SPARE: Final = 1.0001
"""Room for what a price loses as a single-precision number."""
DIGITS_SPELLING: Final = -1
"""Stands in the place of a spelling for a run of at least `folds.DIGIT_RUN_MIN` digits."""
STRUCK_SPELLING: Final = -9
"""Stands in the place of a spelling that turned out to be nothing."""

# Places in the array `most`, log-odds but for the last three: what several brands in a title add, a number, one in
# words, a mailbox, a brand field that says something else, the surroundings of a disguised name; how many brands are
# several, and the prices from which goods are fine and dear. Of words with a class: the line of their own, the share
# with which they count below the title, and what everyday words beside them add.
STUFFED, DIGITS, SPELLED, MAIL, CONTRADICTED, NAME_BONUS, STUFFED_FROM, FINE_FROM, DEAR_FROM = range(9)
CLASS_LINE, CLASS_BELOW, CLASS_BESIDE, FIGURES = range(9, 13)

# What a hit carries beside its spelling, in `extra`. Of each hit: whether only what resembles a name or a term keeps
# the row, and whether the row holds ideographs. Of a contact cue: whether an account or a number in words may follow.
# Of a number: whether it counts without a cue.
RESEMBLING, HAN, ACCOUNT, IN_WORDS, BY_ITSELF = 1, 2, 4, 8, 16

BELOW, BY_MAIL, REACHES = range(3)
"""What a row comes to: nothing that reaches a line, something that does if a mailbox is in it, something that does."""


@nb.njit(inline="always")
def _price_most(price: float, least: float, unsure: Any, steps: Any, fine: Any, dear: Any, most: Any) -> Any:
    """What a price can weigh at most where genuine goods cost `least`, by the steps (share below which, weight)."""
    shares = steps
    if least * SPARE >= most[DEAR_FROM]:
        shares = dear
    elif least * SPARE >= most[FINE_FROM]:
        shares = fine
    for step in range(len(shares)):
        if price < shares[step, 0] * least * SPARE:
            return shares[step, 1] * (UNSURE_PRICE if unsure else 1.0)
    return 0.0


@nb.njit(inline="always")
def priced(form: Any, where: Any, price: float, kinds: Any, steps: Any, fine: Any, dear: Any, most: Any) -> Any:
    """What the price of a row can weigh at most (log-odds) where the name `form` stands at `where` in it.

    form: `trie.SPELLING`; price in the reference currency, 0 unknown; kinds: the kinds of goods that are stated (bits).
    """
    least = np.float64(form.floor)
    if form.name_of < 0 or where >> SOURCE_BITS == 1 or kinds >= np.uint32(ACCESSORY_KIND) or least == 0 or price <= 0:
        return 0.0
    if kinds != 0 and kinds & form.floor_kinds == 0:
        return 0.0
    # Unless the category is stated, the price of technical goods says less.
    return _price_most(price, abs(least), least < 0 and kinds == 0, steps, fine, dear, most)


@nb.njit(cache=True, nogil=True)
def weigh(
    first: int, last: int, hit_spelling: Any, hit_from: Any, hit_how: Any, hit_extra: Any,
    spellings: Any, class_sets: Any, how_weight: Any, kinds_of: Any, steps: Any, fine: Any, dear: Any, most: Any,
    line: Any,
    price: float, kinds: Any, fielded: Any, near_classes: Any, words: Any, word_sets: Any, word_weights: Any,
) -> int:  # fmt: skip
    """What the hits `first` to `last` of one row come to: `BELOW`, `BY_MAIL` or `REACHES`.

    Arrays as the machine has them; fielded: whether the row has a brand field; near_classes: bits of the classes of
    which an everyday word stands in the row; words int32, word_sets uint64, word_weights float64 (`WORDS_MAX`) are
    written over.
    """
    seen = np.zeros(SEEN_MAX, np.int32)
    score = 0.0
    score_named = 0.0
    contacts = 0.0
    contact_most = 0.0
    number_most = 0.0
    small_most = 0.0
    price_most = 0.0
    counted: Any = 0.0
    named = False
    named_in_front = False
    han = False
    digits = False
    by_itself = False
    names_seen = 0
    name_last = -1
    words_seen = 0
    for hit in range(first, last):
        spelling = hit_spelling[hit]
        if spelling < 0:
            if spelling == DIGITS_SPELLING:
                digits = True
                by_itself |= hit_extra[hit] & BY_ITSELF != 0
            continue
        han |= hit_extra[hit] & HAN != 0
        form = spellings[spelling]
        how = hit_how[hit]
        weight: Any = np.float64(form.plain_weight)
        name = form.name_of
        if name >= 0:
            named = True
            if weight <= SMALL:
                small_most = max(small_most, weight)  # such a signal is given once, however many brands
                weight = 0.0
            elif name == name_last:
                counted_now = weight
                weight = max(0.0, weight - counted)  # one brand counts once, by its weightiest name
                counted = max(counted, counted_now)
            else:
                counted = weight
                name_last = name
        if how:
            hidden = most[NAME_BONUS] if name >= 0 else 0.0
            for k in range(len(how_weight)):
                if how & (1 << k):
                    hidden += how_weight[k]
            weight += min(hidden, np.float64(form.hidden_weight))
        field = hit_from[hit] >> SOURCE_BITS
        if form.classes:
            says = np.float64(form.class_weight) + (np.float64(form.class_hidden) if how else 0.0)
            says *= most[CLASS_BELOW] if field == 1 else 1.0
            words_seen = add(spelling, class_sets[form.classes], says, words_seen, words, word_sets, word_weights)
        if name >= 0:
            price_most = max(price_most, priced(form, hit_from[hit], price, kinds, steps, fine, dear, most))
            if field == 0 and kinds < np.uint32(ACCESSORY_KIND):
                named_in_front = True
                known = False
                for k in range(min(names_seen, SEEN_MAX)):
                    known = known or seen[k] == name
                if not known:
                    for _ in range(form.names_in):
                        if names_seen < SEEN_MAX:
                            seen[names_seen] = name
                        names_seen += 1
            score += weight
        elif form.concern == 1:
            contacts += weight
            contact_most = max(contact_most, weight)
            if form.handle_weight > 0:
                if hit_extra[hit] & ACCOUNT:
                    number_most = max(number_most, np.float64(form.handle_weight))
                if hit_extra[hit] & IN_WORDS:
                    number_most = max(number_most, most[SPELLED])
        elif form.needs_name:
            score_named += weight
        else:
            score += weight
    if by_itself or (digits and contacts > 0):
        number_most = max(number_most, most[DIGITS])
    score += small_most + price_most
    if names_seen >= most[STUFFED_FROM]:
        score += most[STUFFED]
    if named_in_front and fielded:
        score += most[CONTRADICTED]
    if named or han:
        score += score_named  # in a Chinese title initials may stand for the name
    # Contacts of several families add up by halves: the strongest in full, the others half at most.
    away = 0.5 * (contacts + contact_most) + number_most
    if score >= line[0] or away >= line[1]:
        return REACHES
    if words_seen > 0:
        beside_most = most[CLASS_BESIDE]
        classed = most_of_classes(words_seen, word_sets, word_weights, near_classes, beside_most, kinds, kinds_of)
        if classed >= most[CLASS_LINE]:
            return REACHES
    return BY_MAIL if contacts > 0 and away + most[MAIL] >= line[1] else BELOW


@nb.njit(cache=True, nogil=True)
def weigh_again(
    starts: Any, hit_spelling: Any, hit_from: Any, hit_how: Any, hit_extra: Any,
    spellings: Any, class_sets: Any, how_weight: Any, kinds_of: Any, steps: Any, fine: Any, dear: Any, most: Any,
    line: Any,
    price: Any, kinds: Any, fielded: Any, reached: Any,
) -> None:  # fmt: skip
    """Fills `reached` (uint8) with what the hits of each row come to, those from `starts[k]` to `starts[k + 1]`.

    starts int64 (n + 1); price float64, kinds uint32, fielded uint8 (n), of the rows; otherwise as for `weigh`.
    """
    words = np.empty(WORDS_MAX, np.int32)
    word_sets = np.empty(WORDS_MAX, np.uint64)
    word_weights = np.empty(WORDS_MAX, np.float64)
    for k in range(len(starts) - 1):
        # Everyday words are no hits: of each class one may stand in the row.
        reached[k] = weigh(
            starts[k], starts[k + 1], hit_spelling, hit_from, hit_how, hit_extra, spellings, class_sets, how_weight,
            kinds_of, steps, fine, dear, most, line, price[k], kinds[k], fielded[k], ~np.uint64(0),
            words, word_sets, word_weights,
        )  # fmt: skip
