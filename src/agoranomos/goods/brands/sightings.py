"""Where names that may be brands stand in listings, counted in one pass over Arrow batches.

Sellers put the brand first: what is counted is the head of each title, as runs of one to three
Western words and as the first two to five characters of a Chinese title, besides the brand column,
【brackets】 and the Chinese habit of naming a brand twice, 爱普生（EPSON）. Memory is bounded: when
there are too many names, those seen once are forgotten, so that a rare name of a huge catalogue
may be missed, never a frequent one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

import pyarrow as pa

from agoranomos.goods.brands.model import clean_name, fold_name

NAMES_MAX = 300_000
"""So many names are counted at once; beyond, those seen once are forgotten."""
SAMPLE_CHARACTERS_MAX = 8_000_000
"""Of so many characters of titles the positions are looked at."""
_SEEN_MAX = 64  # distinct titles and stores that are told apart; more add nothing to the score
_EXAMPLES_MAX = 5
_WORDS_MAX = 3
_CHARACTERS = range(2, 6)

Place = Literal["brand", "title", "pair", "bracket"]

_WORD = re.compile(r"[^\W_]+(?:[&'’.\-+][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_HAN_HEAD = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN_HEAD = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9&'’.\-]*(?: [A-Z][A-Za-zÀ-ɏ&'’.\-]*)?")
_PAIR = re.compile(
    r"(?P<han>[\u3400-\u9fff]{2,6})\s*[(（]\s*(?P<latin>[A-Za-zÀ-ɏ][\w&'’.\- ]{1,24}?)\s*[)）]"
    r"|(?P<latin2>[A-Za-zÀ-ɏ][\w&'’.\-]{1,24})\s*[(（]\s*(?P<han2>[\u3400-\u9fff]{2,6})\s*[)）]"
)
_BRACKET = re.compile(r"\s*[【\[]([^】\]]{2,20})[】\]]\s*")
_FOR_OTHERS = re.compile(r"(适用|适合|适配|兼容|通用|for |fits? |compatible )", re.IGNORECASE)
_NO_BRAND = frozenset(map(fold_name, (
    "other", "others", "generic", "none", "no brand", "no brand 无品牌", "unbranded", "oem", "n/a",
    "null", "unknown", "local", "not specified", "noname", "tidak ada merek", "sin marca", "其他",
    "其它", "无", "无品牌", "没有品牌", "通用", "定制", "自主品牌", "自有品牌",
)))  # fmt: skip
"""What sellers write into the brand column when there is no brand."""


class Sighting:
    """What was seen of one name; `listings` counts all, `titles` only distinct ones, up to a
    bound.
    """

    __slots__ = (
        "alias",
        "categories",
        "examples",
        "following",
        "listings",
        "name",
        "places",
        "stores",
        "titles",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.alias = ""
        self.listings = 0
        self.titles: set[int] = set()
        self.stores: set[str] = set()
        self.categories: dict[str, None] = {}
        self.following: Counter[str] = Counter()
        self.examples: list[str] = []
        self.places: set[Place] = set()

    def add(self, place: Place, title: str, store: str, category: str, following: str = "") -> None:
        """Notes the name in one more listing; `following` is what stands after it."""
        self.listings += 1
        self.places.add(place)
        if len(self.titles) < _SEEN_MAX:
            before = len(self.titles)
            self.titles.add(hash(title))
            if len(self.titles) > before and len(self.examples) < _EXAMPLES_MAX:
                self.examples.append(title[:200])
        if store and len(self.stores) < _SEEN_MAX:
            self.stores.add(store)
        if category and len(self.categories) < _SEEN_MAX:
            self.categories[category] = None
        if len(self.following) < _SEEN_MAX or following in self.following:
            self.following[following] += 1


class Sightings:
    """The names of all batches, with what is needed to tell how brand-like each is."""

    def __init__(self) -> None:
        self.columns: dict[str, Sighting] = {}
        self.heads: dict[str, Sighting] = {}
        """By words of a title's head, folded and joined by spaces."""
        self.han_heads: dict[str, Sighting] = {}
        self.pairs: dict[str, Sighting] = {}
        self.words: Counter[str] = Counter()
        """In how many titles a folded word stands."""
        self.sample: list[str] = []
        self._sample_characters = 0
        self.listings = 0

    def read(self, batches: Iterable[pa.RecordBatch]) -> Sightings:
        """Counts `batches` with the columns title and, where present, brand, store_id, category."""
        for batch in batches:
            for title, brand, store, category in _rows(batch):
                self.listings += 1
                self._column(brand, title, store, category)
                self._title(" ".join(title.split()), store, category)
            for table in (self.columns, self.heads, self.han_heads, self.pairs):
                _forget_rare(table)
            if len(self.words) > NAMES_MAX * 4:
                self.words = Counter({word: count for word, count in self.words.items() if count > 1})
        return self

    def _column(self, brand: str, title: str, store: str, category: str) -> None:
        name = clean_name(brand) if brand else None
        if name is not None and fold_name(name) not in _NO_BRAND and len(name) <= 60:
            _at(self.columns, fold_name(name), name).add("brand", title, store, category)

    def _title(self, title: str, store: str, category: str) -> None:
        words = _WORD.findall(title)
        self.words.update({fold_name(word) for word in words})
        if self._sample_characters < SAMPLE_CHARACTERS_MAX:
            self.sample.append(title)
            self._sample_characters += len(title) + 1
        rest = self._after_brackets(title, store, category)
        if _FOR_OTHERS.match(rest):
            return
        pair = _PAIR.match(rest)
        if pair:
            han, latin = pair["han"] or pair["han2"], (pair["latin"] or pair["latin2"]).strip()
            sighting = _at(self.pairs, han, han)
            sighting.alias = sighting.alias or latin
            sighting.add("pair", title, store, category)
        elif _HAN.search(rest):
            self._chinese(rest, title, store, category)
        else:
            self._western(_WORD.findall(rest), title, store, category)

    def _after_brackets(self, title: str, store: str, category: str) -> str:
        """`title` without its leading brackets; what stood in them is counted."""
        rest = title
        while (bracket := _BRACKET.match(rest)) is not None:
            name = bracket[1].strip()
            if _HAN_HEAD.fullmatch(name) and len(name) <= max(_CHARACTERS):
                _at(self.han_heads, name, name).add("bracket", title, store, category, "】")
            elif _LATIN_HEAD.fullmatch(name):
                _at(self.heads, _folded(name.split()), name).add("bracket", title, store, category, "】")
            rest = rest[bracket.end() :]
        return rest

    def _western(self, words: list[str], title: str, store: str, category: str) -> None:
        for count in range(1, min(_WORDS_MAX, len(words)) + 1):
            head = words[:count]
            following = fold_name(words[count]) if count < len(words) else ""
            _at(self.heads, _folded(head), " ".join(head)).add("title", title, store, category, following)

    def _chinese(self, rest: str, title: str, store: str, category: str) -> None:
        latin = _LATIN_HEAD.match(rest)
        if latin:
            name = latin[0].rstrip(" .-")
            _at(self.heads, _folded(name.split()), name).add("title", title, store, category, rest[latin.end() :][:1])
            rest = rest[latin.end() :].lstrip()
        head = _HAN_HEAD.match(rest)
        for count in _CHARACTERS if head and not latin else ():
            if count <= len(head[0]):  # type: ignore[index] # there are characters only when there is a head
                name = rest[:count]
                _at(self.han_heads, name, name).add("title", title, store, category, rest[count : count + 1])


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[str, str, str, str]]:
    """(title, brand, store_id, category) of each row; "" where the batch has no such column or
    value.
    """
    absent = [""] * batch.num_rows
    columns = [
        batch.column(name).to_pylist() if name in batch.schema.names else absent
        for name in ("title", "brand", "store_id", "category")
    ]
    for title, brand, store, category in zip(*columns, strict=True):
        yield title or "", brand or "", store or "", category or ""


def _at(table: dict[str, Sighting], key: str, name: str) -> Sighting:
    found = table.get(key)
    if found is None:
        found = table[key] = Sighting(name)
    return found


def _folded(words: Iterable[str]) -> str:
    return " ".join(fold_name(word) for word in words)


def _forget_rare(table: dict[str, Sighting]) -> None:
    if len(table) > NAMES_MAX:
        for key in [key for key, seen in table.items() if seen.listings <= 1]:
            del table[key]
