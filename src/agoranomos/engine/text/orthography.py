"""Orthographies of Chinese characters: traditional, Japanese, Taiwan and Hong Kong forms, and the simplified one.

Source: the tables of OpenCC (package opencc: TSCharacters, JPVariants, TWVariants, HKVariants); the character sets of
GB 2312 and Big5 as Python encodes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


@cache
def simplified() -> dict[str, str]:
    """Ideographs of other orthographies → the simplified one, character by character (OpenCC's tables).

    Japanese, Taiwan and Hong Kong forms that are everyday simplified characters themselves (those of GB 2312)
    stay what they are: 着 is no form of 著. So do those whose simplified form no everyday font has (鮟).
    """
    table = {old: new[0] for old, new in _opencc("TSCharacters") if len(old) == 1}
    for name in ("JPVariants", "TWVariants", "HKVariants"):
        for old, new in _opencc(name):
            for form in (one for one in new if len(one) == 1 and not is_simplified(one)):
                table.setdefault(form, table.get(old, old))
    return {old: new for old, new in table.items() if old != new and ord(new) < 0x10000}


def _opencc(name: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of a table of OpenCC: a character and what it becomes, likeliest first."""
    text = (files("opencc") / "dictionary" / f"{name}.txt").read_text("utf-8")
    for line in text.splitlines():
        if "\t" in line:
            old, new = line.split("\t")
            yield old, new.split(" ")


def is_simplified(char: str) -> bool:
    """Whether `char` is of GB 2312, the characters that simplified Chinese is written in."""
    return _has(char, "gb2312")


def is_compatibility_ideograph(char: str) -> bool:
    """Whether `char` is encoded a second time for the sake of another standard; no keyboard for Chinese types it."""
    return "\uf900" <= char <= "\ufaff" or "\U0002f800" <= char <= "\U0002fa1f"


def only_simplified(char: str) -> bool:
    """Whether `char` is an ideograph of GB 2312 and not of Big5: nobody writes it in traditional Chinese."""
    return "一" <= char <= "鿿" and is_simplified(char) and not _has(char, "big5")


def only_elsewhere(char: str) -> bool:
    """Whether `char` is an ideograph that has a simplified form and is not one."""
    return char in simplified() and not is_simplified(char)


def _has(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
