"""Brings a column of any type that holds the same information into the type of LISTING_SCHEMA.

A value that cannot be converted without loss is a fault of its row, never rounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agoranomos.engine.scan.schema import IDS
from agoranomos.kernel.money import AMOUNT_MAX

Faults = dict[int, str]
"""Row within the batch -> reason."""

_WHOLE = re.compile(r"\s*([+-]?\d{1,30})(?:\.0?)?\s*", re.ASCII)
"""Spreadsheets and data frames write 1999 as 1999.0 where cells are empty; 1999.00 is a price in whole units."""
_EXACT_MAX = 2**53
_CENTS = 2  # a decimal column with two places holds whole units and their hundredths, also where the latter are 00


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    lists = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(lists and (_is_text(kind.value_type) or types.is_null(kind.value_type)))


def readable(name: str, kind: pa.DataType) -> bool:
    """Whether a Parquet column of type `kind` can serve as our column `name`."""
    types = pa.types
    if types.is_dictionary(kind):
        return readable(name, kind.value_type)
    if types.is_null(kind) or _is_text(kind):
        return True
    if name == "picture_paths":
        return _is_list(kind)
    if name == "listed_at":
        return bool(types.is_timestamp(kind) or types.is_date(kind))
    number = types.is_floating(kind) or types.is_decimal(kind)
    return bool(types.is_integer(kind) or (number and name in (*IDS, "price_amount")))


def expected(name: str) -> str:
    """What a column that is not `readable` should be written as."""
    return {
        "picture_paths": "a list of strings, or strings joined by |",
        "listed_at": "a timestamp, or a string as 2026-05-01T08:00:00+08:00",
        "price_amount": "an integer in minor units",
    }.get(name, "a string")


def plain(array: pa.Array) -> pa.Array:
    """`array` without dictionary, extension, large or view types; binary is declared to be text."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        array = array.cast(pa.binary())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_binary(array.type):
        # No check here: whoever asked for text checks the bytes, and names the row that is wrong.
        return pa.Array.from_buffers(pa.string(), len(array), array.buffers(), array.null_count, array.offset)
    return array


def text_of(array: pa.Array) -> tuple[pa.Array, Faults]:
    """A string array, nulls kept; whole numbers become their digits."""
    array = plain(array)
    if pa.types.is_string(array.type):
        return array, {}
    if pa.types.is_null(array.type) or pa.types.is_integer(array.type):
        return array.cast(pa.string()), {}
    faults: Faults = {}
    out: list[str | None] = []
    for row, value in enumerate(array.to_pylist()):
        whole = _exact(value)
        if whole is None and value is not None and not math.isnan(value):
            faults[row] = "id_not_exact"
        out.append(None if whole is None else str(whole))
    return pa.array(out, pa.string()), faults


def _exact(value: float | Decimal | None) -> int | None:
    if value is None or not math.isfinite(value) or value != int(value):
        return None
    if isinstance(value, float) and abs(value) > _EXACT_MAX:
        return None
    return int(value)


def amounts_of(array: pa.Array) -> tuple[NDArray[np.int64], Faults]:
    """Prices in minor units, 0 where the row is at fault."""
    array = plain(array)
    if pa.types.is_decimal(array.type) and array.type.scale == _CENTS:
        return np.zeros(len(array), np.int64), dict.fromkeys(range(len(array)), "not_an_integer")
    values = _whole_numbers(array)
    if values is None:
        return _amounts_one_by_one(array.to_pylist())
    faults: Faults = {}
    if array.null_count:
        faults.update(dict.fromkeys(np.flatnonzero(array.is_null().to_numpy(False)), "missing"))
    if len(values) and not (values.min() >= 0 and values.max() <= AMOUNT_MAX):
        faults.update(dict.fromkeys(np.flatnonzero(values < 0), "negative"))
        faults.update(dict.fromkeys(np.flatnonzero(values > AMOUNT_MAX), "too_large"))
        values = np.where((values < 0) | (values > AMOUNT_MAX), 0, values)
    return values, faults


