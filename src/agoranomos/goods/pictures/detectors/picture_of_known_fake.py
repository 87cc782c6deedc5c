"""A picture that fakes were sold with before, however it was cut, turned or framed since."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import example, together
from agoranomos.goods.listings.model import Concern, Signal
from agoranomos.goods.pictures.facts import Example, PictureDetector, PictureFacts, ordinal
from agoranomos.goods.pictures.model import Resembled, Seen
from agoranomos.kernel.findings import Related

CODE = "goods.picture_of_known_fake"
_TOLD_MAX = 3
_NAMED_MAX = 8


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`fake`: the probability that goods are fake whose picture is surely one of known fakes; `otherwise`: when it
    surely is not; `cautious`: share of the doubt in a match that is believed, since every match told at 0.5 to 0.7
    was right on real photos; `weight_max`: the most that several pictures weigh together."""

    fake: float = 0.97
    otherwise: float = 0.018
    cautious: float = 0.5
    weight_max: float = 9.0


def weight_of(match: Resembled, settings: Settings) -> float:
    """The weight of evidence of one match (log-odds): how far it moves the probability of a fake."""
    sure = 1 - settings.cautious * (1 - match.score)
    fake = sure * settings.fake + (1 - sure) * settings.otherwise
    before = settings.otherwise
    return math.log(fake / (1 - fake)) - math.log(before / (1 - before))


def inspect(facts: PictureFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for all pictures of known fakes; a picture that is a brand's own says nothing, whoever used it."""
    surest: dict[str, tuple[int, Resembled]] = {}  # by known picture: one that is shown twice is one sign
    named: list[Resembled] = []
    for number, each in enumerate(facts.seen, start=1):
        fakes = _fakes(each)
        named += fakes
        if fakes and (fakes[0].content not in surest or fakes[0].score > surest[fakes[0].content][1].score):
            surest[fakes[0].content] = number, fakes[0]
    found = sorted(surest.values(), key=lambda one: (-one[1].score, one[0]))
    if not found:
        return
    number, best = found[0]
    where, where_zh = ordinal(number, len(facts.seen))
    more = f" So do {len(found) - 1} more of them." if len(found) > 2 else " So does another one." * (len(found) - 1)
    yield Signal(
        code=CODE,
        concern=Concern.COUNTERFEIT,
        weight=min(settings.weight_max, together(weight_of(match, settings) for _, match in found)),
        message=(
            f"{where} shows the known fake “{best.name}” ({best.how}): {best.marks} places agree, "
            f"{best.share:.0%} of those that could; probability {best.score:.2f}.{more}"
        ),
        message_zh=(
            f"{where_zh}与已知假货图片“{best.name}”相同：{best.marks} 处特征吻合（占可比特征的 {best.share:.0%}），"
            f"概率 {best.score:.2f}。"
        ),
        brand_ids=tuple(dict.fromkeys(match.brand_id for _, match in found if match.brand_id)),
        values={"pictures": [_shown(facts, number, match) for number, match in found[:_TOLD_MAX]]},
        related=tuple(dict.fromkeys(Related("picture", each.name, "reference") for each in named))[:_NAMED_MAX],
    )


def _fakes(seen: Seen) -> list[Resembled]:
    """The known fakes that it shows, surest first, unless it is a brand's own picture as surely as the first."""
    fakes = [one for one in seen.resembles if one.role == "fake"]
    own = next((one for one in seen.resembles if one.role == "genuine"), None)
    return [] if fakes and own is not None and own.score >= fakes[0].score else fakes


def _shown(facts: PictureFacts, number: int, match: Resembled) -> dict[str, object]:
    return {
        "number": number, "path": facts.seen[number - 1].path, "reference": match.name, "content": match.content,
        "probability": match.score, "marks": match.marks, "share": match.share, "how": match.how,
    }  # fmt: skip


def _resembles(role: str, score: float = 0.99) -> Resembled:
    return Resembled(
        role="fake" if role == "fake" else "genuine", name=f"{role}-7", content="0" * 64, brand_id="nike", score=score,
        marks=41, share=0.83, how="mirrored, cropped to about 60 % of its area",
    )  # fmt: skip


DETECTOR = PictureDetector(
    code=CODE,
    name="picture of a known fake",
    version="1",
    about="A picture that fakes were sold with before: cut, mirrored, turned, framed, written over.",
    settings=Settings(),
    hits=(
        Example(
            title="running shoes; one picture shows a known fake, mirrored and cropped",
            listing=example("running shoes", 199),
            seen=(Seen(path="a.jpg", content="1" * 64, marks=90, resembles=(_resembles("fake"),)),),
        ),
        Example(
            title="a known fake on which words were put, seen less surely",
            listing=example("running shoes", 199),
            seen=(
                Seen(path="a.jpg", content="1" * 64, marks=90),
                Seen(path="b.jpg", content="2" * 64, marks=30, resembles=(_resembles("fake", 0.55),)),
            ),
        ),
    ),
    misses=(
        Example(
            title="pictures that nobody knows",
            listing=example("running shoes", 199),
            seen=(Seen(path="a.jpg", content="1" * 64, marks=90),),
        ),
        Example(
            title="a brand's own picture, which a fake was sold with, too",
            listing=example("running shoes", 199),
            seen=(
                Seen(path="a.jpg", content="1" * 64, marks=90, resembles=(_resembles("genuine"), _resembles("fake"))),
            ),
        ),
        Example(
            title="a picture that could not be looked at",
            listing=example("running shoes", 199),
            seen=(Seen(path="a.jpg", skipped="missing"),),
        ),
    ),
    inspect=inspect,
)
