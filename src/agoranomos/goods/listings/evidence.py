"""What detectors of listings share: how weights of one kind add up, how words of one family become a signal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from agoranomos.engine.detectors import Detector
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import ListingFacts, Mention, Spoken
from agoranomos.goods.listings.model import Concern, Listing, Quote, Signal
from agoranomos.goods.listings.phrases import APART, TECHNICAL
from agoranomos.goods.listings.sentences import Saying
from agoranomos.goods.listings.vocabulary import Term
from agoranomos.kernel.money import Money


class ListingDetector(Detector[ListingFacts, Any, Signal, Listing], frozen=True, kw_only=True):
    """A detector of listings; `registry` are entries that brands have when its examples are read, by their ids."""

    registry: tuple[Brand, ...] = ()


QUOTES_MAX = 8
MUCH_COPIED = frozenset(
    {
        "shoes",
        "bags",
        "watches",
        "clothing",
        "jewellery",
        "eyewear",
        "cosmetics",
        "perfume",
        "phones",
        "audio",
    }
)
"""Kinds of goods in which strong replica talk counts even where no brand was recognised."""
COPIED_TOO: Final = MUCH_COPIED | {
    "toys",
    "appliances",
    "computers",
    "gaming",
    "sport",
    "outdoor",
    "stationery",
}
"""Further kinds in which talk of the copy trade counts where a brand is named: blind boxes, hair dryers, pens."""
SURE: Final = 4.4
"""Terms that weigh this much count in such goods without a brand: nobody says 莆田纯原 of anything else."""
LABEL: Final = 4.2
"""Terms that weigh this much count there, too, where they are all that stands in a pair of brackets."""
_BRACKETS: Final = frozenset({"【】", "[]", "()", "（）", "［］", "「」", "『』", "<>", "《》"})
SURER: Final = 5.4
"""Terms that weigh this much count without a brand in the further kinds, too."""
_CODED_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9.])[A-Za-z](?:[.·*•][A-Za-z]){1,6}\.?(?![A-Za-z])"  # X.N.E
    r"|(?:^|[\s】\])）])[A-Za-z]{2,6}(?=[\s一-鿿【(（#]|20\d\d|$)"  # xne, set apart
    r"|(?:^|[\s】\])）])[A-Za-z一-鿿]{1,3}家(?![居用具电装族庭政长里人务中常乡私门])"  # T家, 果子家
)
"""What stands in place of a name: initials with dots, a few letters set apart, 某家."""
_ORDINARY_LETTERS: Final = frozenset(
    [
        "cm",
        "mm",
        "ml",
        "kg",
        "usb",
        "edp",
        "edt",
        "led",
        "gb",
        "tb",
        "rgb",
        "spf",
        "xl",
        "xxl",
        "xxxl",
        "xs",
        "ins",
        "bb",
        "cc",
        "vip",
        "diy",
        "pu",
        "tpu",
        "eva",
        "abs",
        "pvc",
        "pc",
        "ol",
        "uv",
        "upf",
        "hd",
        "tv",
        "wifi",
        "gps",
        "nfc",
        "app",
        "logo",
        "polo",
        "men",
        "women",
        "new",
        "hot",
        "sale",
        "mini",
        "pro",
        "max",
        "plus",
        "type",
        "bt",
        "tws",
        "anc",
        "dj",
        "dvd",
        "cd",
        "cpu",
        "ssd",
        "ddr",
        "pcs",
        "set",
        "size",
        "one",
        "two",
        "top",
        "best",
        "free",
        "gift",
        "shoes",
        "bag",
        "watch",
        "for",
        "and",
        "the",
        "with",
        "of",
        "in",
        "on",
        "to",
    ]
)
_NAMES_STILL: Final = frozenset(
    {"style", "second_hand", "authenticated", "confession", "assertion", "museum", "own_brand", "plain"}
)
"""What the words around a name may make of it without taking the name away: a replica is often "like" its model."""
_SIGNED_SCRIPTS: Final = frozenset({"th", "hi"})
_TIGHT: Final = re.compile(r"\w\s?[:;/.*+~∶・·|&]\s?\w")
_RATIO: Final = re.compile(r"\w\s?[:;∶]\s?\w|\w[/*~]\w")
_REMEMBERED: Final = 65_536
_KEYCAP: Final = "\u20e3"
"""Draws a key around the digit before it: 1⃣:1⃣."""
_EDGES: Final = re.compile(r"[\s\[\]()（）【】《》「」\-—_/|#，,。.:：~·★❤]")


def together(weights: Iterable[float]) -> float:
    """What several observations of one kind weigh: the strongest in full, each further one half of the last share.

    They are not independent (who writes 高仿 also writes 1:1), so plain addition would overstate them.
    """
    total, share = 0.0, 1.0
    for weight in sorted(weights, reverse=True):
        total += weight * share
        share /= 2
    return total


def quotes_of(found: Sequence[Any]) -> tuple[Quote, ...]:
    """The quotes of the first few of `found` (mentions, terms, digit runs)."""
    return tuple(one.quote for one in found[:QUOTES_MAX])


class WordSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`families` of the vocabulary that count, and the most that they may weigh together (log-odds).

    `of_brand`: added to talk of at least `strong` where a much copied brand is claimed of goods that it sells. What
    such words mean innocently (a scale, a style, a part, a model of something) is not said of those goods.
    """

    families: frozenset[str]
    weight_max: float = 7.0
    of_brand: float = 1.85
    strong: float = 4.0


