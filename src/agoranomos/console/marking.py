"""The seller's own words with marks where detectors say what they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agoranomos.goods.listings.highlight import Piece, Words, pieces
from agoranomos.kernel.findings import Finding

_FIELDS = ("title", "description", "brand")


class _Quote(msgspec.Struct):
    field: str
    start: int
    end: int
    text: str
    reads: str = ""


def marked(said: Mapping[str, Any], found: Sequence[Finding]) -> dict[str, list[Piece]]:
    """Fields of a listing in pieces, those of which a finding quotes something. A quote of an earlier text marks
    nothing, nor does what is none.
    """
    quotes = [
        quote for each in found for reason in each.reasons for raw in _listed(reason.evidence.get("quotes"))
        if (quote := _quote(raw)) is not None
    ]  # fmt: skip
    shown: dict[str, list[Piece]] = {}
    for name in _FIELDS:
        text = said.get(name)
        spans = [Words(each.start, each.end, each.text, each.reads) for each in quotes if each.field == name]
        if isinstance(text, str) and spans:
            shown[name] = pieces(text, spans)
    return shown


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _quote(raw: Any) -> _Quote | None:
    try:
        return msgspec.convert(raw, _Quote)
    except msgspec.ValidationError:
        return None
