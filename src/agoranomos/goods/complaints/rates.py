"""How far the share of buyers who speak of fakes is from what is usual: a rate, shrunk towards its category.

Two stories are compared over the same orders (a Bayes factor; beta-binomial, as in Gelman et al., "Bayesian Data
Analysis", 3rd ed., section 5.1): an honest seller's share varies about that of the category, with the spread that was
seen between its listings (empirical Bayes by moments, Kleinman 1973); a seller of fakes has a share of some percent.
So three complaints on a hundred orders say much, and three on five thousand say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`prior_log_odds`: before anything was heard (decision 0006). `usual_share`: of buyers of honest goods who speak
    of fakes, before a category is known; two in 10,000 returns name a fake, and readers err. `usual_orders`: how many
    orders that is worth. `fake_a`: first parameter of the beta distribution of the share among buyers of fakes; its
    mean is 4 %, as most of them notice nothing or say nothing. `fake_b`: the second one. `spread_min`: the least
    strength of a category's prior, in orders. `spread_max`: the most. `weight_max`: the most that complaints may weigh.
    `window_days`: how long a voice counts. `buyers_min`: fewer different people are never a finding.
    """

    prior_log_odds: float = -4.0
    usual_share: float = 0.0005
    usual_orders: float = 2_000.0
    fake_a: float = 0.8
    fake_b: float = 20.0
    spread_min: float = 200.0
    spread_max: float = 5_000.0
    weight_max: float = 8.0
    window_days: int = 90
    buyers_min: int = 2


SETTINGS: Final = Settings()


class Usual(msgspec.Struct, frozen=True):
    """What is usual in a category: the mean share of buyers who speak of fakes, and how many orders it is worth."""

    share: float
    orders: float


def usual(settings: Settings) -> Usual:
    """What is taken for usual where nothing was seen yet."""
    return Usual(settings.usual_share, settings.usual_orders)


def estimate(counts: Iterable[tuple[float, float]], settings: Settings) -> Usual:
    """What is usual by `counts`, (people who speak of fakes, orders) of each listing of a category."""
    seen = [(accusers, orders) for accusers, orders in counts if orders > 0]
    orders_all = sum(orders for _, orders in seen)
    share = (sum(accusers for accusers, _ in seen) + settings.usual_share * settings.usual_orders) / (
        orders_all + settings.usual_orders
    )
    if len(seen) < 2:
        return Usual(share, settings.usual_orders)
    chance = share * (1 - share)
    variance = sum(orders * (accusers / orders - share) ** 2 for accusers, orders in seen) / orders_all
    by_chance = chance * len(seen) / orders_all
    beyond = variance - by_chance
    strength = (chance - variance) / beyond if beyond > 0 else settings.spread_max
    return Usual(share, min(max(strength, settings.spread_min), settings.spread_max))


def shrunk(accusers: float, orders: float, about: Usual) -> float:
    """The share of `accusers` among `orders`, drawn towards what is usual."""
    return (accusers + about.share * about.orders) / (orders + about.orders)


def expected(accusers: float, orders: float, about: Usual, chance: float, settings: Settings) -> float:
    """The share to be expected when the goods are fake with `chance`: drawn towards what is usual where they are not,
    and towards what fakes bring where they are (the mean of the two stories' posteriors, by how likely each is).
    """
    fake = (accusers + settings.fake_a) / (orders + settings.fake_a + settings.fake_b)
    return chance * fake + (1.0 - chance) * shrunk(accusers, orders, about)


def weight(accusers: float, orders: float, about: Usual, settings: Settings) -> float:
    """Natural logarithm of the Bayes factor of fakes against honest goods."""
    orders = max(orders, accusers)
    honest = _marginal(accusers, orders, about.share * about.orders, (1 - about.share) * about.orders)
    fake = _marginal(accusers, orders, settings.fake_a, settings.fake_b)
    return fake - honest


def _marginal(hits: float, tries: float, a: float, b: float) -> float:
    """Log of the beta-binomial probability, without the binomial coefficient, which both stories share."""
    return _log_beta(a + hits, b + tries - hits) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
