"""What is read in a text: marks, and the score that they come to."""

from __future__ import annotations

from typing import Literal

import msgspec

Lang = Literal["zh", "en", "other"]


class Span(msgspec.Struct, frozen=True):
    """Words that say something of the goods: characters `start` to `end` (exclusive) of the text as it was given.

    `code` is one of `data/codes.toml`; `weight` (natural log-odds) is what it adds to the score in this text.
    """

    start: int
    end: int
    code: str
    weight: float


class Reading(msgspec.Struct, frozen=True):
    """How a text reads: the probability that its writer says or suspects that the goods are fake, and why.

    `lang` is `other` for a text in a language that is not read; its score is that of a text without a sign.
    """

    score: float
    spans: tuple[Span, ...]
    lang: Lang
