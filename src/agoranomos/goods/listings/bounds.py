"""The most that a listing can come to, from the settings of the detectors: what the sieve and the judge stop by.

Every bound here may be too high and is never too low: a row is only left unread when no context could lift it to
the report line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from agoranomos.engine.text import weighing
from agoranomos.engine.text.folding import SHAPE
from agoranomos.engine.text.matching import Limits
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.chance import by_chance
from agoranomos.goods.listings.classes import class_kinds
from agoranomos.goods.listings.detectors import (
    brand_disguised,
    brand_left_out,
    brand_mismatch,
    brand_nicknamed,
    brand_not_authorised,
    brands_stuffed,
    coded_offer,
    contact_in_text,
    copy_offered,
    grade_named,
    licence_missing,
    likeness_claimed,
    origin_hinted,
    price_too_low,
    prohibited_goods,
)
from agoranomos.goods.listings.detectors.prohibited_goods import PLAIN
from agoranomos.goods.listings.evidence import (
    COPIED_TOO,
    LABEL,
    MUCH_COPIED,
    SURE,
    SURER,
    is_code,
    names_in_code,
    stands_apart,
    together,
)
from agoranomos.goods.listings.facts import DigitRun, ListingFacts, Spoken, leads
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.phrases import (
    ADMITTED,
    APART,
    APPS,
    CONTACT_FAMILIES,
    NAME_BONUS,
    TECHNICAL,
    Kind,
)
from agoranomos.goods.listings.prices import in_yuan, least_of_proper
from agoranomos.goods.listings.texts import Found
from agoranomos.goods.listings.vocabulary import BESIDE, DOUBTFUL, RestrictedClass, Term

_DISGUISED: Final = brand_disguised.DETECTOR.settings
_MISMATCH: Final = brand_mismatch.DETECTOR.settings
_AUTHORISED: Final = brand_not_authorised.DETECTOR.settings
_STUFFED: Final = brands_stuffed.DETECTOR.settings
_CONTACT: Final = contact_in_text.DETECTOR.settings
_PRICE: Final = price_too_low.DETECTOR.settings

ROUNDING: Final = 0.001
"""The machine adds in single precision, scores are rounded to six digits."""
SLACK: Final = (_AUTHORISED.selective + ROUNDING, ROUNDING)
"""What a row may come to beyond what the machine counts, in each concern (log-odds): a model line of a brand that
sells through few stores gives two signals, and the machine counts the weightier."""
_BELOW_TITLE: Final = max(prohibited_goods.DETECTOR.settings.below, licence_missing.DETECTOR.settings.below)
"""The share with which words for restricted goods count at most where only the description holds them."""
assert max(_DISGUISED.home, _DISGUISED.sure_home) + _DISGUISED.apart <= NAME_BONUS + ROUNDING
assert LABEL <= SURE
assert _BELOW_TITLE * DOUBTFUL > BESIDE, "however many words stand beside one, they add less than the first weighs"
assert _PRICE.unsure <= weighing.UNSURE_PRICE


def limits(line: tuple[float, float], of_goods: float, restricted: Mapping[str, RestrictedClass]) -> Limits:
    """What the machine goes by, for rows that must reach `line` (log-odds added to the prior) in one concern, or
    `of_goods` in that of goods that may not be sold, whose classes are `restricted`.
    """
    # Strong talk of a brand's own goods weighs more; where the line is no higher than such talk, it is reached anyway.
    beside = sum(words.of_brand for words in _WORDS if line[0] > words.strong)
    return Limits(
        line=(line[0] - SLACK[0] - beside, line[1] - SLACK[1]),
        steps=_PRICE.steps,
        fine=_PRICE.fine_steps,
        dear=_PRICE.dear_steps,
        fine_from=_PRICE.fine_yuan,
        dear_from=_PRICE.dear_yuan,
        stuffed=_STUFFED.weight,
        stuffed_from=_STUFFED.brands_min,
        digits=_CONTACT.mobile + _CONTACT.disguised,
        spelled=_CONTACT.mobile,
        mail=_CONTACT.mail,
        contradicted=max(_MISMATCH.denied, _MISMATCH.other),
        name_bonus=NAME_BONUS,
        class_line=of_goods - ROUNDING,
        class_below=_BELOW_TITLE,
        class_beside=BESIDE,
        class_kinds=class_kinds(restricted),
    )


class NameRead(Protocol):
    """A name as it was read, before the words around it are known."""

    @property
    def brand(self) -> Brand: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def one(self) -> Found: ...
    @property
    def hidden(self) -> float: ...
    @property
    def ordinary(self) -> bool: ...


TermRead = tuple[Term, Found, float]

_WORDS: Final = tuple(
    one.DETECTOR.settings for one in (coded_offer, copy_offered, grade_named, likeness_claimed, origin_hinted)
)
_LEFT_OUT: Final = brand_left_out.DETECTOR.settings
_NICKNAMED: Final = brand_nicknamed.DETECTOR.settings


def counterfeit_most(
    listing: Listing,
    names: Sequence[NameRead],
    terms: Sequence[TermRead],
    stated: frozenset[str],
    price_yuan: float,
    *,
    admitted: bool,
    accessory: bool,
) -> float:
    """The most that the signals of counterfeit goods can weigh together (log-odds).

    `stated`: the kinds of goods that the category states, empty where the title may; `admitted`: whether words that
    admit a copy stand anywhere; `accessory`: whether the category says that the goods are one.
    """
    most = _words_most(listing, terms, stated, named=bool(names), accessory=accessory)
    if not names:
        return most
    most += _disguised_most(listing, names, stated, accessory=accessory) + (ADMITTED if admitted else 0.0)
    claimed = _claimed(names, stated)
    if not claimed:
        return most
    most += _nicknamed_most(listing, claimed, stated)
    front = [name for name in claimed if name.one.place.field != "description"]
    if any(name.kind is Kind.LINE for name in front):
        most += _LEFT_OUT.weight
    title = [name for name in front if name.one.place.field == "title"]
    if len({name.brand.brand_id for name in title}) >= _STUFFED.brands_min:
        most += _STUFFED.weight
    if accessory:
        return most
    closed = [name.brand for name in claimed if name.brand.authorised_store_ids is not None]
    if any(listing.store_id not in (brand.authorised_store_ids or ()) for brand in closed):
        most += _AUTHORISED.named
    elif any(name.brand.sold == "selective" for name in claimed):
        most += _AUTHORISED.selective
    if title and listing.brand:
        most += _mismatch_most(listing, names, title)
    if price_yuan > 0:
        most += max((_price_most(name.brand, stated, price_yuan) for name in front), default=0.0)
    return most


def _nicknamed_most(listing: Listing, claimed: Iterable[NameRead], stated: frozenset[str]) -> float:
    """What coded names can weigh; everyday words only where they stand as names do."""
    coded = [
        name
        for name in claimed
        if name.kind is Kind.NICKNAME
        and (not name.ordinary or brand_nicknamed.is_label(getattr(listing, name.one.place.field), name.one))
    ]
    if not coded:
        return 0.0
    fits = not stated or any(stated & set(name.brand.categories) for name in coded)
    most: float = _NICKNAMED.alone + (_NICKNAMED.home if fits else 0.0)
    return most


def _mismatch_most(listing: Listing, names: Iterable[NameRead], title: Iterable[NameRead]) -> float:
    """What a brand field can weigh that says something else than the names of the `title`."""
    in_field = [name for name in names if name.one.place.field == "brand"]
    # What only looks like one brand may turn out to be another that stands there.
    sure = {name.brand.brand_id for name in in_field if not name.one.how & SHAPE}
    if all(name.brand.brand_id in sure for name in title):
        return 0.0
    most: float = _MISMATCH.other if in_field else 0.0
    if brand_mismatch.is_denied(listing.brand):
        most = _MISMATCH.denied
    return most


def _claimed(names: Sequence[NameRead], stated: frozenset[str]) -> list[NameRead]:
    """Those names that the offer may be said to be of; everyday words beside another name of the brand, or written as
    names are in goods that the brand sells.
    """
    sure = {name.brand.brand_id for name in names if not name.ordinary}
    return [
        name
        for name in names
        if not name.ordinary
        or name.one.place.field == "brand"
        or name.brand.brand_id in sure
        or (
            (not name.one.text.isascii() or name.one.text[:1].isupper() or leads(name.kind, name.one))
            and (not stated or not stated.isdisjoint(name.brand.categories))
        )
    ]


def _disguised_most(listing: Listing, names: Iterable[NameRead], stated: frozenset[str], *, accessory: bool) -> float:
    """What disguised names can weigh together."""
    by_brand: dict[str, float] = {}
    for name in names:
        weight = name.hidden
        if weight <= 0:
            if name.kind is not Kind.MISSPELLING or name.ordinary:
                continue
            weight = brand_disguised.misspelt_weight(name.one.text, _DISGUISED)
        fits = not stated or not stated.isdisjoint(name.brand.categories)
        weight, _ = brand_disguised.weighed(
            name.one, name.brand, name.kind, weight, listing, _DISGUISED,
            ordinary=name.ordinary, fits=fits, elsewhere=not fits, accessory=accessory,
        )  # fmt: skip
        by_brand[name.brand.brand_id] = max(weight, by_brand.get(name.brand.brand_id, 0.0))
    most: float = min(_DISGUISED.weight_max, together(weight for weight in by_brand.values() if weight > 0))
    return most


def _price_most(brand: Brand, stated: frozenset[str], price_yuan: float) -> float:
    """What the price can weigh where goods of this brand are offered for it; the dearest of its kinds counts."""
    least = [
        least_of_proper(kind, in_yuan(price)) for kind, price in brand.floors.items() if not stated or kind in stated
    ]
    least += [in_yuan(b.low) for b in brand.price_bands if not stated or b.category is None or b.category in stated]
    if not least:
        return 0.0
    yuan = max(least)
    steps = [_PRICE.steps]
    if yuan >= _PRICE.fine_yuan:
        steps.append(_PRICE.fine_steps)
    if yuan >= _PRICE.dear_yuan:
        steps.append(_PRICE.dear_steps)
    weight = max(next((w for below, w in table if price_yuan < below * yuan), 0.0) for table in steps)
    kinds = {*brand.floors, *(band.category for band in brand.price_bands)}
    return weight * (_PRICE.unsure if not stated and kinds <= TECHNICAL else 1.0)


def _words_most(
    listing: Listing, terms: Sequence[TermRead], stated: frozenset[str], *, named: bool, accessory: bool
) -> float:
    """What the words of the copy trade can weigh, in the families of each detector."""
    spoken = [one for one in terms if one[0].family not in CONTACT_FAMILIES and _stands_alone(listing, *one)]
    if not spoken:
        return 0.0
    parts = accessory and not stated.isdisjoint(TECHNICAL)
    copied = not parts and (not stated or not stated.isdisjoint(MUCH_COPIED))
    widely = not parts and (not stated or not stated.isdisjoint(COPIED_TOO))
    in_code = not named and widely and names_in_code(listing.title)
    most = 0.0
    for settings in _WORDS:
        strongest: dict[str, float] = {}
        for term, one, weight in spoken:
            if term.family not in settings.families or (
                term.much_copied and not copied and not ((named or in_code) and widely)
            ):
                continue
            alone = not term.needs_brand or (copied and term.weight >= LABEL) or (widely and term.weight >= SURER)
            if named or (in_code and (copied or term.weight >= LABEL)) or alone:
                apart = one.how and len(term.text) == 2 and not term.text.isascii()
                strongest[term.text] = max(weight, APART if apart else 0.0, strongest.get(term.text, 0.0))
        if strongest:
            weight = min(settings.weight_max, together(strongest.values()))
            most += weight + (settings.of_brand if named and weight >= settings.strong else 0.0)
    return most


def _stands_alone(listing: Listing, term: Term, one: Found, weight: float) -> bool:
    """Whether a term of the copy trade is no piece of a model's name."""
    spoken = Spoken(term, one.place, one.text, one.how, weight)
    return not is_code(spoken) or stands_apart(spoken, getattr(listing, one.place.field))


