"""Why two rows are linked: first the facts, as people read them; behind them the sum, weight by weight.

Weights are bits (logarithms to base 2): one bit more makes it twice as likely. The sum begins with how rare it is that
any two sellers are one; each fact adds how much more likely it is among those who are the same than among strangers;
and one line takes off what a household, an agent, a namesake or a supplier would explain as well.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.links.comparing import UNKNOWN, compare
from agoranomos.engine.links.facets import PARTS
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.keys import KIND, mixed
from agoranomos.engine.links.parameters import CIRCUMSTANCES, CLASSES, FIELDS, LEVELS
from agoranomos.engine.links.slots import FIRST, Row
from agoranomos.engine.links.weighing import likelihoods, log_odds

_NAMED_FROM: Final = 0.25
"""A circumstance that makes up this share of what else it could be is named."""
_COMER: Final = math.log(8.0)
"""What each further comer to a closed seller's address adds: he tries again with a probability of some 0.7, and a
household, or the tenants of a room, brings another seller with one of some 0.08.
"""


class Fact(msgspec.Struct, frozen=True):
    """A field in which two sellers agree at a `level`, or plainly differ; `bits` for it, and how many `others` share
    it.

    `parts`: of the identity, those that agree.
    """

    field: str
    level: str
    bits: float
    others: int = 0
    parts: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether it is a fact that the two share."""
        return self.level != "differs"


class Explanation(msgspec.Struct, frozen=True):
    """`start` + the bits of all `facts` + `explained` = `total`; `probability` is that total as a share.

    `circumstances` are those that would explain the facts as well, the likeliest first.
    """

    probability: float
    total: float
    start: float
    facts: tuple[Fact, ...]
    explained: float
    circumstances: tuple[str, ...]

    @property
    def shared(self) -> tuple[Fact, ...]:
        """What the two share, the weightiest first."""
        return tuple(fact for fact in self.facts if fact.agrees)


def explain(index: Index, row: Row, other: int, own: str = "", *, comers: int = 0) -> Explanation:
    """Why `row` (of the seller `own`, if he is known) is linked to the row numbered `other`, or why it is not.

    `comers`: so many others came to the address of `other` after that seller was closed. If they are he, they are none
    who hold it by themselves; and each is a further return, which a household or a tenant would have to explain anew.
    """
    asked, known = index.ask(row, own), index.known
    if comers:
        asked.others[_addresses(row, asked.keys)] -= comers
    levels, held = np.empty(len(FIELDS), np.int64), np.empty(len(FIELDS), np.int64)
    parts = np.empty(len(PARTS), np.bool_)
    counted = 0 if index.rows.hand[other] == index.hand_of(own) else 1
    compare(
        row, index.row(other), asked.keys, asked.others, len(asked.keys), counted, known.handful, known.photo_bits,
        levels, parts, held,
    )  # fmt: skip
    logs, totals = np.empty((len(FIELDS), len(CLASSES))), np.empty(len(CLASSES))
    likelihoods(levels, parts, held, known, logs)
    total = log_odds(levels, held, logs, known, totals)
    facts = [
        _fact(field, int(levels[place]), parts, int(held[place]), float(logs[place, 0] - logs[place, 1]))
        for place, field in enumerate(FIELDS)
        if levels[place] != UNKNOWN and (levels[place] > 0 or logs[place, 0] != 0.0)
    ]
    if comers:
        total += comers * _COMER
        facts.append(Fact("comers", "since", round(comers * _COMER / math.log(2.0), 2), comers))
    others = np.exp(totals[1:] - totals[1:].max())
    shares = others / others.sum()
    named = sorted(
        (name for name, share in zip(CIRCUMSTANCES, shares[1:], strict=True) if share >= _NAMED_FROM),
        key=lambda name: -float(shares[1 + CIRCUMSTANCES.index(name)]),
    )
    start = math.log2(known.returners / known.size)
    summed = start + math.fsum(fact.bits for fact in facts)
    return Explanation(
        probability=probability(total),
        total=round(total / math.log(2.0), 2),
        start=round(start, 2),
        facts=tuple(sorted(facts, key=lambda fact: (-fact.bits, fact.field))),
        explained=round(total / math.log(2.0) - summed, 2),
        circumstances=tuple(named),
    )


def _addresses(row: Row, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which of the keys of a row are its address."""
    mine = [mixed(row[FIRST[slot]], KIND[slot]) for slot in ("room", "room_in_city") if row[FIRST[slot]]]
    return np.isin(keys, np.array(mine, np.uint64))


def probability(odds: float) -> float:
    """Natural log-odds as a probability, to four places; never 0 or 1."""
    return min(0.9999, max(0.0001, round(1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds)))), 4)))


def _fact(field: str, level: int, parts: object, held: int, difference: float) -> Fact:
    agreeing: tuple[str, ...] = ()
    if field == "identity" and 0 < level < len(LEVELS["identity"]) - 1:
        assert isinstance(parts, np.ndarray)
        agreeing = tuple(name for name, agrees in zip(PARTS[:4], parts[:4].tolist(), strict=True) if agrees)
    return Fact(field, LEVELS[field][level], round(difference / math.log(2.0), 2), held, agreeing)
