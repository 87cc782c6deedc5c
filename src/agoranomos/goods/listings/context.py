"""What stands around the names in a listing: cues that change their meaning, and what the goods are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from agoranomos.engine.text import weighing
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.matching import FIELDS, Limits, Matcher
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.model import Field, Listing
from agoranomos.goods.listings.phrases import TECHNICAL, Kind, kind_bits
from agoranomos.goods.listings.texts import ListingTexts, places
from agoranomos.goods.listings.vocabulary import CategoryWords, Cue, CueRole, shipped_categories
from agoranomos.goods.profiles.model import Chooser, Profiles

_NO_LIMITS: Final = Limits(line=(0.0, 0.0))
_WORD: Final = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_WIDE: Final = re.compile("[\u2e80-\ud7a3]")
_CHARACTERS_PER_WORD: Final = 16
"""Between a cue and a name at most so many characters per word of its reach are looked at."""
_WHOLE_LISTING: Final = frozenset({"second_hand", "confession", "museum", "own_brand"})
_ACCESSORY_PATH: Final = re.compile(
    r"accessor|aksesori|accesorio|acessório|phụ kiện|parts|suku cadang|refaccion|repuesto|cables?\b|cases?\b|covers?\b|"
    r"fundas|carcasas|casing|charger|adapter|配件|周边|配套|零件",
    re.IGNORECASE,
)
_INCLUDED: Final = re.compile(r"(?<![适搭匹装])[送赠配附含][一-鿿]{0,4}$")
"""What stands before an accessory that comes with the goods: 送鞋盒, 配礼盒防尘袋; device parts are sold so too."""
_MAIN_GOODS: Final = re.compile(
    r"headphone|headset|earphone|耳机|watch|phones?$|\bmouse$|\bmice$|pen drives?$", re.IGNORECASE
)
_WORN: Final = frozenset({"clothing", "jewellery", "bags", "eyewear"})
"""Kinds of goods that marketplaces file under accessories although they are articles of their own."""
_PART_BEHIND: Final = 3
"""Characters between an article and what is a part of it rather than sold for it."""
_PATH_SIGNS: Final = re.compile(r">>?|/|»|\||›|→|\n|\"|\[|\]")


class Context(NamedTuple):
    """What the context lexicon found in one listing."""

    cues: tuple[tuple[Cue, Place], ...] = ()
    terms: tuple[tuple[str, Place], ...] = ()
    accessories: tuple[tuple[str, Place], ...] = ()
    near: frozenset[str] = frozenset()

    @property
    def roles(self) -> frozenset[CueRole]:
        """The roles that count for the whole listing wherever their cue stands in the title."""
        return frozenset(cue.role for cue, place in self.cues if place.field == "title" and cue.role in _WHOLE_LISTING)

    def outside(self, places: Sequence[Place]) -> Context:
        """The same without the words for goods inside `places`: a piece of a disguised name is no word (Cha nel)."""
        if not places:
            return self
        terms, accessories = (
            tuple(one for one in found if not any(one[1].within(place) for place in places))
            for found in (self.terms, self.accessories)
        )
        return self._replace(terms=terms, accessories=accessories)

    def roles_at(self, place: Place, texts: ListingTexts, names: Names) -> frozenset[CueRole]:
        """The roles that the cues around give to a name at `place`; a role carries over a list of `names`."""
        roles: set[CueRole] = set()
        for cue, at in self.cues:
            if at.field != place.field or cue.role in roles:
                continue
            if at.end <= place.start and cue.side != "after":
                between = Place(place.field, at.end, place.start)
            elif at.start >= place.end and cue.side != "before":
                between = Place(place.field, place.end, at.start)
            else:
                continue
            if _within(between, cue.reach, texts, names):
                roles.add(cue.role)
        return frozenset(roles)


class Names:
    """Where the names of a listing stand, given in reading order: made once, asked for each cue beside each name."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places: dict[Field, list[Place]] = {}
        for place in places:
            self._places.setdefault(place.field, []).append(place)
        self._starts = {field: [place.start for place in found] for field, found in self._places.items()}
        self._lengths = {
            field: list(accumulate((place.end - place.start for place in found), initial=0))
            for field, found in self._places.items()
        }

    def length_most(self, between: Place) -> int:
        """At least as many characters as the names inside `between` have; those that begin there count in full."""
        lengths = self._lengths.get(between.field)
        if lengths is None:
            return 0
        first, last = self._range(between)
        return lengths[last] - lengths[first]

    def inside(self, between: Place) -> list[Place]:
        """The names that lie inside `between`."""
        first, last = self._range(between)
        return [place for place in self._places.get(between.field, ())[first:last] if place.end <= between.end]

    def _range(self, between: Place) -> tuple[int, int]:
        starts = self._starts.get(between.field, ())
        first = bisect_left(starts, between.start)
        return first, bisect_left(starts, between.end, first)


