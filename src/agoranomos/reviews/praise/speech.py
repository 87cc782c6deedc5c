"""How telling it is that two reviews say the same: bits of surprise, from what all reviews say.

"Good quality, fast delivery" is written by thousands who never met. So a text that somebody repeats is priced by a
model that has read the others; copies inherit the price, or a ring would teach the model its own words. Texts are not
kept: only what they resemble, and that price.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings import wording

_LEARNT_MIN: Final = 500
"""Before so many texts were read everything is a surprise, and says nothing."""
_LENGTH_MAX: Final = 400
"""Characters that are looked at."""
_SHARED: Final = 0.5
"""Of what two texts say that resemble each other at least so much is the same."""
KEPT_MAX: Final = 400_000
"""Bands that are known; the older half is forgotten beyond."""


class Priced(msgspec.Struct, frozen=True):
    """The text that a review repeats (the band by which it is known, 0: none), and how many bits that is worth."""

    band: int = 0
    bits: float = 0.0


class Speech:
    """Reads texts in the order in which they come."""

    def __init__(self) -> None:
        self.texts = 0
        self._context: npt.NDArray[np.uint32] = np.zeros(1 << wording.CONTEXT_BITS, np.uint32)
        self._follows: npt.NDArray[np.uint32] = np.zeros(1 << wording.FOLLOWS_BITS, np.uint32)
        self._first: dict[int, int] = {}
        """Band → the band by which the first text that had it is known."""
        self._bits: dict[int, float] = {}
        """Of the texts that were said again."""

    def read(self, text: str) -> Priced:
        """What a text resembles, itself if nothing; a short one resembles nothing."""
        plain = squeezed(text)
        if len(plain) < 2 * wording.SHINGLE:
            return Priced()
        codes = np.frombuffer(plain.encode("utf-32-le"), np.uint32)
        bands: list[int] = wording.bands(codes).tolist()
        name = next((self._first[each] for each in bands if each in self._first), bands[0])
        bits = self._price(name, codes) if bands[0] != name or name in self._first else 0.0
        for each in bands:
            self._first.setdefault(each, name)
        if len(self._first) > KEPT_MAX:
            self._first = dict(list(self._first.items())[KEPT_MAX // 2 :])
            kept = set(self._first.values())
            self._bits = {each: bits for each, bits in self._bits.items() if each in kept}
        self.texts += 1
        wording.learn(codes, self._context, self._follows)
        return Priced(name, bits)

    def bits(self, name: int) -> float:
        """What a text that was said again is worth; 0 for others."""
        return self._bits.get(name, 0.0)

    def state(self) -> Any:
        """Everything that it knows."""
        return self.texts, self._context.tobytes(), self._follows.tobytes(), self._first, self._bits

    def resume(self, state: Any) -> None:
        """See `state`."""
        self.texts, context, follows, self._first, self._bits = state
        self._context = np.frombuffer(context, np.uint32).copy()
        self._follows = np.frombuffer(follows, np.uint32).copy()

    def _price(self, name: int, codes: npt.NDArray[np.uint32]) -> float:
        """Once, when it is said the second time: the model has read it once, which does not count."""
        if name not in self._bits:
            enough = self.texts >= _LEARNT_MIN
            bits = float(wording.surprise(codes, self._context, self._follows, 1)) if enough else 0.0
            self._bits[name] = round(_SHARED * bits, 1)
        return self._bits[name]


def squeezed(text: str) -> str:
    """The letters and digits of a text, in one form and case."""
    folded = unicodedata.normalize("NFKC", text[: 2 * _LENGTH_MAX]).casefold()
    return "".join(filter(str.isalnum, folded))[:_LENGTH_MAX]


def needed(texts: int, margin_bits: float) -> float:
    """From how many bits on one would not expect any two of `texts` to say the same by chance, by `margin_bits`."""
    return 2.0 * math.log2(max(2, texts)) - 1.0 + margin_bits
