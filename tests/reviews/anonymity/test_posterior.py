"""Whether a cell is safe: adding up in one table and by sorted pairs come to the same, and to what the words say."""

from __future__ import annotations

import numpy as np
import pytest

from agoranomos.reviews.anonymity import posterior


@pytest.mark.parametrize("seed", range(40))
def test_a_table_of_cells_and_buyers_finds_what_sorted_pairs_find(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(seed)
    rows, count, bound = int(draw.integers(0, 60)), int(draw.integers(1, 9)), float(draw.choice([0.2, 0.5, 1.0]))
    cells, buyers = draw.integers(0, count, rows), draw.integers(0, 30, rows)
    by_model = [draw.random(rows) * (draw.random(rows) < 0.7) for _ in range(2)]
    found = {}
    for wide in (-1, 1 << 20):
        monkeypatch.setattr(posterior, "_WIDE", wide)
        found[wide] = posterior._safe(cells, count, buyers, by_model, bound).tolist()
    expected = []
    for cell in range(count):
        held = [[each[(cells == cell) & (buyers == one)].sum() for one in range(30)] for each in by_model]
        expected.append(all(sum(each) > 0 and max(each) <= bound * sum(each) * (1 + 1e-12) for each in held))
    assert found[-1] == found[1 << 20] == expected