def spoken_in(facts: ListingFacts, families: frozenset[str]) -> list[Spoken]:
    """The terms of `families` that count in this listing, with what they weigh here.

    Those that need a brand count where one is claimed, disguised or hinted at with initials; those that are talk of
    the copy trade only beside such goods (`much_copied`) count there, and never for accessories and parts of devices.
    """
    found = [s for s in facts.spoken if s.term.family in families]
    found = [s for s in found if not is_code(s) or stands_apart(s, getattr(facts.listing, s.place.field))]
    if not found:
        return []
    named = any(m.hidden or m.roles <= _NAMES_STILL for m in facts.claimed or facts.mentions)
    if not facts.mentions and "own_brand" in facts.roles:
        found = [s for s in found if s.term.family == "copy"]  # a workshop's town and its plain boxes are no copy's
    kind = _is_of(MUCH_COPIED, facts)
    widely = _is_of(COPIED_TOO, facts)
    hinted = widely and not named and names_in_code(facts.listing.title)
    copied = kind or ((named or hinted) and widely)
    return [
        _set_apart(s, facts)
        for s in found
        if (kind or not s.term.much_copied or (copied and not is_code(s)))
        and (
            named
            or (hinted and (kind or s.term.weight >= LABEL))
            or not s.term.needs_brand
            or (kind and (s.term.weight >= SURE or is_label(s, getattr(facts.listing, s.place.field))))
            or (widely and s.term.weight >= SURER)
        )
    ]


def not_within_another(found: Iterable[Spoken]) -> list[Spoken]:
    """`found` without the terms that stand inside a longer one, and one term for each place, in reading order.

    What the seller wrote once counts once: 纯原 within 莆田纯原 is no second admission, nor is 復刻 where 复刻 is read.
    """
    kept: list[Spoken] = []
    for one in sorted(found, key=lambda s: (s.place.start - s.place.end, -s.weight, bool(s.how), s.term.text)):
        if not any(one.place.within(other.place) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda s: s.place)


def is_written(term: Term, text: str) -> bool:
    """Whether a term of which the fold keeps little stands there with its own signs: 1;1 is not "1) 1".

    Folding drops punctuation and the vowel signs of Thai and Hindi, and reads digits as letters; short terms and terms
    in those scripts are therefore held against the text.
    """
    return _is_written(term.text, text, signed=term.lang in _SIGNED_SCRIPTS)


@lru_cache(maxsize=_REMEMBERED)
def _is_written(term: str, text: str, *, signed: bool) -> bool:
    text = unicodedata.normalize("NFKC", text.replace(_KEYCAP, "")).casefold()
    if signed:
        bare = unicodedata.normalize("NFKC", term)
        while unicodedata.category(bare[-1]) == "Mn":
            bare = bare[:-1]  # a hit ends with its last letter; a mark on it stands behind
        return bare in text
    core = [char for char in term if char.isalnum()]
    if set(core) == {"a"} and any(char.isdigit() or char == "@" for char in text):
        return False  # A4A4 is paper
    if _is_short(term) and not any(char.isdigit() for char in term) and any(char.isdigit() for char in text):
        return False  # 4活 is not A活
    if len(core) > 2:
        return True
    if not (term[0].isalnum() and term[-1].isalnum()):  # +薇, v❤: the sign is half of it
        return all(char in text.replace("➕", "+") for char in term if not char.isalnum())
    if len(core) == len(term):
        return text.isalnum() or not any(char.isdigit() for char in core)
    ratio = ":" in term or ";" in term
    return bool((_RATIO if ratio else _TIGHT).search(text))


