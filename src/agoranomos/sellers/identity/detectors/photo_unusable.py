"""A photo that cannot be read, or on which nothing can be recognised; and one that nobody looked at, which is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from agoranomos.engine.pictures.bounds import REASONS
from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.photos.model import ROLES, Photo, Role
from agoranomos.sellers.identity.signs import IdentityDetector, Sign, example

CODE = "sellers.photo_unusable"
_NAMES: Final[dict[Role, tuple[str, str]]] = {
    "id_photo": ("photo of the document", "证件照片"),
    "holding_photo": ("photo of the applicant holding the document", "手持证件照片"),
    "face_photo": ("photo of the face", "人脸照片"),
}
_WAYS: Final = {
    "not_seen": ("was not looked at: it does not lie where photos are read here", "未被查看：不在本系统可读取的位置"),
    "unreadable": ("cannot be read ({why})", "无法读取（{why}）"),
    "small": ("is too small for its print to be read", "尺寸过小，文字无法辨认"),
    "blurred": ("is out of focus", "模糊不清"),
    "dark": ("is too dark", "过暗"),
    "bright": ("is burnt out by light", "曝光过度"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`unreadable` and `poor`: weights. `side_min` in pixels; `sharpness_min`: variance of the Laplacian;
    `dark_max`, `bright_max`: shares of the area that may be black or burnt out.
    """

    unreadable: float = 1.0
    poor: float = 0.6
    side_min: int = 320
    sharpness_min: float = 30.0
    dark_max: float = 0.6
    bright_max: float = 0.6


def inspect(facts: ApplicationFacts, settings: Settings) -> Iterable[Sign]:
    """One sign for each photo that cannot be used."""
    for role in ROLES:
        photo = facts.seen.photo(role)
        for way in _ways(photo, settings):
            english, chinese = _NAMES[role]
            said, said_zh = _WAYS[way]
            weight = {"not_seen": 0.0, "unreadable": settings.unreadable}.get(way, settings.poor)
            why = REASONS.get(photo.why, "it is not where it was said to be")
            yield Sign(
                code=CODE,
                way=way,
                weight=weight,
                message=f"The {english} {said.format(why=why)}.",
                message_zh=f"{chinese}{said_zh.format(why=photo.why)}。",
                tell=_tell(role, way),
                values={"role": role, "why": photo.why, "sharpness": photo.sharpness, "side": photo.side_min},
            )
            break


def _tell(role: Role, way: str) -> str:
    return "" if way == "not_seen" else f"{role}_unreadable" if way == "unreadable" else f"{role}_poor"


def _ways(photo: Photo, settings: Settings) -> Iterator[str]:
    if photo.state in {"not_looked_at", "hash_only"}:
        yield "not_seen"
    if photo.state == "unread":
        yield "unreadable"
    if photo.state == "read":
        if photo.side_min < settings.side_min:
            yield "small"
        if photo.dark > settings.dark_max:
            yield "dark"
        if photo.bright > settings.bright_max:
            yield "bright"
        if photo.sharpness < settings.sharpness_min:
            yield "blurred"


_GOOD = Photo(state="read", side_min=800, sharpness=200.0, content="c1", print="0f" * 72, phash="00" * 8)

DETECTOR = IdentityDetector(
    code=CODE,
    name="a photo of no use",
    version="1",
    about="A photo that cannot be read, or is too small, blurred, dark or bright to show anybody or anything.",
    settings=Settings(),
    hits=(
        example(photos={"id_photo": Photo(state="unread", why="broken")}),
        example(photos={"face_photo": msgspec.structs.replace(_GOOD, sharpness=8.0)}),
        example(photos={"holding_photo": msgspec.structs.replace(_GOOD, dark=0.9)}),
        example(photos={"id_photo": msgspec.structs.replace(_GOOD, side_min=120)}),
        example(photos={"id_photo": Photo(state="not_looked_at", why="url")}),
    ),
    misses=(
        example(),
        example(photos={"id_photo": _GOOD, "holding_photo": _GOOD}),
    ),
    inspect=inspect,
)
