"""The name-suggestion-index (https://github.com/osmlab/name-suggestion-index, BSD-3) as a source
of brands.

Its files list what hangs over shop doors, by kind of shop. Kinds that sell goods are taken, with
our categories where the kind says what is sold; banks, restaurants and other services are skipped
and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from agoranomos.engine.text.frequencies import zipf
from agoranomos.goods.brands.model import Brand, clean_name, fold_name, slug, unique

CATEGORIES_OF_SHOP: dict[str, str] = {
    "shoes": "shoes",
    "bag": "bags",
    "leather": "bags",
    "clothes": "clothing",
    "fashion_accessories": "clothing jewellery",
    "fabric": "clothing",
    "watches": "watches",
    "jewelry": "jewellery",
    "optician": "eyewear",
    "cosmetics": "cosmetics",
    "beauty": "cosmetics",
    "hairdresser_supply": "cosmetics",
    "perfumery": "perfume",
    "chemist": "cosmetics health",
    "electronics": "electronics",
    "electrical": "electronics",
    "mobile_phone": "phones",
    "mobile_phone_accessories": "phones",
    "hifi": "audio",
    "computer": "computers",
    "printer_ink": "computers",
    "camera": "cameras",
    "photo": "cameras",
    "video_games": "gaming",
    "games": "toys",
    "appliance": "appliances",
    "vacuum_cleaner": "appliances",
    "baby_goods": "infant",
    "health_food": "health",
    "nutrition_supplements": "health",
    "medical_supply": "health",
    "hearing_aids": "health",
    "herbalist": "health",
    "bakery": "food",
    "butcher": "food",
    "cheese": "food",
    "chocolate": "food",
    "confectionery": "food",
    "dairy": "food",
    "deli": "food",
    "frozen_food": "food",
    "nuts": "food",
    "pastry": "food",
    "seafood": "food",
    "spices": "food",
    "supermarket": "food drinks home",
    "convenience": "food drinks",
    "alcohol": "drinks",
    "beverages": "drinks",
    "coffee": "drinks",
    "tea": "drinks",
    "wine": "drinks",
    "toys": "toys",
    "model": "toys",
    "anime": "toys",
    "sports": "sport",
    "bicycle": "sport outdoor",
    "fishing": "outdoor sport",
    "outdoor": "outdoor",
    "car": "auto",
    "car_parts": "auto",
    "motorcycle": "auto",
    "tyres": "auto",
    "truck": "auto",
    "doityourself": "tools home",
    "hardware": "tools",
    "power_tools": "tools",
    "trade": "tools",
    "paint": "tools home",
    "garden_centre": "home",
    "furniture": "home",
    "bed": "home",
    "bathroom_furnishing": "home",
    "candles": "home",
    "carpet": "home",
    "curtain": "home",
    "flooring": "home",
    "household_linen": "home",
    "houseware": "home",
    "interior_decoration": "home",
    "kitchen": "home",
    "lighting": "home",
    "pottery": "home",
    "tiles": "home",
    "window_blind": "home",
    "stationery": "stationery",
    "craft": "stationery",
    "pet": "pets",
    "department_store": "",
    "variety_store": "",
    "general": "",
    "gift": "",
    "wholesale": "",
    "catalogue": "",
    "books": "",
    "music": "",
    "musical_instrument": "",
    "tobacco": "",
    "e-cigarette": "",
    "erotic": "",
    "bbq": "home",
}
"""Kind of shop to our categories; a kind that is not here sells services, other people's goods or
none at all.
"""

_NAME_TAGS = re.compile(r"(brand|name|short_name|alt_name)(:[a-z]{2,3}(-[A-Za-z-]+)?)?")
_DISAMBIGUATION = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_ORDINARY_ZIPF = 3.5  # a word met more than three times in a million words of text


class _Item(msgspec.Struct):
    displayName: str = ""  # noqa: N815 - their name for it
    tags: dict[str, str] = {}
    matchNames: list[str] = []  # noqa: N815 - their name for it


def is_nsi(document: Any) -> bool:
    """Whether a decoded JSON document has the form of one of its files."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("items"), list)
        and isinstance(document.get("properties"), dict)
        and isinstance(document["properties"].get("path"), str)
    )


def read_document(document: dict[str, Any]) -> Iterator[Brand | str | None]:
    """For each item of one file a brand; None when it is none of goods; text, a JSON pointer, when
    it is broken.
    """
    shop = document["properties"]["path"].removeprefix("brands/")
    kind = shop.removeprefix("shop/") if shop.startswith("shop/") else ""
    for index, raw in enumerate(document["items"]):
        try:
            item = msgspec.convert(raw, _Item)
        except msgspec.ValidationError:
            yield f"/items/{index}"
            continue
        if kind not in CATEGORIES_OF_SHOP or not item.tags:
            yield None  # an item without tags is a template for the index's own build
        else:
            yield _brand(item, CATEGORIES_OF_SHOP[kind].split()) or f"/items/{index}/displayName"


def combined(brands: Iterable[Brand]) -> list[Brand]:
    """One brand per id: a chain that stands in several files gets all its names and categories."""
    found: dict[str, Brand] = {}
    for brand in brands:
        before = found.get(brand.brand_id)
        if before is not None:
            fields = ("names", "aliases", "ordinary", "categories", "unverified")
            united = {name: unique([*getattr(before, name), *getattr(brand, name)]) for name in fields}
            brand = replace(before, **united)  # noqa: PLW2901 - what is kept is the union
        found[brand.brand_id] = brand
    return list(found.values())


def _brand(item: _Item, categories: list[str]) -> Brand | None:
    tags = item.tags
    main = clean_name(_DISAMBIGUATION.sub("", tags.get("brand", "") or item.displayName))
    if main is None:
        return None
    official = [tags.get(key, "") for key in ("brand:en", "brand:zh", "brand:zh-Hans", "brand:zh-Hant")]
    names = _each(main, official, known=())
    tagged = [part for key, value in tags.items() if _NAME_TAGS.fullmatch(key) for part in value.split(";")]
    aliases = _each("", [item.displayName, *sorted(tagged), *item.matchNames], known=names)
    return Brand(
        brand_id=slug(main),
        names=names,
        aliases=aliases,
        ordinary=tuple(name for name in (*names, *aliases) if _is_ordinary(name)),
        categories=tuple(categories),
        unverified=(*names, *aliases),
        source="name-suggestion-index",
    )


def _each(first: str, others: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """`first` and `others`, cleaned, without those that fold like an earlier one or like one of
    `known`.
    """
    seen = {fold_name(name) for name in known}
    names: list[str] = []
    for other in (first, *others):
        name = clean_name(_DISAMBIGUATION.sub("", other))
        if name is not None and fold_name(name) not in seen:
            seen.add(fold_name(name))
            names.append(name)
    return tuple(names)


def _is_ordinary(name: str) -> bool:
    """Whether `name` is one word that everyday English or Chinese text is full of, or too short to
    be sure.
    """
    folded = fold_name(name)
    if len(folded) <= 2:
        return True
    return bool(max(zipf(folded, "en"), zipf(folded, "zh")) >= _ORDINARY_ZIPF)
