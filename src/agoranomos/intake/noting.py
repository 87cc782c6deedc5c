"""What a desk keeps of personal data at the only place where it is to be seen: before tokens take its place.

A *noting* looks at the plain event and says what may be known of it ever after: a verdict (the check digit is wrong), a
keyed hash (`KeyRing.digest`) by which two people can be compared, a measure of a photo. Never the data, or what gives
them back. Its notes travel with the event, in the log and in a replay alike, as the extension `agoranotes` of the
envelope; what a sender writes there is thrown away. They are made before the transaction that takes the event in, so
that looking at a photo holds up nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from agoranomos.intake.personal import veiled
from agoranomos.kernel.events import Event
from agoranomos.vault.keys import KeyRing

NOTES: Final = "agoranotes"
"""The extension of the envelope: room → what it noted."""

Noting = Callable[[KeyRing, Event], Mapping[str, Any]]
"""What a room notes of a plain event; JSON values. Never fails: what it cannot read, it says so."""
Notings = Mapping[str, Mapping[str, Noting]]
"""Type of event → room → noting."""
NOTHING: Final[Notings] = MappingProxyType({})


def noted(notings: Notings, keys: KeyRing, event: Event) -> Event:
    """`event`, still plain, with the notes of its rooms."""
    rooms = notings.get(event.type)
    if not rooms and NOTES not in event.extensions:
        return event
    extensions = {name: value for name, value in event.extensions.items() if name != NOTES}
    if rooms:
        extensions[NOTES] = {room: dict(note(keys, event)) for room, note in rooms.items()}
    return msgspec.structs.replace(event, extensions=extensions)


def noted_and_veiled(notings: Notings, keys: KeyRing, event: Event) -> Event:
    """`event` as desks see it in a replay: what the log would hold, had it been taken in."""
    return veiled(keys, noted(notings, keys, event))


def notes_of(event: Event, room: str) -> Mapping[str, Any]:
    """What `room` noted when `event` came in; empty when it did not exist then."""
    notes: Mapping[str, Any] = event.extensions.get(NOTES, {}).get(room, {})
    return notes
