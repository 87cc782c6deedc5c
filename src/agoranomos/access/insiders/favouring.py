"""The look at cases of one seller: who clears them where colleagues do not, and gets more of them than of others'."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from agoranomos.access.insiders.model import Closed, Known, Sign
from agoranomos.access.insiders.odds import beta_binomial_tail, together
from agoranomos.access.insiders.policy import Policy

CLEARS: Final = "staff.clears_for_seller"


class Desk(msgspec.Struct):
    """Cases closed and cleared, by person and queue (the kind of subject)."""

    closed: Counter[tuple[str, str]]
    cleared: Counter[tuple[str, str]]
    all_closed: Counter[str]
    all_cleared: Counter[str]


def clears(known: Known, policy: Policy) -> Iterator[Sign]:
    """Pairs of person and seller, by two chances that have nothing to do with each other: how the cases ended, and that
    just this person had them.

    How they ended is held against colleagues on the same seller and in the same queues; that person's leniency towards
    everybody else is taken off. That alone must be improbable: a seller's cases may be assigned to one person.
    """
    desk = _desk(known)
    of_seller: dict[str, list[Closed]] = defaultdict(list)
    for case in known.cases:
        of_seller[case.act.about].append(case)
    sets = [
        (seller_id, staff_id, cases) for seller_id, cases in sorted(of_seller.items())
        for staff_id, count in sorted(Counter(each.act.staff_id for each in cases).items()) if count >= policy.cases_min
    ]  # fmt: skip
    if len(known.days) - 1 < policy.peers_min:
        return
    for seller_id, staff_id, cases in sets:
        yield _sign(seller_id, staff_id, cases, desk, len(sets), policy)


def _sign(
    seller_id: str, staff_id: str, cases: Sequence[Closed], desk: Desk, tests: int, policy: Policy
) -> Sign:  # fmt: skip
    mine = [case for case in cases if case.act.staff_id == staff_id]
    peers = [case for case in cases if case.act.staff_id != staff_id]
    cleared = sum(case.cleared for case in mine)
    share = 1.0 - (1.0 - _usual(mine, peers, staff_id, desk, policy)) * _strictness(mine, staff_id, desk)
    strength = min(policy.outcome_strength, len(peers) + policy.queue_weight)
    outcome = beta_binomial_tail(cleared, len(mine), share, strength)
    expected_cases = _expected_cases(cases, staff_id, desk)
    steering = beta_binomial_tail(len(mine), len(cases), expected_cases / len(cases), policy.steering_strength)
    chance = together(outcome, steering) * tests if outcome <= policy.outcome_chance_max else 1.0
    figures = {
        "expected": share * len(mine), "peers": len({case.act.staff_id for case in peers}), "cleared": cleared,
        "cases": len(mine), "cases_expected": expected_cases, "cases_of_peers": len(peers),
        "cleared_by_peers": sum(case.cleared for case in peers), "outcome_chance": outcome, "seller_id": seller_id,
        "steering_chance": steering,
    }  # fmt: skip
    acts = tuple(case.act for case in mine if case.cleared)
    return Sign(CLEARS, staff_id, seller_id, chance, acts, figures, (("seller", seller_id),))


def _usual(mine: Sequence[Closed], peers: Sequence[Closed], staff_id: str, desk: Desk, policy: Policy) -> float:
    """The share that colleagues would clear: what they did with this seller, drawn towards what they do in the queue,
    and where that has few cases, towards what they do at all.
    """
    closed, cleared = desk.all_closed.copy(), desk.all_cleared.copy()
    for (who, kind), count in desk.closed.items():
        if who == staff_id:
            closed[kind] -= count
            cleared[kind] -= desk.cleared[who, kind]
    overall = (cleared.total() + 0.5) / (closed.total() + 1.0)
    queue = sum((cleared[case.queue] + 2.0 * overall) / (closed[case.queue] + 2.0) for case in mine) / len(mine)
    return (sum(case.cleared for case in peers) + policy.queue_weight * queue) / (len(peers) + policy.queue_weight)


def _strictness(mine: Sequence[Closed], staff_id: str, desk: Desk) -> float:
    """How often this person upholds elsewhere, beside how often colleagues would; below one who is lenient to all."""
    upheld = expected = 0.0
    held = Counter(case.queue for case in mine)
    gone = Counter(case.queue for case in mine if not case.cleared)
    for queue, closed in desk.all_closed.items():
        own = desk.closed[staff_id, queue] - held[queue]
        others = closed - desk.closed[staff_id, queue]
        upheld += desk.closed[staff_id, queue] - desk.cleared[staff_id, queue] - gone[queue]
        if others:
            expected += own * (others - desk.all_cleared[queue] + desk.cleared[staff_id, queue]) / others
    return min(1.0, (upheld + 2.0) / (expected + 2.0))  # two cases more: nobody is called lenient for want of cases


def _expected_cases(cases: Sequence[Closed], staff_id: str, desk: Desk) -> float:
    """How many of these cases would be this person's, by the share of all others in each queue; where a queue has few
    others, by the share of all work.
    """
    mine = Counter(case.queue for case in cases if case.act.staff_id == staff_id)
    of_all = Counter(case.queue for case in cases)
    worked = sum(count for (who, _), count in desk.closed.items() if who == staff_id) - mine.total()
    overall = (worked + 0.5) / (desk.all_closed.total() - len(cases) + 1.0)
    return sum(
        count * (desk.closed[staff_id, queue] - mine[queue] + 2.0 * overall) / (desk.all_closed[queue] - count + 2.0)
        for queue, count in of_all.items()
    )


def _desk(known: Known) -> Desk:
    desk = Desk(Counter(), Counter(), Counter(), Counter())
    for staff_id, days in known.days.items():
        for day in days.values():
            for queue, count in day.closed.items():
                desk.closed[staff_id, queue] += count
                desk.cleared[staff_id, queue] += day.cleared[queue]
                desk.all_closed[queue] += count
                desk.all_cleared[queue] += day.cleared[queue]
    return desk