@lru_cache(maxsize=_REMEMBERED)
def _is_short(term: str) -> bool:
    """Whether a term of letters or digits is so short that it is part of a model or size as often as not."""
    core = "".join(char for char in term if char.isalnum())
    return len(core) <= 3 and any(char.isascii() for char in core)


def is_code(one: Spoken) -> bool:
    """Whether a short term has no letter but Latin ones, and so may be a piece of any model's name."""
    return one.term.text.isascii() and _is_short(one.term.text)


def stands_apart(one: Spoken, text: str) -> bool:
    """Whether a letter or digit of `one` does not go on with another outside it, as 5a does in Note5A."""
    before, after = text[: one.place.start][-2:], text[one.place.end :][:2]
    latin_first, latin_last = one.text[:1].isascii(), one.text[-1:].isascii()
    inside = latin_first and (re.search(r"[a-z0-9]$", before, re.IGNORECASE) or re.search(r"\d\.$", before))
    return not inside and not (latin_last and re.match(r"[a-z0-9]|\.\d", after, re.IGNORECASE))


def is_label(one: Spoken, text: str) -> bool:
    """Whether a term of at least `LABEL` fills a pair of brackets: 【超A】, (AAA). So goods are graded."""
    before, after = text[: one.place.start].rstrip()[-1:], text[one.place.end :].lstrip()[:1]
    return one.term.weight >= LABEL and before + after in _BRACKETS


def _is_of(kinds: frozenset[str], facts: ListingFacts) -> bool:
    """Whether the goods are of `kinds`; where their kind is not known, what the brand makes decides."""
    if facts.accessory and facts.categories & TECHNICAL:
        return False  # gifts (送鞋盒袜子) make accessories of shoes and bags; parts of devices are true to 1:1
    if facts.categories:
        return bool(facts.categories & kinds)
    homes = {category for mention in facts.mentions for category in mention.brand.categories}
    return not homes or bool(homes & kinds)


def names_in_code(title: str) -> bool:
    """Whether a Chinese title holds initials or 某家 where a name would stand: X.N.E, blsj, 果子家."""
    if not any("一" <= char <= "鿿" for char in title):
        return False
    return any(re.sub(r"[\W_]", "", one[0]).casefold() not in _ORDINARY_LETTERS for one in _CODED_NAME.finditer(title))


def _set_apart(one: Spoken, facts: ListingFacts) -> Spoken:
    """`one` at its full weight where a disguised term of two Chinese characters is a label of its own."""
    text = getattr(facts.listing, one.place.field)
    before, after = text[: one.place.start][-1:], text[one.place.end :][:1]
    short = len(one.term.text) == 2 and not one.term.text.isascii()
    if not one.how or not short or one.weight >= APART:
        return one
    if (before and not _EDGES.match(before)) or (after and not _EDGES.match(after)):
        return one
    return one._replace(weight=min(APART, one.term.weight + 1.5))


def _is_copied(mention: Mention, facts: ListingFacts) -> bool:
    """Whether a much copied brand is claimed of goods of its kind."""
    plain = mention.roles <= {"assertion", "plain", "confession"}
    return plain and mention.brand.much_copied and facts.fits(mention.brand) and not facts.accessory


def word_signal(
    facts: ListingFacts,
    settings: WordSettings,
    code: str,
    concern: Concern,
    saying: Saying,
) -> Iterable[Signal]:
    """One signal for all words of the families."""
    if not facts.spoken:
        return ()
    found = not_within_another(spoken_in(facts, settings.families))
    if not found:
        return ()
    strongest: dict[str, float] = {}
    for one in found:
        strongest[one.term.text] = max(one.weight, strongest.get(one.term.text, 0.0))
    weight = min(settings.weight_max, together(strongest.values()))
    if weight >= settings.strong and any(_is_copied(mention, facts) for mention in facts.claimed_in_front):
        weight += settings.of_brand
    if weight <= 0:
        return ()
    message, message_zh = saying.of(one.text for one in sorted(found, key=lambda one: -one.weight))
    return (
        Signal(
            code=code,
            concern=concern,
            weight=weight,
            message=message,
            message_zh=message_zh,
            quotes=quotes_of(found),
            brand_ids=tuple(brand.brand_id for brand in facts.claimed_brands),
            values={"words": {text: round(value, 2) for text, value in strongest.items()}},
        ),
    )


def example(title: str, price: int | None = None, *, currency: str = "CNY", **fields: Any) -> Listing:
    """A listing for a detector's hits and misses; `price` in whole units of `currency`."""
    money = None if price is None else Money(price * 100, currency)
    return Listing(listing_id="example", store_id="store", title=title, price=money, **fields)
