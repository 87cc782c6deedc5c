"""The brands that ship with the program, read from the package without a database."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from agoranomos.goods.brands.model import Brand, Sold
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import Money

_FEN_PER_YUAN = 100


class SeedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a seed file; `floor` in whole yuan by category, a cautious least price when
    genuine and new.
    """

    brand_id: str
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    floor: dict[str, int] = {}
    sold: Sold = "open"
    unverified: tuple[str, ...] = ()


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

    Raises Invalid, naming file and line, for a line that is not of the form of `SeedLine`.
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
        entry = msgspec.json.decode(line, type=SeedLine)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(f"{place}: {error}") from error
    if not entry.names:
        raise Invalid(f"{place}: a brand has at least one name")
    floors = {key: Money(yuan * _FEN_PER_YUAN, "CNY") for key, yuan in entry.floor.items()}
    fields = {name: getattr(entry, name) for name in SeedLine.__struct_fields__ if name != "floor"}
    return Brand(**fields, floors=floors, much_copied=entry.brand_id in much_copied(), source="seed")
