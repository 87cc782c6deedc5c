"""What resembles a known name without being it: mistakes in Latin names, Chinese names by sound and by shape."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from typing import Final, NamedTuple

import numpy as np

from agoranomos.engine.text import nearby
from agoranomos.engine.text.folding import letters_of, light
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.naming import first_of_several, near_words
from agoranomos.engine.text.sounds import sounds_of
from agoranomos.engine.text.variants import related_shapes, twins_of
from agoranomos.engine.text.words import WordTable

STRETCHED: Final = 4.6
"""Log-odds that letters repeated in a name are repeated on purpose."""
_MISTAKE_BY_LENGTH: Final = {5: 3.1, 6: 3.4, 7: 3.4}
_IN_SHORT: Final = 3.1
"""A mistake that makes or leaves four letters, which are a word of their own as often, but where names stand."""
_SLIP_OF_FINGERS: Final = 0.4
"""Added where a letter is doubled or two are swapped: brands of their own exchange a letter, they do neither."""
_MISTAKE_IN_LONG: Final = 3.8
_MISTAKE_IN_LONGEST: Final = 4.1
_LONGEST_FROM: Final = 8
"""Letters of a name from which no other name is likely to be one mistake away."""
_MISTAKE_IN_PAIR: Final = 3.2
_SHORT_PAIR: Final = 7
_WORDS: Final = re.compile(r"[\W_]+")
_SIGNS: Final = re.compile(r"[-&.]")
"""What is written between the words of a name as a part of it: Ray-Ban."""
_WORD_ZIPF: Final = 1.5
_LISTED_ZIPF: Final = 2.5
"""Rarer entries of the word lists are mistakes as often as words: "adida", "chane"."""
_VOUCHED_ZIPF: Final = 3.0
"""From this frequency a word beside the other word of a name may well be meant as it stands."""
_SAID_ZIPF: Final = 4.3
"""From this frequency it is: a "ton ford"."""
_SLIP_TO_A_WORD: Final = 3.1
"""Log-odds where the mistake makes another word: Michael Kos. The goods must speak for it, too."""
_TRIPLE: Final = re.compile(r"(.)\1\1")


class NearNames:
    """Names one mistake away from a word, by deletion neighbourhoods (Garbe's symmetric delete, 2012)."""

    def __init__(self, lexicon: Lexicon, words: WordTable) -> None:
        self._words = words
        self._by_deletion: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
        for phrase in lexicon.arrays["near_phrases"].tolist():
            whole = lexicon.text_of(phrase)
            for name in near_words(whole):
                if " " in whole and words.zipf_latin(name) >= _VOUCHED_ZIPF:
                    continue  # "moutain" is a mountain, and no Mountain Hardwear
                for form in {name, _squeezed(name), *_deletions(name)}:
                    self._by_deletion[form].append((phrase, name, " " in whole))
        self._by_head: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
        for phrase in lexicon.arrays["head_phrases"].tolist():
            pair = first_of_several(lexicon.text_of(phrase))
            if pair:
                for form in {pair[0], *_deletions(pair[0])}:
                    self._by_head[form, pair[1][: nearby.TAIL]].append((phrase, *pair))

    def of_several(self, text: str) -> tuple[int, float] | None:
        """The phrase of several words whose first two `text` is, but for a mistake in the first.

        The second word vouches for the first, so that a rare word in its place is no other word.
        """
        words = [word for word in _WORDS.split(text) if word]
        if len(words) != 2:
            return None
        first, second = map(light, words)
        vouched = self._words.zipf_anywhere(first) < _VOUCHED_ZIPF
        if not vouched and self._words.zipf_latin(first) >= _SAID_ZIPF:
            return None
        for form in sorted({first, *_deletions(first)}):
            for phrase, head, tail in self._by_head.get((form, second[: nearby.TAIL]), ()):
                if second == tail and first != head and damerau(first, head) == 1:
                    return phrase, _in_several(len(head + tail)) if vouched else _SLIP_TO_A_WORD
        return None

    def _is_accented_word(self, composed: str) -> bool:
        return not composed.isascii() and self._words.is_foreign_word(composed)

    def resolve(self, text: str) -> list[tuple[int, float]]:
        """The phrases that `text` may stand for, likeliest first, each with the log-odds that the mistake is meant."""
        several = self.of_several(text)
        if several is not None:
            return [several]
        word = "".join(letters_of(char)[0] for char in text if char.isalnum()).casefold()
        if len(word) < len(text):  # signs stand between the letters: Carti|er
            whole = next((phrase for phrase, name, _ in self._by_deletion.get(word, ()) if name == word), None)
            if whole is not None:
                return [(whole, STRETCHED)]
        composed = unicodedata.normalize("NFC", text).casefold()
        if not word.isascii() or self._words.zipf_anywhere(word) >= _LISTED_ZIPF or self._is_accented_word(composed):
            return []
        squeezed = _squeezed(word)
        found: dict[int, float] = {}
        for form in sorted({word, squeezed, *_deletions(word)}):
            for phrase, name, part in self._by_deletion.get(form, ()):
                weight = _mistake_weight(word, squeezed, name, part=part)
                if weight > 0:
                    found[phrase] = max(weight, found.get(phrase, 0.0))
        return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def slip_weight(text: str, name: str, repeats: int, words: WordTable) -> float:
    """The log-odds that `text` is meant for the name of several words `name`; 0 where it says something else.

    With a mistake, the word that differs must be no word of its own: a "ton ford" is read as it stands.
    """
    if repeats >= 2 and _squeezed(light(text)) == _squeezed(light(name)):
        return STRETCHED
    own = {light(word) for word in _WORDS.split(name)}
    other = [word for word in map(light, _WORDS.split(text)) if word not in own]
    if not other:
        return 0.0
    size = len(light(name))
    vouched = len(other) == 1 and (size > _SHORT_PAIR or _SIGNS.findall(name) == _SIGNS.findall(text) != [])
    line = _VOUCHED_ZIPF if vouched else _LISTED_ZIPF if own & {*map(light, _WORDS.split(text))} else _WORD_ZIPF
    known = [word for word in other if words.zipf_latin(word) >= line]
    known += [word for word in other if not vouched and words.zipf_anywhere(word) >= _VOUCHED_ZIPF]
    if known:
        return _SLIP_TO_A_WORD if vouched and words.zipf_latin(other[0]) < _SAID_ZIPF else 0.0
    if repeats >= 2 or _TRIPLE.search(text.casefold()):
        return STRETCHED
    return _in_several(size)


def _in_several(letters: int) -> float:
    """What one mistake in a name of several words weighs."""
    if letters > _LONGEST_FROM:
        return _MISTAKE_IN_LONGEST
    return _MISTAKE_IN_LONG if letters > _SHORT_PAIR else _MISTAKE_IN_PAIR


def _mistake_weight(word: str, squeezed: str, name: str, *, part: bool) -> float:
    """What it says that `word` is `name` but for a mistake; `part`: the name is a word of a longer one."""
    if word in (name, name + "s"):
        return 0.0  # written as it should be, or a plural
    if _squeezed(name) == squeezed and (abs(len(word) - len(name)) >= 2 or _TRIPLE.search(word)):
        return STRETCHED
    if len(name) < nearby.NEAR_MIN and _squeezed(name) == squeezed and len(word) > len(name):
        return _IN_SHORT
    if word[0] != name[0] or damerau(word, name) > 1:
        return 0.0
    if min(len(name), len(word)) < nearby.NEAR_MIN:
        return _IN_SHORT if len(word) == len(name) or len(word) < len(name) else 0.0
    longest = _MISTAKE_IN_LONG if part else _MISTAKE_IN_LONGEST
    weight = _MISTAKE_BY_LENGTH.get(len(name), longest)
    slip = _squeezed(name) == squeezed or sorted(word) == sorted(name)
    return weight + (_SLIP_OF_FINGERS if slip else 0.0)


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
    rests = {
        one[at + 1 :] == other[at:],
        one[at:] == other[at + 1 :],
        one[at + 1 :] == other[at + 1 :],
    }
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return 1 if True in rests or swapped else 2


_ANY_MIN: Final = 4
"""So many characters make a name that one amid them may be any other; 加拿大雪松 is no 加拿大鹅."""


class Exchange(NamedTuple):
    """A name that a text resembles: `length` characters, of which `changed` are others; `closely`: hardly others."""

    phrase: int
    length: int
    changed: int
    closely: bool


class ChineseAlikes:
    """Chinese names and terms by how they sound, and with one character exchanged."""

    def __init__(self, lexicon: Lexicon, words: WordTable) -> None:
        self._words = words
        self._table = lexicon.arrays["syllable_of"] & np.uint16(nearby.RARE - 1)
        self._texts: dict[int, str] = {}
        self._by_sound: dict[tuple[int, ...], list[int]] = defaultdict(list)
        self._by_rest: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = defaultdict(list)
        self._by_place: dict[tuple[int, int, str], set[int]] = defaultdict(set)
        for phrase in lexicon.arrays["sound_phrases"].tolist():
            text = light(lexicon.text_of(phrase))
            sounds = sounds_of(text, self._table)
            self._texts[phrase] = text
            self._by_sound[sounds].append(phrase)
            for skip in range(len(text)):
                self._by_rest[sounds[:skip], sounds[skip + 1 :]].append(phrase)
                if nearby.ODD_MIN < len(text) <= nearby.PAIR_MAX:
                    self._by_place[len(text), skip, text[skip]].add(phrase)

    def by_sound(self, text: str) -> list[int]:
        """The phrases that sound like `text`; none when `text` is one of them or a word of its own."""
        plain = light(text)
        found = self._by_sound.get(sounds_of(plain, self._table), [])
        if not found or self._words.is_chinese_word(plain) or any(self._texts[phrase] == plain for phrase in found):
            return []
        return found

    def by_exchange(self, text: str) -> list[Exchange]:
        """The phrases that `text` sounds like but for one character that looks like theirs."""
        plain = light(text)
        sounds = sounds_of(plain, self._table)
        if self._words.is_chinese_word(plain):
            return []
        found: dict[int, Exchange] = {}
        for skip in range(len(sounds)):
            for phrase in self._by_rest.get((sounds[:skip], sounds[skip + 1 :]), ()):
                other = self._texts[phrase]
                if other == plain:
                    return []
                changed = sum(a != b for a, b in zip(plain, other, strict=True))
                closely = self._alike(plain[skip], other[skip])
                known = found.get(phrase)
                amid = len(plain) >= _ANY_MIN and 0 < skip < len(plain) - 1
                if (known is None or closely > known.closely) and (
                    closely or (changed == 1 and (amid or related_shapes(plain[skip], other[skip])))
                ):
                    found[phrase] = Exchange(phrase, len(plain), changed, closely)
        return list(found.values()) or self._by_two(plain)

    def _by_two(self, plain: str) -> list[Exchange]:
        """The phrases of which `plain` has all characters but two, and these resemble."""
        shared = Counter(
            phrase for at, char in enumerate(plain) for phrase in self._by_place.get((len(plain), at, char), ())
        )
        found = []
        for phrase in sorted(phrase for phrase, count in shared.items() if count == len(plain) - 2):
            others = [(a, b) for a, b in zip(plain, self._texts[phrase], strict=True) if a != b]
            closely = [self._alike(a, b) for a, b in others]
            if all(closely) or (any(closely) and all(related_shapes(a, b) for a, b in others)):
                found.append(Exchange(phrase, len(plain), len(others), all(closely)))
        return found

    def _alike(self, one: str, other: str) -> bool:
        sounds = sounds_of(one, self._table)
        return (bool(sounds) and sounds == sounds_of(other, self._table)) or other in twins_of(one)
