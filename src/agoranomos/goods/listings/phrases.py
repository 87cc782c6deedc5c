"""Which phrases to look for: the brand registry and the vocabulary turned into lexicon entries.

Two lexicons: the sieve holds what can make a listing suspicious and runs over everything; the context holds
the words around it (for, used, poster, category words) and runs only over listings that the sieve kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final

from agoranomos.engine.text import machine
from agoranomos.engine.text.folding import BROKEN, LOOKALIKE, REVERSED, ROMANISED, SHAPE, SOUND, TAKEN_APART, light
from agoranomos.engine.text.frequencies import zipf_latin
from agoranomos.engine.text.lexicon import Phrase
from agoranomos.engine.text.masking import MASK, masked, skeleton
from agoranomos.engine.text.matching import HIDING_WEIGHT
from agoranomos.engine.text.variants import (
    Variant,
    backwards,
    chinese_variants,
    mirrored,
    two_for_one,
    upside_down,
)
from agoranomos.goods.brands.coded import ENDINGS, coded_names
from agoranomos.goods.brands.model import CATEGORIES, Brand
from agoranomos.goods.listings.prices import in_yuan, least_of_proper
from agoranomos.goods.listings.vocabulary import CategoryWords, Cue, Term


class Kind(IntEnum):
    """What a phrase is to the reader of a listing."""

    INNOCENT = 0
    NAME = 1
    ALIAS = 2
    MISSPELLING = 3
    NICKNAME = 4
    LINE = 5
    TERM = 6
    CUE = 7
    CATEGORY = 8
    ACCESSORY = 9
    NEAR = 10
    CALL = 11


NAMING: Final = frozenset({Kind.NAME, Kind.ALIAS, Kind.MISSPELLING, Kind.NICKNAME, Kind.LINE})
CODED: Final = frozenset({Kind.NICKNAME, Kind.LINE})
"""What a brand is called by that is not its name."""

# The most that plain mentions can weigh, for the sieve; the detectors decide. Log-odds.
CLOSED_BRAND: Final = 5.0
SELECTIVE_BRAND: Final = 0.8
LINE_ALONE: Final = 0.8
NICKNAME: Final = 4.2
MISSPELLING: Final = 3.1
"""What a frequent wrong spelling weighs, which honest sellers use too."""
MISSPELT_CHINESE: Final = 0.5
"""What it weighs more in three Chinese characters or more."""
NAME_BONUS: Final = 2.4
"""The most that a disguised name's surroundings add: the goods are of its kind, it stands apart. Log-odds."""
_DISGUISED_GOODS: Final = 3.5
"""What words for restricted goods weigh from which on sellers disguise them (log-odds)."""
_BY_SOUND_MIN: Final = 4
"""Characters of words for restricted goods from which on others that sound alike are no chance."""
_GOODS_MAX: Final = 4
"""Characters of words for restricted goods up to which disguises are spelled out beforehand: there are thousands."""
HANDLE: Final = 3.2
"""What an account name right behind the name of an app adds, for the sieve. Log-odds."""
ADMITTED: Final = 3.0
"""What words that admit a copy weigh. Log-odds."""
CALLING: Final = (
    "call", "phone", "tel", "telp", "tlp", "telepon", "hp", "ph", "mob", "mobile", "cell", "sms", "text", "contact",
    "hotline", "nomor", "hub", "hubungi", "gọi", "sđt", "llama", "llamar", "llame", "celular", "cel", "fone", "ligue",
    "โทร", "电话", "手机", "手机号", "联系",
)  # fmt: skip
"""Words that may stand before a number to say that it is to be called."""
_CALLED: Final = 0.05
_NUMBERED: Final = 0.01
"""Marks words behind which no account name counts, but a number spelled in words does."""
NEEDLESS: Final = 4.0
"""Terms that weigh this much count even where no brand was recognised, less `goods` say."""
TERM_HIDDEN: Final = 1.5
"""What hiding adds to a term that already weighs by itself."""
APART: Final = 4.4
"""What a disguised Chinese term of two characters weighs at most where it stands apart as 【扇寨】. Log-odds.

Inside a sentence its sound or shape may be chance, and reading caps it there; between brackets or spaces it is
a label, and labels are written with care.
"""
TECHNICAL: Final = frozenset(
    {
        "phones",
        "computers",
        "audio",
        "cameras",
        "gaming",
        "appliances",
        "electronics",
        "tools",
        "auto",
    }
)
"""Categories whose parts and accessories name the brand that they fit and cost a fraction of its goods."""
CONTACT_FAMILIES: Final = frozenset(
    {
        "wechat",
        "qq",
        "whatsapp",
        "telegram",
        "line",
        "other_app",
        "phone_cue",
        "add_me",
        "pay_elsewhere",
        "link",
    }
)
APPS: Final = frozenset({"wechat", "qq", "whatsapp", "telegram", "line", "other_app"})
_ZIPF_ORDINARY: Final = 4.0
"""A name of an unchecked registry entry that is this frequent in a large language counts as an ordinary word."""
_OPEN_NAMES: Final = frozenset({Kind.NAME, Kind.ALIAS})
_ALL_RULES: Final = machine.MAY_TOUCH | machine.MAY_SPACE | machine.MAY_BREAK | machine.MAY_LEET
_KIND_PLACES: Final = {category: place for place, category in enumerate(CATEGORIES)}
_OTHER_KIND: Final = 30
_ANY_KIND: Final = (1 << 31) - 1
_ZIPF_FREQUENT: Final = 4.2
_PLAIN_RULES: Final = machine.MAY_TOUCH
_STROKES: Final = frozenset("丿丨丶亅乚") | {chr(code) for code in range(0x31C0, 0x31F0)}
_SLIPPERY_MIN: Final = 9
_SPELLED_MIN: Final = 5
"""Letters of a name in pinyin from which it may be disguised once more."""


