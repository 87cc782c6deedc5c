"""Reviews with labels beside FRAUDAR: how much of a dense block is fake, and who ranks reviewers best, split by people.

The edges are those of YelpChi (reviewer, product, filtered by the site or not); rating and date are empty. A reviewer
is fake when all his reviews were filtered. What is learnt, the share of filtered reviews of a product, is learnt from
other people than those it ranks.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from agoranomos.engine.rings import peeling
from agoranomos.engine.rings.blocks import Codes, Graph, dense_blocks
from agoranomos.engine.rings.coding import coded
from benchmarks.measuring import Table

FOLDS: Final = 5
Floats = npt.NDArray[np.float64]


def table(folder: Path) -> Table:
    """The table."""
    people, things, filtered, names, products = _edges(folder)
    count = np.bincount(people, minlength=names)
    fake = np.bincount(people, filtered, names) == count
    found = dense_blocks(people, things, names, products)
    rows = []
    for place, block in enumerate(found.blocks[:3]):
        inside = np.isin(people, block.people) & np.isin(things, block.things)
        size = f"{len(block.people)} x {len(block.things)}"
        rows.append((f"block {place + 1}, {size}: filtered", f"{filtered[inside].mean():.3f}"))
    first = _densest(people, things, names, products)
    inside = np.isin(people, first)
    rows += [
        ("FRAUDAR's densest block: filtered", f"{filtered[inside].mean():.3f}"),
        ("all reviews: filtered", f"{filtered.mean():.3f}"),
        (
            "ranking by the weight of edges, as FRAUDAR sees it: AUC",
            f"{_auc(_weight_of(people, things, names, products), fake):.3f}",
        ),
        ("ranking by few reviews: AUC", f"{_auc(-count.astype(np.float64), fake):.3f}"),
        ("few reviews, on products faked for by others: AUC", f"{_learnt(people, things, filtered, fake):.3f}"),
    ]
    size = f"{len(people):,} edges, {names:,} reviewers, {products} products"
    return Table(f"Labelled reviews, {size}; {len(found.blocks)} blocks above the shuffle", ("", ""), tuple(rows))


def _edges(folder: Path) -> tuple[Codes, Codes, Floats, int, int]:
    with gzip.open(folder / "metadata.gz", "rt", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    people, names = coded([row[0] for row in rows])
    things, products = coded([row[1] for row in rows])
    filtered = np.array([row[3] == "-1" for row in rows], np.float64)
    return people, things, filtered, len(names), len(products)


def _graph(people: Codes, things: Codes, names: int, products: int) -> Graph:
    weights = np.asarray(1.0 / np.log(np.bincount(things, minlength=products) + 5.0))
    by_person, by_thing = peeling.neighbours(people, things, names), peeling.neighbours(things, people, products)
    return Graph(by_person[0], by_person[1], by_thing[0], by_thing[1], weights)


def _densest(people: Codes, things: Codes, names: int, products: int) -> Any:
    _, left = peeling.one_by_one(_graph(people, things, names, products))
    return np.flatnonzero(left[:names])


def _weight_of(people: Codes, things: Codes, names: int, products: int) -> Floats:
    """What each person's edges weigh."""
    graph = _graph(people, things, names, products)
    return np.asarray(np.bincount(people, graph.weights[things], names), np.float64)


def _learnt(people: Codes, things: Codes, filtered: Floats, fake: npt.NDArray[np.bool_]) -> float:
    """Few reviews, on products whose reviews by others were filtered; each fold of people is ranked by the others."""
    count = np.bincount(people, minlength=len(fake))
    fold = np.random.default_rng(1).permutation(len(fake)) % FOLDS
    scores = np.zeros(len(fake))
    prior = filtered.mean()
    for each in range(FOLDS):
        theirs = fold[people] != each
        many = np.bincount(things[theirs], minlength=int(things.max()) + 1)
        bad = np.bincount(things[theirs], filtered[theirs], int(things.max()) + 1)
        share = (bad + 20.0 * prior) / (many + 20.0)
        mine = ~theirs
        logit = np.log(share[things[mine]] / (1 - share[things[mine]]))
        scores += np.bincount(people[mine], logit, len(fake)) / np.maximum(count, 1)
    return _auc(scores - np.log(np.maximum(count, 1)), fake)


def _auc(scores: Floats, true: npt.NDArray[np.bool_]) -> float:
    """The chance that a fake reviewer ranks above an honest one; ties count half."""
    _, place, many = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(many) - (many - 1) / 2.0
    ranks = middle[place]
    positive = int(true.sum())
    return float((ranks[true].sum() - positive * (positive + 1) / 2.0) / (positive * (len(true) - positive)))
