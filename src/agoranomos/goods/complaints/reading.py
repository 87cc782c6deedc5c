"""Finds what a text says of the goods: phrases at their places, cues read by the words around them.

One walk over the text: where characters stand that a phrase can begin with, the phrases that begin so are tried in
the order of the vocabulary; what fits takes its characters, and the walk goes on behind it. Cost grows with the
length of the text, as every gap in a pattern and every look to the side is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import Final, NamedTuple

from agoranomos.goods.complaints.prefixes import can_begin, loose, prefixes
from agoranomos.goods.complaints.starts import starts
from agoranomos.goods.complaints.vocabulary import Around, Language, Phrase, shipped_language

_BEFORE_MAX: Final = {"zh": 18, "en": 90}
"""Characters before a cue in which its reading is looked for."""
_BEGINNING: Final = {"zh": 2, "en": 5}
"""Characters by which phrases are looked up: more would be remembered for longer and seen again less often."""
_BEGINNINGS_MAX: Final = 50_000
"""Beginnings that are remembered."""
_AFTER_MAX: Final = {"zh": 24, "en": 60}
_ENDS: Final = {"zh": re.compile("[,。!?;.~…\\s]"), "en": re.compile("[.!?;\n]")}
"""What ends a clause: in Chinese also commas and spaces, as reviewers write without full stops."""


_Match = Callable[[str, int], "re.Match[str] | None"]


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
        self._length = _BEGINNING[lang]
        self._beginnings: dict[int, frozenset[str]] = {}
        self._loose: dict[int, frozenset[str]] = {}
        self._patterns: dict[int, re.Pattern[str]] = {}
        self._tries: dict[str, list[tuple[_Match, Phrase]]] = {}
        self._sides: dict[str, list[_Side]] = {}
        for around in language.reading:
            self._sides.setdefault(around.family, []).append(_Side(around))
        self._otherwise = language.otherwise
        self._before, self._after, self._end = _BEFORE_MAX[lang], _AFTER_MAX[lang], _ENDS[lang]

    def marks(self, text: str) -> list[Mark]:
        """What the folded `text` says, in order; places do not overlap."""
        tries, length = self._tries, self._length
        marks: list[Mark] = []
        free = 0
        for begin in self._begin.finditer(text):
            at = begin.start()
            if at < free:  # within the words of the mark before
                continue
            beginning = text[at : at + length]
            candidates = tries.get(beginning)
            for match, phrase in self._compiled(beginning) if candidates is None else candidates:
                if (found := match(text, at)) is not None:
                    free = found.end()
                    code = self._read(text, at, free, phrase.family) if phrase.family else phrase.code
                    marks.append(Mark(at, free, phrase.instead.get(code, code)))
                    break
        return marks

    def _compiled(self, beginning: str) -> list[tuple[_Match, Phrase]]:
        """The phrases that can begin so, each compiled when first needed and once: joined into one pattern for each
        character they would take ten times as long to compile.
        """
        if len(self._tries) >= _BEGINNINGS_MAX:
            self._tries.clear()
        ready: list[tuple[_Match, Phrase]] = []
        for number in self._by_start[beginning[0]]:
            phrase = self._said[number]
            if number not in self._beginnings:
                self._beginnings[number] = prefixes(phrase.pattern, self._length)
                self._loose[number] = loose(self._beginnings[number], self._length)
            if beginning in self._beginnings[number] or can_begin(self._loose[number], beginning):
                pattern = self._patterns.get(number) or re.compile(phrase.pattern)
                ready.append((self._patterns.setdefault(number, pattern).match, phrase))
        return self._tries.setdefault(beginning, ready)

    def _read(self, text: str, start: int, end: int, family: str) -> str:
        left = max(0, start - self._before)
        for boundary in self._end.finditer(text, left, start):
            left = boundary.end()
        right = min(len(text), end + self._after)
        for side in self._sides.get(family, ()):
            # What is cheaper to rule out comes first: the words behind begin at one place.
            if side.after is not None and side.after.match(text, end, right) is None:
                continue
            if side.before is not None and side.before.search(text, left, start) is None:
                continue
            return side.code
        return self._otherwise[family]


@cache
def reader(lang: str) -> Reader:
    """The reader of `lang` by the shipped vocabulary."""
    return Reader(lang, shipped_language(lang))
