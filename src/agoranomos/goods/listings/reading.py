"""From the machine's hits to facts: which brand is named how, what is said beside it, what the goods are."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import machine
from agoranomos.engine.text.folding import (
    BROKEN, CASE, CASE_GAME, INVISIBLE, LEET, LOOKALIKE, MARKED, MISSPELT, NO_DIGIT, REVERSED, ROMANISED, SHAPE, SOUND, SPACED,
    SWAPPED, TURNED, digit_of, letters_of, light, simplified,
)  # fmt: skip
from agoranomos.engine.text.lexicon import Lexicon, near_words
from agoranomos.engine.text.matching import FIELDS, Hits, Limits, Matcher, hiding_weight
from agoranomos.engine.text.sounds import sounds_of
from agoranomos.engine.text.variants import related_shapes, shape_alikes
from agoranomos.engine.text.words import chinese_words, is_foreign_word, straddles, zipf_latin
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import DigitRun, ListingFacts, Mention, Place, Spoken
from agoranomos.goods.listings.model import Field, Listing
from agoranomos.goods.listings.phrases import NAME_BONUS, NAMING, TECHNICAL, Kind, hidden_term_weight, is_ordinary
from agoranomos.goods.listings.prices import in_yuan
from agoranomos.goods.listings.vocabulary import Cue, CueRole, Vocabulary

_OFFSET_MASK: Final = (1 << machine.SOURCE_BITS) - 1
_WORD: Final = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_PIECES: Final = re.compile(r"[\W_]+")
_CAMEL: Final = re.compile(r"^(?:[A-Z][a-z]{2,}){2,}$|^[A-Z]{2,}[a-z]$|^[A-Z]{2}[a-z]+$")
_INVISIBLE_CAP: Final = 6.0
_NO_LIMITS: Final = Limits((0.0, 0.0), 0.0, 0.0, 0.0)


class Found(NamedTuple):
    """One hit in a listing, with its place in code points; `spelling` is `machine.DIGITS_SPELLING` for digits."""

    spelling: int
    place: Place
    text: str
    how: int


class Context(NamedTuple):
    """What the context lexicon found in one listing."""

    cues: tuple[tuple[Cue, Place], ...]
    terms: tuple[tuple[str, Place], ...]
    accessories: tuple[tuple[str, Place], ...]
    near: frozenset[str]


class _Texts:
    """The fields of one listing as bytes, for the way back from byte offsets to code points."""

    def __init__(self, listing: Listing) -> None:
        self.text = {"title": listing.title, "description": listing.description, "brand": listing.brand}
        self.raw = {name: value.encode("utf-8", "replace") for name, value in self.text.items()}
        self.ascii = {name: value.isascii() for name, value in self.text.items()}

    def place(self, begin: int, last: int) -> Place:
        name: Field = FIELDS[begin >> machine.SOURCE_BITS]  # type: ignore[assignment]
        start, end = begin & _OFFSET_MASK, (last & _OFFSET_MASK) + 1
        raw = self.raw[name]
        if self.ascii[name]:
            return Place(name, start, end)
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end += 1
        first = len(raw[:start].decode())
        return Place(name, first, first + len(raw[start:end].decode()))

    def at(self, place: Place) -> str:
        return self.text[place.field][place.start : place.end]


_REPEATED_WEIGHT: Final = 4.6
_MISTYPED_ZIPF: Final = 4.0
_CAPITAL_I: Final = re.compile(r"(?<=[a-z])I(?=[a-z])")
_OWN_NAME: Final = re.compile(r"\s?[（(\[【/]\s?[A-Za-z][A-Za-z\-. ]{2,}[）)\]】\s]")
"""A Chinese name with its Latin form in brackets is how a brand of its own is written: 奕佳（YIJIA）."""
_TRIPLE: Final = re.compile(r"(.)\1\1")
_SOUND_WEIGHT: Final = {2: 2.6, 3: 4.2}
_SOUND_WEIGHT_LONG: Final = 5.0
_ODD_WEIGHT: Final = 3.4
_ODD_WEIGHT_LONG: Final = 4.4
_ODD_LOOSELY: Final = 0.8
"""Taken off where the exchanged characters share no more than a radical."""


class NearNames:
    """Names one mistake away from a word, by deletion neighbourhoods (Garbe's symmetric delete, 2012)."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._by_deletion: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for phrase in lexicon.arrays["near_phrases"].tolist():
            for name in near_words(lexicon.text_of(phrase)):
                for form in {name, _squeezed(name), *_deletions(name)}:
                    self._by_deletion[form].append((phrase, name))

    def resolve(self, text: str) -> list[tuple[int, float]]:
        """(phrase, log-odds that the mistake is meant) of the names that `text` may stand for; one per brand."""
        word = _latin(text)
        found: dict[int, float] = {}
        squeezed = _squeezed(word)
        if len(word) < len(text):  # signs stand between the letters: Carti|er
            found |= {phrase: _REPEATED_WEIGHT for phrase, name in self._by_deletion.get(word, ()) if name == word}
        if not word.isascii() or zipf_latin(word) >= 1.5 or is_foreign_word(_composed(text)):
            return list(found.items())[:1]
        for form in {word, squeezed, *_deletions(word)}:
            for phrase, name in self._by_deletion.get(form, ()):
                weight = _mistake_weight(word, squeezed, name)
                if weight > found.get(phrase, 0.0):
                    found[phrase] = weight
        best = max(found.values(), default=0.0)
        return [(phrase, weight) for phrase, weight in sorted(found.items()) if weight == best][:1]


def _latin(text: str) -> str:
    """`text` in plain Latin letters, as the fold reads it."""
    return "".join(letters_of(char)[0] for char in text if char.isalnum()).casefold()


def _mistake_weight(word: str, squeezed: str, name: str) -> float:
    if word == name:
        return 0.0
    if _squeezed(name) == squeezed and (abs(len(word) - len(name)) >= 2 or _TRIPLE.search(word)):
        return _REPEATED_WEIGHT
    if len(name) < machine.NEAR_MIN or word[0] != name[0] or damerau(word, name) > 1:
        return 0.0
    return 2.9 if len(name) == 5 else (3.4 if len(name) < 8 else 3.8)


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _squeezed(word: str) -> str:
    return "".join(letter for i, letter in enumerate(word) if i == 0 or word[i - 1] != letter)


def damerau(one: str, other: str) -> int:
    """Edits (insert, delete, exchange, swap neighbours) between two short words, as far as 2 (Damerau 1964)."""
    if abs(len(one) - len(other)) > 1:
        return 2
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return abs(len(one) - len(other))
    rests = {one[at + 1 :] == other[at:], one[at:] == other[at + 1 :], one[at + 1 :] == other[at + 1 :]}
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return 1 if True in rests or swapped else 2


class Sounds:
    """Chinese names and terms by how they sound."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._table = lexicon.arrays["syllable_of"]
        self._texts: dict[int, str] = {}
        self._by_sound: dict[tuple[int, ...], list[int]] = defaultdict(list)
        self._by_rest: dict[tuple[str, str], list[int]] = defaultdict(list)
        for phrase in lexicon.arrays["sound_phrases"].tolist():
            text = light(lexicon.text_of(phrase))
            self._texts[phrase] = text
            self._by_sound[sounds_of(text, self._table)].append(phrase)
            plain = _simply(text)
            for skip in range(len(plain)):
                self._by_rest[plain[:skip], plain[skip + 1 :]].append(phrase)

    def resolve(self, text: str) -> list[int]:
        """The phrases that sound like `text`; none when `text` is one of them or a word of its own."""
        plain = _simply(text)
        found = self._by_sound.get(sounds_of(plain, self._table), [])
        if plain in chinese_words() or any(self._texts[phrase] == plain for phrase in found):
            return []
        return found

    def resolve_odd(self, text: str) -> list[tuple[int, bool]]:
        """The phrases that `text` is but for one character like theirs, and whether it is closely like it."""
        plain = _simply(text)
        if plain in chinese_words():
            return []
        found: dict[int, bool] = {}
        for skip in range(len(plain)):
            for phrase in self._by_rest.get((plain[:skip], plain[skip + 1 :]), ()):
                other = _simply(self._texts[phrase])
                if other == plain:
                    return []
                closely = self._alike(plain[skip], other[skip])
                if closely or related_shapes(plain[skip], other[skip]):
                    found[phrase] = closely or found.get(phrase, False)
        return list(found.items())

    def _alike(self, one: str, other: str) -> bool:
        sounds = sounds_of(one, self._table)
        return bool(sounds) and sounds == sounds_of(other, self._table) or other in shape_alikes(one)


def _simply(text: str) -> str:
    """Traditional characters as simplified ones."""
    table = simplified()
    return "".join(table.get(char, char) for char in text)


class Reader:
    """Turns hits into facts; immutable after construction, shared by the scan and the publish check."""

    def __init__(
        self,
        brands: Sequence[Brand],
        vocabulary: Vocabulary,
        sieve: Lexicon,
        context: Lexicon,
        category_names: Sequence[str],
        near_words: Sequence[str],
    ) -> None:
        self._brands = brands
        self._terms = vocabulary.terms
        self._cues = vocabulary.cues
        self._sieve = sieve
        self._context = context
        self._context_matcher = Matcher(context, _NO_LIMITS)
        self._category_names = category_names
        self._near = near_words
        self._near_names = NearNames(sieve)
        self._sounds = Sounds(sieve)
        self._paths = [
            (name, re.compile("|".join(_path_pattern(word) for word in words.path), re.IGNORECASE))
            for name, words in vocabulary.categories.items()
            if words.path
        ]
        self.category_of_path = lru_cache(maxsize=65_536)(self._category_of_path)

    def read(self, listings: Sequence[Listing], hits: Hits, rows: Sequence[int]) -> list[ListingFacts]:
        """Facts of `listings`, whose hits carry the row numbers `rows` (ascending, one per listing)."""
        contexts = self._contexts(listings)
        bounds = np.searchsorted(hits.row, [*rows, (rows[-1] + 1) if rows else 0])
        facts = []
        for number, listing in enumerate(listings):
            texts = _Texts(listing)
            found = [
                Found(int(hits.spelling[i]), place, texts.at(place), int(hits.how[i]))
                for i in range(bounds[number], bounds[number + 1])
                for place in (texts.place(int(hits.begin[i]), int(hits.end[i])),)
            ]
            facts.append(self._facts(listing, texts, found, contexts[number]))
        return facts

    def _contexts(self, listings: Sequence[Listing]) -> list[Context]:
        columns = [pa.array([getattr(listing, name) for listing in listings], pa.string()) for name in FIELDS]
        hits = self._context_matcher.read(*columns, np.zeros(len(listings)), every=True)
        cues: dict[int, list[tuple[Cue, Place]]] = defaultdict(list)
        terms: dict[int, list[tuple[str, Place]]] = defaultdict(list)
        accessories: dict[int, list[tuple[str, Place]]] = defaultdict(list)
        near: dict[int, set[str]] = defaultdict(set)
        texts: dict[int, _Texts] = {}
        kinds, refs = self._context.arrays["kinds"], self._context.arrays["refs"]
        for row, spelling, begin, end in zip(
            hits.row.tolist(), hits.spelling.tolist(), hits.begin.tolist(), hits.end.tolist(), strict=True
        ):
            if spelling < 0:
                continue
            for phrase in self._context.phrases_of(spelling):
                kind, ref = int(kinds[phrase]), int(refs[phrase])
                if kind == Kind.NEAR:
                    near[row].add(self._near[ref])
                    continue
                if row not in texts:
                    texts[row] = _Texts(listings[row])
                place = texts[row].place(begin, end)
                if kind == Kind.CUE:
                    cues[row].append((self._cues[ref], place))
                elif kind == Kind.CATEGORY:
                    terms[row].append((self._category_names[ref], place))
                else:
                    accessories[row].append((self._category_names[ref], place))
        return [
            Context(_longest(cues[i]), tuple(terms[i]), tuple(accessories[i]), frozenset(near[i]))
            for i in range(len(listings))
        ]

    def _facts(self, listing: Listing, texts: _Texts, found: list[Found], context: Context) -> ListingFacts:
        categories, stated = self._categories(listing, context)
        accessory = self._is_accessory(listing, categories, context)
        places = [f.place for f in found if f.spelling >= 0]
        mentions: list[Mention] = []
        spoken: list[Spoken] = []
        runs: list[DigitRun] = []
        for one in found:
            if one.spelling == machine.DIGITS_SPELLING:
                runs.append(DigitRun(one.place, one.text, digits_in(one.text)))
                continue
            if one.spelling == machine.NEAR_SPELLING:
                self._interpret_near(one, texts, context, places, mentions)
                continue
            if one.spelling == machine.ODD_SPELLING:
                self._interpret_odd(one, texts, context, places, mentions)
                continue
            if one.spelling == machine.SOUND_SPELLING:
                self._interpret_sound(one, texts, context, places, mentions, spoken)
                continue
            self._interpret(one, listing, texts, context, places, mentions, spoken)
        roles = frozenset(role for mention in mentions for role in mention.roles) | frozenset(
            cue.role for cue, place in context.cues if place.field == "title" and cue.role in _WHOLE_LISTING
        )
        return ListingFacts(
            listing,
            mentions=tuple(mentions),
            spoken=tuple(spoken),
            runs=tuple(runs),
            roles=roles,
            categories=categories,
            stated=stated,
            accessory=accessory,
            price_yuan=in_yuan(listing.price),
        )

    def _interpret(
        self, one: Found, listing: Listing, texts: _Texts, context: Context, places: list[Place],
        mentions: list[Mention], spoken: list[Spoken],
    ) -> None:  # fmt: skip
        lexicon = self._sieve
        named: set[str] = set()
        for phrase in lexicon.phrases_of(one.spelling):
            kind, ref = Kind(int(lexicon.arrays["kinds"][phrase])), int(lexicon.arrays["refs"][phrase])
            text = lexicon.text_of(phrase)
            if kind in NAMING:
                brand = self._brands[ref]
                if brand.brand_id in named:
                    continue
                named.add(brand.brand_id)
                ordinary = is_ordinary(brand, text)
                cap = float(lexicon.arrays["hidden_weight"][one.spelling]) - NAME_BONUS
                how = one.how & ~(CASE | CASE_GAME) if usual_case(one.text, brand) else one.how
                hidden = min(hiding_weight(how), max(cap, _INVISIBLE_CAP if how & INVISIBLE else cap))
                one = one._replace(how=how)
                if hidden > 0 and innocent_spelling(one, texts, ordinary=ordinary):
                    continue
                roles = _roles_at(one.place, context.cues, texts, places)
                reads = brand.main_name if one.how and kind != Kind.LINE else text
                mentions.append(Mention(brand, kind, one.place, one.text, reads, one.how, hidden, ordinary, roles))
            elif kind == Kind.TERM:
                term = self._terms[ref]
                if any(word in context.near for word in term.innocent_near):
                    continue
                if one.how and innocent_spelling(one, texts, ordinary=False):
                    continue
                if term.family == "link" and not _written_out(term.text, one.text):
                    continue
                hiding = one.how & ~(CASE | CASE_GAME | MARKED)
                weight = hidden_term_weight(term, hiding, len(one.text)) if hiding else term.weight
                spoken.append(Spoken(term, one.place, one.text, one.how, weight))

    def _interpret_near(
        self, one: Found, texts: _Texts, context: Context, places: list[Place], mentions: list[Mention]
    ) -> None:
        """A word that is a name with one mistake, or with its letters repeated."""
        for phrase, weight in self._near_names.resolve(one.text):
            brand = self._brands[int(self._sieve.arrays["refs"][phrase])]
            name = self._sieve.text_of(phrase)
            if weight < _REPEATED_WEIGHT and is_ordinary(brand, name) and zipf_latin(light(name)) >= _MISTYPED_ZIPF:
                continue  # an everyday word is mistyped every day; letters are repeated on purpose
            roles = _roles_at(one.place, context.cues, texts, places)
            kind = Kind(int(self._sieve.arrays["kinds"][phrase]))
            mentions.append(
                Mention(brand, kind, one.place, one.text, brand.main_name, MISSPELT, weight, False, roles)
            )

    def _interpret_odd(
        self, one: Found, texts: _Texts, context: Context, places: list[Place], mentions: list[Mention]
    ) -> None:
        """A Chinese name with one character exchanged for another that resembles it."""
        field = texts.text[one.place.field]
        if straddles(field[: one.place.start], one.text, field[one.place.end : one.place.end + 2]):
            return
        for phrase, closely in self._sounds.resolve_odd(one.text):
            brand = self._brands[int(self._sieve.arrays["refs"][phrase])]
            kind = Kind(int(self._sieve.arrays["kinds"][phrase]))
            roles = _roles_at(one.place, context.cues, texts, places)
            weight = _ODD_WEIGHT if len(one.text) == machine.ODD_MIN else _ODD_WEIGHT_LONG
            weight -= 0.0 if closely else _ODD_LOOSELY
            mentions.append(Mention(brand, kind, one.place, one.text, brand.main_name, SHAPE, weight, False, roles))

    def _interpret_sound(
        self, one: Found, texts: _Texts, context: Context, places: list[Place],
        mentions: list[Mention], spoken: list[Spoken],
    ) -> None:  # fmt: skip
        """Chinese characters that sound like a name or a term and are not it."""
        field = texts.text[one.place.field]
        if straddles(field[: one.place.start], one.text, field[one.place.end : one.place.end + 2]):
            return
        arrays = self._sieve.arrays
        if _OWN_NAME.match(field, one.place.end):
            return
        for phrase in self._sounds.resolve(one.text):
            kind, ref = Kind(int(arrays["kinds"][phrase])), int(arrays["refs"][phrase])
            if kind == Kind.TERM:
                term = self._terms[ref]
                if not any(word in context.near for word in term.innocent_near):
                    weight = hidden_term_weight(term, SOUND, len(one.text))
                    spoken.append(Spoken(term, one.place, one.text, SOUND, weight))
                continue
            brand = self._brands[ref]
            roles = _roles_at(one.place, context.cues, texts, places)
            weight = _SOUND_WEIGHT.get(len(one.text), _SOUND_WEIGHT_LONG)
            mentions.append(Mention(brand, kind, one.place, one.text, brand.main_name, SOUND, weight, False, roles))

    def stated(self, categories: pa.Array) -> npt.NDArray[np.uint8]:
        """Per row: 0 no known category, 1 one of main goods, 2 one of accessories and parts (uint8)."""
        coded = categories.dictionary_encode() if not pa.types.is_dictionary(categories.type) else categories
        kinds = [
            2 if path and self._is_accessory_path(path) else int(bool(path and self.category_of_path(path)))
            for path in coded.dictionary.to_pylist()
        ]
        codes = coded.indices.fill_null(len(kinds)).to_numpy(zero_copy_only=False)
        return np.array([*kinds, 0], np.uint8)[codes]

    def _category_of_path(self, path: str) -> frozenset[str]:
        """Registry categories that a marketplace's own category path names; the last part that names one counts."""
        for part in reversed(_parts_of(path)):
            found = frozenset(name for name, pattern in self._paths if pattern.search(part))
            if found:
                return found
        return frozenset()

    def _categories(self, listing: Listing, context: Context) -> tuple[frozenset[str], bool]:
        stated = self.category_of_path(listing.category) if listing.category else frozenset()
        if stated:
            return stated, True
        return frozenset(name for name, place in context.terms if place.field == "title"), False

    def _is_accessory(self, listing: Listing, categories: frozenset[str], context: Context) -> bool:
        found = {name for name, place in context.accessories if place.field == "title"}
        if found & categories or (found and not categories) or (found & TECHNICAL and categories & TECHNICAL):
            return True
        return self._is_accessory_path(listing.category)

    def _is_accessory_path(self, path: str) -> bool:
        """Whether the deepest telling part of a category path names accessories or parts."""
        for part in reversed(_parts_of(path)):
            if any(pattern.search(part) for _, pattern in self._paths):
                return bool(_ACCESSORY_PATH.search(part)) and not _MAIN_GOODS.search(part)
            if _ACCESSORY_PATH.search(part):
                return True
        return False


def _parts_of(path: str) -> list[str]:
    """The parts of a category path, broadest first."""
    return [part for part in _PATH_SIGNS.split(path) if part.strip()]


def _longest(cues: list[tuple[Cue, Place]]) -> tuple[tuple[Cue, Place], ...]:
    """Cues that lie within no longer one: "if not original" is no confession."""
    return tuple(
        (cue, at)
        for cue, at in cues
        if not any(
            other.field == at.field and other.start <= at.start and at.end <= other.end
            and other.end - other.start > at.end - at.start
            for _, other in cues
        )
    )  # fmt: skip


_ACCESSORY_PATH: Final = re.compile(
    r"accessor|aksesori|accesorio|acessório|phụ kiện|parts|suku cadang|refaccion|repuesto|cables?\b|cases?\b|covers?\b|"
    r"fundas|carcasas|casing|charger|adapter|配件|周边|配套|零件",
    re.IGNORECASE,
)
_MAIN_GOODS: Final = re.compile(r"headphone|headset|earphone|耳机|watch|phones?$", re.IGNORECASE)
_PATH_SIGNS: Final = re.compile(r">>?|/|»|\||›|→|\n|\"|\[|\]")
_WHOLE_LISTING: Final = frozenset({"second_hand", "confession", "museum"})


def _path_pattern(word: str) -> str:
    escaped = re.escape(word)
    return rf"\b{escaped}\b" if word.isascii() else escaped


def digits_in(text: str) -> str:
    """The digits that `text` shows, as ASCII; o and l between them stand for 0 and 1."""
    shown = []
    for char in text:
        value = digit_of(char)
        if value != NO_DIGIT:
            shown.append(str(value))
        elif char in "oO":
            shown.append("0")
        elif char in "lI":
            shown.append("1")
    return "".join(shown)


_WORD_ZIPF: Final = 3.0


def innocent_spelling(one: Found, texts: _Texts, *, ordinary: bool) -> bool:
    """Whether what looks like a disguise is an honest writing: another word, a code, another script."""
    how, text = one.how, one.text
    if how & SWAPPED and not how & ~(SWAPPED | CASE) and not _CAPITAL_I.search(text):
        words = [light(word) for word in text.split()]
        if all(zipf_latin(word) >= 2.0 for word in words):
            return True
    if how & MARKED and not how & ~(MARKED | CASE) and (ordinary or is_foreign_word(_composed(text))):
        return True
    if how & BROKEN and _chance_break(text, how):
        return True
    if how & LEET and not how & LOOKALIKE and chance_digits(text):
        return True
    if how & TURNED and text.isascii():
        return True  # an upside-down spelling with no letter turned is another word
    if how & (REVERSED | ROMANISED) and text.isascii() and is_foreign_word(text.casefold()):
        return True
    if how & ROMANISED and not text.replace(" ", "").isalnum():
        return True
    if not text.isascii() and how & (SHAPE | REVERSED | SPACED | BROKEN) and not how & INVISIBLE:
        field = texts.text[one.place.field]
        before, after = field[: one.place.start], field[one.place.end : one.place.end + 2]
        chinese_gap = how & (SPACED | BROKEN) and text.replace("\u3000", " ").replace(" ", "").isalnum()
        if (how & (SHAPE | REVERSED) or chinese_gap) and straddles(before, text, after):
            return True
        if how & (SHAPE | REVERSED) and not _stands_as_name(text, before, after):
            return True
        if chinese_gap and len(text) <= 3 and (before[-1:].isalnum() or after[:1].isalnum()):
            return True  # 田字格本 田字格: the gap parts two words, it does not part a name
    if how & (LOOKALIKE | TURNED) and not how & ~(LOOKALIKE | TURNED | CASE):
        return _one_foreign_script(text, texts.text[one.place.field], one.place)
    return False


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def usual_case(text: str, brand: Brand) -> bool:
    """Whether capitals stand as writers put them: all, none, first letters, camel, or as the brand does."""
    words = [word for word in _PIECES.split(text) if word]
    if all(word.islower() or word.isupper() or word[1:].islower() or len(word) < 3 for word in words):
        return True
    if all(_CAMEL.match(word) for word in words):
        return True
    return text in brand.called()


def _stands_as_name(text: str, before: str, after: str) -> bool:
    """Whether a Chinese word stands where names stand: two characters after a gap, three beside one."""
    opens = not before or not before[-1].isalnum()
    closes = not after or not after[0].isalnum()
    return len(text) > 3 or opens or (len(text) == 3 and closes)


def chance_digits(text: str) -> bool:
    """Whether the digits in `text` are a number or a code rather than letters: IP54, 4 Men, 8 Elite."""
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if len(pieces) < len(text) / 2 and any(not any(char.isalpha() for char in piece) for piece in pieces):
        return True
    letters = sum(char.isalpha() for char in text)
    signs = [char for char in text if not char.isalpha() and not char.isspace()]
    digits = [char for char in signs if char.isdigit()]
    if len(digits) > letters:
        return True
    together = re.search(r"\d{2,}", unicodedata.normalize("NFKC", text))
    if together and together[0] != "00" and letters < 6:
        return True
    return letters < 4 and text.isupper() and all(char in "26789" for char in digits) and bool(digits)


def _chance_break(text: str, how: int) -> bool:
    """Whether neighbouring words merely happen to join into a name: "for 30" is not FOREO."""
    if how & (SWAPPED | MARKED):
        return True
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if any(not any(char.isalpha() for char in piece) for piece in pieces):
        return True
    if len(pieces) == 2 and text.isascii() and min(len(piece) for piece in pieces) == 1:
        return any(zipf_latin(piece.casefold()) >= _WORD_ZIPF for piece in pieces if len(piece) > 1)
    return False


def _written_out(link: str, text: str) -> bool:
    """Whether `text` has the dots of the link `link`: "t me" is not t.me."""
    squeezed = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return link.casefold().rstrip("/").split("/")[0] in squeezed


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]


