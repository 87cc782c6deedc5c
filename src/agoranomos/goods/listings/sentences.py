"""Parts of the sentences that sellers read: lists, one or several, and how a name was disguised.

English and Chinese stand side by side, so that neither is changed without the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

LISTED_MAX: Final = 4
_FULL_WIDTH: Final = ("full-width letters", "全角字符")
_MARKED: Final = ("accents that do not belong there", "字母上加了多余的符号")
WAYS: Final = {
    "styled": ("ornamental letters", "花体或特殊字体的字符"),
    "lookalike": ("look-alike letters of another alphabet", "外形相似的其他文字"),
    "leet": ("letters replaced by digits or signs", "用数字或符号代替字母"),
    "turned": ("letters turned or mirrored", "字母颠倒或左右翻转"),
    "marked": _MARKED,
    "invisible": ("invisible characters in between", "中间夹有看不见的字符"),
    "case": ("a capital letter inside the word", "单词中间夹有大写字母"),
    "swapped": ("letters replaced by similar ones", "用相似的字母代替"),
    "case_game": ("capital and small letters mixed", "大小写字母混写"),
    "mark_game": _MARKED,
    "spaced": ("letters separated by spaces or signs", "字符之间用空格或符号隔开"),
    "broken": ("a gap or sign inside the word", "词语中间被空格或符号隔断"),
    "sound": ("characters that sound alike", "用同音或近音字代替"),
    "shape": ("characters that look alike", "用形近字代替"),
    "taken_apart": ("characters taken apart", "把汉字拆开书写"),
    "romanised": ("Chinese characters replaced by Latin letters", "用拼音代替汉字"),
    "reversed": ("written backwards", "倒着书写"),
    "misspelt": ("a letter added, left out or exchanged", "多写、漏写或写错字母"),
    "orthography": ("characters of another orthography", "夹用繁体或异体字"),
    "rebuilt": ("rare characters built from those of the name", "用含有原字的生僻字代替"),
}  # fmt: skip
"""The ways of disguise (`engine.text.folding.DISGUISES`) in words."""


class Saying(NamedTuple):
    """A sentence about the seller's `{words}`: about one, about several, and in Chinese.

    `{names}` stands for the brands' names, `{brands}` for the same with the word "brand" before them.
    """

    one: str
    many: str
    zh: str

    def of(self, words: Iterable[str], names: Iterable[str] = ()) -> tuple[str, str]:
        """The sentence in English and Chinese."""
        said, brands = distinct(words), distinct(names)
        form = self.many if len(said) > 1 else self.one
        noun = "the brands" if len(brands) > 1 else "the brand"
        return (
            form.format(words=quoted(said), names=quoted(brands), brands=f"{noun} {quoted(brands)}"),
            self.zh.format(words=quoted_zh(said), names=quoted_zh(brands), brands=f"品牌{quoted_zh(brands)}"),
        )


def distinct(texts: Iterable[str]) -> list[str]:
    """`texts` without the spaces around them, each once."""
    return list(dict.fromkeys(text.strip() for text in texts))


def quoted(texts: Iterable[str]) -> str:
    """Distinct texts in typographic quotes, at most four: “高仿” and “1:1”."""
    found = distinct(texts)
    return listed([*(f"“{text}”" for text in found[:LISTED_MAX]), *(["more"] if found[LISTED_MAX:] else [])])


def quoted_zh(texts: Iterable[str]) -> str:
    """The same as Chinese lists things: “高仿”、“1:1”."""
    found = distinct(texts)
    return "、".join(f"“{text}”" for text in found[:LISTED_MAX]) + ("等" if found[LISTED_MAX:] else "")


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([*([", ".join(items[:-1])] if items[1:] else []), *items[-1:]])


def way_words(ways: Iterable[str], text: str) -> tuple[list[str], list[str]]:
    """How `text` was disguised, in English and in Chinese words."""
    words = []
    for way in ways:
        full_width = way == "styled" and any(unicodedata.east_asian_width(char) == "F" for char in text)
        words.append(_FULL_WIDTH if full_width else WAYS[way])
    return distinct(en for en, _ in words), distinct(zh for _, zh in words)


def reads_otherwise(text: str, reads: str) -> bool:
    """Whether `reads` tells more of `text` than its letters in another case."""
    return reads != "" and " ".join(text.split()).casefold() != " ".join(reads.split()).casefold()
