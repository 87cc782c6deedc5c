"""What is kept of a photo: how good it is, and prints by which the same picture is known again; nothing to look at."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Role = Literal["id_photo", "holding_photo", "face_photo"]
ROLES: Final[tuple[Role, ...]] = ("id_photo", "holding_photo", "face_photo")
State = Literal["missing", "not_looked_at", "hash_only", "unread", "read"]


class Photo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One photo. `why` it was not read: a code of `engine.pictures.bounds.REASONS`, or `no_root`, `url`, `outside`,
    `not_there`. `side_min` in pixels; `sharpness` is the variance of the Laplacian at a fixed size, `dark` and `bright`
    are shares of the area; `levels` and `copied` are the weak signs of editing of `editing`. `content` is a keyed hash
    of the bytes, `print` 144 and `phash` 16 hex digits.
    """

    state: State
    why: str = ""
    side_min: int = 0
    sharpness: float = 0.0
    dark: float = 0.0
    bright: float = 0.0
    levels: float = 0.0
    copied: float = 0.0
    content: str = ""
    print: str = ""
    phash: str = ""


def bits_between(one: str, other: str) -> int:
    """How many bits two prints of one length, in hex, differ in."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
