"""Prices across currencies: the column and the single price say the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.goods.listings.prices import column_in_yuan, in_yuan, yuan_per_minor_unit
from agoranomos.kernel.money import AMOUNT_MAX, MINOR_DIGITS
from tests.builders import make_money

_AMOUNTS = st.integers(-AMOUNT_MAX, AMOUNT_MAX)
_CURRENCIES = st.sampled_from(sorted(MINOR_DIGITS))


@given(st.lists(st.tuples(st.none() | _AMOUNTS, st.none() | _CURRENCIES), max_size=30))
def test_column_and_single_price_agree(rows: list[tuple[int | None, str | None]]) -> None:
    amounts = pa.array([amount for amount, _ in rows], pa.int64())
    currencies = pa.array([currency for _, currency in rows], pa.string())
    single = [
        0.0 if amount is None or currency is None else in_yuan(make_money(amount, currency))
        for amount, currency in rows
    ]
    for column in (currencies, currencies.dictionary_encode(), pa.chunked_array([currencies])):
        assert column_in_yuan(amounts, column).tolist() == single


def test_slices_of_columns() -> None:
    amounts, currencies = pa.array([1, 100, 200]), pa.array(["XXX", "CNY", "JPY"])
    assert column_in_yuan(amounts[1:], currencies[1:]).tolist() == [
        1.0,
        in_yuan(make_money(200, "JPY")),
    ]


def test_known_prices() -> None:
    assert in_yuan(make_money(19_900)) == pytest.approx(199.0)
    assert in_yuan(make_money(10_000, "JPY")) == pytest.approx(10_000 * yuan_per_minor_unit()["JPY"])
    assert 600 < in_yuan(make_money(10_000, "USD")) < 900
    assert in_yuan(make_money(1_000, "KWD")) > in_yuan(make_money(100, "USD")), "three minor digits"


def test_unknown_is_zero() -> None:
    assert in_yuan(None) == 0.0
    assert in_yuan(make_money(5, "ISK")) == 0.0, "no rate is listed"
    assert column_in_yuan(pa.array([5]), pa.array(["no such"])).tolist() == [0.0]
    assert column_in_yuan(pa.array([], pa.int64()), pa.array([], pa.string())).dtype == np.float64


def test_every_rate_is_of_a_currency_and_positive() -> None:
    assert yuan_per_minor_unit().keys() <= MINOR_DIGITS.keys()
    assert all(rate > 0 for rate in yuan_per_minor_unit().values())
