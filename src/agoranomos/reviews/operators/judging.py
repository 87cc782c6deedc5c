"""Who works for many sellers, and against their buyers: pure functions of what is known of a place.

To work for many is honest: agencies and systems do, and they read orders in bulk. What they do not do is to join orders
and reviews so that the authors of bad ones are called and their reviews vanish. Contacts and endings are held against
how often they come without anybody's help.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from agoranomos.reviews.operators.model import AtStore, Place
from agoranomos.reviews.operators.policy import Policy
from agoranomos.reviews.weighing import probability, tail

_DOUBLINGS_MAX: Final = 4.0
_NIGHTS: Final = 0.2
_SESSIONS_MIN: Final = 10
TAKING: Final = frozenset(("exports", "harvests"))
PAID: Final = frozenset(("payee_of_two", "payee_of_more"))


class Sign(NamedTuple):
    """What speaks for or against: its code, its weight, over how many `sellers`, and figures."""

    code: str
    weight: float
    sellers: int
    figures: Mapping[str, float]


class Judged(NamedTuple):
    """A place by its signs."""

    score: float
    sellers: int
    signs: tuple[Sign, ...]


def judged(
    place: Place, seller_of: Mapping[str, str], payees: Mapping[str, int], contracted: float, policy: Policy
) -> Judged | None:
    """None when it is not worth a person's time. `payees`: by how many of the sellers each payee was paid;
    `contracted`: the largest share of the stores that one contract covers.

    Whoever takes, and no more, is not accused, nor who answers bad reviews for those who pay him. It takes endings
    beside taking or money; reviews read in bulk and their authors contacted; or orders and reviews in bulk, and money.
    """
    sellers = _sellers(place.stores, seller_of)
    if len(sellers) < policy.sellers_min:
        return None
    if place.kind == "network" and len(sellers) > policy.network_sellers_max:
        return None
    weights = policy.weights
    doublings = min(_DOUBLINGS_MAX, math.log2(len(sellers) / policy.sellers_min))
    signs = [Sign("sellers", weights.doubling * doublings, len(sellers), {"stores": len(place.stores)})]
    signs += _taking(place, seller_of, policy)
    signs += _touching(place, seller_of, policy)
    signs += _paid(place, payees, policy)
    if place.sessions >= _SESSIONS_MIN and place.nights > _NIGHTS * place.sessions:
        signs.append(Sign("nights", weights.nights, len(sellers), {"nights": place.nights, "sessions": place.sessions}))
    if contracted >= policy.contract_share:
        signs.append(Sign("contracted", weights.contracted, len(sellers), {"share": round(contracted, 3)}))
    codes = {each.code for each in signs}
    ending = "endings" in codes and codes & (TAKING | PAID)
    if not (ending or codes >= {"harvests", "contacts"} or (codes >= TAKING and codes & PAID)):
        return None
    score = probability(weights.start + sum(each.weight for each in signs))
    return Judged(score, len(sellers), tuple(signs)) if score >= policy.report_line else None


def _sellers(stores: Collection[str], seller_of: Mapping[str, str]) -> set[str]:
    return {seller_of.get(each, each) for each in stores}


def _taking(place: Place, seller_of: Mapping[str, str], policy: Policy) -> list[Sign]:
    found = []
    for code, field in (("exports", "exported"), ("harvests", "harvested")):
        read = [name for name, each in place.stores.items() if getattr(each, field) is not None]
        sellers = len(_sellers(read, seller_of))
        if sellers > 1:
            found.append(Sign(code, getattr(policy.weights, code), sellers, {"stores": len(read)}))
    return found


def _touching(place: Place, seller_of: Mapping[str, str], policy: Policy) -> list[Sign]:
    """Contacts and endings, when they are at stores of two sellers at least and beyond what comes by itself."""
    found = []
    there: list[AtStore] = list(place.stores.values())
    bad, contacted = sum(each.bad for each in there), sum(len(each.contacted) for each in there)
    ended = sum(len(each.ended) for each in there)
    tried = (
        ("contacts", "contacted", contacted, max(bad, contacted), policy.contact_base),
        ("endings", "ended", ended, contacted, policy.ended_base),
    )
    for code, field, hits, of, base in tried:
        sellers = len(_sellers([name for name, each in place.stores.items() if getattr(each, field)], seller_of))
        chance = tail(hits, of, base)
        if sellers > 1 and chance <= policy.chance_max and hits >= policy.times_min * of * base:
            figures = {"reviews": hits, "of": of, "expected": round(of * base, 2), "chance": float(f"{chance:.2g}")}
            found.append(Sign(code, getattr(policy.weights, code), sellers, figures))
    return found


def _paid(place: Place, payees: Mapping[str, int], policy: Policy) -> list[Sign]:
    many = max(payees.values(), default=0)
    if place.kind == "payee":
        many = sum(each.paid > 0 for each in place.stores.values())
    code = "payee_of_more" if many > 2 else "payee_of_two"
    return [Sign(code, getattr(policy.weights, code), many, {"sellers": many})] if many > 1 else []
