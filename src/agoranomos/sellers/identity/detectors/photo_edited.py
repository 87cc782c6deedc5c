"""Weak signs that the photo of a document was put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.photos.model import ROLES, Photo, Role
from agoranomos.sellers.identity.signs import IdentityDetector, Sign, example

CODE = "sellers.photo_edited"
_NAMES: Final[dict[Role, tuple[str, str]]] = {
    "id_photo": ("photo of the document", "证件照片"),
    "holding_photo": ("photo of the applicant holding the document", "手持证件照片"),
    "face_photo": ("photo of the face", "人脸照片"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`levels_min`: how far, in spreads, a part stands out in its answer to compression; `copied_min`: the share of the
    area that stands in the picture twice. `levels`, `copied`: what they weigh; both are weak by nature.
    """

    levels_min: float = 10.0
    copied_min: float = 0.003
    levels: float = 0.7
    copied: float = 0.8


def inspect(facts: ApplicationFacts, settings: Settings) -> Iterable[Sign]:
    """One sign for each kind of trace, at the photo where it is strongest."""
    photos = [(role, facts.seen.photo(role)) for role in ROLES]
    role, photo = max(photos, key=lambda each: each[1].levels)
    if photo.levels >= settings.levels_min:
        yield _sign(
            "levels", settings.levels, role,
            "Weak: a part of the {name} answers to compression unlike the rest, as after pasting; captions and screens "
            "do the same.",
            "弱线索：{name}的局部压缩特征与其余部分不同，可能经过拼接；文字水印、翻拍屏幕也会如此。",
            photo,
        )  # fmt: skip
    role, photo = max(photos, key=lambda each: each[1].copied)
    if photo.copied >= settings.copied_min:
        yield _sign(
            "copied", settings.copied, role,
            "Weak: a part of the {name} stands in it twice, as after cloning; printed patterns do the same.",
            "弱线索：{name}中有重复出现的局部，可能经过复制粘贴；印刷花纹也会如此。",
            photo,
        )  # fmt: skip


def _sign(way: str, weight: float, role: Role, message: str, message_zh: str, photo: Photo) -> Sign:
    english, chinese = _NAMES[role]
    return Sign(
        code=CODE, way=way, weight=weight, message=message.format(name=english),
        message_zh=message_zh.format(name=chinese),
        values={"role": role, "levels": photo.levels, "copied": photo.copied},
    )  # fmt: skip


_GOOD = Photo(state="read", side_min=800, sharpness=200.0, levels=2.0, content="c1", print="0f" * 72, phash="00" * 8)

DETECTOR = IdentityDetector(
    code=CODE,
    name="weak traces of editing",
    version="1",
    about="A photo in which a part answers to compression unlike the rest, or stands twice.",
    settings=Settings(),
    hits=(
        example(photos={"id_photo": msgspec.structs.replace(_GOOD, levels=17.0)}),
        example(photos={"id_photo": msgspec.structs.replace(_GOOD, copied=0.03)}),
    ),
    misses=(example(), example(photos={"id_photo": _GOOD})),
    inspect=inspect,
)
