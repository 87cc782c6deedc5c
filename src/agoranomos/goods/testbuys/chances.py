"""Exact chances of being drawn when each listing is drawn by itself and a basket that costs too much is drawn anew.

Poisson sampling conditioned on its cost: Hájek's rejective sampling ("Asymptotic theory of rejective sampling", Ann.
Math. Statist. 1964) with a cost in the place of a size. Its probabilities are not assumed, they are computed: the cost
of a basket is a sum of independent terms, so that its distribution is a product of polynomials, and the chance of a
listing, or of two together, is a sum over that of the others. Costs are counted in whole units of a grid.

With `F(m)` the chance that all cost at most m, those without listing i cost at most m with
`G_i(m) = (F(m) − p_i G_i(m − k_i)) / (1 − p_i)`, which unrolls into an alternating series that is stable for p ≤ 1/2.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
CHANCE_MAX: Final = 0.5
"""The most that a working probability may be, for the series' sake: nobody can count on being drawn, or not."""
_NEGLIGIBLE: Final = 1e-14


class Chances:
    """The design: working probabilities `p` (at most CHANCE_MAX), costs `units` (grid units, 1 or more), and `cap`, the
    most that a basket may cost. Listings that cost more than the cap are never drawn.
    """

    def __init__(self, p: Floats, units: Whole, cap: int) -> None:
        assert p.shape == units.shape
        assert bool(np.all((p >= 0) & (p <= CHANCE_MAX)))
        assert bool(np.all(units >= 1))
        self.p, self.units, self.cap = p, units, cap
        self._below = np.cumsum(_costs(p, units, cap))

    @property
    def accepted(self) -> float:
        """The chance that a basket is not drawn anew."""
        return float(self._below[-1])

    def inclusion(self) -> Floats:
        """The chance of each listing to be in the basket that is kept."""
        others = _without(self._below, self.p, self.units, self.cap - self.units)
        return np.asarray(self.p * others / self.accepted)

    def joint(self, chosen: Whole) -> Floats:
        """The chances of each two of `chosen` (indexes) to be in it together; the diagonal holds those of one."""
        p, units, count = self.p[chosen], self.units[chosen], len(chosen)
        below = np.empty((count, self.cap + 1))
        for row in range(count):
            below[row] = _all_without(self._below, float(p[row]), int(units[row]))
        rows, columns = np.repeat(np.arange(count), count), np.tile(np.arange(count), count)
        # One long row after another, so that a place in the table is one number.
        start = rows * (self.cap + 1)
        most = self.cap - units[rows] - units[columns]
        others = _without(below.ravel(), p[columns], units[columns], most, start)
        found = (p[rows] * p[columns] * others / self.accepted).reshape(count, count)
        found = (found + found.T) / 2
        np.fill_diagonal(found, self.inclusion()[chosen])
        return found


def _costs(p: Floats, units: Whole, cap: int) -> Floats:
    """The chance of each cost from 0 to `cap`."""
    costs = np.zeros(cap + 1)
    costs[0] = 1.0
    for chance, unit in zip(p.tolist(), units.tolist(), strict=True):
        if chance == 0.0:
            continue
        moved = costs[: cap + 1 - unit] * chance if unit <= cap else None
        costs *= 1.0 - chance
        if moved is not None:
            costs[unit:] += moved
    return costs


def _without(below: Floats, p: Floats, units: Whole, most: Whole, start: Whole | int = 0) -> Floats:
    """For each listing, the chance that the others cost at most its `most`; 0 below 0. The series of the module.

    `below` is F, or several one after the other, of which each listing's begins at `start`.
    """
    ratio = p / (1.0 - p)
    total, factor = np.zeros(len(p)), np.ones(len(p))
    offset = np.broadcast_to(np.asarray(start), most.shape)
    place, active = most.copy(), np.flatnonzero(most >= 0)
    while len(active):
        total[active] += factor[active] * below[offset[active] + place[active]]
        factor[active] *= -ratio[active]
        place[active] -= units[active]
        active = active[(place[active] >= 0) & (np.abs(factor[active]) > _NEGLIGIBLE)]
    return np.asarray(np.clip(total / (1.0 - p), 0.0, 1.0))


def _all_without(below: Floats, p: float, unit: int) -> Floats:
    """The chance that all but one listing cost at most m, for every m."""
    found = below.copy()
    ratio = factor = -p / (1.0 - p)
    for start in range(unit, len(below), unit):
        found[start:] += factor * below[:-start]
        factor *= ratio
        if abs(factor) < _NEGLIGIBLE:
            break
    return found / (1.0 - p)
