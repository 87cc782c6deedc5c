"""Two models for CP-SAT, and how hard it may work on them.

Shrinking a basket never makes it dearer in proportion, as long as each campaign's least spending is met: every benefit
takes a share of what is left that does not fall when less is left. So the basket with the lowest ratio may be thought
of at a list total where something just becomes possible (`Problem.levels`).

- `bound_at` looks at one such level, where the total is a constant, which makes it quick. Amounts of goods are any
  numbers, and shares are rounded in the buyer's favour: it is cheaper than real baskets are, so it gives a bound.
- `exact_below` looks at baskets of whole pieces of real goods, of any total from a level on. It is as exact as the
  pricing as long as goods are of one cell; how a benefit is shared among cells is left to the buyer there too.

Constraints say of a benefit only what it takes at most: what is least paid takes as much as it may.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING, Any, Final

import msgspec

from agoranomos.promotions.lint.bounding import worth_asking
from agoranomos.promotions.lint.problem import Problem, Terms

if TYPE_CHECKING:
    from types import ModuleType

    from ortools.sat.python import cp_model

_FINE: Final = 10
"""Tenths of a minor unit, so that rounding within the model of a level does not matter."""
_BEST: Final = "OPTIMAL"
_NONE: Final = "INFEASIBLE"
_DONE: Final = (_BEST, "FEASIBLE")


class Asked(msgspec.Struct, frozen=True):
    """What is looked for: baskets of the cells in `weights`, with each campaign of `must`, without all of any set of
    `never` together, for which less is paid than the sum of weight times list price, by more than `gap` of the total.
    """

    weights: Mapping[int, Fraction]
    gap: Fraction
    must: frozenset[int] = frozenset()
    never: tuple[frozenset[int], ...] = ()

    @property
    def scale(self) -> int:
        """The common denominator of all weights and the gap."""
        return lcm(self.gap.denominator, *(weight.denominator for weight in self.weights.values()))


class Answer(msgspec.Struct, frozen=True):
    """No basket is further below its weights than `under` (parts of its list total, zero or less). `used` and `amounts`
    (minor units by cell) are the one that comes nearest, `pieces` its goods where they are known: (cell, place of the
    good in it) → (quantity, sum of list prices). `complete`: all was looked at.
    """

    under: Fraction
    used: frozenset[int] = frozenset()
    amounts: Mapping[int, float] = {}
    pieces: Mapping[tuple[int, int], tuple[int, int]] = {}
    complete: bool = True


NONE: Final = Answer(Fraction(0))


class Effort:
    """How much work the solver may still do, in its own deterministic seconds."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def solve(
        self, model: cp_model.CpModel, seconds_max: float | None = None, gap: float = 0.0
    ) -> tuple[cp_model.CpSolver, str]:
        """The solver after its run, and the name of the status; the same model gives the same answer. It may come to
        `gap` of the best objective.
        """
        solver = _cp_model().CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2  # with all constraints in the linear bound: five times as fast here
        solver.parameters.absolute_gap_limit = gap
        left = self.left if seconds_max is None else min(self.left, seconds_max)
        solver.parameters.max_deterministic_time = max(left, 0.001)
        status = solver.solve(model)
        self.left -= solver.response_proto.deterministic_time
        return solver, solver.status_name(status)


