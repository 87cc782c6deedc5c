"""Checks and repairs of text columns, a batch at a time; rows are looked at singly only when one
fails."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agoranomos.engine.scan.columns import Faults
from agoranomos.engine.scan.encoding import decoded
from agoranomos.engine.scan.schema import TEXT_BYTES_MAX
from agoranomos.kernel.ids import LENGTH_MAX, is_id

_LEADS_OF_BLANKS = np.array([*range(0x21), 0x85, 0xC2, 0xE1, 0xE2, 0xE3], np.uint8)
"""First bytes that a string of nothing but blanks can have in UTF-8."""


def spans(array: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Offsets (len + 1) and bytes of a string array; the offsets count in the array's whole
    buffer."""
    _, offsets, data = array.buffers()
    if not len(array) or offsets is None:
        return np.zeros(len(array) + 1, np.int32), np.zeros(0, np.uint8)
    starts = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    return starts, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)


def _range(starts: NDArray[np.int32], octets: NDArray[np.uint8]) -> tuple[int, int]:
    """Smallest and largest byte in use; (0x61, 0x61) when there is none."""
    used = octets[starts[0] : starts[-1]]
    return (int(used.min()), int(used.max())) if used.size else (0x61, 0x61)


def sound(array: pa.Array) -> tuple[pa.Array, Faults, NDArray[np.bool_] | None]:
    """`array` in valid UTF-8: lone surrogates become U+FFFD, other invalid bytes are faults.

    Returns the array, the faults and which rows were repaired (None: none).
    """
    starts, octets = spans(array)
    if _range(starts, octets)[1] < 0x80:
        return array, {}, None
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return _one_by_one(array)
    return array, {}, None


def _one_by_one(array: pa.Array) -> tuple[pa.Array, Faults, NDArray[np.bool_]]:
    faults: Faults = {}
    repaired = np.zeros(len(array), np.bool_)
    out: list[str | None] = []
    raws = array.cast(pa.binary()).to_pylist()
    for row, raw in enumerate(raws):
        text = (None, False) if raw is None else decoded(raw, "utf-8")
        if text is None:
            faults[row] = "not_utf8"
            out.append(None)
        else:
            out.append(text[0])
            repaired[row] = text[1]
    return pa.array(out, pa.string()), faults, repaired


def mended(array: pa.Array) -> tuple[pa.Array, NDArray[np.bool_] | None]:
    """Text without nulls and NULs, and not above 1 MiB; which rows had NULs or were cut."""
    if array.null_count:
        array = pc.fill_null(array, "")
    starts, octets = spans(array)
    repaired: NDArray[np.bool_] | None = None
    if _range(starts, octets)[0] == 0:
        repaired = pc.match_substring(array, "\0").to_numpy(zero_copy_only=False)
        array = pc.replace_substring(array, "\0", " ")
        starts, octets = spans(array)
    too_long = np.diff(starts) > TEXT_BYTES_MAX
    if too_long.any():
        texts = array.to_pylist()
        for row in np.flatnonzero(too_long):
            texts[row] = texts[row].encode()[:TEXT_BYTES_MAX].decode("utf-8", "ignore")
        array = pa.array(texts, pa.string())
        repaired = too_long if repaired is None else repaired | too_long
    return array, repaired


def blank_rows(array: pa.Array) -> NDArray[np.intp]:
    """Rows that are empty or hold nothing but white space."""
    starts, octets = spans(array)
    if not len(array):
        return np.zeros(0, np.intp)
    empty = starts[1:] == starts[:-1]
    if not octets.size:
        return np.flatnonzero(empty)
    leads = octets[np.minimum(starts[:-1], octets.size - 1)]
    for row in np.flatnonzero(np.isin(leads, _LEADS_OF_BLANKS) & ~empty):
        value = array[int(row)].as_py()
        empty[row] = not value.strip()
    return np.flatnonzero(empty)


def faulty_ids(array: pa.Array, *, required: bool) -> Faults:
    """Rows whose id is no id of the contract; absent ids are faults where `required`."""
    starts, octets = spans(array)
    lengths = np.diff(starts)
    low, high = _range(starts, octets)
    absent = bool(array.null_count) or bool(len(lengths) and lengths.min() == 0)
    long = bool(len(lengths) and lengths.max() > LENGTH_MAX)
    if low > 0x20 and high < 0x7F and not long and not (absent and required):
        return {}
    faults: Faults = {}
    for row, value in enumerate(array.to_pylist()):
        if value is None or not value.strip():
            if required:
                faults[row] = "missing"
        elif not is_id(value):
            faults[row] = "id_too_long" if len(value) > LENGTH_MAX else "id_not_printable"
    return faults
