"""How ordinary a word is, answered from arrays: what keeps brand names out of everyday language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from agoranomos.engine.text.frequencies import ZIPF_STEPS
from agoranomos.engine.text.orthography import simplified

_STRADDLE_ZIPF = 3.3
"""Rarer entries of the Chinese word list are names and fragments, which would explain anything away."""
_FOREIGN_ZIPF = 2.0
_SAID_ZIPF = 2.6
_SAID_MAX = 4
_SAID_ALONE = frozenset(
    "的了是在不有我你您他她它们这那也都就要会能可没很太还又再和与或吗呢吧啊么给把被让从到对为着过得地上下里大小多少"
    "好真成最更买卖看说话用做去来离想穿吃喝试爱双"
)
"""Characters that are words by themselves, of everyday speech."""


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
        return any(self.straddled(before, phrase, after))

    def straddled(self, before: str, phrase: str, after: str) -> tuple[bool, bool]:
        """Whether a Chinese word runs over the first edge of `phrase`, and whether one runs over the last."""
        before, phrase, after = simply(before[-2:]), simply(phrase), simply(after[:2])
        first = (before[-1:] + phrase[:1], before + phrase[:1], before[-1:] + phrase[:2]) if before else ()
        last = (phrase[-1:] + after[:1], phrase[-1:] + after, phrase[-2:] + after[:1]) if after else ()
        return self._any_common(first, phrase), self._any_common(last, phrase)

    def _any_common(self, candidates: Iterable[str], phrase: str) -> bool:
        return any(self.zipf_chinese(word) >= _STRADDLE_ZIPF for word in candidates if word != phrase)

    def zipf_chinese(self, word: str) -> float:
        """The Zipf frequency of a word of two simplified characters or more in Chinese, or 0."""
        return self._look_up(word, "chinese", "chinese_zipf")

    def said_every_day(self, text: str) -> bool:
        """Whether Chinese characters are everyday words one behind the other: 价格和, 因为大, 买了.

        Who writes a name by other characters takes such as make no sense; of two, both must be of the commonest.
        """
        text = simply(text)
        reached = [True] + [False] * len(text)
        for end in range(1, len(text) + 1):
            reached[end] = (reached[end - 1] and text[end - 1] in _SAID_ALONE) or any(
                reached[end - size] and self.zipf_chinese(text[end - size : end]) >= _SAID_ZIPF
                for size in range(2, min(end, len(text) - 1, _SAID_MAX) + 1)
            )
        return len(text) > 1 and reached[-1]


def simply(text: str) -> str:
    """Traditional and compatibility characters as simplified ones, in which the word list is written."""
    if text.isascii():
        return text
    table = simplified()
    return "".join(table.get(char, char) for char in unicodedata.normalize("NFC", text))
