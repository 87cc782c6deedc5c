"""Prices across currencies, roughly: enough to tell an absurd one from an ordinary one."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

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


PROPER: Final = 3.0
"""A bag or a coat of a fine maker costs at least so many times the smallest of its goods of that kind."""
PROPER_FROM_YUAN: Final = {"bags": 850.0, "clothing": 850.0}
"""Whose smallest goods cost less has outlets where bags cost little more than purses."""


def least_of_proper(kind: str, yuan: float) -> float:
    """What the larger goods of a kind cost at least where the smallest cost `yuan`."""
    return yuan * PROPER if yuan >= PROPER_FROM_YUAN.get(kind, float("inf")) else yuan