def prohibited_most(
    listing: Listing,
    terms: Sequence[TermRead],
    stated: frozenset[str],
    restricted: Mapping[str, RestrictedClass],
    *,
    accessory: bool,
) -> float:
    """The most that words for goods of the classes `restricted` can weigh together (log-odds); `stated`: the kinds of
    goods that the category states, empty where the title may; `accessory`: whether it says that the goods are one.
    """
    classes: dict[str, dict[str, float]] = {}
    plain: set[str] = set()
    for term, one, weight in terms:
        name = term.restricted
        if not name or (stated and not restricted[name].means(stated, stated=True)):
            continue
        spoken = Spoken(term, one.place, one.text, one.how, weight)
        if by_chance(spoken, listing):
            continue
        strongest = classes.setdefault(name, {})
        share = _BELOW_TITLE if one.place.field == "description" else 1.0
        strongest[term.text] = max(weight * share, strongest.get(term.text, 0.0))
        if term.weight >= PLAIN:
            plain.add(name)
    most = {"prohibited": 0.0, "licence": 0.0}
    for name, strongest in classes.items():
        rule = restricted[name].rule
        less = _OF_PARTS[rule] if accessory and name not in plain else 0.0
        most[rule] = max(most[rule], together(strongest.values()) + BESIDE - less)
    return sum(most.values())


