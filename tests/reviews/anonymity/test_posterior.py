"""Whether a cell is safe: what is added up comes to what the words say."""

from __future__ import annotations

import numpy as np
import pytest

from agoranomos.reviews.anonymity import posterior


@pytest.mark.parametrize("seed", range(40))
def test_a_cell_is_safe_when_no_buyer_holds_too_much_of_it(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows, count, bound = int(draw.integers(0, 60)), int(draw.integers(1, 9)), float(draw.choice([0.2, 0.5, 1.0]))
    cells, buyers = draw.integers(0, count, rows), draw.integers(0, 30, rows)
    by_model = [draw.random(rows) * (draw.random(rows) < 0.7) for _ in range(2)]
    expected = []
    for cell in range(count):
        held = [[each[(cells == cell) & (buyers == one)].sum() for one in range(30)] for each in by_model]
        expected.append(all(sum(each) > 0 and max(each) <= bound * sum(each) * (1 + 1e-12) for each in held))
    assert posterior._safe(cells, count, buyers, by_model, bound).tolist() == expected
    if posterior.too_few(rows, bound):
        assert not any(expected)