def _is_chinese(text: str) -> bool:
    return any("一" <= char <= "鿿" for char in text)


def is_ordinary(brand: Brand, name: str, zipf: Callable[[str], float] = zipf_latin) -> bool:
    """Whether `name` of `brand` is also an everyday word, by the registry or (unchecked entries) by frequency.

    `zipf` gives the Zipf frequency of a lower-case word.
    """
    if name in brand.ordinary or (name.endswith(ENDINGS) and name in coded_names(brand)):
        return True
    if brand.source == "seed" or " " in name:
        return False
    return zipf(name.casefold()) >= _ZIPF_ORDINARY


def _is_frequent(name: str) -> bool:
    """Whether a name is so frequent a word that its disguises by chance outnumber those on purpose."""
    return zipf_latin(light(name)) >= _ZIPF_FREQUENT


def kind_bits(categories: Iterable[str | None]) -> int:
    """A bit for each category, in the order of `CATEGORIES`; all for None, one for all others."""
    bits = 0
    for category in categories:
        bits |= _ANY_KIND if category is None else 1 << _KIND_PLACES.get(category, _OTHER_KIND)
    return bits


def name_rules(name: str, *, ordinary: bool, copied: bool = False) -> int:
    """How freely a name may be disguised and still be found: the shorter and plainer, the less.

    Two or three letters of a much `copied` brand may be set apart by signs: Y.S.L.
    """
    letters = light(name)
    if not letters.isascii():
        if any(letter.isascii() for letter in letters):
            return machine.MAY_TOUCH  # a letter and a character, as in L家: nothing is left of it once disguised
        return _ALL_RULES
    if len(letters) <= INITIALS_MAX:
        return machine.MAY_SPACE if copied and len(letters) > 1 and letters.isalpha() else 0
    if letters.isdigit():
        return 0
    if any(letter.isdigit() for letter in letters):
        return machine.MAY_TOUCH | machine.MAY_SPACE
    if ordinary and _is_frequent(name) and len(letters) < 5:
        return _ALL_RULES & ~machine.MAY_BREAK
    return _ALL_RULES


def _hidden_cap(name: str) -> float:
    letters = light(name)
    if not letters.isascii():
        return {2: 4.4, 3: 4.8}.get(len(letters), 6.0)
    return {2: 2.8, 3: 3.2, 4: 5.0}.get(len(letters), 7.0)


_SKELETON_CAP: Final = {5: 3.8, 6: 4.2}
"""What a name without its vowels weighs at most, by the letters that are left; fewer make a code by chance."""


