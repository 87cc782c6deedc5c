"""Names: in which script they are written, whether they can be a person's or a firm's, and whether two are one."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DOTS: Final = "·•・‧∙⋅･.．﹒● "
_HAN: Final = re.compile(r"[㐀-鿿豈-﫿𠀀-𲎯〇々]")
_FIRM: Final = re.compile(
    r"公司|厂|店|行|部|社|中心|工作室|企业|集团|商|馆|坊|铺|场|院|所|站|超市|市场|合伙|基地|农庄|家庭|协会|基金"
    r"|\b(co|ltd|limited|inc|llc|plc|gmbh|ag|corp|corporation|company|trading|group|pty|sa|srl|bv|kk|pte|studio|store|shop)\b",
    re.IGNORECASE,
)


def script_of(name: str) -> str:
    """`han`, `latin`, `mixed`, `other` (another alphabet), `signs` (emoji, digits: no letters of any name) or `empty`.

    The dot within the names of minorities, spaces, hyphens and apostrophes belong to every script.
    """
    letters = [each for each in unicodedata.normalize("NFKC", name) if each not in _DOTS and each not in "-'’`,"]
    if not letters:
        return "empty"
    if any(not each.isalpha() and not unicodedata.combining(each) for each in letters):
        return "signs"
    han = sum(1 for each in letters if _HAN.match(each))
    latin = sum(1 for each in letters if "LATIN" in unicodedata.name(each, ""))
    marks = sum(1 for each in letters if unicodedata.combining(each))
    if han == len(letters):
        return "han"
    if latin + marks == len(letters):
        return "latin"
    return "mixed" if han + latin + marks == len(letters) else "other"


def looks_like_firm(name: str) -> bool:
    """Whether a word stands in it that firms, shops or bodies are called by."""
    return _FIRM.search(unicodedata.normalize("NFKC", name)) is not None


def folded(name: str) -> str:
    """The name without dots, spaces, signs and case, for comparing what was typed with what was read."""
    return "".join(each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalpha())


def same_in_latin(name: str, latin: str) -> bool:
    """Whether `latin`, as passports write names, can be `name`: the same syllables in any order, marks left out.

    Passports cut long names and leave out what they cannot write; so one may be the beginning of the other's parts.
    """
    ours, theirs = _letters(name), _letters(latin)
    if not ours or not theirs:
        return True  # nothing to compare
    short, long = sorted((ours, theirs), key=len)
    return all(
        any(each == other or (len(each) > 3 and other.startswith(each)) for other in long) for each in short
    ) or (sorted("".join(ours)) == sorted("".join(theirs)))


def _letters(name: str) -> list[str]:
    """The parts of a name; ü is written u, v or yu."""
    spoken = _spoken(name) if _HAN.search(name) else name
    bare = "".join(each for each in unicodedata.normalize("NFKD", spoken) if not unicodedata.combining(each))
    return [re.sub(r"^([ln])(?:v|yu)", r"\1u", part) for part in re.split(r"[^a-z]+", bare.casefold()) if part]


def _spoken(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - it takes half a second to import, and few names are compared

    return " ".join(lazy_pinyin(name))
