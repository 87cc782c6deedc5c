"""What is noted while a listing is read: words with their places, before it is said what they mean together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from agoranomos.engine.text.folding import SHAPE
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.context import Context, Names
from agoranomos.goods.listings.evidence import is_written
from agoranomos.goods.listings.facts import DigitRun, Mention, Spoken
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.phrases import Kind
from agoranomos.goods.listings.texts import Found, ListingTexts
from agoranomos.goods.listings.vocabulary import Term

_MORE_THAN_HELD: Final = 2
"""Characters beside the plain name of another brand that make a longer name of what holds it: 迈兑高仕 is no 高仕."""
SLIP_FROM: Final = 3.2
"""Log-odds from which words that are a term but for a letter are read as the term."""


class Draft(NamedTuple):
    """A mention before the words around it are known."""

    brand: Brand
    kind: Kind
    one: Found
    reads: str
    hidden: float
    ordinary: bool

    def within_another(self, plain: Draft) -> bool:
        """Whether `plain` is the name of another brand in the same characters: all of them but one."""
        here, there = self.one.place, plain.one.place
        if plain.brand is self.brand or not there.overlaps(here):
            return False
        return not there.within(here) or here.length - there.length < _MORE_THAN_HELD


class Reading:
    """One listing while it is read: first what stands in it, then what the words around make of that."""

    __slots__ = ("admitted", "drafts", "listing", "places", "plain", "runs", "terms", "texts")

    def __init__(self, listing: Listing, texts: ListingTexts, found: Sequence[Found]) -> None:
        self.listing = listing
        self.texts = texts
        self.places = [one.place for one in found if one.spelling >= 0]
        self.plain = [one.place for one in found if one.spelling >= 0 and not one.how]
        self.admitted = False
        self.drafts: list[Draft] = []
        self.terms: list[tuple[Term, Found, float]] = []
        self.runs: list[DigitRun] = []

    @property
    def empty(self) -> bool:
        """Whether nothing is left of what the machine found."""
        return not (self.drafts or self.terms or self.runs)

    def mention(self, brand: Brand, kind: Kind, one: Found, reads: str, hidden: float, *, ordinary: bool) -> None:
        self.drafts.append(Draft(brand, kind, one, reads, hidden, ordinary))

    def speak(self, term: Term, one: Found, weight: float) -> None:
        """A term, unless it stands there without signs that are a part of it: every detector asks for them."""
        if is_written(term, one.text):
            self.terms.append((term, one, weight))

    def slip(self, term: Term, one: Found, likely: float) -> None:
        """A term with a mistake or signs in it, where that is `likely` (log-odds) rather than something else said."""
        if likely >= SLIP_FROM:
            self.speak(term, one, term.weight)

    def mentions(self, context: Context) -> tuple[Mention, ...]:
        """The brands named; what resembles one brand and holds the plain name of another is that other."""
        plain = [d for d in self.drafts if not d.one.how]
        names = Names(self.places if context.cues else ())
        return tuple(
            Mention(
                d.brand, d.kind, d.one.place, d.one.text, d.reads, d.one.how, d.hidden, d.ordinary,
                context.roles_at(d.one.place, self.texts, names),
            )
            for d in self.drafts
            if not (d.one.how & SHAPE and any(d.within_another(p) for p in plain))
        )  # fmt: skip

    def spoken(self, context: Context) -> tuple[Spoken, ...]:
        return tuple(
            Spoken(term, one.place, one.text, one.how, weight)
            for term, one, weight in self.terms
            if not any(word in context.near for word in term.innocent_near)
        )
