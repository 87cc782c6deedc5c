"""Campaigns before launch: how long the lint takes to prove the lowest ratio, beside one plain model.

Campaigns and goods are drawn at random: 60 % percentages (40 % of them capped), else amounts off from a third to a
tenth of their least spending; 70 % are for one to three of eight categories; a tenth exclude all others, and of each of
`programmes` groups one can be used in an order. The peer is one CP-SAT model of whole pieces of real goods that is
asked for ever lower ratios (with `?`: not proven), with the same effort.
"""

from __future__ import annotations

import random
import time
from fractions import Fraction
from typing import Any

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import campaign_of
from agoranomos.promotions.lint.goods import Listed, listed_goods
from agoranomos.promotions.lint.policy import load_policy
from agoranomos.promotions.lint.problem import Problem, problem_of
from agoranomos.promotions.lint.searching import lowest
from agoranomos.promotions.lint.solving import Asked, Effort, exact_below, most_taken
from benchmarks.materials import Materials
from benchmarks.measuring import LONG, Size, Table

EFFORT_S = 2.0
SIZES = ((60, 200, 1), (60, 200, 2), (60, 200, 3), (60, 200, 4), (60, 200, 5), (60, 200, 7), (60, 200, 60))
LARGE = ((200, 500, 7), (200, 500, 25), (500, 1_000, 60))


def cny(amount: int) -> dict[str, Any]:
    """Fen as in files."""
    return {"amount": amount, "currency": "CNY"}


def drawn(count: int, goods: int, programmes: int, seed: int = 7) -> tuple[list[Campaign], list[Listed]]:
    """See the module."""
    draw = random.Random(seed)
    group = [draw.randrange(programmes) for _ in range(count)]
    campaigns = []
    for number in range(count):
        entry: dict[str, Any] = {"id": f"c{number}"}
        if draw.random() < 0.6:
            benefit: dict[str, Any] = {"kind": "percent", "value": draw.choice([3, 5, 8, 10, 12, 15, 20])}
            if draw.random() < 0.4:
                benefit["cap"] = cny(draw.choice([1_000, 3_000, 8_000]))
            least = draw.choice([0, 0, 3_000, 5_000, 10_000, 20_000])
        else:
            off = draw.choice([300, 500, 1_000, 2_000, 5_000])
            benefit, least = {"kind": "fixed", "value": cny(off)}, off * draw.choice([3, 4, 5, 8, 10])
        entry["benefit"] = benefit
        if least:
            entry["min_spend"] = cny(least)
        if draw.random() < 0.7:
            named = sorted(draw.sample(range(8), draw.randrange(1, 4)))
            entry["applies_to"] = {"categories": [f"k{each}" for each in named]}
        if draw.random() < 0.1:
            entry["exclusive"] = True
        else:
            entry["stacks_with"] = [f"c{other}" for other in range(count) if group[other] != group[number]]
        campaigns.append(campaign_of(entry))
    listed = [Listed(f"s{n}", draw.randrange(500, 50_000), "CNY", f"k{draw.randrange(8)}") for n in range(goods)]
    return campaigns, listed


def plain(problem: Problem, effort: Effort) -> tuple[Fraction, bool]:
    """The lowest ratio that one model of whole pieces comes to, and whether it has proven it."""
    ratio = Fraction(1)
    cells = range(len(problem.cells))
    while effort.left > 0:
        answer = exact_below(problem, 1, Asked(dict.fromkeys(cells, ratio), Fraction(1, 200)), effort)
        if not answer.pieces:
            return ratio, answer.complete
        ratio -= Fraction(1, 200)  # it has found one that is lower by as much, and does not say by how much more
    return ratio, False


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is given its materials
    """Questions of sixty campaigns; larger ones when all is measured at full size."""
    sizes = ((8, 10, 2),) if size.history < 1_000_000 else SIZES if size.rounds < LONG.rounds else (*SIZES, *LARGE)
    return [
        Table(
            "Campaigns before launch: the lowest paid-to-face ratio (CPU seconds)",
            (
                "campaigns x goods, programmes",
                "ratio",
                "below is nothing",
                "s",
                "largest loss, s",
                "one model",
                "s",
                "times",
            ),
            tuple(_row(*each) for each in sizes),
            (f"proven when the two differ by no more than the policy's gap; {EFFORT_S:g} s of work for each",),
        )
    ]


def _row(count: int, goods: int, programmes: int) -> tuple[str, ...]:
    policy = load_policy()
    campaigns, listed = drawn(count, goods, programmes)
    started = time.process_time()
    problem = problem_of(campaigns, listed_goods(listed, campaigns, "CNY", policy.goods), "CNY", policy.basket)
    found = lowest(problem, range(len(problem.cells)), Fraction(str(policy.search.gap_max)), Effort(EFFORT_S))
    seconds = time.process_time() - started
    started = time.process_time()
    most_taken(problem, Effort(EFFORT_S))
    loss_s = time.process_time() - started
    started = time.process_time()
    peer, proven = plain(problem, Effort(EFFORT_S))
    peer_s = time.process_time() - started
    ratio = float(found.found.ratio) if found.found else 1.0
    return (
        f"{count} x {goods}, {programmes}", f"{ratio:.4f}", f"{float(found.bound):.4f}", f"{seconds:.2f}",
        f"{loss_s:.2f}", f"{float(peer):.4f}{'' if proven else '?'}", f"{peer_s:.2f}", f"{peer_s / seconds:.1f}",
    )  # fmt: skip
