"""From the machine's hits to facts: which brand is named how, what is said, which numbers are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from agoranomos.engine.text import machine, nearby, weighing
from agoranomos.engine.text.folding import (
    BROKEN,
    CASE,
    CASE_GAME,
    MARKED,
    MISSPELT,
    ORTHOGRAPHY,
    REBUILT,
    ROMANISED,
    SHAPE,
    SOUND,
    SPACED,
    TAKEN_APART,
    light,
)  # fmt: skip
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.masking import is_masked
from agoranomos.engine.text.matching import Hits
from agoranomos.engine.text.rebuilding import RebuiltNames
from agoranomos.engine.text.resemblance import STRETCHED, Exchange
from agoranomos.engine.text.words import WordTable
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.alike import exchanged_weight, rebuilt_weight, sound_weight
from agoranomos.goods.listings.alone import Alone, without_usual_case
from agoranomos.goods.listings.context import Context, ContextReader, Shelf
from agoranomos.goods.listings.facts import DigitRun, ListingFacts, Mention, Place
from agoranomos.goods.listings.honest import (
    goes_on_as_words,
    holds_own_name,
    in_another_orthography,
    innocent_spelling,
    parts_clauses,
    spells_what_stands_before,
    stands_in_front,
    written_out,
)
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.noted import Reading
from agoranomos.goods.listings.phrases import (
    CODED,
    NAMING,
    Kind,
    hidden_term_weight,
    is_ordinary,
)
from agoranomos.goods.listings.prices import in_yuan
from agoranomos.goods.listings.spacing import chinese_spacing
from agoranomos.goods.listings.texts import Found, ListingTexts, digits_in, is_kana, places
from agoranomos.goods.listings.vocabulary import Term

_OWN_NAME: Final = re.compile(r"\s?[（(\[【/]\s?[A-Za-z][A-Za-z\-. ]{2,}[）)\]】\s]")
"""A Chinese name with its Latin form in brackets is how a brand of its own is written: 奕佳（YIJIA）."""
_MISTYPED_ZIPF: Final = 4.0
"""An everyday word this frequent is mistyped every day."""
_REMEMBERED_MAX: Final = 200_000
_IDEOGRAPHS: Final = re.compile(r"[㐀-鿿]")
_CUT: Final = 1.2
_CUT_MAX: Final = 3
"""Longest name that other names begin with by chance."""
_SHORT: Final = 2
"""Characters of a Chinese word that is cut out of two others by chance."""
_JAPANESE_FROM: Final = 3
"""So many kana make a text Japanese, in which characters that Chinese does without are everyday ones."""


class Reader:
    """Turns hits into facts; immutable after construction, shared by the scan and the publish check."""

    def __init__(
        self,
        brands: Sequence[Brand],
        terms: Sequence[Term],
        sieve: Lexicon,
        words: WordTable,
        contexts: ContextReader,
        shelf: Shelf,
    ) -> None:
        self._brands = brands
        self._terms = terms
        self._sieve = sieve
        self._words = words
        self._contexts = contexts
        self.shelf = shelf
        self._known: dict[int, tuple[tuple[Kind, int, str, bool], ...]] = {}
        self.alone = Alone(sieve, words, brands, terms, self._meanings)
        spoken = sieve.arrays["sound_phrases"].tolist()
        self._rebuilt_names = RebuiltNames(sieve, (one for one in spoken if self._meaning(one)[0] in NAMING))

    def interpret(self, listings: Sequence[Listing], hits: Hits, rows: Sequence[int]) -> list[Reading]:
        """What `listings` hold, whose hits carry the row numbers `rows` (ascending, one per listing)."""
        index = np.searchsorted(rows, hits.row)
        mine = np.flatnonzero(np.take(rows, index, mode="clip") == hits.row)
        index = index[mine]
        place = places(listings, index, hits.begin[mine], hits.end[mine])
        columns = [column[mine].tolist() for column in (hits.spelling, hits.how, hits.extra)]
        at = np.searchsorted(index, np.arange(len(listings) + 1)).tolist()
        readings: list[Reading] = []
        for number, listing in enumerate(listings):
            texts = ListingTexts(listing)
            found = [
                Found(spelling, where, texts.at(where), how, extra)
                for where, spelling, how, extra in zip(
                    place[at[number] : at[number + 1]], *(c[at[number] : at[number + 1]] for c in columns), strict=True
                )
            ]
            reading = Reading(listing, texts, found)
            for one in sorted(found, key=_is_tangled):  # what is known of the same letters goes before
                self._interpret(one, reading)
            readings.append(reading)
        return readings

    def facts(self, readings: Sequence[Reading]) -> list[ListingFacts]:
        """What was read, in the light of the words around it."""
        listings = [reading.listing for reading in readings]
        contexts = self._contexts.read(listings)
        return [self._facts(reading, context) for reading, context in zip(readings, contexts, strict=True)]

    def _facts(self, reading: Reading, context: Context) -> ListingFacts:
        listing = reading.listing
        mentions = reading.mentions(context)
        torn = [mention.place for mention in mentions if mention.hidden > 0]
        context = context.outside(torn)
        categories, stated = self.shelf.categories(listing, context)
        mentions = tuple(_of_its_own_models(mention, categories) for mention in mentions)
        facts = ListingFacts(
            listing,
            mentions=mentions,
            spoken=reading.spoken(context),
            runs=tuple(reading.runs),
            roles=context.roles.union(*(mention.roles for mention in mentions)),
            categories=categories,
            stated=stated,
            accessory=self.shelf.is_accessory(listing, categories, context),
            price_yuan=in_yuan(listing.price),
        )
        facts.near = context.near
        return facts

    def _interpret(self, one: Found, reading: Reading) -> None:
        if one.spelling == weighing.DIGITS_SPELLING:
            reading.runs.append(DigitRun(one.place, one.text, digits_in(one.text)))
        elif one.spelling == machine.NEAR_SPELLING:
            self._near(one, reading)
        elif one.spelling == machine.ODD_SPELLING:
            self._exchanged(one, reading)
        elif one.spelling == machine.LOOSE_SPELLING:
            self._loosely(one, reading)
        elif one.spelling == machine.TANGLED_SPELLING:
            self._tangled(one, reading)
        elif one.spelling == machine.RARE_SPELLING:
            self._rebuilt(one, reading)
        elif one.spelling == machine.SOUND_SPELLING:
            self._sounding(one, reading)
        else:
            self._phrases(one, reading)

    def _meaning(self, phrase: int) -> tuple[Kind, int]:
        arrays = self._sieve.arrays
        return Kind(int(arrays["kinds"][phrase])), int(arrays["refs"][phrase])

    def _sense(self, phrase: int) -> tuple[Kind, int, str, bool]:
        """What a phrase is, whose it is, its text, and whether that is an everyday word."""
        kind, ref = self._meaning(phrase)
        text = self._sieve.text_of(phrase)
        return kind, ref, text, kind in NAMING and is_ordinary(self._brands[ref], text, self._words.zipf_latin)

    def _meanings(self, spelling: int) -> tuple[tuple[Kind, int, str, bool], ...]:
        """What a spelling stands for; remembered, since few spellings make up most hits."""
        known = self._known.get(spelling)
        if known is None:
            phrases = self._sieve.phrases_of(spelling)
            known = tuple(self._sense(phrase) for phrase in phrases)
            if len(self._known) < _REMEMBERED_MAX:
                self._known[spelling] = known
        return known

    def _phrases(self, one: Found, reading: Reading) -> None:
        """What the registry and the vocabulary know under this spelling; a brand counts once."""
        named: set[int] = set()
        for kind, ref, text, ordinary in self._meanings(one.spelling):
            if kind is Kind.TERM:
                self._term(self._terms[ref], one, reading)
            elif kind is Kind.CUE:
                reading.admitted = True
            elif kind in NAMING and ref not in named:
                named.add(ref)
                self._name(self._brands[ref], kind, text, one, reading, ordinary=ordinary)

    def _name(self, brand: Brand, kind: Kind, text: str, one: Found, reading: Reading, *, ordinary: bool) -> None:
        if not one.how:
            if kind not in CODED or not self._cut_out(one, reading):
                reads = brand.main_name if kind is Kind.MISSPELLING else text
                reading.mention(brand, kind, one, reads, 0.0, ordinary=ordinary)
            return
        if not is_masked(text, one.text):
            return
        one = one._replace(how=without_usual_case(one.how, one.text, brand))
        if one.how & ORTHOGRAPHY and not in_another_orthography(one, reading.texts, ordinary=ordinary):
            one = one._replace(how=one.how & ~ORTHOGRAPHY)
        hidden = self.alone.hiding(one.how, one.spelling)
        if kind is Kind.LINE and one.how & (SPACED | BROKEN) and holds_own_name(one.text, brand):
            hidden = 0.0
        if hidden and innocent_spelling(one, reading.texts, self._words, ordinary=ordinary):
            return
        if one.how & ROMANISED and spells_what_stands_before(one, reading.texts):
            return
        if one.how & (SHAPE | TAKEN_APART):
            hidden = max(0.0, hidden - self._for_going_on(one, reading))
        reads = brand.main_name if one.how and kind is not Kind.LINE else text
        reading.mention(brand, kind, one, reads, hidden, ordinary=ordinary)

    def _term(self, term: Term, one: Found, reading: Reading) -> None:
        if one.how & ORTHOGRAPHY and not in_another_orthography(one, reading.texts, ordinary=False):
            one = one._replace(how=one.how & ~ORTHOGRAPHY)
        if one.how and innocent_spelling(one, reading.texts, self._words, ordinary=False):
            return
        if term.family == "link" and not written_out(term.text, one.text):
            return
        if term.restricted and len(one.text) == _SHORT and all(self._words.straddled(*reading.texts.edges(one.place))):
            return  # 度假酒店 is no 假酒
        hiding = one.how & ~(CASE | CASE_GAME | MARKED)
        reading.speak(term, one, hidden_term_weight(term, hiding, len(one.text)) if hiding else term.weight)

    def _near(self, one: Found, reading: Reading) -> None:
        """A word that is a name with one mistake, or with its letters repeated."""
        resolved = self.alone.near_names.resolve(one.text)
        if not resolved:
            return
        kind, ref = self._meaning(resolved[0][0])
        if kind is Kind.TERM:
            reading.slip(self._terms[ref], one, resolved[0][1])
            return
        stated = self.shelf.of_path(reading.listing.category) if reading.listing.category else frozenset()
        fitting = (each for each in resolved if stated & set(self._brands[self._meaning(each[0])[1]].categories))
        phrase, weight = next(fitting, resolved[0])
        if len(light(one.text)) < nearby.NEAR_MIN and not stands_in_front(one, reading.texts):
            return
        kind, ref = self._meaning(phrase)
        brand, name = self._brands[ref], self._sieve.text_of(phrase)
        zipf = self._words.zipf_latin
        everyday = is_ordinary(brand, name, zipf) and zipf(light(name)) >= _MISTYPED_ZIPF
        ordinary = everyday and weight < STRETCHED
        reading.mention(brand, kind, one._replace(how=MISSPELT), brand.main_name, weight, ordinary=ordinary)

    def _loosely(self, one: Found, reading: Reading) -> None:
        """A name with letters drawn with signs, or of several words with a mistake or repeated letters in one."""
        phrase, hidden = self.alone.drawn(one.text, one.how, one.extra)
        kind, ref = self._meaning(phrase)
        if kind is Kind.TERM:
            reading.slip(self._terms[ref], one, hidden)
        elif hidden > 0:
            brand = self._brands[ref]
            reading.mention(brand, kind, one, brand.main_name, hidden, ordinary=False)

    def _tangled(self, one: Found, reading: Reading) -> None:
        """A word written so that nobody looks for it, in which a name is."""
        found = self.alone.tangled_names.resolve(one.text)
        if found is None:
            return
        end = one.place.start + found.length
        one = one._replace(place=one.place._replace(end=end), text=one.text[: found.length], how=found.how)
        if any(draft.one.place.overlaps(one.place) for draft in reading.drafts):
            return
        kind, ref = self._meaning(found.phrase)
        if kind is Kind.TERM:
            reading.slip(self._terms[ref], one, found.weight)
            return
        brand = self._brands[ref]
        reading.mention(brand, kind, one, brand.main_name, found.weight, ordinary=False)

    def _exchanged(self, one: Found, reading: Reading) -> None:
        """A Chinese name with one character exchanged for another that resembles it, the others of the same sound.

        The machine gives the longest stretch that may be one; a shorter one that begins there may be it instead.
        """
        for end in range(one.place.end, one.place.start + 1, -1):
            text = one.text[: end - one.place.start]
            found = self.alone.alikes.by_exchange(text)
            if found:
                self._mention_exchanged(one._replace(place=one.place._replace(end=end), text=text), found, reading)
                return

    def _mention_exchanged(self, one: Found, found: Sequence[Exchange], reading: Reading) -> None:
        spacing = chinese_spacing(one.text)
        if spacing is None or self._cut_or_own(one, reading):
            return
        before, after = reading.texts.around(one.place)
        written = light(one.text)
        for exchange in found:
            kind, ref = self._meaning(exchange.phrase)
            meant = light(self._sieve.text_of(exchange.phrase))
            if kind not in NAMING or self._merely_said(written, meant, closely=exchange.closely):
                continue
            if exchange.length == 2 and (not exchange.closely or before[-1:].isalnum() or after[:1].isalnum()):
                continue  # any two characters resemble some name; only a label of their own counts
            weight = exchanged_weight(exchange) + spacing.weight - self._for_going_on(one, reading)
            how = SHAPE | spacing.how | (SOUND if exchange.changed > 1 else 0)
            brand = self._brands[ref]
            reading.mention(brand, kind, one._replace(how=how), brand.main_name, weight, ordinary=False)

    def _cut_or_own(self, one: Found, reading: Reading) -> bool:
        """Whether Chinese words run over the edges of `one`, or its Latin form follows as of a brand of its own."""
        before, after = reading.texts.around(one.place)
        whole = light(one.text)
        if parts_clauses(one.text, before, after, self._words) or goes_on_as_words(whole, before, after, self._words):
            return True
        # Of a long name at the head of a title so much is right that no word cut out of its end explains it.
        heads = len(whole) > _CUT_MAX and not before[-1:].isalnum()
        if not heads and self._words.straddles(before, whole, after):
            return True
        return _OWN_NAME.match(reading.texts.text[one.place.field], one.place.end) is not None

    def _cut_out(self, one: Found, reading: Reading) -> bool:
        """Whether a short Chinese name that nobody but its fans knows is cut out of other words: 东西太, 石家庄."""
        if len(one.text) != _SHORT or one.text.isascii():
            return False
        return any(self._words.straddled(*reading.texts.edges(one.place)))

    def _merely_said(self, written: str, meant: str, *, closely: bool = True) -> bool:
        """Whether `written` is everyday speech rather than the name `meant` in other characters. Where these resemble
        its own `closely`, that is so of four only where two are others, and of more characters never.
        """
        changed = sum(a != b for a, b in zip(written, meant, strict=False)) + abs(len(written) - len(meant))
        short = len(written) <= _CUT_MAX or (len(written) == _CUT_MAX + 1 and changed > 1)
        return (short or not closely) and self._words.said_every_day(written)

    def _for_going_on(self, one: Found, reading: Reading) -> float:
        """What is taken off a short name that may be the beginning of another, as in 蒙玛特丙烯 or 博格利诺2L.

        No word of the list begins behind it. Log-odds.
        """
        after = reading.texts.around(one.place)[1]
        if len(light(one.text)) > _CUT_MAX or not _IDEOGRAPHS.match(after):
            return 0.0
        return 0.0 if any(self._words.is_chinese_word(light(after[:size])) for size in (2, 3, 4)) else _CUT

    def _sounding(self, one: Found, reading: Reading) -> None:
        """Chinese characters that sound like a name or a term and are not it."""
        spacing = chinese_spacing(one.text)
        if spacing is None or self._cut_or_own(one, reading):
            return
        written = light(one.text)
        length = len(written)
        heard = one._replace(how=SOUND | spacing.how)
        for phrase in self.alone.alikes.by_sound(one.text):
            kind, ref = self._meaning(phrase)
            if self._merely_said(written, light(self._sieve.text_of(phrase))):
                continue
            if kind is Kind.TERM:
                weight = hidden_term_weight(self._terms[ref], SOUND, length)
                reading.speak(self._terms[ref], heard, weight)
                continue
            brand = self._brands[ref]
            weight = sound_weight(length) + spacing.weight - self._for_going_on(one, reading)
            reading.mention(brand, kind, heard, brand.main_name, weight, ordinary=False)

    def _rebuilt(self, one: Found, reading: Reading) -> None:
        """A Chinese name in rare characters made of its own."""
        field = one.place.field
        text = reading.texts.text[field]
        if reading.texts.count(field, is_kana) >= _JAPANESE_FROM:
            return
        for found in self._rebuilt_names.around(text, one.place.start):
            written = text[found.start : found.end]
            spacing = chinese_spacing(written)
            weight = rebuilt_weight(found)
            if spacing is None or weight <= 0 or self._words.is_chinese_word(light(written)):
                continue
            kind, ref = self._meaning(found.phrase)
            place = Place(field, found.start, found.end)
            here = Found(one.spelling, place, written, REBUILT | spacing.how)
            brand = self._brands[ref]
            reading.mention(brand, kind, here, brand.main_name, weight + spacing.weight, ordinary=False)


def _of_its_own_models(mention: Mention, categories: frozenset[str]) -> Mention:
    """`mention` without the role of what is only shown: a maker of toys sells models and figures."""
    if "museum" in mention.roles and "toys" in categories and "toys" in mention.brand.categories:
        return mention._replace(roles=mention.roles - {"museum"})
    return mention


def _is_tangled(one: Found) -> bool:
    return one.spelling == machine.TANGLED_SPELLING
