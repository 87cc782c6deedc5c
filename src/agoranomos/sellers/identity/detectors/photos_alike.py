"""One picture where three were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import msgspec

from agoranomos.sellers.identity.facts import ApplicationFacts
from agoranomos.sellers.identity.photos.matching import same_photo
from agoranomos.sellers.identity.photos.model import ROLES, Photo
from agoranomos.sellers.identity.signs import IdentityDetector, Sign, example

CODE = "sellers.photos_alike"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`weight`: of one picture in two roles."""

    weight: float = 2.6


def inspect(facts: ApplicationFacts, settings: Settings) -> Iterable[Sign]:
    """One sign for the first two roles that hold one picture."""
    for one, other in combinations(ROLES, 2):
        if same_photo(facts.seen.photo(one), facts.seen.photo(other)):
            yield Sign(
                code=CODE,
                way="same",
                weight=settings.weight,
                message="One and the same picture was handed in for two of the photos that were asked for.",
                message_zh="要求的多张照片中，有两张是同一张图片。",
                tell="photos_alike",
                values={"roles": [one, other]},
            )
            return


_CARD = Photo(state="read", side_min=800, sharpness=200.0, content="c1", print="0f" * 72, phash="00" * 8)
_OTHER = msgspec.structs.replace(_CARD, content="c2", print="3c" * 72, phash="f0" * 8)

DETECTOR = IdentityDetector(
    code=CODE,
    name="one picture in two roles",
    version="1",
    about="One picture handed in as the photo of the document, of the applicant holding it, or of the face at once.",
    settings=Settings(),
    hits=(
        example(photos={"id_photo": _CARD, "face_photo": _CARD}),
        example(photos={"id_photo": _OTHER, "holding_photo": _CARD, "face_photo": _CARD}),
    ),
    misses=(example(), example(photos={"id_photo": _CARD, "holding_photo": _OTHER})),
    inspect=inspect,
)
