"""What the words do not say and the picture does: replica grades, workshops, disguised names, read in pictures."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import example, together
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures.facts import Example, PictureDetector, PictureFacts, ordinal
from agoranomos.goods.pictures.model import Seen

CODE = "goods.words_in_picture"
_COUNTED = frozenset(
    (
        "goods.brand_disguised", "goods.brand_nicknamed", "goods.coded_offer", "goods.copy_offered",
        "goods.grade_named", "goods.likeness_claimed", "goods.not_genuine_admitted", "goods.origin_hinted",
    )
)  # fmt: skip
"""Detectors of texts that count in pictures as well; others compare the words with each other or with the price."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`read`: share of the weight that words in a picture have, which are read with mistakes; `weight_max`: the most
    that they weigh together (log-odds)."""

    read: float = 0.8
    weight_max: float = 6.0


def inspect(facts: PictureFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for all that is read in the pictures and that the listing's own words do not say."""
    counted = [(number, one) for number, one in facts.spoken if one.code in _COUNTED and one.weight > 0]
    if not counted:
        return
    number, best = max(counted, key=lambda each: (each[1].weight, -each[0]))
    where, where_zh = ordinal(number, len(facts.seen))
    by_code: dict[str, float] = {}
    for _, one in counted:
        by_code[one.code] = max(by_code.get(one.code, 0.0), one.weight)
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=min(settings.weight_max, settings.read * together(by_code.values())),
        message=f"{where} holds words: {best.message}",
        message_zh=f"{where_zh}中的文字：{best.message_zh}",
        brand_ids=tuple(dict.fromkeys(brand_id for _, one in counted for brand_id in one.brand_ids)),
        values={
            "number": number, "path": facts.seen[number - 1].path,
            "words": {code: round(weight, 2) for code, weight in sorted(by_code.items())},
        },
    )  # fmt: skip


def _reads(text: str) -> tuple[Seen, ...]:
    return (Seen(path="a.jpg", content="1" * 64, marks=90, text=text),)


DETECTOR = PictureDetector(
    code=CODE,
    name="words of the copy trade in a picture",
    version="1",
    about="Replica grades, workshops and disguised names that stand in a picture.",
    settings=Settings(),
    hits=(
        Example(
            title="“running shoes”; in the picture: 莆田纯原 1:1",
            listing=example("running shoes", 199, category="shoes"),
            seen=_reads("莆田纯原 1:1"),
        ),
        Example(
            title="“bag”; in the picture: top replica",
            listing=example("Gucci bag", 199, category="bags"),
            seen=_reads("TOP REPLICA\nmirror quality"),
        ),
    ),
    misses=(
        Example(
            title="words on the goods",
            listing=example("running shoes", 199, category="shoes"),
            seen=_reads("SIZE 42\nNike Air\nMade in Vietnam"),
        ),
        Example(
            title="nobody read the picture",
            listing=example("running shoes", 199, category="shoes"),
            seen=(Seen(path="a.jpg", content="1" * 64, marks=90),),
        ),
    ),
    inspect=inspect,
)