def bound_at(
    problem: Problem, level: int, asked: Asked, effort: Effort, *, until: int | None = None,
    seconds_max: float | None = None,
) -> Answer:  # fmt: skip
    """How far below its weights a basket of a list total from `level` to below `until` can come, if by more than the
    gap. It is thought of as shrunk to `level`: of each cell it holds nothing, or at least a piece, shrunk as much.
    """
    cells = [k for k in asked.weights if problem.cells[k].low <= level]
    able = [n for n, terms in enumerate(problem.terms) if terms.least <= level]
    under, worth = worth_asking(problem, level, able, {k: asked.weights[k] - asked.gap for k in cells})
    if not cells or under >= 0 or not asked.must <= worth:
        return NONE
    worst = under - asked.gap
    chain = _Chain(problem, asked, sorted(worth), _FINE)
    model, whole = chain.model, level * _FINE
    amounts: dict[int, Any] = {}
    for k in cells:
        most = min(whole, problem.cells[k].most * _FINE)
        amounts[k] = chain.amount_of(k, most)
        some = model.new_bool_var("")
        chain.lines.append(some)
        model.add(amounts[k] <= most * some)
        if until is not None:
            model.add(amounts[k] >= problem.cells[k].low * whole // until * some)
    model.add(sum(chain.lines) <= problem.limits.lines_max)
    model.add(sum(amounts.values()) == whole)
    below, scale = chain.below(amounts, {}, whole)
    model.add(below <= -int(asked.gap * scale * whole) - 1)
    model.minimize(below)
    solver, status = effort.solve(model, seconds_max, float(asked.gap * scale * whole / 2))
    if status == _NONE:
        return NONE
    if status not in _DONE:
        return Answer(worst, complete=False)
    bound = Fraction(int(solver.best_objective_bound // 1), scale * whole)
    return Answer(
        max(worst, min(Fraction(0), bound)),
        chain.used_in(solver),
        {k: solver.value(amounts[k]) / _FINE for k in cells if solver.value(amounts[k])},
        complete=status == _BEST,
    )


def exact_below(
    problem: Problem,
    level: int,
    asked: Asked,
    effort: Effort,
    *,
    until: int | None = None,
    seconds_max: float | None = None,
) -> Answer:
    """A basket of real goods with a list total of `level` or more, and below `until`, that comes below its weights by
    more than the gap; NONE when there is none. Its `under` is not the least: ask again with other weights.
    """
    worth = _worth(problem, level, until, asked)
    if not worth or not asked.must <= worth:
        return NONE
    chain = _Chain(problem, asked, sorted(worth), 1)
    model = chain.model
    amounts, pieces, offs = _goods(problem, asked, chain, until)
    total = sum(amounts.values())
    model.add(sum(chain.lines) <= problem.limits.lines_max)
    model.add(total >= level)
    if until is not None:
        model.add(total < until)
    for number, used in chain.used.items():
        if problem.terms[number].least:
            model.add(total >= problem.terms[number].least).only_enforce_if(used)
    gap = asked.gap.numerator * (asked.scale // asked.gap.denominator)
    model.add(chain.below(amounts, offs)[0] + gap * total <= -1)
    solver, status = effort.solve(model, seconds_max)
    if status == _NONE:
        return NONE
    if status not in _DONE:
        return Answer(Fraction(-1), complete=False)
    found = {
        place: (solver.value(count), solver.value(sums)) for place, (count, sums) in pieces.items()
        if solver.value(count)
    }  # fmt: skip
    return Answer(Fraction(-1), chain.used_in(solver), {}, found, complete=False)


def most_taken(problem: Problem, effort: Effort) -> tuple[frozenset[int], dict[tuple[int, int], int], int]:
    """The campaigns and the goods (cell and place → pieces) off which most is taken that the platform pays for, and an
    amount above which nothing is. More goods never make less come off, so that each line is as large as may be.
    """
    weights = dict.fromkeys(range(len(problem.cells)), Fraction(1))
    chain = _Chain(problem, Asked(weights, Fraction(0)), range(len(problem.terms)), 1)
    model, pieces = chain.model, problem.limits.pieces_max
    picked: dict[tuple[int, int], Any] = {}
    amounts: dict[int, Any] = {}
    for k, cell in enumerate(problem.cells):
        dearest = sorted(range(len(cell.goods)), key=lambda place: -cell.goods[place].high)
        for place in dearest[: problem.limits.lines_max]:
            picked[k, place] = model.new_bool_var("")
        most = sum(pieces * cell.goods[place].high for place in dearest[: problem.limits.lines_max])
        amounts[k] = chain.amount_of(k, most)
        mine = [(place, some) for (of, place), some in picked.items() if of == k]
        model.add(amounts[k] == sum(pieces * cell.goods[place].high * some for place, some in mine))
    model.add(sum(picked.values()) <= problem.limits.lines_max)
    chain.below(amounts, {})
    total = sum(amounts.values())
    for number, used in chain.used.items():
        if problem.terms[number].least:
            model.add(total >= problem.terms[number].least).only_enforce_if(used)
    given = []
    for number, taken in chain.taken.items():
        terms = problem.terms[number]
        if terms.platform:
            given.append(taken)
            if terms.budget is not None:
                model.add(taken <= terms.budget)
    model.maximize(sum(given))
    solver, status = effort.solve(model, gap=0.5)
    if status not in _DONE:
        return (
            frozenset(),
            {},
            sum(terms.most(cell.most, cell.high) for terms in problem.terms for cell in problem.cells),
        )
    goods = {place: pieces for place, some in picked.items() if solver.boolean_value(some)}
    return chain.used_in(solver), goods, int(solver.best_objective_bound)


def _worth(problem: Problem, level: int, until: int | None, asked: Asked) -> set[int]:
    """The campaigns that a basket of a list total from `level` to below `until` might need to be what is asked for."""
    needed = {k: weight - asked.gap for k, weight in asked.weights.items()}
    levels = [level, *(each for each in problem.levels(problem.cells) if each > level)]
    worth: set[int] = set()
    for each in levels:
        if until is None or each < until:
            able = [number for number, terms in enumerate(problem.terms) if terms.least <= each]
            worth |= worth_asking(problem, each, able, needed)[1]
    return worth


def _goods(
    problem: Problem, asked: Asked, chain: _Chain, until: int | None
) -> tuple[dict[int, Any], dict[Any, Any], dict[Any, Any]]:
    """Pieces of real goods that cost less than `until`: sums by cell, (count, sum) by good, what a price benefit can
    take off each cell.
    """
    amounts: dict[int, Any] = {}
    pieces: dict[tuple[int, int], tuple[Any, Any]] = {}
    offs: dict[tuple[int, int], Any] = {}
    most = problem.limits.pieces_max
    for k in asked.weights:
        cell = problem.cells[k]
        able = [(place, good) for place, good in enumerate(cell.goods) if until is None or good.low < until]
        for place, good in able:
            count, some = chain.amount(most), chain.model.new_bool_var("")
            chain.model.add(count <= most * some)
            chain.lines.append(some)
            sums = good.low * count
            if good.high > good.low:
                sums = chain.amount(most * good.high)
                chain.model.add(sums >= good.low * count)
                chain.model.add(sums <= good.high * count)
            pieces[k, place] = count, sums
        amounts[k] = chain.amount_of(k, cell.most)
        chain.model.add(amounts[k] == sum(pieces[k, place][1] for place, _ in able))
        for number in sorted(cell.by):
            terms = problem.terms[number]
            if terms.kind == "price" and all(good.low == good.high for _, good in able):
                offs[number, k] = sum(max(0, good.low - terms.each) * pieces[k, place][0] for place, good in able)
    return amounts, pieces, offs


def _cp_model() -> ModuleType:
    # It imports pandas, which takes a third of a second; most campaigns are judged without the solver.
    from ortools.sat.python import cp_model  # noqa: PLC0415

    return cp_model


class _Chain:
    """Benefits one after the other, in a model whose unit is `1 / fine` of the minor unit."""

    def __init__(self, problem: Problem, asked: Asked, numbers: Sequence[int], fine: int) -> None:
        self.model = _cp_model().CpModel()
        self.lines: list[Any] = []
        self._most: dict[int, int] = {}
        self.taken: dict[int, Any] = {}
        self._problem, self._asked, self._fine = problem, asked, fine
        self.used = {number: self.model.new_bool_var(f"u{number}") for number in numbers}
        for group in problem.groups:
            if len(some := [self.used[number] for number in group if number in self.used]) > 1:
                self.model.add_at_most_one(some)
        for number in asked.must & self.used.keys():
            self.model.add(self.used[number] == 1)
        for together in asked.never:
            if together <= self.used.keys():
                self.model.add_bool_or([~self.used[number] for number in sorted(together)])

    def amount(self, most: int) -> Any:
        """A new amount from zero to `most`."""
        return self.model.new_int_var(0, most, "")

    def amount_of(self, k: int, most: int) -> Any:
        """A new amount of the cell `k`."""
        self._most[k] = most
        return self.amount(most)

    def used_in(self, solver: cp_model.CpSolver) -> frozenset[int]:
        """The campaigns that the solver has used."""
        return frozenset(number for number, used in self.used.items() if solver.boolean_value(used))

    def below(
        self, amounts: Mapping[int, Any], offs: Mapping[tuple[int, int], Any], whole: int | None = None
    ) -> tuple[Any, int]:
        """What is paid less what is wanted, and in how many parts of the unit; `offs` bounds what a campaign takes off
        a cell. `whole` is the list total where it is known.
        """
        left, most = dict(amounts), dict(self._most)
        for number, used in self.used.items():
            cells = [k for k in left if number in self._problem.cells[k].by]
            if not cells:
                self.model.add(used == 0)
                continue
            rooms = [(left[k], most[k]) for k in cells]
            taken = [
                self._off(number, k, *room, offs.get((number, k)), len(cells))
                for k, room in zip(cells, rooms, strict=True)
            ]
            self._together(number, used, taken, rooms)
            self.taken[number] = sum(taken)
            for k, off in zip(cells, taken, strict=True):
                rest = self.amount(most[k])
                self.model.add(rest == left[k] - off)
                left[k] = rest
        weights = set(self._asked.weights.values())
        if whole is not None and len(weights) == 1:  # small coefficients, and the same order
            return sum(left.values()) - ceil(weights.pop() * whole), 1
        scale = self._asked.scale
        wanted = sum(int(self._asked.weights[k] * scale) * amount for k, amount in amounts.items())
        return scale * sum(left.values()) - wanted, scale

    def _off(self, number: int, k: int, room: Any, most: int, bound: Any, cells: int) -> Any:
        """What a campaign takes off one cell."""
        terms, high = self._problem.terms[number], self._problem.cells[k].high
        off = self.amount(self._limit(terms, most))
        self.model.add(off <= room)
        if terms.kind == "percent":
            top, bottom = terms.share.numerator, terms.share.denominator
            slack = bottom - 1 if self._fine > 1 else bottom * (cells - 1)
            self.model.add(bottom * off <= top * room + slack)
        elif terms.kind == "price":
            # Of goods that cost up to `high`, no more can come off in proportion than off the dearest.
            self.model.add(high * off <= max(0, high - terms.each) * room + (high - 1))
            if bound is not None:
                self.model.add(off <= bound)
        return off

    def _together(self, number: int, used: Any, taken: Sequence[Any], rooms: Iterable[tuple[Any, int]]) -> None:
        """What a campaign takes off all cells: nothing when it is not used."""
        terms = self._problem.terms[number]
        self.model.add(sum(taken) <= self._limit(terms, sum(most for _, most in rooms)) * used)
        if terms.kind == "percent" and self._fine == 1:
            self.model.add(
                terms.share.denominator * sum(taken) <= terms.share.numerator * sum(room for room, _ in rooms)
            )

    def _limit(self, terms: Terms, room: int) -> int:
        """The most that the campaign takes off of `room`."""
        found = room
        if terms.kind in ("fixed", "points"):
            found = min(found, terms.amount * self._fine)
        elif terms.kind == "percent":
            found = min(found, int(terms.share * room) + 1)
        return found if terms.cap is None else min(found, terms.cap * self._fine)