def _one_foreign_script(text: str, field: str, place: Place) -> bool:
    """Whether `text` is wholly in one script that the field uses elsewhere too: an honest foreign word."""
    scripts = {_script(char) for char in text if char.isalpha()}
    if len(scripts) != 1 or scripts & {"LATIN", "FULLWIDTH", "MATHEMATICAL"}:
        return False
    around = field[: place.start] + field[place.end :]
    return sum(_script(char) in scripts for char in around if char.isalpha()) >= 3


def _distance(between: str) -> int:
    """How far apart two places are: words, and Chinese, Japanese or Korean characters."""
    wide = sum("\u2e80" <= char <= "\ud7a3" for char in between)
    return wide + sum(1 for word in _WORD.findall(between) if not "\u2e80" <= word[0] <= "\ud7a3")


def _roles_at(
    place: Place, cues: Iterable[tuple[Cue, Place]], texts: _Texts, places: list[Place]
) -> frozenset[CueRole]:
    """The roles that the cues around give to a name at `place`; a role carries over a list of names."""
    roles: set[CueRole] = set()
    field = texts.text[place.field]
    for cue, at in cues:
        if at.field != place.field or cue.role in roles:
            continue
        if at.start < place.end and place.start < at.end:
            continue
        if at.end <= place.start and cue.side != "after":
            if _distance(_without_names(field, at.end, place.start, place.field, places)) <= cue.reach:
                roles.add(cue.role)
        elif at.start >= place.end and cue.side != "before":
            if _distance(_without_names(field, place.end, at.start, place.field, places)) <= cue.reach:
                roles.add(cue.role)
    return frozenset(roles)


def _without_names(field: str, start: int, end: int, name: Field, places: list[Place]) -> str:
    """`field[start:end]` without other names in it: "for Samsung, Apple" is for both."""
    pieces, at = [], start
    for place in places:
        if place.field == name and at <= place.start and place.end <= end:
            pieces.append(field[at : place.start])
            at = place.end
    pieces.append(field[at:end])
    return " ".join(pieces)
