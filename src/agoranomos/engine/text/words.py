"""How ordinary a word is, answered from arrays: what keeps brand names out of everyday language."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from agoranomos.engine.text.frequencies import ZIPF_STEPS
from agoranomos.engine.text.orthography import simplified

_STRADDLE_ZIPF = 3.3
"""Rarer entries of the Chinese word list are names and fragments, which would explain anything away."""
_FOREIGN_ZIPF = 2.0


class WordTable:
    """Word frequencies by hash; 64 bits make two words of the lists collide once in ten million tables.

    `arrays` are those of `frequencies.word_arrays`.
    """

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self._arrays = arrays

    def _look_up(self, word: str, keys: str, values: str) -> float:
        hashes = self._arrays[keys]
        key = np.uint64(xxhash.xxh3_64_intdigest(word.encode("utf-8", "replace")))
        at = int(np.searchsorted(hashes, key))
        if at == len(hashes) or hashes[at] != key:
            return 0.0
        return float(self._arrays[values][at]) / ZIPF_STEPS

    def zipf_latin(self, word: str) -> float:
        """The Zipf frequency of a lower-case word in English, Spanish, Portuguese or Indonesian; 0 below 1.5."""
        return self._look_up(word, "latin", "latin_main")

    def zipf_anywhere(self, word: str) -> float:
        """The Zipf frequency of a lower-case word in the language of `LATIN_LANGUAGES` that uses it most, or 0."""
        return self._look_up(word, "latin", "latin_any")

    def is_foreign_word(self, word: str) -> bool:
        """Whether a lower-case word is an ordinary one of some language: mặc is Vietnamese, not a brand."""
        return self._look_up(word, "latin", "latin_any") >= _FOREIGN_ZIPF

    def is_chinese_word(self, word: str) -> bool:
        """Whether a word in simplified characters is on the Chinese word list at all."""
        return self._look_up(word, "chinese", "chinese_zipf") > 0

    def straddles(self, before: str, phrase: str, after: str) -> bool:
        """Whether a Chinese word runs over an edge of `phrase`: 吸数 in 磁吸数据线 is cut out of 数据.

        `before` and `after` are what stands directly around it; two characters on each side are looked at.
        """
        before, phrase, after = simply(before[-2:]), simply(phrase), simply(after[:2])
        candidates: list[str] = []
        if before:
            candidates += [before[-1:] + phrase[:1], before + phrase[:1], before[-1:] + phrase[:2]]
        if after:
            candidates += [phrase[-1:] + after[:1], phrase[-1:] + after, phrase[-2:] + after[:1]]
        return any(
            self._look_up(word, "chinese", "chinese_zipf") >= _STRADDLE_ZIPF for word in candidates if word != phrase
        )


def simply(text: str) -> str:
    """Traditional and compatibility characters as simplified ones, in which the word list is written."""
    if text.isascii():
        return text
    table = simplified()
    return "".join(table.get(char, char) for char in unicodedata.normalize("NFC", text))