_OF_PARTS: Final = {
    "prohibited": prohibited_goods.DETECTOR.settings.accessory,
    "licence": licence_missing.DETECTOR.settings.accessory,
}
"""What is taken off words for restricted goods, by their rule, where parts are sold and no word says enough itself."""


def diversion_most(terms: Sequence[TermRead], *, numbers: bool) -> float:
    """The most that the signals of diversion can weigh together (log-odds); `numbers`: long ones are there."""
    strongest: dict[str, float] = {}
    for term, _, weight in terms:
        if term.family in CONTACT_FAMILIES:
            strongest[term.family] = max(weight, strongest.get(term.family, 0.0))
    most: float = _CONTACT.mobile + _CONTACT.disguised if numbers else 0.0
    if not strongest:
        return most
    if not numbers and not strongest.keys().isdisjoint(_NUMBERED):
        most = max(_CONTACT.mobile, _CONTACT.handle)
    most += together(strongest.values()) + _CONTACT.mail
    return most


def diversion_of(listing: Listing, terms: Sequence[TermRead], runs: Sequence[DigitRun]) -> float:
    """What the signals of diversion weigh before words around a term are known that make it innocent (log-odds)."""
    spoken = tuple(
        Spoken(term, one.place, one.text, one.how, weight)
        for term, one, weight in terms
        if term.family in CONTACT_FAMILIES
    )
    facts = ListingFacts(
        listing, mentions=(), spoken=spoken, runs=tuple(runs), roles=frozenset(), categories=frozenset(), stated=False,
        accessory=False, price_yuan=0.0,
    )  # fmt: skip
    return contact_in_text.weight_of(facts, _CONTACT)


_NUMBERED: Final = APPS | {"phone_cue", "add_me"}