class ContextReader:
    """Reads cues, category words and innocent words with the context lexicon."""

    def __init__(
        self,
        lexicon: Lexicon,
        cues: Sequence[Cue],
        category_names: Sequence[str],
        near_words: Sequence[str],
    ) -> None:
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon, _NO_LIMITS)
        self._cues = cues
        self._names = category_names
        self._near = near_words
        self._known: dict[int, tuple[tuple[Kind, int], ...]] = {}

    def read(self, listings: Sequence[Listing]) -> list[Context]:
        """The context of each listing."""
        columns = [pa.array([getattr(listing, name) for listing in listings], pa.string()) for name in FIELDS]
        title, description, brand = columns
        hits = self._matcher.read(title, description, brand, np.zeros(len(listings)), every=True)
        cues: dict[int, list[tuple[Cue, Place]]] = defaultdict(list)
        goods: dict[Kind, dict[int, list[tuple[str, Place]]]] = {
            Kind.CATEGORY: defaultdict(list), Kind.ACCESSORY: defaultdict(list),
        }  # fmt: skip
        near: dict[int, set[str]] = defaultdict(set)
        kinds, refs = self._lexicon.arrays["kinds"], self._lexicon.arrays["refs"]
        where = places(listings, hits.row.astype(np.int64), hits.begin, hits.end)
        for row, spelling, place in zip(hits.row.tolist(), hits.spelling.tolist(), where, strict=True):
            if spelling < 0:
                continue
            known = self._known.get(spelling)
            if known is None:
                phrases = self._lexicon.phrases_of(spelling)
                known = tuple((Kind(int(kinds[phrase])), int(refs[phrase])) for phrase in phrases)
                self._known[spelling] = known
            for kind, ref in known:
                if kind is Kind.NEAR:
                    near[row].add(self._near[ref])
                elif kind is Kind.CUE:
                    cues[row].append((self._cues[ref], place))
                else:
                    goods[kind][row].append((self._names[ref], place))
        return [
            Context(
                _longest(cues[row]), tuple(goods[Kind.CATEGORY][row]), tuple(goods[Kind.ACCESSORY][row]),
                frozenset(near[row]),
            )
            for row in range(len(listings))
        ]  # fmt: skip


class Shelf:
    """Which kind of goods a listing offers, by the marketplace's category path or the words of its title."""

    def __init__(self, categories: Mapping[str, CategoryWords]) -> None:
        self._paths = [
            (name, re.compile("|".join(_path_pattern(word) for word in words.path), re.IGNORECASE))
            for name, words in categories.items()
            if words.path
        ]
        self._words: dict[str, set[str]] = defaultdict(set)
        for name, words in categories.items():
            for word in (name, *words.terms):
                self._words[word.casefold()].add(name)
        self.of_path = lru_cache(maxsize=65_536)(self._of_path)
        self.is_accessory_path = lru_cache(maxsize=65_536)(self._is_accessory_path)

    def categories(self, listing: Listing, context: Context) -> tuple[frozenset[str], bool]:
        """The registry's categories for the listing, and whether its category states them."""
        stated = self.of_path(listing.category) if listing.category else frozenset()
        if stated:
            return stated, True
        return frozenset(name for name, place in context.terms if place.field == "title"), False

    def is_accessory(self, listing: Listing, categories: frozenset[str], context: Context) -> bool:
        """Whether the listing offers an accessory or part."""
        found = {
            name
            for name, place in context.accessories
            if place.field == "title" and (name in TECHNICAL or not _comes_with(name, place, listing, context))
        }
        if found & categories or (found and not categories) or (found & TECHNICAL and categories & TECHNICAL):
            return True
        if not listing.category or not self.is_accessory_path(listing.category):
            return False
        # Fashion calls belts and scarves accessories; parts of clothes are another matter. The category itself must say
        # so: the sieve has not read the title, and must not think less of a price than what reads on (`stated_by`).
        worn = (
            {name for name, place in context.terms if place.field == "title"} & self.of_path(listing.category) & _WORN
        )
        return not worn

    def stated(self, categories: pa.Array) -> npt.NDArray[np.uint32]:
        """Per row the kinds of goods that its category states, as bits; 0 unknown (uint32)."""
        coded = categories if pa.types.is_dictionary(categories.type) else categories.dictionary_encode()
        kinds = [self.stated_by(path) for path in coded.dictionary.to_pylist()]
        codes = coded.indices.fill_null(len(kinds)).to_numpy(zero_copy_only=False)
        by_row: npt.NDArray[np.uint32] = np.array([*kinds, 0], np.uint32)[codes]
        return by_row

    def stated_by(self, path: str | None) -> int:
        """The kinds of goods that one category states, as bits; 0 unknown."""
        if not path:
            return 0
        return kind_bits(self.of_path(path)) | (weighing.ACCESSORY_KIND if self.surely_accessory(path) else 0)

    def surely_accessory(self, path: str | None) -> bool:
        """Whether a category says by itself that the goods are an accessory or part, whatever the title says."""
        return bool(path) and self.is_accessory_path(path) and not self.of_path(path) & _WORN

    def _of_path(self, path: str) -> frozenset[str]:
        """The categories that the deepest telling part of a path names.

        A part that is nothing but a word for such goods tells as well as a marketplace's own heading: 化妆品, 鞋.
        """
        for part in reversed(_parts_of(path)):
            found = frozenset(name for name, pattern in self._paths if pattern.search(part))
            found = found or frozenset(self._words.get(part.strip().casefold(), ()))
            if found:
                return found
        return frozenset()

    def _is_accessory_path(self, path: str) -> bool:
        """Whether the deepest telling part of a path names accessories or parts."""
        for part in reversed(_parts_of(path)):
            if any(pattern.search(part) for _, pattern in self._paths):
                return bool(_ACCESSORY_PATH.search(part)) and not _MAIN_GOODS.search(part)
            if _ACCESSORY_PATH.search(part):
                return True
        return False


