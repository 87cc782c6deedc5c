"""A photo that stands in the application of somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from agoranomos.sellers.identity.facts import ApplicationFacts, Used
from agoranomos.sellers.identity.signs import IdentityDetector, Sign, example

CODE = "sellers.document_reused"
_ROLES: Final = {
    "id_photo": ("photo of the document", "证件照片"),
    "holding_photo": ("photo of the applicant holding the document", "手持证件照片"),
    "face_photo": ("photo of the face", "人脸照片"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a photo weighs that is in another's application: `identical` to the byte, `near` when up to `bits_near` of
    576 bits of its print differ, `alike` when more do. `hash_card`, `hash_face`: where only a hash of 64 bits is known,
    which cards of one layout share. `business`: the share that counts for firms: one person may stand behind several.
    """

    identical: float = 5.6
    near: float = 5.0
    bits_near: int = 40
    alike: float = 4.2
    hash_card: float = 1.0
    hash_face: float = 3.6
    business: float = 0.3


def inspect(facts: ApplicationFacts, settings: Settings) -> Iterable[Sign]:
    """One sign for the closest photo of each role."""
    closest: dict[str, Used] = {}
    for used in facts.used:
        closest.setdefault(used.role, used)
    for role, used in closest.items():
        others = {each.seller_id for each in facts.used if each.role == role}
        english, chinese = _ROLES[role]
        weight = _weight(used, settings) * (settings.business if facts.seen.id_kind == "business" else 1.0)
        how, how_zh = _how(used)
        yield Sign(
            code=CODE,
            way="identical" if used.identical else "hash" if used.by_hash else "alike",
            weight=weight,
            message=f"The {english} {how} in the application of somebody else, under another name or number"
            + (f", and of {len(others) - 1} more." if len(others) > 1 else "."),
            message_zh=f"{chinese}{how_zh}另一申请人（姓名或号码不同）"
            + (f"等 {len(others)} 人的申请中。" if len(others) > 1 else "的申请中。"),
            values={"role": role, "bits": used.bits, "sellers": len(others), "application_id": used.application_id},
        )


def _weight(used: Used, settings: Settings) -> float:
    if used.by_hash:
        return settings.hash_face if used.role == "face_photo" else settings.hash_card
    if used.identical:
        return settings.identical
    return settings.near if used.bits <= settings.bits_near else settings.alike


def _how(used: Used) -> tuple[str, str]:
    if used.by_hash:
        return "has the same hash as one", "的哈希值出现在"
    return (
        ("is, byte for byte, the one", "逐字节相同地出现在")
        if used.identical
        else ("is the same picture as one", "的同一画面出现在")
    )


def _used(**given: object) -> tuple[Used, ...]:
    raw = {"role": "id_photo", "application_id": "a0", "seller_id": "s0", "other_role": "id_photo", **given}
    return (msgspec.convert(raw, Used),)


DETECTOR = IdentityDetector(
    code=CODE,
    name="a photo of somebody else's application",
    version="1",
    about="A photo of a document or face that stands in an application under another name and number.",
    settings=Settings(),
    hits=(
        example(used=_used(identical=True)),
        example(used=_used(bits=12)),
        example(used=_used(bits=64, role="face_photo")),
        example(used=_used(by_hash=True)),
    ),
    misses=(example(),),
    inspect=inspect,
)
