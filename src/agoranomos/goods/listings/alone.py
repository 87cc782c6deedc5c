"""What a hit can be by itself, whatever stands around it: found out once for a spelling and its bytes, and remembered.

Few spellings make up most hits, and many are nothing whoever wrote them: "só" is a word, "IP54" a code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from agoranomos.engine.text import loose, machine, weighing
from agoranomos.engine.text.folding import (
    BROKEN,
    CASE,
    CASE_GAME,
    INVISIBLE,
    LEET,
    MARKED,
    MISSPELT,
    ORTHOGRAPHY,
    SPACED,
    light,
)
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.masking import is_masked
from agoranomos.engine.text.matching import hiding_weight
from agoranomos.engine.text.resemblance import ChineseAlikes, NearNames, slip_weight
from agoranomos.engine.text.tangled import TangledNames
from agoranomos.engine.text.words import WordTable
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.detectors.contact_in_text import (
    BEFORE_NUMBER,
    DETECTOR,
    account_behind,
    number_in_words,
    number_weight,
)
from agoranomos.goods.listings.evidence import is_written
from agoranomos.goods.listings.honest import innocent_by_itself, usual_case, written_out
from agoranomos.goods.listings.noted import SLIP_FROM
from agoranomos.goods.listings.phrases import NAME_BONUS, NAMING, Kind
from agoranomos.goods.listings.texts import digits_in
from agoranomos.goods.listings.vocabulary import Term

NOTHING, OPENLY, HIDDEN = range(3)
"""What a seeming disguise is: nothing at all, a name as anyone writes it, or perhaps a disguise."""
_INVISIBLE_CAP: Final = 6.0
"""Invisible characters inside a name are never chance, however short it is."""
_REMEMBERED_MAX: Final = 200_000
_DRAWN_CAP: Final = {4: 4.6, 5: 5.6}
_DRAWN_IN_LONG: Final = 7.0
"""Log-odds at most that a name with letters drawn is hidden; four letters are drawn by chance now and then."""

Sense = tuple[Kind, int, str, bool]
"""What a phrase is, whose it is (a brand or a term), its text, and whether that is an everyday word."""


class Alone:
    """Judges hits without their surroundings; what it says of a hit holds in every listing."""

    def __init__(
        self,
        sieve: Lexicon,
        words: WordTable,
        brands: Sequence[Brand],
        terms: Sequence[Term],
        meanings: Callable[[int], tuple[Sense, ...]],
    ) -> None:
        """meanings: the senses of a spelling."""
        self._sieve = sieve
        self._words = words
        self._brands = brands
        self._terms = terms
        self._meanings = meanings
        self.near_names = NearNames(sieve, words)
        self.alikes = ChineseAlikes(sieve, words)
        self.tangled_names = TangledNames(sieve, words)
        self._meant: dict[tuple[int, bytes, int, int], bool] = {}
        self._seeming: dict[tuple[int, int, bytes], int] = {}
        self._said: dict[tuple[int, bytes], bool] = {}

    def could_mean(self, spelling: int, raw: bytes, how: int, extra: int) -> bool:
        """Whether a hit that resembles something may stand for it; how, extra: those of the hit."""
        drawn = spelling == machine.LOOSE_SPELLING
        key = spelling, raw, how if drawn else 0, extra if drawn else 0
        known = self._meant.get(key)
        if known is None:
            known = self._could_mean(spelling, raw.decode("utf-8", "replace"), how, extra)
            if len(self._meant) < _REMEMBERED_MAX:
                self._meant[key] = known
        return known

    def _could_mean(self, spelling: int, text: str, how: int, extra: int) -> bool:
        if spelling == machine.NEAR_SPELLING:
            return bool(self.near_names.resolve(text))
        if spelling == machine.ODD_SPELLING:
            return any(self.alikes.by_exchange(text[:end]) for end in range(len(text), 1, -1))
        if spelling == machine.SOUND_SPELLING:
            return bool(self.alikes.by_sound(text))
        if spelling == machine.TANGLED_SPELLING:
            return self.tangled_names.resolve(text) is not None
        if spelling == machine.LOOSE_SPELLING:
            phrase, hidden = self.drawn(text, how, extra)
            is_term = int(self._sieve.arrays["kinds"][phrase]) == Kind.TERM
            return hidden >= SLIP_FROM if is_term else hidden > 0
        return True  # a rare character: what it is part of is looked for around it

    def drawn(self, text: str, how: int, extra: int) -> tuple[int, float]:
        """The phrase that `text`, a hit of `loose`, draws or misspells, and how surely it hides it (log-odds)."""
        phrase = int(self._sieve.arrays["loose_phrases"][extra & (1 << loose.NAME_BITS) - 1])
        name = self._sieve.text_of(phrase)
        if how & LEET or (how & (BROKEN | SPACED) and not how & MISSPELT):
            return phrase, min(hiding_weight(how & ~MARKED), _DRAWN_CAP.get(len(light(name)), _DRAWN_IN_LONG))
        return phrase, slip_weight(text, name, extra >> loose.REPEATS_AT & 15, self._words)

    def seems(self, spelling: int, how: int, raw: bytes) -> int:
        """What a hit written as `how` says is: `NOTHING`, `OPENLY` or `HIDDEN`."""
        key = spelling, how, raw
        known = self._seeming.get(key)
        if known is None:
            text, senses = raw.decode("utf-8", "replace"), self._meanings(spelling)
            known = max((self._seems(sense, spelling, how, text) for sense in senses), default=NOTHING)
            if len(self._seeming) < _REMEMBERED_MAX:
                self._seeming[key] = known
        return known

    def _seems(self, sense: Sense, spelling: int, how: int, text: str) -> int:
        kind, ref, name, ordinary = sense
        if kind is Kind.TERM:
            if not how & ORTHOGRAPHY and innocent_by_itself(how, text, self._words, ordinary=False):
                return NOTHING
            return HIDDEN if self._is_said(self._terms[ref], text) else NOTHING
        if how & ORTHOGRAPHY or kind not in NAMING:
            return HIDDEN
        if not is_masked(name, text):
            return NOTHING
        how = without_usual_case(how, text, self._brands[ref])
        if self.hiding(how, spelling) <= 0:
            return OPENLY
        return NOTHING if innocent_by_itself(how, text, self._words, ordinary=ordinary) else HIDDEN

    def hiding(self, how: int, spelling: int) -> float:
        """The log-odds that a name written so is hidden on purpose."""
        cap = float(self._sieve.arrays["spellings"][spelling]["hidden_weight"]) - NAME_BONUS
        if how & INVISIBLE:
            cap = max(cap, _INVISIBLE_CAP)
        return max(0.0, min(hiding_weight(how), cap))

    def is_said(self, spelling: int, raw: bytes) -> bool:
        """Whether a spelling of no brand, written as anyone writes it, says anything."""
        key = spelling, raw
        known = self._said.get(key)
        if known is None:
            text = raw.decode("utf-8", "replace")
            senses = self._meanings(spelling)
            known = any(kind is not Kind.TERM or self._is_said(self._terms[ref], text) for kind, ref, _, _ in senses)
            if len(self._said) < _REMEMBERED_MAX:
                self._said[key] = known
        return known

    def _is_said(self, term: Term, text: str) -> bool:
        return is_written(term, text) and (term.family != "link" or written_out(term.text, text))

    def followed(self, spelling: int, raw: bytes, behind: bytes) -> int:
        """What follows a contact cue, as bits of `weighing`: ACCOUNT, IN_WORDS. Not remembered.

        behind: at least `BEHIND_CUE` characters behind it.
        """
        said = raw.decode("utf-8", "replace")
        text = said + behind.decode("utf-8", "ignore")
        found = 0
        for kind, ref, _, _ in self._meanings(spelling):
            if kind is Kind.TERM:
                term = self._terms[ref]
                found |= weighing.ACCOUNT if account_behind(term, text, len(said)) else 0
                found |= weighing.IN_WORDS if number_in_words(term, said, text, len(said)) else 0
        return found

    @staticmethod
    def is_number(raw: bytes, before: bytes, *, cued: bool, chinese: bool) -> bool:
        """Whether a long run of digits may be a number to call. Not remembered.

        before: at least `BEFORE_NUMBER` characters in front of it; cued: whether a cue stands in front of it as well.
        """
        text = raw.decode("utf-8", "replace")
        front = before.decode("utf-8", "ignore")[-BEFORE_NUMBER:]
        weight = number_weight(text, digits_in(text), front, DETECTOR.settings, behind=cued, app=cued, chinese=chinese)
        return weight > 0


def without_usual_case(how: int, text: str, brand: Brand) -> int:
    """`how` without the flags of a game with capitals where they stand as writers put them."""
    if how & (CASE | CASE_GAME) and usual_case(text, brand):
        return how & ~(CASE | CASE_GAME)
    return how
