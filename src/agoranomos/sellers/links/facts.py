"""From events to what a seller's row says: his applications, the devices of his sessions, what he lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from agoranomos.engine.links.facets import words_of
from agoranomos.engine.links.slots import Row, digest, row_of
from agoranomos.kernel.events import Event
from agoranomos.kernel.networks import network_of
from agoranomos.sellers.links.noting import noted_slots

_TITLE_MIN: Final = 12
_TEXT_MIN: Final = 24
"""Shorter texts are written by many, each for himself."""


def applied(event: Event) -> Row:
    """The row of a `seller.applied`."""
    return row_of(noted_slots(event), seen(event.data))


def seen(data: Mapping[str, Any]) -> dict[str, list[int]]:
    """Device and network of an application or a session, as values of sets."""
    found: dict[str, list[int]] = {}
    if device := data.get("device_id"):
        found["device"] = [digest(f"device\0{device}")]
    if network := network_of(data.get("ip")):
        found["network"] = [digest(f"network\0{network}")]
    return found


def listed(data: Mapping[str, Any]) -> dict[str, list[int]]:
    """Pictures and texts of a listing, as values of sets."""
    texts = [words_of(data.get("title") or "", _TITLE_MIN), words_of(data.get("description") or "", _TEXT_MIN)]
    pictures: Iterable[str] = data.get("pictures") or ()
    return {
        "picture": [digest(f"picture\0{picture.strip()}") for picture in pictures],
        "text": [digest(f"text\0{text}") for text in texts if text],
    }
