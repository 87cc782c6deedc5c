"""From weights of many sources to one score: an additive model whose every part is shown.

    score = 1 / (1 + exp(-(prior + Σ parts)))

One part for each source (naive Bayes in the form of Good, "Weight of evidence: a brief survey", 1985), with three
bounds on what naive Bayes overstates, since signs are not independent:

- within a source the strongest counts in full, each further one half of the last share; only the signs of the text,
  which its detectors have already told apart, add up;
- a source can say no more than its cap;
- of the sources on one side the strongest counts in full, the others with `further`: who sells fakes is cheap, is
  complained about and writes in code for one reason, and so is who has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.goods.evidence.model import PRIOR, SOURCES, Source, Weight, probability

_ADDITIVE: Final = frozenset({"text"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `prior`: before anything was noticed. `caps`: source → the most that it may say against and for the
    seller. `further`: the share that further sources on one side count with, chosen by calibration
    (docs/quality/fusion.md). `inherited`: the share of what is known of a store that counts for its listings, at most
    `inherited_max` either way: a store that sold one fake is likelier to sell another, and does not only sell fakes.
    """

    prior: float = PRIOR
    caps: Mapping[Source, tuple[float, float]] = msgspec.field(
        default_factory=lambda: {
            "text": (9.0, 4.0),  # what sellers write can be all but an admission
            "price": (4.0, 0.0),  # a sale, a mistake, an unknown accessory
            "picture": (7.0, 2.0),  # honest sellers copy pictures, too
            "seller": (2.0, 2.0),  # conduct elsewhere, not these goods
            "complaints": (6.0, 1.0),  # readers of texts err; most buyers of fakes say nothing
            "appraisal": (8.0, 5.0),  # who appraises can be wrong, and one piece is not all pieces
            "notice": (5.0, 2.0),  # whoever holds a right has an interest
            "batch": (7.0, 2.0),  # goods of several batches lie together
        }
    )
    further: float = 0.8
    inherited: float = 0.25
    inherited_max: float = 1.5


SETTINGS: Final = Settings()


class Part(msgspec.Struct, frozen=True):
    """What one source says, `weight` by itself and `counted` in the sum, and the weights that it rests on."""

    source: Source
    weight: float
    counted: float
    weights: tuple[Weight, ...]


class Sum(msgspec.Struct, frozen=True):
    """All parts in the order of `SOURCES`, and what they come to with the prior."""

    parts: tuple[Part, ...]
    log_odds: float

    @property
    def score(self) -> float:
        """The probability that the goods are fake."""
        return probability(self.log_odds)


def together(weights: Iterable[float]) -> float:
    """What several weights of one source come to, each side by itself."""
    total = 0.0
    given = list(weights)
    for sign in (1, -1):
        share = 1.0
        for weight in sorted((abs(one) for one in given if one * sign > 0), reverse=True):
            total += sign * weight * share
            share /= 2
    return total


def add_up(
    weights: Iterable[Weight],
    now: datetime,
    settings: Settings = SETTINGS,
    times_of: Callable[[Source], float] = lambda _: 1.0,
) -> Sum:
    """What `weights` come to at `now`. The order in which they are given does not matter.

    `times_of`: how much a source counts in goods of this kind.
    """
    by_source: dict[Source, list[Weight]] = defaultdict(list)
    for one in weights:
        by_source[one.source].append(one)
    said: dict[Source, float] = {}
    for source, mine in by_source.items():
        values = sorted(one.at_time(now) for one in mine)
        against, favour = settings.caps[source]
        most = sum(values) if source in _ADDITIVE else together(values)
        said[source] = round(max(-favour, min(against, most * times_of(source))), 4)
    strongest = {
        max((weight for weight in said.values() if weight > 0), default=0.0),
        min((weight for weight in said.values() if weight < 0), default=0.0),
    }
    parts = []
    for source in SOURCES:
        if said.get(source, 0.0):
            weight = said[source]
            share = 1.0 if weight in strongest else settings.further
            strongest.discard(weight)  # of two alike, one is the strongest
            ordered = sorted(by_source[source], key=lambda one: (-abs(one.at_time(now)), one.place))
            parts.append(Part(source, weight, round(weight * share, 4), tuple(ordered)))
    return Sum(tuple(parts), round(settings.prior + sum(part.counted for part in parts), 4))