def _comes_with(name: str, accessory: Place, listing: Listing, context: Context) -> bool:
    """Whether `accessory` is sold with the article or as a part of it."""
    return bool(_INCLUDED.search(listing.title, 0, accessory.start)) or _is_part(name, accessory, context)


def _is_part(name: str, accessory: Place, context: Context) -> bool:
    """Whether the title offers the article itself and names `accessory` as a part of it: 机械表 … 真皮表带.

    The article stands in front, and not directly: a watch strap is a strap.
    """
    if any(cue.role == "compatible" and not place.within(accessory) for cue, place in context.cues):
        return False
    articles = [place.end for term, place in context.terms if term == name and place.field == "title"]
    return any(end + _PART_BEHIND <= accessory.start for end in articles)


def profile_chooser(profiles: Profiles) -> Callable[[str], str]:
    """The name of the category profile of a category path, for who does not read listings."""
    shelf, choose = Shelf(shipped_categories()), Chooser(profiles).choose
    return lambda path: choose(shelf.of_path(path) if path else frozenset(), path)


def _parts_of(path: str) -> list[str]:
    """The parts of a category path, broadest first."""
    return [part for part in _PATH_SIGNS.split(path) if part.strip()]


def _path_pattern(word: str) -> str:
    escaped = re.escape(word)
    return rf"\b{escaped}\b" if word.isascii() else escaped


def _longest(cues: list[tuple[Cue, Place]]) -> tuple[tuple[Cue, Place], ...]:
    """Cues that lie within no longer one: "if not original" is no confession."""
    ordered = sorted(cues, key=lambda cue: (cue[1].field, cue[1].start, -cue[1].end))
    kept: list[tuple[Cue, Place]] = []
    for cue, at in ordered:
        last = kept[-1][1] if kept else None
        inside = last is not None and last.field == at.field and at.end <= last.end
        if not inside or (last is not None and (at.start, at.end) == (last.start, last.end)):
            kept.append((cue, at))
    return tuple(kept)


def _within(between: Place, reach: int, texts: ListingTexts, names: Names) -> bool:
    """Whether at most `reach` words or ideographs stand in `between`, other names not counted."""
    field = texts.text[between.field]
    length, most = between.end - between.start, (reach + 1) * _CHARACTERS_PER_WORD
    if length - names.length_most(between) > most:  # so of nearly all that stand far apart
        return False
    inside = names.inside(between)
    if length - sum(place.end - place.start for place in inside) > most:
        return False
    pieces, at = [], between.start
    for place in inside:
        if at <= place.start:
            pieces.append(field[at : place.start])
            at = place.end
    pieces.append(field[at : between.end])
    text = " ".join(pieces)
    if text.isascii():
        return len(_WORD.findall(text)) <= reach
    wide = len(_WIDE.findall(text))
    return wide <= reach and wide + sum(1 for word in _WORD.findall(text) if not _WIDE.match(word)) <= reach
