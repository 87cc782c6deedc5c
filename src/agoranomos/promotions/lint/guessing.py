"""How likely somebody guesses a code."""

from __future__ import annotations

from typing import Final

from agoranomos.kernel.schema.promotions import Codes

LETTERS: Final = {"digits": 10, "letters": 26, "alnum": 36}
"""Signs of each alphabet: people type codes, so that small and capital letters are one."""


def codes_possible(codes: Codes) -> int:
    """How many codes of this form there are."""
    return int(LETTERS[codes.alphabet] ** min(codes.length, 128))


def chance_of_guessing(codes: Codes, live: int, tries: int) -> float:
    """The chance that at least one of `tries` different guesses is one of `live` codes: drawing without putting back
    (the hypergeometric distribution).
    """
    possible = codes_possible(codes)
    if live <= 0:
        return 0.0
    if live + tries > possible:
        return 1.0
    # 1 - Π (1 - live / (possible - i)); the product from its complement, as chances far below 1e-16 would be lost.
    missed, chance = 1.0, 0.0
    for number in range(tries):
        one = live / (possible - number)
        chance += missed * one
        missed *= 1.0 - one
    return min(1.0, chance)
