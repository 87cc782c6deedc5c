"""From the columns of a file to a batch for the judge: what is repaired, and what is refused."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agoranomos.engine.scan import columns, texts
from agoranomos.engine.scan.columns import Faults
from agoranomos.engine.scan.schema import IDS, LISTING_SCHEMA, REQUIRED, TEXTS
from agoranomos.kernel.money import MINOR_DIGITS

_CURRENCIES = pa.array(sorted(MINOR_DIGITS))


class Cleaned(NamedTuple):
    """All rows as LISTING_SCHEMA, with placeholders where `faults` names a row; rows in the
    batch."""

    batch: pa.RecordBatch
    faults: dict[int, tuple[str, str]]
    repaired: NDArray[np.bool_] | None


class _Notes:
    """What was found so far: the first fault of each row, and the repaired rows."""

    def __init__(self, repaired: NDArray[np.bool_] | None) -> None:
        self.faults: dict[int, tuple[str, str]] = {}
        self.repaired = repaired

    def fault(self, column: str, faults: Faults) -> None:
        for row, reason in faults.items():
            self.faults.setdefault(int(row), (column, reason))

    def repair(self, rows: NDArray[np.bool_] | None) -> None:
        if rows is not None:
            self.repaired = rows if self.repaired is None else self.repaired | rows


def clean(given: dict[str, pa.Array], rows: int, *, repaired: NDArray[np.bool_] | None = None) -> Cleaned:
    """Checks `rows` rows; `given` maps our columns to arrays of any readable type.

    `repaired` marks rows that were already mended on the way here.
    """
    notes = _Notes(repaired)
    done: dict[str, pa.Array] = {}
    for name in IDS:
        done[name] = _ids(name, given.get(name), rows, notes)
    for name in TEXTS:
        done[name] = _text(name, given.get(name), rows, notes)
    amounts, faults = columns.amounts_of(given["price_amount"])
    notes.fault("price_amount", faults)
    done["price_amount"] = pa.array(amounts)
    done["currency"] = _currency(given["currency"], notes)
    done["picture_paths"] = _paths(given.get("picture_paths"), rows, notes)
    done["listed_at"] = _moment(given.get("listed_at"), rows, notes)
    batch = pa.RecordBatch.from_arrays([done[field.name] for field in LISTING_SCHEMA], schema=LISTING_SCHEMA)
    return Cleaned(batch, notes.faults, notes.repaired)


def _sound(name: str, given: pa.Array, notes: _Notes) -> pa.Array:
    array, faults = columns.text_of(given)
    notes.fault(name, faults)
    array, faults, repaired = texts.sound(array)
    notes.fault(name, faults)
    notes.repair(repaired)
    return array


def _ids(name: str, given: pa.Array | None, rows: int, notes: _Notes) -> pa.Array:
    if given is None:
        return pa.nulls(rows, pa.string())
    array = _sound(name, given, notes)
    required = name in REQUIRED
    notes.fault(name, texts.faulty_ids(array, required=required))
    if required:
        return pc.fill_null(array, "") if array.null_count else array
    starts, _ = texts.spans(array)
    absent = np.diff(starts) == 0
    return pc.if_else(pa.array(absent), None, array) if absent.any() else array


def _text(name: str, given: pa.Array | None, rows: int, notes: _Notes) -> pa.Array:
    if given is None:
        return pa.repeat("", rows)
    array, repaired = texts.mended(_sound(name, given, notes))
    notes.repair(repaired)
    if name in REQUIRED:
        notes.fault(name, dict.fromkeys(texts.blank_rows(array), "missing"))
    return array


def _currency(given: pa.Array, notes: _Notes) -> pa.Array:
    array = _sound("currency", given, notes)
    if array.null_count:
        array = pc.fill_null(array, "")
    known = pc.is_in(array, value_set=_CURRENCIES)
    if not pc.all(known).as_py():
        blank = set(texts.blank_rows(array).tolist())
        wrong = np.flatnonzero(~known.to_numpy(zero_copy_only=False)).tolist()
        notes.fault("currency", {row: "missing" if row in blank else "unknown_currency" for row in wrong})
    return array


def _paths(given: pa.Array | None, rows: int, notes: _Notes) -> pa.Array:
    if given is None:
        return pa.array([[]] * rows, pa.list_(pa.string()))
    if pa.types.is_string(columns.plain(given).type):
        given = _sound("picture_paths", given, notes)
    array = columns.paths_of(given)  # offsets from 0, all values in use
    flat, faults, repaired = texts.sound(array.values)
    if faults or repaired is not None:
        parents = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
        notes.fault("picture_paths", {int(parents[i]): reason for i, reason in faults.items()})
        if repaired is not None:
            mask = np.zeros(rows, np.bool_)
            mask[parents[repaired]] = True
            notes.repair(mask)
        array = pa.ListArray.from_arrays(array.offsets, flat)
    return array


def _moment(given: pa.Array | None, rows: int, notes: _Notes) -> pa.Array:
    if given is None:
        return pa.nulls(rows, pa.string())
    array = _sound("listed_at", columns.moments_of(given), notes)
    starts, _ = texts.spans(array)
    absent = np.diff(starts) == 0
    return pc.if_else(pa.array(absent), None, array) if absent.any() else array
