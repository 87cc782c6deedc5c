"""Names as they are compared: in one script, and as they sound, so that 張偉, 张玮 and ZHANG Wei come together.

Readings are those of pypinyin, simplified forms those of OpenCC (docs/decisions/0005). What is folded together in the
sound is what much of China does not tell apart and what clerks misspell: zh ch sh with z c s, final -ng with -n,
doubled letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from agoranomos.engine.text.orthography import simplified
from agoranomos.engine.text.sounds import reading

_HAN: Final = re.compile(r"[㐀-鿿]")
_DOUBLE: Final = frozenset(
    ("欧阳", "司马", "诸葛", "上官", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒")
)
"""Surnames of two characters that are still borne; others count by their first."""
_AS_SURNAME: Final = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
}
"""Characters that sound differently where they are a surname."""
_PERSON_MAX: Final = 4
"""Longer Chinese names are those of firms, or transcriptions: their first character is no surname."""
_LETTERS_FOLDED: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ph", "f"), ("ck", "k"), ("ng", "n"), ("y", "i"))


class Name(NamedTuple):
    """`folded`: in one script, without spaces; `sound`: how it is said, surname first as written; `turned`: the same
    with the last word first ("" where the order is certain); `surname`: how that sounds ("" where there is none).
    """

    folded: str = ""
    sound: str = ""
    turned: str = ""
    surname: str = ""


@lru_cache(maxsize=50_000)
def name_of(written: str) -> Name:
    """The name in `written`; of one written in Chinese and in Latin letters, the Chinese one."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    han = "".join(simplified().get(char, char) for char in plain if _HAN.match(char))
    return _chinese(han) if len(han) > 1 else _latin(plain)


def skeleton(letters: str) -> str:
    """Letters as they sound to a careless ear: see the module."""
    for old, new in _LETTERS_FOLDED:
        letters = letters.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", letters)


def syllables(han: str) -> str:
    """How Chinese characters sound, one after the other."""
    return "".join(_reading(char) or char for char in han)


def _chinese(han: str) -> Name:
    if len(han) > _PERSON_MAX:
        return Name(han, skeleton(syllables(han)))
    family = han[:2] if han[:2] in _DOUBLE else han[0]
    surname = _AS_SURNAME.get(family) or syllables(family)
    return Name(han, skeleton(surname + syllables(han[len(family) :])), surname=skeleton(surname))


def _latin(plain: str) -> Name:
    bare = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    words = re.findall(r"[^\W\d_]+", bare)
    if not words:
        return Name()
    turned = skeleton(words[-1] + "".join(words[:-1])) if len(words) > 1 else ""
    return Name("".join(words), skeleton("".join(words)), turned, skeleton(words[0]))


@lru_cache(maxsize=30_000)
def _reading(char: str) -> str:
    return reading(char)
