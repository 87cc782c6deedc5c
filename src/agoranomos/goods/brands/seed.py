"""The brands that ship with the program, read from the package without a database."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
from msgspec.structs import replace

from agoranomos.goods.brands.model import NAME_KINDS, Brand
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money

_FEN_PER_YUAN = 100


FIELDS = ("brand_id", *NAME_KINDS, "ordinary", "categories", "floor", "sold", "unverified")
"""What a line of a seed file may hold: fields of `Brand`, and `floor` in whole yuan by category."""


@cache
def seed_brands() -> tuple[Brand, ...]:
    """All shipped brands in the order of their ids; read once per process."""
    folder = resources.files("agoranomos.goods.brands") / "data" / "seed"
    return read_seed(folder)


@cache
def much_copied() -> frozenset[str]:
    """Ids of the shipped brands whose names are worth disguising."""
    text = (resources.files("agoranomos.goods.brands") / "data" / "much_copied.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def read_seed(folder: Traversable) -> tuple[Brand, ...]:
    """The brands in the `*.jsonl` files of `folder`, ordered by id; of two with one id the first
    file's stays.

    Raises Invalid, naming file and line, for a line that is no brand or holds other fields than `FIELDS`.
    """
    brands: dict[str, Brand] = {}
    files = [file for file in folder.iterdir() if file.name.endswith(".jsonl")] if folder.is_dir() else []
    for file in sorted(files, key=lambda file: file.name):
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if line.strip():
                brand = _brand(line, f"{file.name}:{number}")
                brands.setdefault(brand.brand_id, brand)
    return tuple(brands[brand_id] for brand_id in sorted(brands))


def _brand(line: bytes, place: str) -> Brand:
    try:
        entry = msgspec.json.decode(line, type=dict[str, Any])
        floor = msgspec.convert(entry.pop("floor", {}), dict[str, int])
        brand = msgspec.convert(entry, Brand)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(f"{place}: {error}") from error
    if unknown := sorted(set(entry) - set(FIELDS)):
        raise Invalid(f"{place}: a seed file has no field {unknown[0]}")
    if not brand.names:
        raise Invalid(f"{place}: a brand has at least one name")
    floors = {category: Money(yuan * _FEN_PER_YUAN, "CNY") for category, yuan in floor.items()}
    return replace(brand, floors=floors, much_copied=brand.brand_id in much_copied(), source="seed")
