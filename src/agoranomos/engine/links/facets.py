"""What of an application is compared with others: its facets, as plain texts under the names of `slots`.

Whoever keeps them keeps digests with a key (`docs/decisions/0024`): equal facets have equal digests, and that is all
that the comparison needs. So a facet is cut to what two applications of one person share although they are written
differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from agoranomos.engine.links.addresses import address_of
from agoranomos.engine.links.names import name_of
from agoranomos.engine.links.numbers import parts_of

PARTS: Final = ("area", "year", "day", "serial", "surname")
"""What an identity is made of; kept in pairs only, since one part alone could be guessed by how common it is."""
PAIRS: Final = tuple(f"{one}_{other}" for one, other in combinations(PARTS, 2))
PHOTOS: Final = ("face_photo", "id_photo", "holding_photo")
_CHINA: Final = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
_MAILBOX_MIN: Final = 6
"""A shorter word before the @ is anybody's."""
_PHASH: Final = "phash:"


def facets_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Slot → plain text, for what `data` (that of `seller.applied`, in the clear) holds. Photos are not among them."""
    name = name_of(_text(data, "legal_name"))
    parts = parts_of(_text(data, "id_number"), _text(data, "birth_date"))
    address = address_of(_text(data, "address"))
    values = dict(zip(PARTS, (parts.area, parts.year, parts.day, parts.serial, name.surname), strict=True))
    found = {
        "number": parts.whole,
        "name": name.folded,
        "sound": name.sound,
        "turned": name.turned,
        "phone": _phone(_text(data, "phone")),
        "bank": _signs(_text(data, "bank_account")),
        "mailbox": _mailbox(_text(data, "email")),
        "licence": _signs(_text(data, "licence_number")),
        "site": f"{address.city} {address.site}" if address.site else "",
        "room": address.room,
        "room_in_city": f"{address.city} {address.room}" if address.city and address.room else "",
    }
    for pair, (one, other) in zip(PAIRS, combinations(PARTS, 2), strict=True):
        found[pair] = f"{values[one]} {values[other]}" if values[one] and values[other] else ""
    return {slot: text for slot, text in found.items() if text}


def phash_of(photo: str) -> int | None:
    """The 64 bits of a photo that is given as `phash:` with 16 hex digits; None for a path or an address."""
    return int(photo.removeprefix(_PHASH), 16) if photo.startswith(_PHASH) else None


def words_of(text: str, least: int) -> str:
    """A text of a listing as it is compared: letters and digits alone; "" when fewer than `least`."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()
    return plain if len(plain) >= least else ""


def _text(data: Mapping[str, Any], field: str) -> str:
    return data.get(field) or ""


def _signs(number: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", number)).casefold()


def _phone(number: str) -> str:
    return _CHINA.sub("", re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", number))).lstrip("+")


def _mailbox(email: str) -> str:
    """What stands before the @, without what mail services ignore: people keep it when they change the service."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().strip().partition("@")
    word = re.sub(r"[\W_]+", "", local.partition("+")[0])
    return word if len(word) >= _MAILBOX_MIN else f"{word}@{domain}" if word and domain else ""
