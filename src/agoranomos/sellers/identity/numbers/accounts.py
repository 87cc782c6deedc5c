"""Bank accounts: cards (ISO/IEC 7812), international numbers (ISO 13616), and whatever else a firm's bank gives out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from agoranomos.sellers.identity.numbers import checks
from agoranomos.sellers.identity.numbers.writing import digits

_CARD: Final = range(12, 20)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card scheme: ranges of first digits, and how long its numbers are."""

    prefixes: tuple[tuple[str, str], ...]
    lengths: tuple[int, ...]


class Issuers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Card schemes, and the first digits that large banks of China are known to use."""

    schemes: Mapping[str, Scheme]
    banks: Mapping[str, tuple[str, ...]]


class ReadAccount(msgspec.Struct, frozen=True):
    """What an account number says. `wrong`: codes; `scheme` and `bank` where its first digits tell."""

    kind: str
    wrong: tuple[str, ...]
    scheme: str | None = None
    bank: str | None = None


def read(number: str, *, firm: bool) -> ReadAccount:
    """The number, in plain capitals. A firm's account is its bank's own number, in which nothing can be checked unless
    it is a card's. Never raises.
    """
    if _IBAN.fullmatch(number):
        return ReadAccount("iban", () if checks.iban(number) else ("check",))
    if not digits(number):
        return ReadAccount("unknown", ("characters",) if not number.isalnum() or not number.isascii() else ())
    scheme = _scheme_of(number)
    bank = _bank_of(number)
    fits = scheme is not None and len(number) in issuers().schemes[scheme].lengths
    if firm and not (fits and checks.luhn(number)):
        return ReadAccount("account", (), bank=bank)
    if len(number) not in _CARD:
        return ReadAccount("account", ("length",), bank=bank)
    wrong = [] if checks.luhn(number) else ["check"]
    if scheme is None:
        wrong.append("scheme_unknown")
    elif not fits:
        wrong.append("length")
    return ReadAccount("card", tuple(wrong), scheme, bank)


def _scheme_of(number: str) -> str | None:
    for name, scheme in issuers().schemes.items():
        for first, last in scheme.prefixes:
            if first <= number[: len(first)] <= last:
                return name
    return None


def _bank_of(number: str) -> str | None:
    return next((name for name, prefixes in issuers().banks.items() if number.startswith(prefixes)), None)


@cache
def issuers() -> Issuers:
    """What is known of first digits: `data/issuers.toml`."""
    raw = (resources.files("agoranomos.sellers.identity") / "data" / "issuers.toml").read_bytes()
    return msgspec.convert(tomllib.loads(raw.decode()), Issuers)
