"""Numbers of firms: unified social credit codes (GB 32100-2015) and the fifteen digits that they replaced in 2015."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from agoranomos.sellers.identity.numbers import areas, checks
from agoranomos.sellers.identity.numbers.writing import digits

_CODE: Final = re.compile(rf"[{checks.CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{checks.CREDIT_ALPHABET}]{{10}}")
_REGISTERED_BY: Final = frozenset("123456789ANY")
"""First characters in use, by the office that registers: 1 for bodies of the state up to 9 for market regulation."""
TRADER: Final = ("92", "93")
"""Sole traders and farmers' co-operatives: called after people or places as often as like firms."""


class ReadCode(msgspec.Struct, frozen=True):
    """What a firm's number says. `wrong`: codes; `province` of its registration; `trader`: one person, or a village."""

    kind: str
    wrong: tuple[str, ...]
    province: str | None = None
    trader: bool = False


def read(code: str) -> ReadCode | None:
    """The number, in plain capitals; None for what has the form of neither. Never raises."""
    if len(code) == 15 and digits(code):
        wrong = [] if checks.registration(code) else ["check"]
        return ReadCode("registration", (*wrong, "old_form"), _province(code[:2]))
    if not _CODE.fullmatch(code):
        return None
    wrong = [] if checks.credit_code(code) else ["check"]
    if not _organisation_fits(code[8:17]):
        wrong.append("organisation_check")
    if code[0] not in _REGISTERED_BY:
        wrong.append("office_unknown")
    if code[2:4] not in areas.PROVINCES and code[2:8] != "100000":  # the latter: registered with the central office
        wrong.append("province_unknown")
    return ReadCode("credit_code", tuple(wrong), _province(code[2:4]), code[:2] in TRADER)


def _organisation_fits(code: str) -> bool:
    return (digits(code[8]) or code[8] == "X") and checks.organisation(code)


def _province(code: str) -> str | None:
    return code if code in areas.PROVINCES else None
