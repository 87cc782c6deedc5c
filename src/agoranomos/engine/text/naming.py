"""Which words of a Latin name may stand for it when they are mistyped."""

from __future__ import annotations

import re

from agoranomos.engine.text import nearby
from agoranomos.engine.text.folding import light

_BETWEEN = re.compile(r"[\s\-]+(?:&\s+)?")
_PAIR_MIN = 7
"""Fewest letters of two words that vouch for each other."""


def near_words(name: str) -> tuple[str, ...]:
    """The words of `name` long enough to be known by: the name itself when it is one word.

    Words are light forms of Latin letters only, between one letter under `nearby.NEAR_MIN` (found when
    letters are repeated) and `nearby.NEAR_MAX`; those of longer names need one letter more.
    """
    words = name.split()
    if len(words) == 1:
        return _fitting(light(name), nearby.NEAR_MIN - 1)
    return tuple(fit for word in words for fit in _fitting(light(word), nearby.NEAR_MIN + 1))


def first_of_several(name: str) -> tuple[str, str] | None:
    """The first word of a Latin name of several and its second word, both as light forms; None where they do not fit.

    A mistake in the first word is looked for where the second stands as it should.
    """
    words = [light(word) for word in _BETWEEN.split(name) if light(word)]
    if len(words) < 2 or not all(word.isascii() and word.isalpha() for word in words[:2]):
        return None
    first, second = words[:2]
    if not 2 < len(first) <= nearby.NEAR_MAX or len(second) < nearby.TAIL or len(first + second) < _PAIR_MIN:
        return None
    return first, second


def _fitting(word: str, length_min: int) -> tuple[str, ...]:
    fits = word.isascii() and word.isalpha() and length_min <= len(word) <= nearby.NEAR_MAX
    return (word,) if fits else ()
