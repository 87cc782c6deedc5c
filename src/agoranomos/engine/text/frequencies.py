"""How often words are written, in the languages of large marketplaces: what everyday language is made of.

Source: the package wordfreq (Speer 2022), a snapshot of 2021. Scale: Zipf, log10 of occurrences per thousand
million words; 3 is once in a million. Only compiling reads this; afterwards `words` answers from arrays.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
import xxhash

LATIN_LANGUAGES = ("en", "es", "pt", "id", "fr", "de", "it", "fil", "nl", "tr", "pl", "ms", "vi")
MAIN_LANGUAGES = LATIN_LANGUAGES[:4]
KEPT_FROM = 1.5
"""Rarer words are names, typing errors and fragments as often as words."""
ZIPF_STEPS = 25
"""Zipf frequencies are kept as whole numbers of 1/25."""
# Zipf frequency from which a word of four letters or more is ordinary; a bit of the table each.
_ORDINARY_FROM = {
    "en": 3.2,
    "es": 3.6,
    "pt": 3.8,
    "id": 3.8,
    "fr": 4.0,
    "de": 4.0,
    "fil": 4.0,
}
_LISTED_FROM = 2.5
_LISTED_LENGTH = 5
LISTED_BIT = 128
"""Marks longer words of any language that are too rare to be ordinary, and still words."""


@cache
def _frequencies(language: str) -> dict[str, float]:
    from wordfreq import get_frequency_dict  # noqa: PLC0415 - half a second to import, for compiling alone

    table: dict[str, float] = get_frequency_dict(language, wordlist="best")
    rarest = 10 ** (KEPT_FROM - 9) if language != "zh" else 0.0
    return {word: frequency for word, frequency in table.items() if frequency >= rarest}


def zipf(word: str, language: str) -> float:
    """The Zipf frequency of exactly `word` (lower case) in `language`; 0 when it is below `KEPT_FROM`."""
    frequency = _frequencies(language).get(word, 0.0)
    return math.log10(frequency) + 9 if frequency > 0 else 0.0


def zipf_latin(word: str) -> float:
    """The largest Zipf frequency of `word` in any of `MAIN_LANGUAGES`."""
    return max(zipf(word, language) for language in MAIN_LANGUAGES)


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


def marked_words() -> dict[str, int]:
    """The ordinary words with their language bits, and longer listed ones with `LISTED_BIT`."""
    marked = dict(ordinary_words())
    for language in LATIN_LANGUAGES:
        for word, frequency in _frequencies(language).items():
            if len(word) >= _LISTED_LENGTH and math.log10(frequency) + 9 >= _LISTED_FROM and word.isalpha():
                marked[word] = marked.get(word, 0) | LISTED_BIT
    return dict(sorted(marked.items()))


@cache
def chinese_words() -> dict[str, float]:
    """Chinese words of two or more characters with their Zipf frequency."""
    table = _frequencies("zh")
    return {word: math.log10(f) + 9 for word, f in table.items() if len(word) > 1 and not word.isascii()}


def word_arrays() -> dict[str, npt.NDArray[np.generic]]:
    """The arrays behind `words.WordTable`: sorted hashes with the frequencies of their words.

    latin uint64 with latin_main and latin_any uint8 (in 1/25 Zipf; the main languages, any language);
    chinese uint64 with chinese_zipf uint8.
    """
    main: dict[str, float] = {}
    anywhere: dict[str, float] = {}
    for language in LATIN_LANGUAGES:
        for word, frequency in _frequencies(language).items():
            level = math.log10(frequency) + 9
            if level >= KEPT_FROM:
                anywhere[word] = max(level, anywhere.get(word, 0.0))
                if language in MAIN_LANGUAGES:
                    main[word] = max(level, main.get(word, 0.0))
    latin = _sorted({word: (main.get(word, 0.0), level) for word, level in anywhere.items()})
    chinese = _sorted({word: (level,) for word, level in chinese_words().items()})
    return {
        "latin": latin[0], "latin_main": latin[1], "latin_any": latin[2],
        "chinese": chinese[0], "chinese_zipf": chinese[1],
    }  # fmt: skip


def _sorted(levels: dict[str, tuple[float, ...]]) -> list[npt.NDArray[np.generic]]:
    hashes = np.array([xxhash.xxh3_64_intdigest(word.encode()) for word in levels], np.uint64)
    order = np.argsort(hashes, kind="stable")
    columns = np.array(list(levels.values())) * ZIPF_STEPS
    return [
        hashes[order],
        *(np.clip(np.rint(column), 0, 255).astype(np.uint8)[order] for column in columns.T),
    ]
