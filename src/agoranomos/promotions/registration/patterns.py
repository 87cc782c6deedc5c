"""How a name is made: what a program counts up looks alike when the numbers are taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

NAMED: Final = ("email", "user_name", "username", "nickname", "name")
"""Fields beyond the contract's in which marketplaces tell how an account calls itself, the first first."""
_DIGITS: Final = re.compile(r"\d+")
_DIGITS_MIN: Final = 2
_STEM_MIN: Final = 3


def pattern_of(data: Mapping[str, Any]) -> str:
    """The name of an account with its numbers taken out, such as `lucky##@mail.example`; "" when it has none, or when
    what is left is too short to say anything. Tags behind a plus sign and dots of mailboxes are taken out as well.
    """
    for field in NAMED:
        value = data.get(field)
        if isinstance(value, str) and value:
            return _pattern(value.casefold())
    return ""


def _pattern(name: str) -> str:
    local, at, domain = name.partition("@")
    if at:
        local, plus, tag = local.partition("+")
        if plus and tag:
            return f"{local.replace('.', '')}+#@{domain}"  # one mailbox, however many tags
        local = local.replace(".", "")
    stem, numbers = _DIGITS.subn("#", local)
    digits = sum(character.isdecimal() for character in local)
    if not numbers or digits < _DIGITS_MIN or len(stem.replace("#", "")) < _STEM_MIN:
        return ""
    return f"{stem}@{domain}" if at else stem
