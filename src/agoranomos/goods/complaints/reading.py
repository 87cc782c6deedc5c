"""Finds what a text says of the goods: phrases at their places, cues read by the words around them.

One walk over the text: where a character stands that a phrase can begin with, the phrases that begin so are tried in
the order of the vocabulary; what fits takes its characters, and the walk goes on behind it. Cost grows with the
length of the text, as every gap in a pattern and every look to the side is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Final, NamedTuple

from agoranomos.goods.complaints.starts import starts
from agoranomos.goods.complaints.vocabulary import Around, Language, shipped_language

_BEFORE_MAX: Final = {"zh": 18, "en": 90}
"""Characters before a cue in which its reading is looked for."""
_AFTER_MAX: Final = {"zh": 24, "en": 60}
_ENDS: Final = {"zh": re.compile("[,。!?;.~…\\s]"), "en": re.compile("[.!?;\n]")}
"""What ends a clause: in Chinese also commas and spaces, as reviewers write without full stops."""


class Mark(NamedTuple):
    """`code` is said from `start` to `end` of the folded text."""

    start: int
    end: int
    code: str


class _Side:
    """One way to read a cue by the words around it; its patterns are compiled when first asked for."""

    def __init__(self, around: Around) -> None:
        self.code = around.code
        self._around = around

    @cached_property
    def before(self) -> re.Pattern[str] | None:
        return re.compile(self._around.before) if self._around.before else None

    @cached_property
    def after(self) -> re.Pattern[str] | None:
        return re.compile(self._around.after) if self._around.after else None


class Reader:
    """Reads texts of one language."""

    def __init__(self, lang: str, language: Language) -> None:
        self._said = language.phrase
        by_start: dict[str, list[int]] = {}
        for number, phrase in enumerate(language.phrase):
            for char in starts(phrase.pattern):
                by_start.setdefault(char, []).append(number)
        # A word of English begins where none goes on; Chinese is written without gaps.
        word = r"(?<![a-z0-9])" if lang == "en" else ""
        chars = "".join(re.escape(char) for char in sorted(by_start))
        self._begin = re.compile(f"{word}[{chars}]")
        self._by_start = by_start
        self._tries: dict[str, tuple[re.Pattern[str], list[int]]] = {}
        self._sides: dict[str, list[_Side]] = {}
        for around in language.reading:
            self._sides.setdefault(around.family, []).append(_Side(around))
        self._otherwise = language.otherwise
        self._before, self._after, self._end = _BEFORE_MAX[lang], _AFTER_MAX[lang], _ENDS[lang]

    def marks(self, text: str) -> Iterator[Mark]:
        """What the folded `text` says, in order; places do not overlap."""
        search, tries = self._begin.search, self._tries
        at = 0
        while (begin := search(text, at)) is not None:
            at = begin.start()
            pattern, numbers = tries.get(text[at]) or self._compiled(text[at])
            found = pattern.match(text, at)
            if found is None or found.end() == at:
                at += 1
                continue
            assert found.lastindex is not None
            phrase = self._said[numbers[found.lastindex - 1]]
            end = found.end()
            code = self._read(text, at, end, phrase.family) if phrase.family else phrase.code
            yield Mark(at, end, phrase.instead.get(code, code))
            at = end

    def _compiled(self, char: str) -> tuple[re.Pattern[str], list[int]]:
        """The phrases that begin with `char`. All of them together take a second to compile; a text needs few."""
        numbers = self._by_start[char]
        pattern = re.compile("|".join(f"({self._said[number].pattern})" for number in numbers))
        return self._tries.setdefault(char, (pattern, numbers))

    def _read(self, text: str, start: int, end: int, family: str) -> str:
        left = max(0, start - self._before)
        for boundary in self._end.finditer(text, left, start):
            left = boundary.end()
        right = min(len(text), end + self._after)
        for side in self._sides.get(family, ()):
            if side.before is not None and side.before.search(text, left, start) is None:
                continue
            if side.after is not None and side.after.match(text, end, right) is None:
                continue
            return side.code
        return self._otherwise[family]


@cache
def reader(lang: str) -> Reader:
    """The reader of `lang` by the shipped vocabulary."""
    return Reader(lang, shipped_language(lang))
