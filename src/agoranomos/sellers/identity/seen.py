"""What may be known of an application ever after: verdicts and prints, made where its numbers can be read.

This is what stands in the event log beside the tokens, and all that detectors see. No part of it gives a number, a
name, a date or a face back: a number is shown by its first and last character.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from agoranomos.sellers.identity.photos.model import Photo, Role

VERSION: Final = "1"
"""Of what is looked at; raise it when verdicts may change."""
ROOM: Final = "identity"
"""Under which name the notes stand: see `intake.noting`."""


class Seen(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Codes of what is wrong or odd, by what they are about; empty where nothing is.

    `number_kind`: what the number is by its form (see `numbers`), `other` when it has the form of none; `number_mask`
    its first and last character. `agreement` is between what was typed in different fields. `card_differs`: in how many
    characters a number read from the card differs from the one typed.
    """

    version: str = VERSION
    id_kind: str
    number_kind: str
    number_mask: str = ""
    number: tuple[str, ...] = ()
    agreement: tuple[str, ...] = ()
    licence_kind: str = ""
    licence: tuple[str, ...] = ()
    account_kind: str = ""
    account: tuple[str, ...] = ()
    account_bank: str = ""
    mrz: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    card_differs: int = 0
    photos: Mapping[Role, Photo] = {}

    def photo(self, role: Role) -> Photo:
        """The photo in `role`; one that is missing where there is none."""
        return self.photos.get(role, _MISSING)


_MISSING: Final = Photo(state="missing")


def masked(number: str) -> str:
    """The first and the last character, with a star for each between; stars alone for what is shorter than four."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 3 else "*" * len(number)
