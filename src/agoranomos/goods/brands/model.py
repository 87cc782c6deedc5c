"""What a brand is to this system: what it is called, where it may be sold, and what it costs when
genuine.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Literal

import msgspec

from agoranomos.kernel.ids import derived
from agoranomos.kernel.money import Money

CATEGORIES = (
    "shoes", "bags", "clothing", "watches", "jewellery", "eyewear", "cosmetics", "perfume",
    "electronics", "phones", "audio", "computers", "cameras", "gaming", "appliances", "infant",
    "health", "food", "drinks", "toys", "sport", "outdoor", "auto", "tools", "home", "stationery",
    "pets",
)  # fmt: skip
"""The categories of the shipped registry; an entry of the marketplace's own may use its own names
as well.
"""

NAME_LENGTH_MAX = 200
Sold = Literal["open", "selective"]
BrandStatus = Literal["accepted", "proposed", "rejected", "merged_into"]
NAME_KINDS = ("names", "aliases", "misspellings", "nicknames", "lines")
"""The fields of a brand that hold what it is called, best first."""


class PriceBand(msgspec.Struct, frozen=True, kw_only=True):
    """What a new genuine main product costs; a price well below `low` needs an explanation.

    `category` None: any. `provenance` says who said it or what it was learned from; `n` is how
    many listings it was learned from (None: stated, not learned); `at` is RFC 3339.
    """

    low: Money
    high: Money
    category: str | None = None
    provenance: str = "stated"
    n: int | None = None
    at: str | None = None


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """One brand.

    `names[0]` is the main name; `names` are official in any script, `aliases` also in use,
    `nicknames` slang, `lines` product lines that stand for the brand. `ordinary` are those of all
    these that are also ordinary words, so that a match needs more than the word. `floors` maps a
    category to a cautious least price of a new genuine main product. `authorised_store_ids` None:
    sold openly; a tuple: closed, only these stores. `unverified` are the names that nobody has
    checked; with the main name among them, the whole entry.
    """

    brand_id: str
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    floors: dict[str, Money] = {}
    sold: Sold = "open"
    authorised_store_ids: tuple[str, ...] | None = None
    price_bands: tuple[PriceBand, ...] = ()
    much_copied: bool = True
    features: Any = None
    reference_pictures: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    status: BrandStatus = "accepted"
    merged_into: str | None = None
    source: str = ""

    @property
    def main_name(self) -> str:
        """The name that people are shown."""
        return self.names[0]

    @property
    def standing(self) -> str:
        """Its status in words: `accepted`, `rejected`, `merged into nike` …"""
        return f"merged into {self.merged_into}" if self.merged_into else self.status

    @property
    def unchecked(self) -> bool:
        """Whether nobody has checked this entry at all."""
        return self.main_name in self.unverified

    def called(self) -> tuple[str, ...]:
        """Everything the brand is called, main name first, each once."""
        return unique(name for kind in NAME_KINDS for name in getattr(self, kind))


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A name in listings that behaves like a brand and is not in the registry.

    `score` is between 0 and 1 and only orders the proposals. `stores` is None where the listings
    name none.
    """

    brand_id: str
    name: str
    aliases: tuple[str, ...] = ()
    score: float
    listings: int
    stores: int | None
    categories: tuple[str, ...]
    purity: float
    found_in: tuple[str, ...]
    examples: tuple[str, ...]


def unique(names: Any) -> tuple[str, ...]:
    """`names` without repeats, in their first order."""
    return tuple(dict.fromkeys(names))


def fold_name(name: str) -> str:
    """The form under which two spellings of a name are the same: "Häagen-Dazs" and "haagen dazs".

    Compatibility forms, case, accents of Western letters and everything that is neither letter nor
    digit go; a name of nothing else ("7-", "?!") keeps its signs. Voicing marks of Japanese stay:
    they change the word.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    bare = unicodedata.normalize("NFC", bare)
    return "".join(c for c in bare if c.isalnum()) or "".join(bare.split())


def clean_name(name: str) -> str | None:
    """`name` with single spaces; None when it is empty, too long or holds characters that do not
    print.
    """
    text = " ".join(name.split())
    return text if 1 <= len(text) <= NAME_LENGTH_MAX and text.isprintable() else None


def slug(name: str) -> str:
    """A brand id made from a name: "Eternal Gandhi" gives eternal-gandhi; other scripts give a
    hash.
    """
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"[^\w]+", "-", text).strip("-")
    return text if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", text) else derived("brand", fold_name(name))
