"""What detectors may see of an application: what was seen of it, where its photos were met before, and who vouches."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from agoranomos.sellers.identity.photos.model import Role
from agoranomos.sellers.identity.seen import Seen

Answer = Literal["same", "different", "unsure", "not_checked", "failed"]


class Verdict(msgspec.Struct, frozen=True):
    """Whether the person in the photos is the person on the card, as `provider` says; `score` its own, if it gives one.

    `not_checked`: nobody was asked; `failed`: somebody was, and did not answer.
    """

    answer: Answer = "not_checked"
    provider: str = ""
    score: float | None = None
    reference: str = ""


class Used(msgspec.Struct, frozen=True):
    """A photo of this application that stands in another one, of somebody else: another seller, under another name or
    number.

    `identical`: to the byte; `bits`: in which its prints differ (0 for what is known by `phash` alone, `by_hash`).
    """

    role: Role
    application_id: str
    seller_id: str
    other_role: Role
    identical: bool = False
    bits: int = 0
    by_hash: bool = False


class ApplicationFacts(msgspec.Struct, frozen=True):
    """One application; `used` in the order of closeness."""

    seen: Seen
    used: tuple[Used, ...] = ()
    verdict: Verdict = Verdict()


NOT_CHECKED: Final = Verdict()