def _whole_numbers(array: pa.Array) -> NDArray[np.int64] | None:
    """The values as int64 with 0 for null; None when some need to be looked at one by one."""
    if pa.types.is_null(array.type):
        return np.zeros(len(array), np.int64)
    if pa.types.is_string(array.type):
        # Arrow would read 0x10 as 16, and takes neither blanks nor 1999.0.
        if _has_letter_x(array):
            return None
    elif pa.types.is_floating(array.type):
        array = array.cast(pa.float64())
    try:
        whole = array.cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    values: NDArray[np.int64] = whole.fill_null(0).to_numpy(zero_copy_only=False)
    return values


def _has_letter_x(array: pa.Array) -> bool:
    text = array.buffers()[2]
    if text is None:
        return False
    octets = np.frombuffer(text, np.uint8)
    return bool(octets.size and octets.max() >= ord("X"))


def _amounts_one_by_one(given: list[Any]) -> tuple[NDArray[np.int64], Faults]:
    values = np.zeros(len(given), np.int64)
    faults: Faults = {}
    for row, value in enumerate(given):
        amount = amount_of(value)
        if isinstance(amount, str):
            faults[row] = amount
        else:
            values[row] = amount
    return values, faults


def amount_of(value: object) -> int | str:
    """One price as an integer, or the reason why not."""
    if isinstance(value, str):
        match = _WHOLE.fullmatch(value)
        if match is None:
            return "not_an_integer" if value.strip() else "missing"
        return _in_range(int(match[1]))
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "not_an_integer"
    return _in_range(value)


def _in_range(value: float | Decimal) -> int | str:
    if value < 0:
        return "negative"
    if value > AMOUNT_MAX:
        return "too_large"
    return int(value) if value == int(value) else "not_an_integer"


def moments_of(array: pa.Array) -> pa.Array:
    """`listed_at` as text: timestamps become RFC 3339 in UTC (a naive one is taken as UTC)."""
    array = plain(array)
    kind = array.type
    if pa.types.is_date(kind):
        return pc.binary_join_element_wise(array.cast(pa.date32()).cast(pa.string()), "T00:00:00", "Z", "")
    if not pa.types.is_timestamp(kind):
        return text_of(array)[0]
    whole = array.cast(pa.timestamp("us"), safe=False)
    with suppress(pa.ArrowInvalid):  # where there are fractions of a second they stay
        whole = whole.cast(pa.timestamp("s"))
    text = pc.replace_substring(whole.cast(pa.string()), " ", "T", max_replacements=1)
    return pc.binary_join_element_wise(text, "Z", "")


def paths_of(array: pa.Array) -> pa.Array:
    """`picture_paths` as lists without nulls; text is split at `|`, blanks and empty parts
    dropped."""
    array = plain(array)
    kind = array.type
    if pa.types.is_null(kind):
        return pa.array([[]] * len(array), pa.list_(pa.string()))
    if pa.types.is_string(kind):
        empty = pc.equal(pc.binary_length(array), 0)
        if pc.all(pc.fill_null(empty, True)).as_py():
            return pa.array([[]] * len(array), pa.list_(pa.string()))
        array = pc.split_pattern(pc.if_else(empty, None, array), "|")
    elif not pa.types.is_list(kind):
        array = array.cast(pa.list_(kind.value_type))
    return _without_gaps(array)


def _without_gaps(array: pa.Array) -> pa.Array:
    starts = array.offsets.to_numpy()
    values = plain(array.values.slice(starts[0], starts[-1] - starts[0]))
    if pa.types.is_null(values.type):
        values = values.cast(pa.string())
    tidy = (
        not values.null_count
        and (not len(values) or pc.min(pc.binary_length(values)).as_py() > 0)
        and (pc.sum(pc.list_value_length(array)).as_py() or 0) == len(values)
        and not pc.any(pc.match_substring(values, " ")).as_py()
    )
    if tidy:
        return pa.ListArray.from_arrays(pa.array(starts - starts[0]), values)
    kept = [
        [part for part in (path.strip() for path in paths or () if path) if part]
        for paths in _as_lists(array, values, starts)
    ]
    return pa.array(kept, pa.list_(pa.string()))


def _as_lists(array: pa.Array, values: pa.Array, starts: NDArray[np.int32]) -> Iterator[list[str | None] | None]:
    flat = values.to_pylist()
    there = array.is_valid().to_pylist()
    ends = (starts - starts[0]).tolist()
    for row, begin, end in zip(there, ends[:-1], ends[1:], strict=True):
        yield flat[begin:end] if row else None
