"""What the bodies of events share: ids, moments, pictures, and rules over several fields.

A body is the typed form of an event's `data`. Field names, enums and what is required are those of the contract;
fields that it does not name are left alone and stay in `Event.data`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

ID = "id"
"""The mark by which `checking` finds the fields that hold ids."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, extra={ID: True})]
"""An opaque id: 1 to 128 printable characters."""

Text = Annotated[str, msgspec.Meta(min_length=1)]
"""Text that says nothing when it is empty."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with an offset."""

Count = Annotated[int, msgspec.Meta(ge=0)]
"""How many; whole and not below zero."""

Seconds = Annotated[float, msgspec.Meta(ge=0)]
"""A duration in seconds."""

Picture = Annotated[str, msgspec.Meta(min_length=1, pattern=r"^(?!phash:)|^phash:[0-9a-fA-F]{16}$")]
"""A path under the pictures' root, a URL, or `phash:` with the 16 hex digits of a perceptual hash."""


class Body(msgspec.Struct, frozen=True):
    """The data of an event; each of the groups of fields in `either` needs one that is given."""

    either: ClassVar[tuple[tuple[str, ...], ...]] = ()
