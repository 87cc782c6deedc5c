"""Unknown brands: names in listings that behave like brands and are not in the registry.

A brand stands at the head of titles and hardly anywhere else (positional purity), recurs over
stores, categories and different titles, is followed by many different things, and is no ordinary
word. The score multiplies these and only orders the proposals: a person accepts, merges or rejects
each.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Set

import msgspec
import pyarrow as pa

from agoranomos.engine.text.frequencies import zipf, zipf_latin
from agoranomos.goods.brands.model import Proposal, fold_name, slug, unique
from agoranomos.goods.brands.sightings import Sighting, Sightings
from agoranomos.goods.brands.snapshot import RegistrySnapshot

_ALWAYS = 0.95  # one title in twenty may be mistyped
_SELLING = re.compile(
    "适用|适合|专用|通用|同款|特惠|促销|包邮|免邮|正品|官方|新款|热卖|现货|批发|定制|套装|限时"
    "|精选|好货|打烊|运费|原厂|清仓|秒杀|顺丰|赠品"
)
_TERMS = frozenset((
    "usb", "hdmi", "typec", "wifi", "pvc", "pu", "abs", "led", "lcd", "ins", "mac", "mp3", "mp4",
    "dvd", "vga", "rgb", "ktv", "diy", "www", "com", "set", "pack", "combo",
))  # fmt: skip
"""What heads titles without being ordinary words or brands."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a name needs to be proposed at all."""

    titles_min: int = 3
    """Distinct titles; in pairs like 爱普生（EPSON）, in the brand column and in brackets one fewer
    is enough.
    """
    stores_min: int = 1
    """Distinct stores, where the listings name stores."""
    purity_min: float = 0.5
    """Share of the titles with the name in which it stands at the head."""
    zipf_max: float = 4.6
    """Names of only ordinary words are left out from this Zipf frequency on (4.6: 40 times per
    million words).
    """
    zipf_max_further: float = 3.9
    """A word this ordinary is taken into a name that can do without it ("Oxyglow", not "Oxyglow
    Fruit") only …
    """
    titles_min_further: int = 10
    """… when it follows in nearly all of so many distinct titles ("Allure Auto")."""
    zipf_max_chinese: float = 3.3
    """The same for Chinese, where product words head titles as often as brands do."""
    tied_min: float = 0.5
    """A further word belongs to the name when this share of its titles has it right there …"""
    share_min: float = 0.5
    """… and it follows in this share of the titles with the shorter name."""
    followers_min: int = 3
    """Different characters that follow a Chinese name; after part of a word few can."""
    limit: int = 1_000


def propose(
    batches: Iterable[pa.RecordBatch],
    registry: RegistrySnapshot,
    decided: Set[str] = frozenset(),
    settings: Settings | None = None,
) -> list[Proposal]:
    """Proposals from `batches` (columns title and, if present, brand, store_id, category), best
    first.

    Names in `registry`, and folded names in `decided`, are left out. The same listings give the
    same list.
    """
    chosen = settings or Settings()
    seen = Sightings().read(batches)
    known = _Known(registry, decided)
    found: dict[str, Proposal] = {}
    for proposals in (_columns, _pairs, _western, _chinese):
        for proposal in proposals(seen, chosen):
            if not known.covers(proposal):
                key = fold_name(proposal.name)
                found[key] = _joined(found[key], proposal) if key in found else proposal
    kept = [proposal for proposal in found.values() if not _is_longer(proposal, found)]
    return sorted(kept, key=lambda p: (-p.score, p.brand_id))[: chosen.limit]


def _columns(seen: Sightings, settings: Settings) -> Iterator[Proposal]:
    for sighting in seen.columns.values():
        if len(sighting.titles) >= settings.titles_min - 1 and _in_stores(sighting, settings):
            yield _proposal(sighting, purity=1.0, rarity=1.0)


