"""What stands in for a value: the same token for the same value, however it is spelt, and no way back without a key."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import msgspec

from agoranomos.vault.keys import KeyRing

Kind = Literal[
    "name", "id_number", "birth_date", "phone", "email", "bank_account", "licence_number", "address", "photo"
]  # fmt: skip
PREFIXES: Final[dict[Kind, str]] = {
    "name": "nam",
    "id_number": "idn",
    "birth_date": "dob",
    "phone": "pho",
    "email": "eml",
    "bank_account": "bnk",
    "licence_number": "lic",
    "address": "adr",
    "photo": "pic",
}
KeptFor = Literal["identification", "contact", "payment"]
KEPT_FOR: Final[dict[Kind, KeptFor]] = {
    "name": "identification",
    "id_number": "identification",
    "birth_date": "identification",
    "phone": "contact",
    "email": "contact",
    "bank_account": "payment",
    "licence_number": "identification",
    "address": "contact",
    "photo": "identification",
}
"""What a value is kept for; nobody reads it for something else (Personal Information Protection Law, article 6)."""
_KINDS: Final = {prefix: kind for kind, prefix in PREFIXES.items()}
_DIGEST_BYTES: Final = 20
"""160 bits: two of a billion values meet with a probability below 1e-30."""
_NUMBERS: Final = frozenset(("id_number", "bank_account", "licence_number"))
_NOT_IN_NUMBERS = re.compile(r"[\W_]+")
_CHINA = re.compile(r"^(?:\+|00)86(?=1\d{10}$)")


class Personal(msgspec.Struct, frozen=True):
    """A value to be put away under its `token`; `subject` is whom it is about, such as `seller:s-1`."""

    token: str
    subject: str
    value: str


def token_of(keys: KeyRing, kind: Kind, value: str) -> str:
    """The token of `value`: a blind index (HMAC-SHA256) over its kind and normalised form."""
    message = f"{kind}\0{normalised(kind, value)}".encode("utf-8", "surrogatepass")
    return f"{PREFIXES[kind]}_{keys.digest(message)[:_DIGEST_BYTES].hex()}"


def kind_of(token: str) -> Kind:
    """What the value behind `token` is; a token shows that. Raises KeyError for what is no token."""
    return _KINDS[token.partition("_")[0]]


def normalised(kind: Kind, value: str) -> str:
    """`value` without what people write differently: width, case, spaces, and the signs within numbers."""
    plain = unicodedata.normalize("NFKC", value).casefold().strip()
    if kind == "photo":
        return value.strip()  # a path or an address, in which case counts
    if kind == "phone":
        return _CHINA.sub("", re.sub(r"[^\d+]", "", plain))
    if kind in _NUMBERS:
        return _NOT_IN_NUMBERS.sub("", plain)
    if kind == "address":
        return re.sub(r"[\s,，.。·#-]+", "", plain)
    return " ".join(plain.split())
