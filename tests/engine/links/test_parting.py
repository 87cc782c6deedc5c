"""A base in parts has the links of the base, pair by pair and bit by bit, however it is cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agoranomos.engine.links import parting
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.postings import ASKED_MAX
from agoranomos.engine.links.slots import FIRST
from benchmarks.links import base as made_rows
from tests.engine.links.people import parameters

SELLERS = 1_500
LINE = -4.0
CLIENTS = 3 * ASKED_MAX
Links = list[tuple[int, int, float]]


@pytest.fixture(scope="module")
def index() -> Index:
    """Sellers of whom some come back, with a telephone that an agent lends to many, one that just as many hold as are
    told apart, and one more; some are one hand, some rows stand no longer, some sellers have two.
    """
    rows = made_rows(SELLERS)
    phone = FIRST["phone"]
    rows[100 : 100 + CLIENTS, phone] = 7
    rows[400 : 400 + ASKED_MAX, phone] = 8
    rows[600 : 600 + 2 * ASKED_MAX + 2 : 2, phone] = 9
    rows[800:806, phone] = 10
    index = Index(parameters())
    index.add_all([f"s{number}" for number in range(SELLERS)], rows)
    for number in range(0, SELLERS, 50):
        index.add(f"s{number}", rows[(number * 7 + 1) % SELLERS])
        index.same_hand(f"s{(number * 3) % SELLERS}", f"s{number}")
    for at in range(0, SELLERS, 61):
        index.remove(at)
    return index


def in_parts(index: Index, folder: Path, parts: int) -> Links:
    """The steps, one part after the other."""
    base = parting.written(index, folder, parts)
    keyed, matched, scored = (
        [str(folder / f"{step}-{part}") for part in range(parts)] for step in ("key", "match", "score")
    )
    for each in (*keyed, *matched, *scored):
        Path(each).mkdir()
    for part in range(parts):
        parting.key(base, part, Path(keyed[part]))
    for part in range(parts):
        parting.match(base, part, keyed, Path(matched[part]))
    found: Links = []
    for part in range(parts):
        parting.score(base, part, matched, LINE, Path(scored[part]))
        pairs, odds = parting.scored(Path(scored[part]))
        found += [(one, other, value) for (one, other), value in zip(pairs.tolist(), odds.tolist(), strict=True)]
    return found


@pytest.mark.parametrize("parts", [1, 2, 13])
def test_parts_have_the_links_of_the_whole(index: Index, tmp_path: Path, parts: int) -> None:
    whole = list(index.sweep(line=LINE))
    assert len(whole) > 50
    assert in_parts(index, tmp_path, parts) == whole


def test_what_a_crowd_holds_is_sent_as_a_number(index: Index, tmp_path: Path) -> None:
    """A hundred more clients of an agent are not one entry more."""
    in_parts(index, tmp_path, 4)
    crowds, counts = (
        np.concatenate([np.load(tmp_path / f"match-{part}" / f"{name}.npy") for part in range(4)])
        for name in ("crowds", "counts")
    )
    assert sorted(counts.tolist())[-1] >= CLIENTS
    sent = np.concatenate([np.load(tmp_path / f"match-{part}" / "keys.npy") for part in range(4)])
    assert len(crowds) > 1
    assert not np.isin(sent, crowds).any()
    assert np.unique(sent, return_counts=True)[1].max() <= 4 * ASKED_MAX


def test_nobody_is_linked_where_there_is_nobody(tmp_path: Path) -> None:
    assert in_parts(Index(parameters()), tmp_path, 1) == []
