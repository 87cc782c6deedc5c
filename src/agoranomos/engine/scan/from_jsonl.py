"""Reads one unit of a JSONL file: all lines of a block at once, line by line where one is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from agoranomos.engine.scan.columns import amount_of
from agoranomos.engine.scan.encoding import decoded, without_surrogates
from agoranomos.engine.scan.raw import Raw, Rows, Tally, rejected_only
from agoranomos.engine.scan.records import tidy_lines
from agoranomos.engine.scan.schema import COLUMNS, IDS, LINE_BYTES_MAX
from agoranomos.engine.scan.text_blocks import encoding_of, text_blocks
from agoranomos.engine.scan.units import Unit

_TYPES: dict[str, Any] = {"price_amount": int | float | None, "picture_paths": list[str] | None}


def read(unit: Unit, tally: Tally) -> Iterator[Raw]:
    """The unit's rows; blank lines are none."""
    decoder = _decoder(unit)
    carry, skipping, line = b"", False, 0
    for block, final in text_blocks(unit, tally):
        data = carry + block
        if skipping:
            begin = block.find(b"\n") + 1
            if not begin:
                continue
            data, skipping = block[begin:], False
        end = len(data) if final else data.rfind(b"\n") + 1
        carry = data[end:]
        yield from _lines(decoder, unit, tally, data[:end], line)
        line += data.count(b"\n", 0, end)
        if len(carry) > LINE_BYTES_MAX:
            yield _too_long(tally, line)
            carry, skipping, line = b"", True, line + 1
    tally.lines = line


def _too_long(tally: Tally, line: int) -> Raw:
    raw = rejected_only()
    raw.rejects.add(tally.rows, line, "line_too_long")
    tally.rows += 1
    return raw


def _decoder(unit: Unit) -> msgspec.json.Decoder[Any]:
    """Decodes lines whose keys are those seen at the head of the file, and refuses all others.

    So a key that is spelt differently further down is not overlooked: its block goes line by line.
    """
    keys = {name: unit.layout.names.get(name, name) for name in COLUMNS}
    fields: list[tuple[str, Any, Any]] = [(name, _TYPES.get(name, str | None), None) for name in keys]
    taken = set(keys.values())
    for number, other in enumerate(key for key in unit.layout.others if key not in taken):
        fields.append((f"other_{number}", msgspec.Raw, msgspec.Raw()))
        keys[f"other_{number}"] = other
    row = msgspec.defstruct("Row", fields, rename=keys, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(row)


def _lines(decoder: msgspec.json.Decoder[Any], unit: Unit, tally: Tally, data: bytes, line: int) -> Iterator[Raw]:
    if data.strip():
        raw = _in_bulk(decoder, unit, tally, data, line)
        if raw is not None:
            tally.rows += len(raw.rows)
            yield from raw.slices()
        else:
            yield from _one_by_one(unit, tally, data, line)


def _in_bulk(decoder: msgspec.json.Decoder[Any], unit: Unit, tally: Tally, data: bytes, first: int) -> Raw | None:
    """None when a line is not an object of the usual keys and types, or too long."""
    if len(data) > LINE_BYTES_MAX and max(map(len, data.split(b"\n"))) > LINE_BYTES_MAX:
        return None
    try:
        text = data if encoding_of(unit) == "utf-8" else data.decode(encoding_of(unit)).encode()
        objects = decoder.decode_lines(text)
        values = zip(*map(msgspec.structs.astuple, objects), strict=True)
        columns = {name: _array(name, column) for name, column in zip(COLUMNS, values, strict=False)}
    except (msgspec.DecodeError, UnicodeError, pa.ArrowException, OverflowError, RecursionError):
        return None
    lines = first + tidy_lines(data, quotes=False)
    if len(lines) != len(objects):
        return None  # two objects in one line, or one in two
    return Raw(columns, np.arange(tally.rows, tally.rows + len(objects)), lines)


def _array(name: str, values: tuple[Any, ...]) -> pa.Array:
    if name == "picture_paths":
        return pa.array(values, pa.list_(pa.string()))
    if name == "price_amount":
        return pa.array(values, pa.float64() if float in set(map(type, values)) else pa.int64())
    return pa.array(values, pa.string())


def _one_by_one(unit: Unit, tally: Tally, data: bytes, first: int) -> Iterator[Raw]:
    rows = Rows(COLUMNS)
    encoding = encoding_of(unit)
    for number, line in enumerate(data.split(b"\n")):
        if not line.strip(b" \t\r"):
            continue
        row, here = tally.rows, first + number
        tally.rows += 1
        _one(rows, row, here, line, encoding)
        if rows.full:
            yield rows.take()
    if not rows.empty:
        yield rows.take()


def _one(rows: Rows, row: int, here: int, line: bytes, encoding: str) -> None:
    if len(line) > LINE_BYTES_MAX:
        rows.rejects.add(row, here, "line_too_long")
        return
    text = decoded(line, encoding)
    if text is None:
        rows.rejects.add(row, here, "not_utf8")
        return
    try:
        value = json.loads(text[0], parse_constant=_refuse)
    except (ValueError, RecursionError):
        rows.rejects.add(row, here, "broken_json")
        return
    if not isinstance(value, dict):
        rows.rejects.add(row, here, "not_an_object")
        return
    plain = {key.strip().lower(): item for key, item in value.items()}
    values: list[object] = []
    repaired = text[1]
    for name in COLUMNS:
        item, mended, fault = _value(name, plain.get(name))
        if fault:
            rows.rejects.add(row, here, fault, name, _readable_id(plain))
            return
        repaired = repaired or mended
        values.append(item)
    rows.add(row, here, values, repaired=repaired, size=len(line))


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _readable_id(plain: dict[str, Any]) -> str | None:
    value, _, fault = _value("listing_id", plain.get("listing_id"))
    return value if isinstance(value, str) and not fault else None


def _value(name: str, item: Any) -> tuple[object, bool, str]:
    """The value for our column, whether it was repaired, and the reason if it cannot be used."""
    if name == "price_amount":
        amount = amount_of(item)
        return (None, False, amount) if isinstance(amount, str) else (amount, False, "")
    if name == "picture_paths" and isinstance(item, str):
        item = item.split("|")
    if name == "picture_paths" and isinstance(item, list):
        parts = [_text(part) for part in item if part is not None]
        if any(part is None for part in parts):
            return None, False, "not_text"
        texts = [part for part in parts if part is not None]
        return [part[0] for part in texts], any(part[1] for part in texts), ""
    if item is None:
        return None, False, ""
    if name in IDS and isinstance(item, float):
        return (str(int(item)), False, "") if item.is_integer() and abs(item) <= 2**53 else (
            None, False, "id_not_exact"
        )  # fmt: skip
    text = _text(item)
    return (None, False, "not_text") if text is None else (*text, "")


def _text(item: object) -> tuple[str, bool] | None:
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item), False
    if not isinstance(item, str):
        return None
    if item.isascii():
        return item, False
    try:
        item.encode()
    except UnicodeEncodeError:
        return without_surrogates(item), True
    return item, False
