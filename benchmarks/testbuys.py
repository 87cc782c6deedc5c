"""Test buys: how often the interval holds the truth, and how wide it is, beside what is usually done.

Shelves with a known rate of fakes, drawn from again and again by the real draw. Peers: a simple random sample with
Wald's interval, which wastes the budget on what nobody suspects; and the share among what was bought for suspicion,
which says nothing of the shelf.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Final, NamedTuple

import numpy as np

from agoranomos.goods.testbuys.design import Candidate, Design, Settings, design, is_seen
from agoranomos.goods.testbuys.drawing import draw
from agoranomos.goods.testbuys.estimating import Answer, Estimate, estimate
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table

SETTINGS: Final = Settings()
Z: Final = 1.959963984540054


class Shelf(NamedTuple):
    """`unseen`: share of fakes among listings of which nobody has said anything; `related`: how far evidence below the
    line tells; `lost`: share of purchases that come to nothing.
    """

    name: str
    listings: int
    budget: int
    unseen: float
    related: float = 0.0
    lost: float = 0.0


SHELVES: Final = (
    Shelf("2 % unseen, 80 purchases", 3_000, 2_600_000, 0.02),
    Shelf("2 % unseen, 240 purchases", 3_000, 8_000_000, 0.02),
    Shelf("0.5 % unseen, 240 purchases", 3_000, 8_000_000, 0.005),
    Shelf("evidence below the line tells", 3_000, 8_000_000, 0.02, related=0.5),
    Shelf("one purchase in six comes to nothing", 3_000, 8_000_000, 0.02, lost=1 / 6),
    Shelf("a small shelf, half of it bought", 300, 5_000_000, 0.05),
)


def made(shelf: Shelf) -> tuple[Design, np.ndarray]:
    """Its design, and which listings are fakes."""
    chance = np.random.default_rng(17)
    rows = []
    for number in range(shelf.listings):
        seen = chance.random() < 0.05
        score = float(chance.uniform(0.5, 0.95) if seen else chance.beta(0.5, 12.0)) if shelf.related or seen else 0.02
        kind = ("shoes", "bags", "cosmetics", "electronics")[int(chance.choice(4, p=(0.4, 0.1, 0.3, 0.2)))]
        cost = int(chance.lognormal(math.log(9_000), 0.8)) + 20_000
        rows.append((Candidate(f"l{number}", "s", kind, score, cost), seen))
    found = design([row[0] for row in rows], shelf.budget, SETTINGS)
    fakes = [
        chance.random() < (0.85 * each.score if each.score >= 0.5 else shelf.unseen + shelf.related * each.score)
        for each in found.candidates
    ]
    return found, np.array(fakes)


class Score(NamedTuple):
    """Over many draws: the share that held the truth, the mean width, the mean of the estimate."""

    held: float
    width: float
    mean: float


def score(found: list[tuple[float, float, float]], truth: float) -> Score:
    """`found` holds (rate, low, high) of each draw."""
    held = sum(low <= truth <= high for _, low, high in found) / len(found)
    return Score(
        held, sum(high - low for _, low, high in found) / len(found), sum(one[0] for one in found) / len(found)
    )


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is called alike
    """Coverage of all of the shelf, of the unseen, and of the peers."""
    draws = size.draws
    rows = [_row(shelf, draws) for shelf in SHELVES]
    return [
        Table(
            f"How often a 95 % interval holds the true rate of fakes, over {draws:,} draws",
            ("shelf", "true, unseen", "bought", "all held", "unseen held", "width", "mean", "Wald held", "Wald width",
             "share of bought", "s per draw"),
            tuple(rows),
            (
                "unseen: no finding at or above 0.5. width, mean: of the unseen.",
                "Wald: a simple random sample of the unseen, for the same money.",
                f"With {draws:,} draws, 95 % is known to ±{1.96 * math.sqrt(0.0475 / draws):.1%}.",
            ),
        )
    ]  # fmt: skip


def _row(shelf: Shelf, draws: int) -> tuple[str, ...]:
    made_of, fakes = made(shelf)
    sizes = dict(Counter(made_of.strata))
    hidden = {name: count for name, count in sizes.items() if not is_seen(name, SETTINGS.bands)}
    unseen = np.array([name in hidden for name in made_of.strata])
    every, below, plain, shares, bought = [], [], [], [], []
    chance = np.random.default_rng(3)
    begun = time.process_time()
    for number in range(draws):
        chosen = draw(made_of, number.to_bytes(32, "big"))
        joint = made_of.chances.joint(chosen)
        answers = [
            Answer(row, made_of.strata[place], float(made_of.inclusion[place]), bool(fakes[place]))
            for row, place in enumerate(chosen)
            if chance.random() >= shelf.lost
        ]
        every.append(_numbers(estimate(answers, sizes, joint)))
        below.append(_numbers(estimate(answers, hidden, joint)))
        shares.append(sum(each.fake for each in answers) / len(answers))
        bought.append(len(chosen))
    seconds = (time.process_time() - begun) / draws
    costs = np.array([each.cost for each in made_of.candidates])
    sample = max(2, int(SETTINGS.fill * shelf.budget / costs[unseen].mean()))
    for _ in range(draws):
        rate = float(chance.choice(fakes[unseen], min(sample, int(unseen.sum())), replace=False).mean())
        half = Z * math.sqrt(rate * (1 - rate) / sample)
        plain.append((rate, rate - half, rate + half))
    truth = float(fakes[unseen].mean())
    ours, peer = score(below, truth), score(plain, truth)
    return (
        shelf.name, f"{truth:.2%}", f"{np.mean(bought):.0f}", f"{score(every, float(fakes.mean())).held:.1%}",
        f"{ours.held:.1%}", f"{ours.width:.2%}", f"{ours.mean:.2%}", f"{peer.held:.1%}", f"{peer.width:.2%}",
        f"{np.mean(shares):.0%}", f"{seconds:.3f}",
    )  # fmt: skip


def _numbers(found: Estimate | None) -> tuple[float, float, float]:
    return (0.0, 0.0, 1.0) if found is None else (found.rate, found.low, found.high)
