"""One brand as people read it: a line for each thing that is known, nothing of what is not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

import msgspec

from agoranomos.goods.brands.model import Brand, PriceBand, Proposal

WIDTH = 100
_LABEL_WIDTH = 16
_LISTS = (
    ("names", "names"),
    ("aliases", "also called"),
    ("misspellings", "misspelt as"),
    ("nicknames", "nicknames"),
    ("lines", "lines"),
    ("ordinary", "everyday words"),
    ("unverified", "not checked"),
    ("categories", "categories"),
    ("reference_pictures", "pictures"),
)


def shown(brand: Brand, proposal: Proposal | None) -> Iterator[str]:
    """The lines of what is known of `brand`, and of what spoke for it when it was proposed."""
    yield f"{brand.brand_id}  {brand.main_name}  ({brand.standing})"
    for field, label in _LISTS:
        yield from _entry(label, getattr(brand, field))
    yield from _entry("least prices", (f"{kind} {price}" for kind, price in brand.floors.items()))
    for band in brand.price_bands:
        yield from _entry("price band", [_band(band)])
    yield from _entry("sold", [_sold(brand)])
    yield from _entry("much copied", ["yes" if brand.much_copied else "no"])
    if brand.features is not None:
        yield from _entry("features", [msgspec.json.encode(brand.features).decode()])
    yield from _entry("source", [brand.source] if brand.source else [])
    if proposal is not None:
        yield from _entry("proposed", [_proposed(proposal)])
        for example in proposal.examples:
            yield from _entry("example", [example])


def _entry(label: str, values: Iterable[str]) -> list[str]:
    """`label` and `values`, wrapped; nothing without values. Within a value no line is broken where it can be kept."""
    text = ", ".join(value.replace(" ", "\u00a0") for value in values)
    if not text:
        return []
    hanging = " " * _LABEL_WIDTH
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{label:{_LABEL_WIDTH}}",
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\u00a0", " ") for line in lines]


def _sold(brand: Brand) -> str:
    stores = brand.authorised_store_ids
    if stores is not None:
        return f"only by {', '.join(stores)}" if stores else "by no store"
    return "openly" if brand.sold == "open" else "new goods only by chosen stores"


def _band(band: PriceBand) -> str:
    many = f" ({band.n} listings)" if band.n is not None else ""
    return f"{band.category or 'any category'}: {band.low} to {band.high}, {band.provenance}{many}"


def _proposed(proposal: Proposal) -> str:
    stores = "" if proposal.stores is None else f" of {proposal.stores} stores"
    return f"score {proposal.score:.2f}, {proposal.listings} listings{stores}, in {', '.join(proposal.categories)}"
