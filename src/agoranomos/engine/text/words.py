"""How ordinary a word is: what keeps brand names out of everyday language.

Frequencies come from the package wordfreq (Speer 2022), a snapshot of 2021 that covers the languages of
large marketplaces. Scale: Zipf, log10 of occurrences per thousand million words; 3 is once in a million.
"""

from __future__ import annotations

import math
from functools import cache

from wordfreq import get_frequency_dict

from agoranomos.engine.text.folding import simplified

_STRADDLE_FREQUENCY = 10**-5.7
"""Zipf 3.3: rarer entries of the word list are names and fragments, which would explain anything away."""

LATIN_LANGUAGES = ("en", "es", "pt", "id", "fr", "de", "it", "fil", "nl", "tr", "pl", "ms", "vi")


@cache
def _frequencies(language: str) -> dict[str, float]:
    table: dict[str, float] = get_frequency_dict(language, wordlist="best")
    return table


def zipf(word: str, language: str) -> float:
    """The Zipf frequency of exactly `word` (lower case) in `language`; 0 when it is not listed."""
    frequency = _frequencies(language).get(word, 0.0)
    return math.log10(frequency) + 9 if frequency > 0 else 0.0


def zipf_latin(word: str, languages: tuple[str, ...] = ("en", "es", "pt", "id")) -> float:
    """The largest Zipf frequency of `word` in any of `languages`."""
    return max(zipf(word, language) for language in languages)


# Zipf frequency from which a word of four letters or more counts; a bit of the table each.
_ORDINARY_FROM = {"en": 3.2, "es": 3.6, "pt": 3.8, "id": 3.8, "fr": 4.0, "de": 4.0, "it": 4.0, "fil": 4.0}


@cache
def ordinary_words() -> dict[str, int]:
    """Words whose presence explains a gap inside a name, each with the bits of its languages.

    "can on" is English; "ni" is Spanish and "ke" Indonesian, but no language has both. Short words need to be
    very frequent, since every pair of letters is an abbreviation somewhere.
    """
    kept: dict[str, int] = {}
    for bit, (language, line) in enumerate(_ORDINARY_FROM.items()):
        for word, frequency in _frequencies(language).items():
            level = math.log10(frequency) + 9
            length = len(word)
            needed = line if length > 3 else (4.6 if length == 3 else 5.6)
            if length >= 2 and level >= needed and word.isalpha():
                kept[word] = kept.get(word, 0) | 1 << bit
    return dict(sorted(kept.items()))


@cache
def chinese_words() -> dict[str, float]:
    """Chinese words of two or more characters with their frequency (share of running text)."""
    return {word: f for word, f in _frequencies("zh").items() if len(word) > 1 and not word.isascii()}


def _plainly(text: str) -> str:
    """Traditional characters as simplified ones, in which the word list is written."""
    table = simplified()
    return "".join(table.get(char, char) for char in text)


def straddles(before: str, phrase: str, after: str) -> bool:
    """Whether a Chinese word runs over an edge of `phrase`: 吸数 in 磁吸数据线 is cut out of 数据.

    `before` and `after` are what stands directly around it; two characters on each side are looked at.
    """
    words = chinese_words()
    before, phrase, after = (_plainly(part) for part in (before[-2:], phrase, after[:2]))
    candidates: list[str] = []
    if before:
        candidates += [before[-1:] + phrase[:1], before + phrase[:1], before[-1:] + phrase[:2]]
    if after:
        candidates += [phrase[-1:] + after[:1], phrase[-1:] + after, phrase[-2:] + after[:1]]
    return any(words.get(word, 0.0) >= _STRADDLE_FREQUENCY for word in candidates if word != phrase)


def is_foreign_word(word: str) -> bool:
    """Whether a word with accents is an ordinary one of some language: mặc is Vietnamese, not a brand."""
    return any(zipf(word, language) >= 2.0 for language in LATIN_LANGUAGES)
