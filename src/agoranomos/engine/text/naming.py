"""Which words of a Latin name may stand for it when they are mistyped."""

from __future__ import annotations

from agoranomos.engine.text import nearby
from agoranomos.engine.text.folding import light


def near_words(name: str) -> tuple[str, ...]:
    """The words of `name` long enough to be known by: the name itself when it is one word.

    Words are light forms of Latin letters only, between one letter under `nearby.NEAR_MIN` (found when
    letters are repeated) and `nearby.NEAR_MAX`; those of longer names need one letter more.
    """
    words = name.split()
    if len(words) == 1:
        return _fitting(light(name), nearby.NEAR_MIN - 1)
    return tuple(fit for word in words for fit in _fitting(light(word), nearby.NEAR_MIN + 1))


def _fitting(word: str, length_min: int) -> tuple[str, ...]:
    fits = word.isascii() and word.isalpha() and length_min <= len(word) <= nearby.NEAR_MAX
    return (word,) if fits else ()
