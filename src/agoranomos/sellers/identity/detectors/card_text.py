"""What the photo of the card says, beside what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.signs import IdentityDetector, Means, Sign, Weights, example, signs

CODE = "sellers.card_text"
MEANS: Final[Mapping[str, Means]] = {
    "number_differs": Means(
        4.4,
        "On the photo of the card stands another number, whose check character fits; it differs from {mask} in "
        "{differs} characters.",
        "证件照片上是另一个校验无误的号码，与 {mask} 有 {differs} 位不同。",
        "number_on_card",
    ),
    "number_agrees": Means(
        -1.6, "The number on the photo of the card is the one that was typed.", "证件照片上的号码与填写的一致。"
    ),
    "name_agrees": Means(
        -0.6, "The name on the photo of the card is the one that was typed.", "证件照片上的姓名与填写的一致。"
    ),
    "name_missing": Means(
        0.4,
        "The name that was typed was not found on the photo of the card. Next to nothing: names are often misread.",
        "证件照片上未读到所填姓名。几乎不说明问题：姓名常被误读。",
    ),
    "not_read": Means(
        0.0,
        "The text on the photo of the card was not read: there is no reader of text here, or it took too long.",
        "证件照片上的文字未被读取：未安装文字识别程序，或识别超时。",
    ),
    "sex_differs": Means(
        1.4,
        "The photo of the card says another sex than the number {mask}.",
        "证件照片上的性别与号码 {mask} 所示不同。",
        "number_on_card",
    ),
}


def inspect(facts: ApplicationFacts, settings: Weights) -> Iterable[Sign]:
    """One sign for each thing that was read."""
    seen = facts.seen
    yield from signs(CODE, seen.card, MEANS, settings.weights, mask=seen.number_mask, differs=seen.card_differs)


DETECTOR = IdentityDetector(
    code=CODE,
    name="what the card says",
    version="1",
    about="Whether the number, name and sex on the photo of the card are those that were typed.",
    settings=Weights(),
    hits=(
        example(text="姓名 李伟\n性别 男 民族 汉\n公民身份号码 330106199003072212"),
        example(text="姓名 王芳\n公民身份号码 33O1O6 199OO3O7 4138"),
        example(text="姓名 某某\n性别 女\n住址 杭州市"),
    ),
    misses=(example(), example(text="公民身份号码 330106199003"), example(text="")),
    inspect=inspect,
)
