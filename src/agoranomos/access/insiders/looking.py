"""Five looks at what is known of the staff: each yields what stands out beside colleagues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from agoranomos.access.insiders.model import Act, Known, Sign
from agoranomos.access.insiders.odds import (
    Habit,
    beta_binomial_tail,
    habit_of,
    middle,
    negative_binomial_tail,
    together,
)
from agoranomos.access.insiders.policy import Policy

LOOKS, PAIRS, NIGHTS, RESTORES = (
    "staff.looks_without_case", "staff.approves_for_each_other", "staff.exports_at_night", "staff.restores_removed",
)  # fmt: skip


def work_days(known: Known) -> dict[str, float]:
    """Days of work of each: those of who does more than the median colleague count as more, as he also meets more."""
    pace = {
        staff_id: sum(sum(day.closed.values()) for day in days.values()) / len(days)
        for staff_id, days in known.days.items()
    }
    usual = middle([each for each in pace.values() if each > 0.0])
    return {
        staff_id: len(days) * max(1.0, pace[staff_id] / usual if usual else 1.0)
        for staff_id, days in known.days.items()
    }


def looks(known: Known, policy: Policy) -> Iterator[Sign]:
    """People looked at without a case, beside what is usual for colleagues in so many days of work."""
    acts = _by_staff(known.odd_looks)
    yield from _unusual(LOOKS, acts, known, policy, least=policy.looks_min)


def restores(known: Known, policy: Policy) -> Iterator[Sign]:
    """Listings of one seller that were brought back after a colleague had removed them, and no appeal had said so."""
    most: dict[str, list[Act]] = {}
    for staff_id, acts in _by_staff(known.restores).items():
        sellers = Counter(act.about for act in acts)
        seller_id = min(sellers, key=lambda each: (-sellers[each], each))
        most[staff_id] = [act for act in acts if act.about == seller_id]
    for sign in _unusual(RESTORES, most, known, policy, least=policy.restores_min):
        seller_id = sign.acts[0].about
        removers = sorted({act.beside.partition("|")[2] for act in sign.acts})
        others = (("seller", seller_id), *(("staff", each) for each in removers))
        yield Sign(
            sign.code, sign.staff_id, seller_id, sign.chance, sign.acts, sign.figures | {"seller_id": seller_id}, others
        )


def _unusual(
    code: str, acts: dict[str, list[Act]], known: Known, policy: Policy, *, least: int
) -> Iterator[Sign]:  # fmt: skip
    days = work_days(known)
    for staff_id in sorted(acts):
        count = len(acts[staff_id])
        peers = [(len(acts.get(each, ())), worked) for each, worked in days.items() if each != staff_id]
        if count < least or len(peers) < policy.peers_min or not days.get(staff_id):
            continue
        habit = habit_of(peers, trimmed=policy.trimmed, shape_max=policy.shape_max) or Habit(0.0, 1.0)
        expected = habit.rate * days[staff_id]
        chance = negative_binomial_tail(count, expected, habit.shape) * len(days)
        figures = {"expected": expected, "peers": len(peers), "work_days": days[staff_id], "shape": habit.shape}
        yield Sign(code, staff_id, "", chance, tuple(acts[staff_id]), figures)


def pairs(known: Known, policy: Policy) -> Iterator[Sign]:
    """Two who approve for each other more than colleagues approve for either: in a team of two that is nothing."""
    given = Counter((act.staff_id, act.about) for act in known.approvals)
    by, asked = Counter[str](), Counter[str]()
    for (who, whom), count in given.items():
        by[who] += count
        asked[whom] += count
    team = sorted({*known.days, *by, *asked})
    if len(team) - 2 < policy.peers_min:
        return
    tests = max(1, len(team) * (len(team) - 1) // 2)

    def expected(who: str, whom: str) -> tuple[float, float]:
        """Of what `whom` asked for: the part that `who` would approve as he approves for others, and its number."""
        elsewhere = len(known.approvals) - asked[whom] - by[whom]
        own = by[who] - given[who, whom]
        share = (own + 2.0 / (len(team) - 1)) / (max(elsewhere, own) + 2.0)
        return share, share * asked[whom]

    for one, other in sorted(pair for pair in given if pair[0] < pair[1]):
        there, back = given[one, other], given[other, one]
        if min(there, back) < policy.approvals_min:
            continue
        share_there, expected_there = expected(one, other)
        share_back, expected_back = expected(other, one)
        chance = tests * together(
            beta_binomial_tail(there, asked[other], share_there, policy.pair_strength),
            beta_binomial_tail(back, asked[one], share_back, policy.pair_strength),
        )
        acts = tuple(act for act in known.approvals if {act.staff_id, act.about} == {one, other})
        for who, whom, mine, usual, his in (
            (one, other, there, expected_there, back), (other, one, back, expected_back, there),
        ):  # fmt: skip
            figures = {
                "expected": expected_there + expected_back, "peers": len(team) - 2, "given": mine, "given_usual": usual,
                "given_back": his, "requests_of_other": asked[whom],
            }  # fmt: skip
            yield Sign(PAIRS, who, whom, chance, acts, figures, (("staff", whom),))


def nights(known: Known, policy: Policy) -> Iterator[Sign]:
    """Exports at hours of the night at which neither the person nor colleagues are used to work."""
    acts: dict[str, dict[tuple[int, int], Act]] = defaultdict(dict)
    for act in known.exports:
        acts[act.staff_id].setdefault((act.day, int(act.about)), act)
    hours = {staff_id: Counter(hour for _, hour in each) for staff_id, each in acts.items()}
    total = sum(hours.values(), Counter[int]())
    for staff_id in sorted(acts):
        peers = total - hours[staff_id]
        usual = _habit(known, staff_id, peers, policy)
        odd = {hour for hour in range(24) if _is_night(hour, policy) and usual[hour] < policy.rare_share}
        told = [act for (_, hour), act in sorted(acts[staff_id].items()) if hour in odd]
        if len(told) < policy.exports_min or len(known.days) - 1 < policy.peers_min:
            continue
        share = max(policy.rare_share, sum(usual[hour] for hour in odd))
        chance = beta_binomial_tail(len(told), len(acts[staff_id]), share, policy.export_strength) * len(acts)
        figures = {
            "expected": share * len(acts[staff_id]), "peers": len(acts) - 1, "exports": len(acts[staff_id]),
            "hours": sorted({int(act.about) for act in told}),
            "exports_of_peers_at_these_hours": sum(peers[hour] for hour in odd), "exports_of_peers": peers.total(),
        }  # fmt: skip
        yield Sign(NIGHTS, staff_id, "", chance, tuple(told), figures)


def _habit(known: Known, staff_id: str, peers: Counter[int], policy: Policy) -> list[float]:
    """Which share of what somebody does falls into each hour of the day: his own acts, and exports of colleagues."""
    own = Counter[int]()
    for day in known.days.get(staff_id, {}).values():
        own.update(day.hours)
    acts, weight = own.total(), policy.peers_weight
    return [
        (_around(own, hour) + weight * (_around(peers, hour) / peers.total() if peers else 1.0 / 24.0))
        / (acts + weight)
        for hour in range(24)
    ]  # fmt: skip


def _around(counts: Counter[int], hour: int) -> float:
    """The count of an hour, smoothed over the one before and the one after: shifts do not end on the minute."""
    return sum(counts[(hour + step) % 24] for step in (-1, 0, 1)) / 3.0


def _is_night(hour: int, policy: Policy) -> bool:
    return hour >= policy.night_from or hour < policy.night_until


def _by_staff(acts: list[Act]) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        found[act.staff_id].append(act)
    return found
