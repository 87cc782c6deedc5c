"""What the detectors of a listing may see: the listing, and what was read in it."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol

from agoranomos.engine.text.matching import how_names
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.model import Field, Listing, Quote
from agoranomos.goods.listings.phrases import Kind
from agoranomos.goods.listings.vocabulary import CueRole, Term

_INITIALS = 3


class Place(NamedTuple):
    """A stretch of a field in code points."""

    field: Field
    start: int
    end: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two have a character in common."""
        return self.field == other.field and self.start < other.end and other.start < self.end

    def within(self, other: Place) -> bool:
        """Whether `other` has all characters of this one."""
        return self.field == other.field and other.start <= self.start and self.end <= other.end

    @property
    def length(self) -> int:
        """How many characters it has."""
        return self.end - self.start


class Mention(NamedTuple):
    """A brand named in the listing.

    `how` are the flags of `engine.text.folding` (0: written plainly), `hidden` the log-odds that this spelling
    is meant to hide; `ordinary`: the name is also an everyday word; `roles`: what the words around make of it
    (compatible, style, negated …).
    """

    brand: Brand
    kind: Kind
    place: Place
    text: str
    reads: str
    how: int
    hidden: float
    ordinary: bool
    roles: frozenset[CueRole]

    @property
    def claims(self) -> bool:
        """Whether the offer is said to be of this brand, rather than for it, like it or not it."""
        return not self.roles & {"compatible", "negated", "museum"}

    @property
    def quote(self) -> Quote:
        return Quote(*self.place, self.text, self.reads)

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the ways in which it is disguised."""
        return how_names(self.how)


class Spoken(NamedTuple):
    """A term of the vocabulary in the listing, with its weight as it stands there (log-odds)."""

    term: Term
    place: Place
    text: str
    how: int
    weight: float

    @property
    def quote(self) -> Quote:
        return Quote(*self.place, self.text, self.term.text)


class DigitRun(NamedTuple):
    """A long run of digits in whatever writing; `digits` as plain ASCII."""

    place: Place
    text: str
    digits: str

    @property
    def quote(self) -> Quote:
        return Quote(*self.place, self.text, self.digits)


class Named(Protocol):
    """A name where it stands, whether or not the words around it are known."""

    @property
    def place(self) -> Place: ...
    @property
    def text(self) -> str: ...
    @property
    def how(self) -> int: ...


def is_set_off(field: str, place: Place) -> bool:
    """Whether what stands at `place` of the text `field` begins or ends it, or a space or sign is beside it."""
    start, end = place.start, place.end
    return start == 0 or end >= len(field) or not field[start - 1].isalnum() or not field[end].isalnum()


def leads(kind: Kind, name: Named) -> bool:
    """Whether a nickname is the first thing in the title, where sellers put the name: red bottoms high heels."""
    return kind == Kind.NICKNAME and name.place.field == "title" and name.place.start == 0


def _is_initials(mention: Mention) -> bool:
    """Whether a brand is named by a few letters, which beside a brand spelled out mean something else: Nike TF."""
    return mention.text.isascii() and len(mention.text) <= _INITIALS and mention.kind != Kind.NICKNAME


class ListingFacts:
    """Facts of one listing; immutable by convention, derived values computed once.

    `categories`: categories of the registry that the listing's own category or, failing that, its title names;
    `stated` says which of the two; `accessory`: it offers an accessory or part; `price_yuan` 0 when unknown.
    """

    allowed: frozenset[str] = frozenset()
    """The classes of restricted goods that this store may sell, or that the marketplace leaves alone."""
    near: frozenset[str] = frozenset()
    """Words anywhere in the listing that say of other words what they mean."""
    registers: frozenset[str] = frozenset()
    """The classes of restricted goods of which the marketplace knows all stores that have shown their licence."""

    def __init__(
        self,
        listing: Listing,
        *,
        mentions: tuple[Mention, ...],
        spoken: tuple[Spoken, ...],
        runs: tuple[DigitRun, ...],
        roles: frozenset[CueRole],
        categories: frozenset[str],
        stated: bool,
        accessory: bool,
        price_yuan: float,
    ) -> None:
        self.listing = listing
        self.mentions = mentions
        self.spoken = spoken
        self.runs = runs
        self.roles = roles
        self.categories = categories
        self.stated = stated
        self.accessory = accessory
        self.price_yuan = price_yuan

    @cached_property
    def claimed(self) -> tuple[Mention, ...]:
        """Mentions by which the offer is said to be of a brand, everyday words only where something supports them."""
        meant = [m for m in self.mentions if m.claims and (not m.ordinary or self.supports(m))]
        if all(_is_initials(m) for m in meant):
            return tuple(meant)
        spelled_out = {m.brand.brand_id for m in meant if not _is_initials(m)}
        return tuple(m for m in meant if not _is_initials(m) or m.brand.brand_id in spelled_out)

    @cached_property
    def claimed_in_front(self) -> tuple[Mention, ...]:
        """Those of `claimed` in the title or the brand field; descriptions list what else the store sells."""
        return tuple(m for m in self.claimed if m.place.field != "description")

    def stands_apart(self, mention: Mention) -> bool:
        """Whether a name begins its field or is set off by a space or sign, as names in titles are."""
        return is_set_off(getattr(self.listing, mention.place.field), mention.place)

    @cached_property
    def claimed_brands(self) -> tuple[Brand, ...]:
        """The brands of `claimed`, each once, in order of first mention."""
        return tuple({m.brand.brand_id: m.brand for m in self.claimed}.values())

    def fits(self, brand: Brand) -> bool:
        """Whether the listing's category is one in which the brand is at home (no category known: no)."""
        return bool(self.categories & set(brand.categories))

    def supports(self, mention: Mention) -> bool:
        """Whether an everyday word is likely the brand here: its own category, a capital, a brand field, a sibling."""
        if mention.place.field == "brand":
            return True
        written_as_name = not mention.text.isascii() or mention.text[:1].isupper() or leads(mention.kind, mention)
        if self.fits(mention.brand) and written_as_name:
            return True
        return any(other.brand.brand_id == mention.brand.brand_id and not other.ordinary for other in self.mentions)
