"""A brand's own picture over words that keep silent about the brand."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.evidence import example
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures.facts import Example, PictureDetector, PictureFacts, ordinal
from agoranomos.goods.pictures.model import Resembled, Seen
from agoranomos.kernel.findings import Related

CODE = "goods.brand_shown"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `silent`: the words do not name the brand that the picture shows; `closed`: the brand named its
    stores, this is not one of them, and the words give no other reason to say so; `selective`: it is only known to
    sell through few; `used`: taken off for goods offered as second-hand."""

    silent: float = 1.2
    closed: float = 4.0
    selective: float = 0.5
    used: float = 3.5


def inspect(facts: PictureFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for the first picture whose brand the words leave out; accessories show what they fit."""
    if facts.listing.accessory:
        return
    named = {mention.brand.brand_id for mention in facts.listing.mentions}
    store = facts.listing.listing.store_id
    for number, match in facts.genuine():
        brand = facts.brands.get(match.brand_id or "")
        if match.brand_id is None or match.brand_id in named:
            continue  # what the words say of a brand is for the detectors of words
        stores = brand.authorised_store_ids if brand else None
        if stores is not None and store in stores:
            continue
        weight = settings.silent
        if stores is not None:
            weight += settings.closed - (settings.used if "second_hand" in facts.listing.roles else 0.0)
        elif brand is not None and brand.sold == "selective":
            weight += settings.selective
        where, where_zh = ordinal(number, len(facts.seen))
        name = facts.brand_name(match.brand_id)
        yield Signal(
            code=CODE,
            concern=Concern.COUNTERFEIT,
            weight=weight,
            message=(
                f"{where} is the own picture “{match.name}” of “{name}” ({match.how}), which the listing does not name"
                + (", and the brand did not name this store as one of its sellers." if stores is not None else ".")
            ),
            message_zh=f"{where_zh}是品牌“{name}”的官方图片“{match.name}”，但商品信息中没有写明该品牌"
            + ("，且本店铺不在品牌的授权名单中。" if stores is not None else "。"),
            brand_ids=(match.brand_id,),
            values={
                "number": number, "path": facts.seen[number - 1].path, "reference": match.name,
                "content": match.content, "probability": match.score, "closed": stores is not None,
            },
            related=(Related("picture", match.name, "reference"),),
        )  # fmt: skip
        return


def _shows(brand_id: str | None) -> tuple[Seen, ...]:
    own = Resembled(
        role="genuine", name="air-front", content="0" * 64, brand_id=brand_id, score=0.99, marks=80, share=0.9,
        how="the whole picture",
    )  # fmt: skip
    return (Seen(path="a.jpg", content="1" * 64, marks=90, resembles=(own,)),)


DETECTOR = PictureDetector(
    code=CODE,
    name="picture of a brand that is not named",
    version="1",
    about="A brand's own picture over words that do not name the brand.",
    settings=Settings(),
    registry=(
        Brand(brand_id="nike", names=("Nike",), authorised_store_ids=("flagship",)),
        Brand(brand_id="adidas", names=("adidas",), authorised_store_ids=("store",)),
        Brand(brand_id="uniqlo", names=("Uniqlo",)),
    ),
    hits=(
        Example(
            title="“running shoes” with a picture of Nike's, which named its stores",
            listing=example("running shoes", 199),
            seen=_shows("nike"),
        ),
        Example(
            title="“t-shirt” with a picture of Uniqlo's, which sells openly",
            listing=example("t-shirt", 49),
            seen=_shows("uniqlo"),
        ),
    ),
    misses=(
        Example(title="Nike is named", listing=example("Nike running shoes", 499), seen=_shows("nike")),
        Example(title="a store that the brand named", listing=example("running shoes", 499), seen=_shows("adidas")),
        Example(title="a reference of no brand", listing=example("running shoes", 499), seen=_shows(None)),
    ),
    inspect=inspect,
)
