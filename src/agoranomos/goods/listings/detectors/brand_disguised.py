"""A brand's name written so that a search does not find it: an honest seller spells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from agoranomos.engine.text.folding import (
    BROKEN,
    CASE,
    LEET,
    MARKED,
    MISSPELT,
    REVERSED,
    ROMANISED,
    SHAPE,
    SOUND,
    SPACED,
    SWAPPED,
    TAKEN_APART,
    light,
)  # fmt: skip
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of, together
from agoranomos.goods.listings.facts import ListingFacts, Mention, Named, is_set_off
from agoranomos.goods.listings.model import Concern, Listing, Signal
from agoranomos.goods.listings.phrases import INITIALS_MAX, MISSPELLING, MISSPELT_CHINESE, TECHNICAL, Kind
from agoranomos.goods.listings.sentences import Saying, distinct, listed, way_words

CODE = "goods.brand_disguised"
SAYING = Saying(
    "{words} reads as {brands} but is not spelled as the brand spells it",
    "{words} read as {brands} but are not the proper spelling",
    "{words}读作{brands}，但不是品牌的正规写法",
)
BESIDE = Saying(
    "Beside it, {words} names a model of {names}.",
    "Beside it, {words} name models of {names}.",
    "同时出现的{words}是{brands}的款式。",
)


# What sellers of accessories do who list every spelling that a buyer may search for.
_CARELESS = LEET | SWAPPED | MISSPELT | BROKEN | MARKED | SOUND | SHAPE | ROMANISED
# What two honest words can look like together; no chance writes ɴɪᴋᴇ.
_BY_CHANCE = _CARELESS | CASE | SPACED | REVERSED | TAKEN_APART
_SIGN_INSIDE = re.compile(r"\w[_/|*~.\\]\w")
"""No seller who lists spellings for searches sets a sign into a word: App_le."""
_CHANCE_LETTERS = 6
_CHANCE_CHARACTERS = 3


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds.

    `home`: added when the goods are of a kind that the brand sells, `sure_home` for spellings that chance does not
    make; `own_brand`: taken off a mistyped name that the brand field repeats; `away`: taken off spellings that chance
    can make when they are not. `apart`: added to a Chinese name set off from its surroundings. `beside`: taken off when
    the name is said to be what the goods fit, or are not; `accessory`: for accessories, whose sellers list every
    spelling that buyers may search for, unless letters are repeated on purpose (`stretched`). `plain_too`: taken off
    when the brand is also named openly. `misspelt`: a frequent mistake that the registry lists and honest sellers
    make too; `misspelt_chinese`: added when it has three Chinese characters or more.
    `unknown_break`: taken off broken names of brands that are hardly copied.
    """

    home: float = 1.0
    sure_home: float = 1.6
    own_brand: float = 2.0
    apart: float = 0.8
    beside: float = 1.5
    accessory: float = 3.0
    plain_too: float = 2.5
    misspelt: float = MISSPELLING
    misspelt_chinese: float = MISSPELT_CHINESE
    away: float = 1.2
    stretched: float = 4.6
    unknown_break: float = 1.5
    weight_max: float = 8.0


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for all disguised names."""
    hidden = [m for m in facts.mentions if m.hidden > 0]
    hidden += [m._replace(hidden=misspelt_weight(m.text, settings)) for m in facts.mentions if _is_misspelt(m)]
    openly = [m for m in facts.mentions if m.kind in (Kind.NAME, Kind.ALIAS) and not m.how]
    weights: dict[str, float] = {}
    for mention in hidden:
        key = mention.brand.brand_id
        weights[key] = max(weights.get(key, 0.0), _weight(mention, openly, facts, settings))
    weight = min(settings.weight_max, together(w for w in weights.values() if w > 0))
    if weight <= 0:
        return
    longest = max(m.place.length for m in hidden)
    shown = [m for m in hidden if m.place.length == longest or not any(_is_piece(m, other) for other in hidden)]
    models = _models_beside(facts, shown)
    message, message_zh = _said(shown, models)
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=weight,
        message=message,
        message_zh=message_zh,
        quotes=quotes_of([*shown, *models]),
        brand_ids=tuple(dict.fromkeys(m.brand.brand_id for m in hidden)),
        values={"ways": sorted({way for m in hidden for way in m.ways})},
    )


def _models_beside(facts: ListingFacts, hidden: Sequence[Mention]) -> list[Mention]:
    """Models named openly in front: what a disguised name leaves to be recognised by, as AJ1 beside Ｎ1KE."""
    lines = [m for m in facts.mentions if m.kind == Kind.LINE and not m.how and not m.ordinary and m.claims]
    return [m for m in lines if m.place.field != "description" and not any(_is_piece(m, other) for other in hidden)]


def _is_piece(mention: Mention, other: Mention) -> bool:
    """Whether `mention` is a part of the longer `other`: Vuitton of Louis Vuitton."""
    return mention.place.length < other.place.length and mention.place.within(other.place)


def _said(hidden: Sequence[Mention], models: Sequence[Mention]) -> tuple[str, str]:
    """What is written, what it reads as, how it is disguised, and the models beside it."""
    message, message_zh = SAYING.of((m.text for m in hidden), (m.reads for m in hidden))
    words = [way_words(m.ways or (["misspelt"] if _is_misspelt(m) else []), m.text) for m in hidden]
    ways, ways_zh = (distinct(way for pair in words for way in pair[language]) for language in (0, 1))
    message += f": {listed(ways)}." if ways else "."
    message_zh += f"：{'，'.join(ways_zh)}。" if ways_zh else "。"
    if models:
        beside, beside_zh = BESIDE.of((m.text for m in models), (m.brand.main_name for m in models))
        message, message_zh = f"{message} {beside}", message_zh + beside_zh
    return message, message_zh


def _names_the_same(other: Mention, hidden: Mention) -> bool:
    """Whether `other` gives the name of the same brand elsewhere than in the hidden one or as a word of it."""
    if other.brand.brand_id != hidden.brand.brand_id or other.place.overlaps(hidden.place):
        return False
    here, there = sorted((other.place, hidden.place))
    beside = here.field == there.field and there.start - here.end <= 1
    return not (beside and light(other.text) in light(hidden.brand.main_name) != light(other.text))


def _may_be_chance(name: Named) -> bool:
    """Whether the name is short enough for other words to look like its disguise."""
    letters = sum(char.isalnum() for char in name.text)
    short = letters < _CHANCE_LETTERS if name.text.isascii() else letters <= _CHANCE_CHARACTERS
    return short and not name.how & ~_BY_CHANCE


def _is_initials(name: Named) -> bool:
    """Whether the name is two or three letters with signs between them: L.V, M_A_C."""
    return name.text.isascii() and bool(name.how & SPACED) and len(light(name.text)) <= INITIALS_MAX


def _is_slight(name: Named, brand: Brand) -> bool:
    """Whether honest sellers write so, too: an accent, a hyphen in a name hardly copied, a spelling of few letters."""
    slight = name.how == MARKED or (name.how & BROKEN and not brand.much_copied)
    return bool(slight) or _may_be_chance(name)


def _is_misspelt(mention: Mention) -> bool:
    """A spelling that the registry knows as a frequent mistake."""
    return mention.kind == Kind.MISSPELLING and not mention.hidden and not mention.ordinary


def misspelt_weight(text: str, settings: Settings) -> float:
    """What a mistake that the registry lists weighs (log-odds)."""
    chinese = len(text) >= _CHANCE_CHARACTERS and not any(map(str.isascii, text))
    return settings.misspelt + (settings.misspelt_chinese if chinese else 0.0)


def _weight(mention: Mention, openly: Sequence[Mention], facts: ListingFacts, settings: Settings) -> float:
    """`openly`: the names that stand in plain sight."""
    fits = facts.fits(mention.brand)
    weight, searched = weighed(
        mention, mention.brand, mention.kind, mention.hidden, facts.listing, settings,
        ordinary=mention.ordinary, fits=fits, elsewhere=not fits and bool(facts.categories), accessory=facts.accessory,
    )  # fmt: skip
    if not searched and not mention.claims:
        weight -= settings.beside
    if any(_names_the_same(other, mention) for other in openly):
        weight -= settings.plain_too
    return weight


def weighed(
    name: Named, brand: Brand, kind: Kind, hidden: float, listing: Listing, settings: Settings,
    *, ordinary: bool, fits: bool, elsewhere: bool, accessory: bool,
) -> tuple[float, bool]:  # fmt: skip
    """What a name weighs by itself (log-odds), and whether it is taken for what buyers of parts search for.

    `hidden`: the log-odds that this spelling is meant to hide; `fits`: whether the goods are of a kind that the brand
    sells, `elsewhere`: whether they are known to be of none.
    """
    weight = hidden
    if ordinary and name.how == MISSPELT and not fits:
        return 0.0, True  # everyday words are mistyped every day; as a brand of such goods the word is none
    if _is_initials(name) and not fits:
        return 0.0, True  # of other goods, letters with dots are anybody's
    listed = kind == Kind.MISSPELLING and not name.how
    mistyped = listed or (name.how == MISSPELT and hidden < settings.stretched)
    if fits:
        # Of two dozen kinds of goods a brand sells a handful: by chance the kind fits in one listing of five or ten.
        sure = _is_initials(name) or not (mistyped or _is_slight(name, brand))
        weight += settings.sure_home if sure else settings.home
    elif elsewhere and _may_be_chance(name):
        weight -= settings.away
    if mistyped and light(name.text) == light(listing.brand):
        weight -= settings.own_brand
    if name.how & BROKEN and not brand.much_copied:
        weight -= settings.unknown_break
    if (not name.text.isascii() or name.how & ROMANISED) and is_set_off(getattr(listing, name.place.field), name.place):
        weight += settings.apart
    careless = not name.how & ~_CARELESS and (name.how != MISSPELT or hidden < settings.stretched)
    careless = careless and not (name.how & BROKEN and _SIGN_INSIDE.search(name.text))
    searched = accessory and careless and not TECHNICAL.isdisjoint(brand.categories)
    return weight - (settings.accessory if searched else 0.0), searched


DETECTOR = ListingDetector(
    code=CODE,
    name="brand name disguised",
    version="7",
    about="A brand's name in full-width, look-alike, leet, spaced, broken, turned or sound-alike characters.",
    settings=Settings(),
    hits=(
        example("Ｎ１ＫＥ air 运动鞋"),
        example("N I K E running shoes size 42"),
        example("Gυссі belt leather men"),
        example("Lоuіs Vuіttоn bag brown"),
        example("ad1das superstar sneakers"),
        example("Cha nel 手提包"),
        example("n🔥i🔥k🔥e shoes"),
        example("Y.S.L leather handbag"),
    ),
    misses=(
        example("Nike Air Force 1 running shoes"),
        example("NIKE nike Nike"),
        example("you can on any day use it"),
        example("Кроссовки мужские Найк"),
        example("Ray Ban sunglasses RayBan RAY-BAN"),
        example("Lancome Hypnose LANCÔME"),
        example("Cotton shirt sizes S/L L V neck"),
        example("Y.S.L garden hose 20 m"),
    ),
    inspect=inspect,
)
