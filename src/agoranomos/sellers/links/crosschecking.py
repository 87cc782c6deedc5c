"""The links of the base beside those that Splink finds: where two ways of weighing disagree, a person may look."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from agoranomos.engine.links import splinking
from agoranomos.engine.links.explaining import Fact, explain, probability
from agoranomos.engine.links.index import Index

SHOWN_MAX: Final = 50
"""Of disagreements on either side, the strongest."""


class Disagreement(msgspec.Struct, frozen=True):
    """Two sellers whom one of both ties: how likely they are the same by ours and by Splink (0: below the line), and
    the facts that they share.
    """

    seller_id: str
    other_id: str
    ours: float
    splink: float
    facts: tuple[Fact, ...]


class CrossCheck(msgspec.Struct, frozen=True):
    """How many pairs of sellers each ties at or above the line, how many both, and the disagreements."""

    ours: int
    splink: int
    both: int
    only_ours: list[Disagreement]
    only_splink: list[Disagreement]


def cross_check(index: Index, line: float) -> CrossCheck:
    """Both over `index`. Raises Invalid where Splink is not installed."""
    least = math.log(line / (1.0 - line))
    mine = {(one, other): probability(odds) for one, other, odds in index.sweep(line=least)}
    linker, _ = splinking.trained(splinking.table_of(index))
    theirs = {
        pair: likely
        for pair, likely in splinking.linked(linker, line).items()
        if index.seller_of(pair[0]) != index.seller_of(pair[1])
    }
    return CrossCheck(
        ours=len(mine),
        splink=len(theirs),
        both=len(mine.keys() & theirs.keys()),
        only_ours=_disagreements(index, {pair: mine[pair] for pair in mine.keys() - theirs.keys()}, ours=True),
        only_splink=_disagreements(index, {pair: theirs[pair] for pair in theirs.keys() - mine.keys()}, ours=False),
    )


def _disagreements(index: Index, pairs: dict[tuple[int, int], float], *, ours: bool) -> list[Disagreement]:
    found = []
    for (one, other), likely in sorted(pairs.items(), key=lambda each: (-each[1], each[0]))[:SHOWN_MAX]:
        seller_id = index.seller_of(one)
        explained = explain(index, index.row(one), other, seller_id)
        found.append(
            Disagreement(
                seller_id=seller_id,
                other_id=index.seller_of(other),
                ours=explained.probability,
                splink=0.0 if ours else round(likely, 4),
                facts=explained.shared,
            )
        )
    return found
