"""What is known of pictures, and what was seen in one."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.engine.pictures.bounds import REASONS

Role = Literal["fake", "genuine"]
ROLES: Final[tuple[Role, ...]] = ("fake", "genuine")

SKIPPED: Final = {
    **REASONS,
    "missing": "no such file under the pictures' root",
    "outside_root": "a path that leads out of the pictures' root",
    "not_at_hand": "an address on the net, which is never fetched",
    "hash_only": "a hash instead of a picture",
    "out_of_time": "no time was left for it",
}
"""Why a picture of a listing was not looked at; the codes are stable."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A known picture. `content` is the SHA-256 of its file (64 hex digits), `name` the file's name without its
    ending, `source` says where it came from, `number` grows with each that is added."""

    role: Role
    content: str
    name: str
    brand_id: str | None = None
    source: str = ""
    number: int = 0
    added_at: datetime | None = None

    @property
    def key(self) -> str:
        """Its name in the index."""
        return f"{self.role}:{self.content}"


class Resembled(msgspec.Struct, frozen=True, kw_only=True):
    """A known picture that a picture shows. `score`: the probability that it does; `marks` of it were found in the
    right place, a `share` of those that could have been; `how` in words; see `engine.pictures.matching.Match`."""

    role: Role
    name: str
    content: str
    brand_id: str | None
    score: float
    marks: int
    share: float
    how: str


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Others that show the same picture: `owners` counts sellers (stores whose seller is not known count for
    themselves), the own one among them. `listings` and `stores` are the first few of the others; `ring_id` names all
    together; `score`: the least sure of the ties between copies of the picture; `exact`: all are the same file."""

    ring_id: str
    owners: int
    listings: tuple[str, ...]
    stores: tuple[str, ...]
    score: float
    exact: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one picture of a listing, `path` as the listing has it. `skipped`: why it was not looked at, one
    of SKIPPED; then all else is empty. `text`: words read in it, None when nobody read."""

    path: str
    content: str = ""
    skipped: str | None = None
    marks: int = 0
    resembles: tuple[Resembled, ...] = ()
    codes: tuple[Barcode, ...] = ()
    text: str | None = None
    elsewhere: Elsewhere | None = None