def _pairs(seen: Sightings, settings: Settings) -> Iterator[Proposal]:
    for sighting in seen.pairs.values():
        if len(sighting.titles) >= settings.titles_min - 1 and _in_stores(sighting, settings):
            yield _proposal(sighting, purity=1.0, rarity=_rarity(zipf(sighting.name, "zh"), 5.5))


def _western(seen: Sightings, settings: Settings) -> Iterator[Proposal]:
    for key, sighting in seen.heads.items():
        words = key.split()
        if not _enough(sighting, settings) or not _may_be_name(words):
            continue
        if len(words) > 1 and not _belongs(seen, words, settings):
            continue
        if any(_belongs(seen, [*words, after], settings) for after, _ in sighting.following.most_common(1)):
            continue  # the longer name is proposed in its place
        purity = sighting.listings / max(1, min(seen.words[word] for word in words), sighting.listings)
        ordinary = min(zipf_latin(word) for word in words)
        if purity >= settings.purity_min and ordinary < settings.zipf_max:
            yield _proposal(sighting, purity, _rarity(ordinary, settings.zipf_max))


def _belongs(seen: Sightings, words: list[str], settings: Settings) -> bool:
    """Whether the last of `words` is part of the name that the words before it begin."""
    longer, shorter = seen.heads.get(" ".join(words)), seen.heads.get(" ".join(words[:-1]))
    if longer is None or shorter is None or not _enough(longer, settings):
        return False
    if not _may_be_name(words[-1:]) or words[-1] in words[:-1]:
        return False
    tied = longer.listings / max(1, seen.words[words[-1]])
    share = longer.listings / shorter.listings
    ordinary = zipf_latin(words[-1]) >= settings.zipf_max_further
    if len(words) > 2 and (ordinary or len(words[-1]) <= 2):
        return False
    if ordinary and min(zipf_latin(word) for word in words[:-1]) < settings.zipf_max:
        return share >= _ALWAYS and len(longer.titles) >= settings.titles_min_further
    return tied >= settings.tied_min and share >= settings.share_min


def _may_be_name(words: list[str]) -> bool:
    """Whether `words` have letters enough: neither "5", "38" nor "C38GR30"."""
    text = "".join(words)
    if text in _TERMS:
        return False
    letters = sum(character.isalpha() for character in text)
    return len(text) >= 2 and letters * 2 > len(text)


def _chinese(seen: Sightings, settings: Settings) -> Iterator[Proposal]:
    text = "\n" + "\n".join(seen.sample)
    for name, sighting in seen.han_heads.items():
        if not _enough(sighting, settings) or _is_composed(name, settings):
            continue
        longer = sighting.following.most_common(1)[0]
        if longer[0].isalpha() and longer[1] > settings.share_min * sighting.listings:
            continue  # part of a longer word or name
        followers = min(settings.followers_min, sighting.listings)
        if len(sighting.following) < followers and "bracket" not in sighting.places:
            continue
        shorter = seen.han_heads.get(name[:-1])
        if len(name) > 2 and shorter is not None and sighting.listings <= settings.share_min * shorter.listings:
            continue  # what follows a shorter name only now and then is not part of it
        bracketed, everywhere = text.count("【" + name), text.count(name)
        if bracketed == everywhere:
            continue  # nobody says it in earnest: what stands only in brackets is advertising
        purity = min(1.0, (text.count("\n" + name) + bracketed) / max(1, everywhere))
        if purity >= settings.purity_min:
            yield _proposal(sighting, purity, _rarity(zipf(name, "zh"), settings.zipf_max_chinese))


def _is_composed(name: str, settings: Settings) -> bool:
    """Whether `name` is an ordinary Chinese word, or ordinary words set side by side."""
    line = settings.zipf_max_chinese
    if zipf(name, "zh") >= line or _SELLING.search(name):
        return True
    cuts = ((name[:cut], name[cut:]) for cut in range(2, len(name) - 1))
    if any(zipf(left, "zh") >= line and zipf(right, "zh") >= line for left, right in cuts):
        return True
    return len(name) == 3 and (zipf(name[:2], "zh") >= line + 1 or zipf(name[1:], "zh") >= line + 1)


