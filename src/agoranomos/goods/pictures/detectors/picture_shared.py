"""The same picture in stores that have nothing to do with each other, and no brand's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from agoranomos.goods.listings.evidence import example
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures.facts import Example, PictureDetector, PictureFacts, ordinal
from agoranomos.goods.pictures.model import Elsewhere, Resembled, Seen
from agoranomos.kernel.findings import Related

CODE = "goods.picture_shared"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `borrowed`: for somebody else's picture, shown by a few sellers; `common_from`: from so many sellers
    on it is probably the maker's, or bought from an agency; `common`: taken off then; `fake`: what it says of the
    goods; `marks_min`: with fewer marks a picture is too plain to be anybody's, such as a white square."""

    borrowed: float = 4.85
    common_from: int = 50
    common: float = 3.0
    fake: float = 1.0
    marks_min: int = 12


def inspect(facts: PictureFacts, settings: Settings) -> Iterable[Signal]:
    """Two signals, of whose picture it is and of the goods, for the picture that the fewest others show."""
    own = {number for number, _ in facts.genuine()}
    found = [
        (number, each)
        for number, each in enumerate(facts.seen, start=1)
        if each.elsewhere is not None and number not in own and each.marks >= settings.marks_min
    ]
    if found:
        yield from signals_of(found, len(facts.seen), settings)


def signals_of(found: Sequence[tuple[int, Seen]], total: int, settings: Settings) -> Iterator[Signal]:
    """The signals of pictures, by their numbers among all of a listing, that others show as well."""
    others_of = [(each.elsewhere.owners, number, each, each.elsewhere) for number, each in found if each.elsewhere]
    _, number, seen, others = min(others_of, key=lambda one: one[:2])
    common = others.owners >= settings.common_from
    where, where_zh = ordinal(number, total)
    count = others.owners - 1
    who = "1 other, unrelated seller" if count == 1 else f"{count:,} other, unrelated sellers"
    same = "the same file" if others.exact else f"the same picture, probability {others.score:.2f}"
    for concern, weight in ((Concern.BORROWED, settings.borrowed), (Concern.COUNTERFEIT, settings.fake)):
        yield Signal(
            code=CODE,
            concern=concern,
            weight=max(0.05, weight - settings.common) if common else weight,
            message=f"{where} is also shown by {who} ({same})." + " It is common." * common,
            message_zh=f"{where_zh}也出现在另外 {count} 个无关卖家的商品中。",
            values={
                "number": number, "path": seen.path, "content": seen.content, "owners": others.owners,
                "probability": others.score, "same_file": others.exact, "common": common,
                "pictures": len(found),
            },
            related=(
                *(Related("listing", one, "member") for one in others.listings),
                *(Related("store", one, "member") for one in others.stores),
            ),
            ring_id=others.ring_id,
        )  # fmt: skip


def _elsewhere(owners: int) -> Elsewhere:
    return Elsewhere(
        ring_id="r_1", owners=owners, listings=("other-listing",), stores=("other-store",), score=0.98, exact=False
    )  # fmt: skip


def _seen(owners: int = 2, marks: int = 90, *own: Resembled) -> tuple[Seen, ...]:
    return (Seen(path="a.jpg", content="1" * 64, marks=marks, resembles=own, elsewhere=_elsewhere(owners)),)


_BRANDS_OWN = Resembled(
    role="genuine", name="air-front", content="0" * 64, brand_id="nike", score=0.99, marks=80, share=0.9, how="whole"
)

DETECTOR = PictureDetector(
    code=CODE,
    name="picture shown by unrelated sellers",
    version="1",
    about="The same picture in unrelated stores, unless it is a brand's own.",
    settings=Settings(),
    hits=(
        Example(title="a dress; another seller shows the same photograph", listing=example("dress"), seen=_seen()),
        Example(title="a photograph that sixty sellers show", listing=example("dress"), seen=_seen(60)),
    ),
    misses=(
        Example(title="the brand's own picture", listing=example("dress"), seen=_seen(5, 90, _BRANDS_OWN)),
        Example(title="a white square", listing=example("dress"), seen=_seen(3, 2)),
        Example(title="a picture of the seller's own", listing=example("dress"), seen=(Seen(path="a.jpg", marks=90),)),
    ),
    inspect=inspect,
)