def _variant_cap(variant: Variant) -> float:
    """The shorter a Chinese name, the more often a variant of it stands in innocent text by chance."""
    if variant.text.isascii():
        if variant.how == BROKEN:
            return _SKELETON_CAP.get(variant.length, 4.6)
        if variant.how != ROMANISED:
            return 4.6
        letters = len(light(variant.text))
        return 2.4 if letters < _SPELLED_MIN else 3.4 if variant.length == 2 else 4.4
    if variant.how in (ROMANISED, TAKEN_APART, LOOKALIKE):
        letters_only = variant.initials >= variant.length - 1
        return 2.4 if letters_only else 3.4 if variant.initials else 4.6
    return {2: 2.6, 3: 4.2}.get(variant.length, 4.8)


INITIALS_MAX: Final = 3
"""A name of so few letters is found by chance wherever letters stand alone."""
WATCHED_MAX: Final = 4_000
"""More names than this resemble so many other words that looking for resemblances costs more than it finds."""


def watched_brands(brands: Sequence[Brand]) -> frozenset[str]:
    """Ids of the brands whose names are also looked for by sound, by shape and mistyped: the much copied ones.

    Of a large registry at most `WATCHED_MAX`: those with named stores or price bands first, then the shipped ones,
    then the others in the order of the registry.
    """
    copied = [brand for brand in brands if brand.much_copied]
    copied.sort(key=lambda b: (b.authorised_store_ids is None and not b.price_bands, b.source != "seed"))
    return frozenset(brand.brand_id for brand in copied[:WATCHED_MAX])


def brand_phrases(brands: Iterable[Brand]) -> Iterator[Phrase]:
    """The phrases of the registry; `ref` and `name` are the index of the brand in `brands`."""
    brands = list(brands)
    watched = watched_brands(brands)
    for index, brand in enumerate(brands):
        closely = brand.brand_id in watched
        base = 0.0
        if brand.authorised_store_ids is not None:
            base = CLOSED_BRAND
        elif brand.sold == "selective":
            base = SELECTIVE_BRAND
        floors = [least_of_proper(kind, in_yuan(price)) for kind, price in brand.floors.items()]
        floors += [in_yuan(band.low) for band in brand.price_bands]
        priced = {*brand.floors, *(band.category for band in brand.price_bands)}
        floor = max(floors, default=0.0) * (-1.0 if priced <= TECHNICAL else 1.0)
        floor_kinds = kind_bits(priced)
        seen: set[str] = set()
        groups = (
            (Kind.NAME, brand.names, base),
            (Kind.ALIAS, brand.aliases, base),
            (Kind.MISSPELLING, brand.misspellings, max(base, MISSPELLING + MISSPELT_CHINESE + NAME_BONUS)),
            (Kind.NICKNAME, (*brand.nicknames, *coded_names(brand)), max(base, NICKNAME)),
            (Kind.LINE, brand.lines, max(base, LINE_ALONE)),
        )
        for kind, names, weight in groups:
            for name in names:
                if name in seen:
                    continue
                seen.add(name)
                ordinary = is_ordinary(brand, name)
                rules = name_rules(name, ordinary=ordinary, copied=closely)
                yield Phrase(
                    text=name, kind=kind, ref=index, rules=rules, plain=weight,
                    hidden=_hidden_cap(name) + NAME_BONUS, name=index, floor=floor,
                    floor_kinds=floor_kinds,
                    by_sound=kind in _OPEN_NAMES and closely and _is_chinese(name),
                    by_odd=kind in _OPEN_NAMES and closely and _is_chinese(name),
                    by_near=kind in _OPEN_NAMES and closely and name not in brand.unverified,
                )  # fmt: skip
                if closely:
                    for variant in _disguised_names(brand, name, kind):
                        yield Phrase(
                            text=variant.text, kind=kind, ref=index, name=index, rules=_variant_rules(variant),
                            plain=weight, hidden=_variant_cap(variant) + NAME_BONUS, how=variant.how,
                            floor=floor, floor_kinds=floor_kinds,
                        )  # fmt: skip