def _enough(sighting: Sighting, settings: Settings) -> bool:
    needed = settings.titles_min - ("bracket" in sighting.places)
    return len(sighting.titles) >= needed and _in_stores(sighting, settings)


def _in_stores(sighting: Sighting, settings: Settings) -> bool:
    return not sighting.stores or len(sighting.stores) >= settings.stores_min


def _rarity(frequency: float, line: float) -> float:
    """1 for a word that nobody uses, 0 at the Zipf frequency `line`."""
    return min(1.0, max(0.0, (line - frequency) / 2.0))


def _proposal(sighting: Sighting, purity: float, rarity: float) -> Proposal:
    """The proposal with its score: support saturates, so that a name everywhere is not ahead by
    volume alone.
    """
    spread = len(sighting.titles) + 2 * len(sighting.stores) + 2 * max(0, len(sighting.categories) - 1)
    support = 1.0 - math.exp(-spread / 8.0)
    return Proposal(
        brand_id=slug(sighting.alias or sighting.name),
        name=sighting.name,
        aliases=(sighting.alias,) if sighting.alias else (),
        score=round(support * purity * (0.2 + 0.8 * rarity), 4),
        listings=sighting.listings,
        stores=len(sighting.stores) or None,
        categories=tuple(sighting.categories)[:5],
        purity=round(purity, 4),
        found_in=tuple(sorted(sighting.places)),
        examples=tuple(sighting.examples),
    )


def _joined(one: Proposal, other: Proposal) -> Proposal:
    """Two proposals of one name as one: the better of both, found in all places."""
    best, second = (one, other) if one.score >= other.score else (other, one)
    places = unique(sorted({*best.found_in, *second.found_in}))
    score = 1.0 - (1.0 - best.score) * (1.0 - second.score / 2.0)
    return msgspec.structs.replace(
        best,
        brand_id=(one if one.aliases else other).brand_id,
        aliases=unique([*one.aliases, *other.aliases]),
        found_in=places,
        score=round(score, 4),
        listings=max(best.listings, second.listings),
    )


class _Known:
    """What need not be proposed: names of the registry and those that were decided."""

    def __init__(self, registry: RegistrySnapshot, decided: Set[str]) -> None:
        ordinary = {fold_name(word) for brand in registry.brands for word in brand.ordinary}
        self._names = set(registry.by_name)
        self._special = self._names - ordinary
        self._exact = self._names | decided

    def covers(self, proposal: Proposal) -> bool:
        """Whether a name is known or begins with a known one.

        "Nike Air", oppoR15 and 小米黑鲨 are no new brands; "Apple Tree", which begins with an
        ordinary word, may be one.
        """
        if any(fold_name(name) in self._exact for name in (proposal.name, *proposal.aliases)):
            return True
        name = proposal.name
        if any(fold_name(words) in self._special for words in _first_words(name)):
            return True
        return any(fold_name(part) in self._names for part in _first_parts(name))


def _is_longer(proposal: Proposal, found: dict[str, Proposal]) -> bool:
    """Whether a better supported proposal is a beginning of this one: 晨光 of 晨光笔记本."""
    if "brand" in proposal.found_in or " " in proposal.name:
        return False
    shorter = (found.get(fold_name(beginning)) for beginning in _first_parts(proposal.name))
    return any(other is not None and other.score >= proposal.score / 2 for other in shorter)


def _first_words(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[:count]) for count in range(1, len(words))]


def _first_parts(name: str) -> list[str]:
    """Where a name may end inside a word: before a model number, after Chinese characters."""
    if not name.isascii():
        return [name[:count] for count in range(2, len(name))]
    if re.fullmatch(r"[A-Za-z]{3,}\d\w*", name):
        return [name[:end] for end in range(3, len(name)) if name[:end].isalpha()]
    return []
