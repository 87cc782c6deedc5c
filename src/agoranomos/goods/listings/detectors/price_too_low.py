"""A price at which the genuine article cannot be had."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from agoranomos.engine.text.folding import MISSPELT, SHAPE, SOUND
from agoranomos.engine.text.resemblance import STRETCHED
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.evidence import ListingDetector, example, quotes_of
from agoranomos.goods.listings.facts import ListingFacts, Mention
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.listings.phrases import TECHNICAL, Kind
from agoranomos.goods.listings.prices import in_yuan, least_of_proper

CODE = "goods.price_too_low"
_TITLE_MAX = 2_000
"""Characters of a title in which the goods are looked for; no honest one is longer."""
_PROPER_GOODS = {
    "bags": re.compile(
        r"\b(?:backpack|rucksack|tote|hand-?(?:held )?bag|shoulder bag|cross-?body|satchel|messenger|sling bag|laptop|"
        r"duff(?:el|le)|hobo|bucket bag|briefcase|suitcase|trolley|luggage|mochila|bolso|bolsa|ransel|tas|koper)s?\b|"
        r"双肩包|背包|托特|手提包|单肩包|斜挎|链条包|链条单肩|腋下包|水桶包|邮差包|胸包|行李箱|拉杆箱|女包|กระเป๋าเป้|กระเป๋าถือ|กระเป๋าสะพาย",
        re.IGNORECASE,
    ),
    "clothing": re.compile(
        r"\b(?:down jacket|puffer|parka|coat|jacket|blazer|abrigo|chaqueta|chamarra|jaket|casaco)s?\b|"
        r"羽绒|大衣|风衣|派克|皮衣|冲锋衣",
        re.IGNORECASE,
    ),
}
_SMALL_GOODS = re.compile(
    r"\b(?:briefs?|boxers?|trunks|underwear|panty|panties|thongs?|socks?|handkerchiefs?)\b|内裤|袜|手帕", re.IGNORECASE
)
_SMALL_SHARE = 0.25
"""What underwear and socks cost of what the smallest other clothing of their maker does."""
_LEAST_SHARE = 0.01
_LIKE_ANOTHER = MISSPELT | SOUND | SHAPE
"""Ways of writing a name that make brands of their own, too."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`steps`: share of the least genuine price below which a weight (log-odds) applies, strongest first;
    `dear_steps` the same for goods whose least price is `dear_yuan` or more, which are never cleared for less;
    `dear_devices` for devices among them, whose makers sell smaller ones of the same kind.

    The least price is that of the smallest goods of a kind; bags and coats of fine makers are held to
    more (`prices.least_of_proper`).
    `used`: taken off for goods offered as second-hand; `unsure`: factor where the goods' kind is not known, or
    known from the title alone and one whose accessories are named after the brand; `line_alone`: factor where
    only a model is named, whose name others may use for a shape.
    """

    steps: tuple[tuple[float, float], ...] = (
        (0.04, 4.6),
        (0.08, 4.2),
        (0.15, 3.0),
        (0.3, 1.8),
        (0.5, 0.8),
    )
    fine_steps: tuple[tuple[float, float], ...] = (
        (0.04, 6.2),
        (0.08, 5.6),
        (0.15, 4.8),
        (0.3, 4.1),
        (0.5, 2.0),
    )
    dear_steps: tuple[tuple[float, float], ...] = ((0.04, 6.8), (0.08, 6.2), (0.15, 5.6), (0.3, 4.8), (0.5, 4.5))
    dear_devices: tuple[tuple[float, float], ...] = ((0.04, 6.8), (0.08, 6.2), (0.15, 5.6), (0.3, 4.8), (0.5, 3.6))
    fine_yuan: float = 500.0
    dear_yuan: float = 1200.0
    line_alone: float = 0.75
    used: float = 1.5
    unsure: float = 0.35


class _Least(NamedTuple):
    yuan: float
    said_by: str
    sure: bool


def _least_price(brand: Brand, facts: ListingFacts, proper: frozenset[str]) -> _Least | None:
    """The least price of a genuine main product of the listing's kind; the cautious one where several apply.

    Floors hold for the smallest goods of a kind; of the kinds `proper` larger ones are offered.
    """
    known = facts.categories
    floors = {c: in_yuan(price) for c, price in brand.floors.items()}
    floors |= {c: least_of_proper(c, yuan) for c, yuan in floors.items() if c in proper}
    if "clothing" in floors and _SMALL_GOODS.search(facts.listing.title[:_TITLE_MAX]):
        floors["clothing"] *= _SMALL_SHARE
    of_kind = [yuan for c, yuan in floors.items() if c in known]
    bands = [band for band in brand.price_bands if band.category is None or band.category in known]
    stated = [in_yuan(band.low) for band in bands]
    if stated:
        least, learned = min(stated), all(band.n is not None for band in bands)
        if learned and of_kind and brand.much_copied and least < min(of_kind):
            # A catalogue full of fakes teaches their price; what the brand itself asks stands against it.
            return _Least(min(of_kind), "floor", sure=True)
        return _Least(least, "band", sure=True)
    if of_kind:
        return _Least(min(of_kind), "floor", sure=True)
    if not known and floors:
        return _Least(min(floors.values()), "floor", sure=False)
    return None


def _proper_goods(title: str) -> frozenset[str]:
    """The kinds of goods of which `title` offers more than the smallest: a bag rather than a card holder."""
    looked_at = title[:_TITLE_MAX]
    return frozenset(kind for kind, pattern in _PROPER_GOODS.items() if pattern.search(looked_at))


def _share(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio >= _LEAST_SHARE else "less than 1%"


def _share_zh(ratio: float) -> str:
    return f" {ratio:.0%}" if ratio >= _LEAST_SHARE else "百分之一以下"


def _may_be_another(mention: Mention) -> bool:
    """Whether the name is mistyped or another brand's own, for which a low price would be no wonder."""
    return bool(mention.how) and not mention.how & ~_LIKE_ANOTHER and mention.hidden < STRETCHED


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal when the goods are claimed or disguised to be of a brand and cost a fraction of its least price."""
    if facts.price_yuan <= 0 or facts.accessory:
        return
    named = [m for m in facts.claimed_in_front if not m.how or (m.hidden >= 3.0 and not _may_be_another(m))]
    if not named:
        return
    best: Signal | None = None
    proper = _proper_goods(facts.listing.title)
    for mention in named:
        least = _least_price(mention.brand, facts, proper)
        if least is None or least.yuan <= 0:
            continue
        ratio = facts.price_yuan / least.yuan
        steps = settings.fine_steps if least.yuan >= settings.fine_yuan else settings.steps
        if least.yuan >= settings.dear_yuan:
            steps = settings.dear_devices if facts.categories & TECHNICAL else settings.dear_steps
        weight = next((w for below, w in steps if ratio < below), 0.0)
        if mention.kind == Kind.LINE:
            weight *= settings.line_alone
        if not least.sure or (facts.categories & TECHNICAL and not facts.stated):
            weight *= settings.unsure
        if "second_hand" in facts.roles:
            weight -= settings.used
        if weight > 0 and (best is None or weight > best.weight):
            name = mention.brand.main_name
            best = Signal(
                code=CODE,
                concern=Concern.COUNTERFEIT,
                weight=weight,
                message=f"The price is {_share(ratio)} of the least at which genuine {name} of this kind is sold.",
                message_zh=f"价格仅为正品“{name}”同类商品最低售价的{_share_zh(ratio)}。",
                quotes=quotes_of([mention]),
                brand_ids=(mention.brand.brand_id,),
                values={
                    "ratio": round(ratio, 4),
                    "least_yuan": round(least.yuan, 2),
                    "said_by": least.said_by,
                },
            )
    if best is not None:
        yield best


DETECTOR = ListingDetector(
    code=CODE,
    name="price too low to be genuine",
    version="4",
    about="A price far below the least at which the genuine article is sold.",
    settings=Settings(),
    hits=(
        example("Louis Vuitton 手提包", 99),
        example("Rolex Submariner watch", 45, currency="USD", category="Watches > Men"),
        example("Gucci 双肩包 男", 1300),
    ),
    misses=(
        example("strap for Rolex Submariner", 9, currency="USD"),
        example("Nike running shoes", 399),
        example("Louis Vuitton 手提包", 12000),
        example("Gucci 卡包 男", 1300),
    ),
    inspect=inspect,
)