def _disguised_names(brand: Brand, name: str, kind: Kind) -> list[Variant]:
    if kind not in (Kind.NAME, Kind.ALIAS, Kind.LINE) or name in brand.unverified:
        return []
    if kind is Kind.LINE and name in brand.ordinary:
        return []  # nobody disguises a word that says nothing by itself, and 回宫格 is no 四宫格
    if _is_chinese(name):
        # The fold leaves out bare strokes: 丿㇆洛克 would be any 洛克.
        variants = [one for one in chinese_variants(name, name=True) if not _STROKES.intersection(one.text)]
        return [*variants, *(masked(name) if kind in _OPEN_NAMES else ())]
    if kind not in _OPEN_NAMES:
        return []
    turned = (backwards(name), mirrored(name), None if name in brand.ordinary else skeleton(name))
    return [*(one for one in turned if one), *upside_down(name), *two_for_one(name)]


def _variant_rules(variant: Variant) -> int:
    """How freely a disguised name may be disguised once more: spaced, broken, in look-alike letters."""
    if variant.how == TAKEN_APART:
        return _PLAIN_RULES | machine.MAY_SPACE | machine.MAY_BREAK
    if variant.how == BROKEN:
        return _PLAIN_RULES | (machine.KEEPS_GAPS if MASK in variant.text else 0)
    if variant.how == ROMANISED:
        if variant.initials:
            return 0 if variant.length == 2 else _PLAIN_RULES | machine.MAY_SPACE
        if any(char.isdigit() for char in variant.text):
            return _PLAIN_RULES  # the digits are tones
        if sum(char.isascii() and char.isalpha() for char in variant.text) >= _SPELLED_MIN:
            return _ALL_RULES
        # Beside two characters of a name, digits may stand for the letters of its third: 梵k3雅宝.
        vouched = variant.length > 2 and not variant.text.isascii()
        return _PLAIN_RULES | machine.MAY_SPACE | (machine.MAY_LEET if vouched else 0)
    return _term_rules(variant) if variant.text.isascii() else _PLAIN_RULES | machine.MAY_SPACE


def _term_rules(variant: Variant) -> int:
    """How freely a disguised term may be disguised once more: terms are many and short."""
    latin = variant.text.isascii() and variant.how != ROMANISED
    return machine.MAY_TOUCH | machine.MAY_LEET if latin else _PLAIN_RULES


def term_phrases(terms: Iterable[Term], numbers: Mapping[str, int]) -> Iterator[Phrase]:
    """The phrases of the replica, evasion and contact vocabulary; `ref` is the index of the term.

    numbers: those of the classes of restricted goods (`classes`).
    """
    terms = list(terms)
    stems = {term.text for term in terms if 2 <= len(term.text) <= 3 and _is_chinese(term.text)}
    for index, term in enumerate(terms):
        concern = 1 if term.family in CONTACT_FAMILIES else 0
        classes = 1 << numbers[term.restricted] if term.restricted else 0
        letters = light(term.text)
        short = letters.isascii() and len(letters) <= 3
        rules = _PLAIN_RULES | (0 if short else machine.MAY_SPACE | machine.MAY_LEET)
        slippery = concern == 0 and not term.restricted and _is_slippery(term.text)
        if not letters.isascii() or slippery:
            rules |= machine.MAY_BREAK
        if letters.isdigit() or term.family == "link":
            rules = machine.KEEPS_GAPS
        yield Phrase(
            text=term.text, kind=Kind.TERM, ref=index, rules=0 if len(letters) < 2 else rules,
            plain=term.weight, hidden=TERM_HIDDEN, handle=_handle(term), concern=concern,
            needs_name=term.needs_brand and term.weight < NEEDLESS, classes=classes,
            by_sound=_is_disguised(term) and not (term.restricted and len(term.text) < _BY_SOUND_MIN),
            by_slip=slippery,
        )  # fmt: skip
        for phrase in term.innocent_in:
            yield Phrase(text=phrase, kind=Kind.INNOCENT, ref=index, rules=_PLAIN_RULES, blanket=True)
        if _is_disguised(term) and len(term.text) <= (_GOODS_MAX if term.restricted else 5):
            yield from _disguised_terms(term, index, concern, classes, stems - {term.text})


def _is_disguised(term: Term) -> bool:
    """Whether sellers disguise a Chinese term: not what says little, nor what says it only beside other words."""
    return _is_chinese(term.text) and term.weight >= (_DISGUISED_GOODS if term.restricted else 1.5)


def _is_slippery(text: str) -> bool:
    """Whether a term of several Latin words is long enough to be known with a mistake or a gap in it: first copy."""
    letters = light(text)
    return " " in text and len(letters) >= _SLIPPERY_MIN and letters.isascii() and letters.isalpha()


