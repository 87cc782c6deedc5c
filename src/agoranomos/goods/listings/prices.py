"""Prices across currencies, roughly: enough to tell an absurd one from an ordinary one."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.kernel.money import MINOR_DIGITS, Money


@cache
def yuan_per_minor_unit() -> dict[str, float]:
    """Currency → yuan for one minor unit, from `data/rates.toml`; currencies not listed there have no rate."""
    raw = (files("agoranomos.goods.listings") / "data" / "rates.toml").read_bytes()
    rates: dict[str, Any] = tomllib.loads(raw.decode())["cny"]
    return {currency: float(rate) / 10 ** MINOR_DIGITS[currency] for currency, rate in rates.items()}


def in_yuan(price: Money | None) -> float:
    """`price` in yuan, 0 when it is unknown or its currency has no rate."""
    return 0.0 if price is None else price.amount * yuan_per_minor_unit().get(price.currency, 0.0)


def column_in_yuan(amounts: pa.Array, currencies: pa.Array) -> npt.NDArray[np.float64]:
    """Prices of a batch in yuan (float64); 0 where unknown. amounts: int64 minor units; currencies: string."""
    if isinstance(currencies, pa.ChunkedArray):
        currencies = currencies.combine_chunks()
    coded = currencies if pa.types.is_dictionary(currencies.type) else currencies.dictionary_encode()
    rates = yuan_per_minor_unit()
    by_code = np.array([rates.get(code, 0.0) for code in coded.dictionary.to_pylist()] + [0.0])
    codes = coded.indices.fill_null(len(by_code) - 1).to_numpy(zero_copy_only=False)
    values = amounts.fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(values * by_code[codes], np.float64)
