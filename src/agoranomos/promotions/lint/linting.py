"""The lint: all campaigns that will be live together, against the policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from agoranomos.kernel.money import Money
from agoranomos.promotions.campaigns.model import Declared, currency_of
from agoranomos.promotions.campaigns.stacking import parted
from agoranomos.promotions.lint import terms
from agoranomos.promotions.lint.goods import Listed, described_goods, listed_goods
from agoranomos.promotions.lint.losing import losses, summed
from agoranomos.promotions.lint.policy import Policy
from agoranomos.promotions.lint.problem import Problem, problem_of
from agoranomos.promotions.lint.realising import Found, bought
from agoranomos.promotions.lint.report import Combination, LargestLoss, Remark, Report, Verdict, Worst
from agoranomos.promotions.lint.saying import receipt
from agoranomos.promotions.lint.searching import lowest, violations
from agoranomos.promotions.lint.shrinking import shrunk, told
from agoranomos.promotions.lint.solving import Effort, most_taken

CURRENCY: Final = "CNY"
"""Of campaigns none of which names an amount."""


@dataclass(frozen=True)
class Question:
    """What is linted: campaigns that will be live together, the goods (None: those that the campaigns speak of), and
    when (None: nothing is over). With `about`, only what that campaign has a part in.
    """

    campaigns: Sequence[Declared]
    listed: Sequence[Listed] | None = None
    now: datetime | None = None
    about: str | None = None


def lint(question: Question, policy: Policy) -> Report:
    """The report; the same question and policy give the same report."""
    effort = Effort(policy.search.effort_s_max)
    given = sorted(question.campaigns, key=lambda each: each.id)
    found = [_Currency(question, policy, effort, currency) for currency in _currencies(given)]
    combinations: list[Combination] = []
    complete = True
    for each in found:
        named, all_of_them = each.refused()
        combinations += named
        complete &= all_of_them
    known = [each.id for each in given]
    verdicts = tuple(
        _verdict(each, combinations, policy, known, question.now) for each in given if question.about in (None, each.id)
    )
    return Report(
        refused=bool(combinations) or any(each.refused for each in verdicts),
        complete=complete,
        policy=policy.version,
        campaigns=verdicts,
        combinations=tuple(combinations),
        lowest=tuple(worst for each in found for worst in each.lowest()) if question.about is None else (),
        losses=tuple(each.loss() for each in found) if question.about is None else (),
    )


def _currencies(given: Iterable[Declared]) -> list[str]:
    named = {currency for each in given if (currency := currency_of(each.campaign)) is not None}
    return sorted(named) or [CURRENCY]


def _verdict(
    declared: Declared, combinations: Iterable[Combination], policy: Policy, known: Sequence[str], now: datetime | None
) -> Verdict:
    said = []
    for each in combinations:
        if declared.id in each.campaign_ids:
            alone = len(each.campaign_ids) == 1
            code = "paid_to_face" if alone else "paid_to_face_together"
            said.append(Remark(code, "", each.receipt.en, each.receipt.zh))
    said += terms.reasons(declared.campaign, declared.document, policy)
    return Verdict(declared.id, bool(said), tuple(said), tuple(terms.remarks(declared.campaign, known, now)))


class _Currency:
    """The question in one currency."""

    def __init__(self, question: Question, policy: Policy, effort: Effort, currency: str) -> None:
        campaigns = [
            each.campaign for each in question.campaigns if currency_of(each.campaign) in (None, currency)
        ]  # fmt: skip
        goods = (
            described_goods(campaigns, policy.goods)
            if question.listed is None
            else listed_goods(question.listed, campaigns, currency, policy.goods)
        )
        self._policy, self._effort, self._about = policy, effort, question.about
        mine = next((each for each in campaigns if each.id == question.about), None)
        if mine is not None:
            campaigns = [each for each in campaigns if each is mine or parted(each, mine) is None]
        self.problem: Problem = problem_of(campaigns, goods, currency, policy.basket)

    def refused(self) -> tuple[list[Combination], bool]:
        """Combinations below the floor, and whether these are all. A campaign that the policy exempts is looked at with
        its own floor, and all that goes with it.
        """
        found: list[Found] = []
        complete = True
        exempt = [number for number, each in enumerate(self.problem.terms) if each.campaign.id in self._policy.exempt]
        about = frozenset(
            number for number, each in enumerate(self.problem.terms) if each.campaign.id == self._about
        )  # fmt: skip
        if self._about is not None and not about:
            return [], True
        rounds: list[tuple[int | None, frozenset[int]]] = [(None, about)]
        rounds += [(number, about | {number}) for number in exempt]
        for number, must in rounds:
            floor = None
            never = tuple(frozenset({each}) for each in exempt if number is None)
            if number is not None:
                exemption = self._policy.exempt[self.problem.terms[number].campaign.id]
                floor = Fraction(str(exemption.paid_to_face_min))
            if any(never_one <= must for never_one in never):
                continue
            weights = {
                k: self._policy.floor(cash=cell.cash) if floor is None else floor
                for k, cell in enumerate(self.problem.cells)
            }
            some, all_of_them = violations(
                self.problem, weights, must, self._effort, most=self._policy.search.combinations_max, never=never
            )
            found += some
            complete &= all_of_them
        return [self._combination(told(self.problem, each)) for each in found], complete

    def lowest(self) -> list[Worst]:
        """The worst basket of each kind of goods."""
        gap = Fraction(str(self._policy.search.gap_max))
        worst = []
        for cash in (True, False):
            cells = [k for k, cell in enumerate(self.problem.cells) if cell.cash == cash and cell.by]
            if not cells:
                continue
            answer = lowest(self.problem, cells, gap, self._effort)
            if answer.found is not None:
                floor, bound = float(self._policy.floor(cash=cash)), float(answer.bound)
                shown = receipt(told(self.problem, answer.found))
                worst.append(Worst(self.problem.currency, cash, floor, bound, answer.proven, float(gap), shown))
        return worst

    def loss(self) -> LargestLoss:
        """What the platform may lose."""
        currency, accounts = self.problem.currency, self._policy.accounts
        used, goods, bound = most_taken(self.problem, self._effort)
        lines = [
            self.problem.cells[k].goods[place].line(pieces, self.problem.cells[k].goods[place].high)
            for (k, place), pieces in sorted(goods.items())
        ]
        found = bought(self.problem, lines, self.problem.campaigns(sorted(used)), Fraction(0)) if lines else None
        each = losses(self.problem, accounts)
        one, many = summed([loss.one_account for loss in each]), summed([loss.all_accounts for loss in each])
        lost = 0 if found is None else _by_platform(self.problem, found)
        if found is not None and lost:
            found = shrunk(self.problem, found, lambda less: _by_platform(self.problem, less) == lost)
        return LargestLoss(
            currency, Money(lost, currency), Money(max(lost, bound), currency), bound - lost <= 1,
            None if found is None or not lost else receipt(found),
            accounts, None if one is None else Money(one, currency), None if many is None else Money(many, currency),
            tuple(each),
        )  # fmt: skip

    def _combination(self, found: Found) -> Combination:
        cash = any(
            cell.cash and good.listing_id == line.listing_id and good.category == line.category
            for cell in self.problem.cells for good in cell.goods for line in found.basket.lines
        )  # fmt: skip
        floor = float(found.wanted / found.receipt.listed)
        return Combination(tuple(step.campaign_id for step in found.receipt.steps), floor, cash, receipt(found))


def _by_platform(problem: Problem, found: Found) -> int:
    total = 0
    for step in found.receipt.steps:
        terms_of = problem.terms[problem.number(step.campaign_id)]
        if terms_of.platform:
            total += step.taken if terms_of.budget is None else min(step.taken, terms_of.budget)
    return total
