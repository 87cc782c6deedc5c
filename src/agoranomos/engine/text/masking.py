"""Names of which something is left to be guessed: 路*威登 with a sign in place of a character, Brtlng without vowels.

Who buys knows the name and fills it in; a search for it finds nothing. Latin names with signs in them (G**ci) are
walked letter by letter (`tangled`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agoranomos.engine.text.folding import BROKEN, light
from agoranomos.engine.text.frequencies import chinese_words, zipf_latin
from agoranomos.engine.text.variants import Variant

MASK: Final = "*"
"""Stands in a variant for any sign; which signs do is held against the text (`is_masked`)."""
_MASKED_MIN: Final = 3
"""Characters of a name from which one may be left to be guessed."""
_MASKING: Final = "x某口〇"
"""What stands for a character beside signs; of a name of three the last two may be something else."""
_MASKING_SHORT: Final = "x某"
_GUESSED: Final = re.compile(
    "[一-鿿](?:[*＊∗✱✲×?？#＃_○●◯□■]{1,2}|[\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff]\ufe0f?)[一-鿿]"
)
"""A gap between ideographs that signs of omission or one picture fill."""
_JOINTS: Final = re.compile(r"[·・‧•\s]")
_SKELETON_MIN: Final = 5
_DROPPED_MIN: Final = 2
_ZIPF_MAX: Final = 1.5
_VOWELS: Final = frozenset("aeiou")


def masked(name: str) -> Iterator[Variant]:
    """A Chinese name with one character inside it left to be guessed: 路*威登, 路某威登."""
    name = _JOINTS.sub("", name)
    size = len(name)
    if size < _MASKED_MIN or not all("一" <= char <= "鿿" for char in name):
        return
    for place in range(1, size - 1):
        for sign in MASK + (_MASKING if size > _MASKED_MIN else _MASKING_SHORT):
            text = f"{name[:place]}{sign}{name[place + 1 :]}"
            if text not in chinese_words():
                yield Variant(text, BROKEN, 1, size)


def is_masked(variant: str, written: str) -> bool:
    """Whether `written` leaves a character to be guessed, if `variant` is one that needs it."""
    return MASK not in variant or variant.isascii() or _GUESSED.search(written) is not None


def skeleton(name: str) -> Variant | None:
    """A Latin name without its vowels behind the first letter, where enough is left that is no word: Brtlng."""
    text = name[:1] + "".join(char for char in name[1:] if char.casefold() not in _VOWELS)
    letters = light(text)
    dropped = len(light(name)) - len(letters)
    if not (letters.isascii() and letters.isalpha() and len(letters) >= _SKELETON_MIN and dropped >= _DROPPED_MIN):
        return None
    return None if zipf_latin(letters) >= _ZIPF_MAX else Variant(text, BROKEN, dropped, len(letters))