def _handle(term: Term) -> float:
    """What an account or number right behind a contact cue adds, for the sieve."""
    if term.family in APPS:
        return HANDLE
    return _NUMBERED if term.family in ("phone_cue", "add_me") else 0.0


def _disguised_terms(term: Term, index: int, concern: int, classes: int, stems: set[str]) -> Iterator[Phrase]:
    held = [stem for stem in stems if stem in term.text]
    for variant in chinese_variants(term.text):
        if variant.initials > 1 or any(stem in variant.text for stem in held):
            continue  # two initials may stand for anything, and 莆田桂 would only add dried fruit to 莆田柜
        if _STROKES.intersection(variant.text):
            continue  # the fold leaves out bare strokes: 弹簧㇆丿 would be any spring
        if term.restricted and variant.how & ROMANISED and (variant.initials or variant.length == 2):
            continue  # 雪jia is a maker's name in two scripts as often as a cigar
        total = hidden_term_weight(term, variant.how, variant.length)
        if variant.length == 2:
            total = max(total, min(APART, term.weight + TERM_HIDDEN))
        yield Phrase(
            text=variant.text, kind=Kind.TERM, ref=index, rules=_term_rules(variant),
            plain=max(0.0, total - TERM_HIDDEN), hidden=min(TERM_HIDDEN, total),
            handle=_handle(term), concern=concern,
            needs_name=term.needs_brand and term.weight < NEEDLESS, how=variant.how, classes=classes,
        )  # fmt: skip


def bound_phrases(cues: Iterable[Cue]) -> Iterator[Phrase]:
    """What the sieve must know of so that it stays a bound, though only the context gives it its meaning.

    Words that admit a copy weigh with a name; words that ask to be called let long numbers count.
    """
    for index, cue in enumerate(cues):
        if cue.role == "confession":
            yield Phrase(text=cue.text, kind=Kind.CUE, ref=index, rules=_PLAIN_RULES, plain=ADMITTED, needs_name=True)
    for word in CALLING:
        yield Phrase(text=word, kind=Kind.CALL, ref=0, rules=_PLAIN_RULES, plain=_CALLED, concern=1)


def hidden_term_weight(term: Term, how: int, length: int) -> float:
    """What a term weighs when it is written in the way `how`; short Chinese variants may be chance. Log-odds."""
    total = term.weight + TERM_HIDDEN
    if how & (SHAPE | SOUND | REVERSED) and length == 2:
        return min(total, 3.0)
    return total


def context_phrases(
    cues: Iterable[Cue], categories: dict[str, CategoryWords], terms: Iterable[Term], beside: Iterable[str] = ()
) -> tuple[list[Phrase], list[str], list[str]]:
    """The phrases of the context lexicon, the category names and the words anywhere that `ref` points to: innocent
    ones, and those that count `beside` others.
    """
    names = list(categories)
    phrases = [Phrase(text=cue.text, kind=Kind.CUE, ref=i, rules=_PLAIN_RULES) for i, cue in enumerate(cues)]
    for i, words in enumerate(categories.values()):
        phrases += [Phrase(text=t, kind=Kind.CATEGORY, ref=i, rules=_PLAIN_RULES) for t in words.terms]
        phrases += [Phrase(text=t, kind=Kind.ACCESSORY, ref=i, rules=_PLAIN_RULES) for t in words.accessories]
    phrases += [
        Phrase(text=t, kind=Kind.ACCESSORY, ref=names.index("electronics"), rules=_PLAIN_RULES) for t in _CABLES
    ]
    near = sorted({word for term in terms for word in term.innocent_near} | set(beside))
    phrases += [Phrase(text=word, kind=Kind.NEAR, ref=i, rules=_PLAIN_RULES) for i, word in enumerate(near)]
    return phrases, names, near


# Goods of their own, and accessories whenever a brand of phones or computers is named with them.
_CABLES: Final = (
    "数据线",
    "充电器",
    "充电头",
    "充电线",
    "转换器",
    "连接线",
    "cable",
    "charger",
    "adapter",
    "kabel",
    "cargador",
)
assert max(HIDING_WEIGHT.values()) < 7.0, "the largest cap would never bind"
