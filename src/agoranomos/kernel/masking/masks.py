"""The text without personal data: as a whole, or with so much left that people can tell one from another."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from agoranomos.kernel.masking.folding import folded
from agoranomos.kernel.masking.numbers import numbers
from agoranomos.kernel.masking.words import words

KINDS: Final = ("phone", "id_number", "bank_account", "passport", "email", "account", "name", "address")
MASK: Final = "[…]"
TEXT_MAX: Final = 100_000
"""Characters that are looked at; of a longer text the rest is not shown at all."""
_LIKELY: Final = re.compile(
    r"\d(?:[^0-9\n]{0,4}\d){4}|@|\(at\)|\[at\]|[^\x00-\x7f]|\b(?:Mr|Mrs|Ms|Miss|Dr)\b|name|contact|recipient"
    r"|wechat|wx|vx|qq|whatsapp|telegram|passport",
    re.IGNORECASE,
)
"""What every text with something to mask has; most lines of a log have nothing of it."""


class Span(NamedTuple):
    """Personal data of a kind in a text, from `start` to before `end`, in characters."""

    start: int
    end: int
    kind: str


def spans(text: str) -> list[Span]:
    """Where personal data stands in `text`, from left to right; what overlaps is one, of the kind of the longest."""
    if not _LIKELY.search(text):
        return []
    plain = folded(text[:TEXT_MAX])
    joined: list[Span] = []
    for start, end, kind in sorted([*numbers(plain), *words(plain)], key=lambda found: (found[0], -found[1])):
        if joined and start < joined[-1].end:
            last = joined[-1]
            longest = kind if end - start > last.end - last.start else last.kind
            joined[-1] = Span(last.start, max(end, last.end), longest)
        else:
            joined.append(Span(start, end, kind))
    return joined


def masked(text: str, show: Callable[[str, str], str] = lambda _, __: MASK) -> str:
    """`text` with `show(kind, value)` in the place of each value, by default nothing of it."""
    parts: list[str] = []
    at = 0
    for start, end, kind in spans(text):
        parts += (text[at:start], show(kind, text[start:end]))
        at = end
    parts.append(text[at:TEXT_MAX])
    return "".join(parts) + (MASK if len(text) > TEXT_MAX else "")


def labelled(kind: str, _: str) -> str:
    """What stood there, and nothing of it: `[phone]`."""
    return f"[{kind}]"


def partly(kind: str, value: str) -> str:
    """So much of `value` as people know it by: the last four of a number, the domain of an address, a family name."""
    plain = folded(value)
    digits = re.sub(r"[^0-9Xx]", "", plain)
    if kind == "phone":
        local = digits[-11:]
        return f"{local[:3]}****{local[-4:]}" if len(local) == 11 else f"****{local[-2:]}"
    if kind in ("bank_account", "id_number"):
        return f"****{digits[-4:]}"
    if kind == "email":
        name, _, domain = plain.partition("@")
        return f"{name[:1]}***@{domain}" if domain else MASK
    if kind == "name":
        return value[0] + "*" * max(1, len(value) - 1) if not value.isascii() else f"{value[0]}."
    return MASK
