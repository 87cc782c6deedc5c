"""A brand in a row of a table: lists are separated by `|`, money is written "300 CNY"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from agoranomos.goods.brands.model import NAME_KINDS
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import MINOR_DIGITS

_LISTS = (
    *NAME_KINDS,
    "ordinary",
    "categories",
    "authorised_store_ids",
    "reference_pictures",
    "features",
    "unverified",
)
_TEXTS = ("brand_id", "sold", "source", "status", "merged_into")
_FLOOR = re.compile(r"([^=]+)=\s*([\d.]+)\s*([A-Z]{3})")
_BAND = re.compile(r"([^=]*)=\s*([\d.]+?)\s*\.\.\s*([\d.]+)\s*([A-Z]{3})")


def as_object(cells: Mapping[str | None, Any]) -> dict[str, Any]:
    """The row as a JSON object with the fields of `Brand`; an empty cell is an absent field.

    `floors` is "shoes=300 CNY|bags=900 CNY", `price_bands` is "shoes=300..2000 CNY" (nothing
    before the = means any category), in major units. A cell of `authorised_store_ids` that holds
    "-" closes the brand to everyone. Raises Invalid with the column as its pointer.
    """
    if None in cells:
        raise Invalid("the row has more cells than the header")
    row = {str(key): str(value or "").strip() for key, value in cells.items()}
    if "name" in row and not row.get("names"):
        row["names"] = row["name"]
    found: dict[str, Any] = {name: row[name] for name in _TEXTS if row.get(name)}
    found.update({name: _list(row[name]) for name in _LISTS if row.get(name)})
    if row.get("authorised_store_ids") == "-":
        found["authorised_store_ids"] = []
    if row.get("floors"):
        found["floors"] = dict(_floor(cell) for cell in _list(row["floors"]))
    if row.get("price_bands"):
        found["price_bands"] = [_band(cell) for cell in _list(row["price_bands"])]
    return found


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _floor(cell: str) -> tuple[str, dict[str, Any]]:
    match = _FLOOR.fullmatch(cell)
    if match is None:
        raise Invalid("a floor is written shoes=300 CNY", pointer="/floors")
    return match[1].strip(), _money(match[2], match[3], "/floors")


def _band(cell: str) -> dict[str, Any]:
    match = _BAND.fullmatch(cell)
    if match is None:
        raise Invalid("a price band is written shoes=300..2000 CNY", pointer="/price_bands")
    low, high = (_money(match[index], match[4], "/price_bands") for index in (2, 3))
    return {"category": match[1].strip() or None, "low": low, "high": high}


def _money(number: str, currency: str, pointer: str) -> dict[str, Any]:
    try:
        amount = Decimal(number).scaleb(MINOR_DIGITS[currency])
    except (KeyError, InvalidOperation):
        raise Invalid("money is a number and an ISO 4217 code, as in 300 CNY", pointer=pointer) from None
    if amount != int(amount):
        raise Invalid("the currency has no such small units", pointer=pointer)
    return {"amount": int(amount), "currency": currency}
