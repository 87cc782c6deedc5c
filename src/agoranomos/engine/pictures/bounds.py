"""What is looked at before a picture is touched: bounds, and the reasons for which one is skipped."""

from __future__ import annotations

from typing import Final

import msgspec

from agoranomos.engine.pictures.headers import Header, header

REASONS: Final = {
    "empty": "the file has no bytes",
    "too_many_bytes": "the file is larger than is read",
    "not_a_picture": "the beginning is that of no kind of picture",
    "kind_not_read": "a kind that is not read (SVG, HEIC, AVIF, TIFF, video, a web page)",
    "too_large": "more pixels than are decoded",
    "too_small": "a side of fewer than 16 pixels",
    "too_many_scans": "a JPEG in more passes than any camera or editor writes",
    "broken": "cut off or damaged",
    "unreadable": "the file could not be read from disk",
    "too_slow": "not done in the time that a picture may take",
    "crashed": "the process that read it died",
}
"""Why a picture is skipped; the codes are stable."""


class Limits(msgspec.Struct, frozen=True):
    """`bytes_max` of a file; `jpeg_pixels_max` of a JPEG, which is decoded small; `pixels_max` of other kinds, which
    are decoded whole; `scans_max` of a progressive JPEG."""

    bytes_max: int = 32 << 20
    jpeg_pixels_max: int = 60_000_000
    pixels_max: int = 25_000_000
    scans_max: int = 64


class Skip(msgspec.Struct, frozen=True):
    """A picture that was not read: one of `REASONS`."""

    reason: str

    @property
    def message(self) -> str:
        """The reason in words."""
        return REASONS[self.reason]


_LIMITS: Final = Limits()


def opened(data: bytes, limits: Limits = _LIMITS) -> Header | Skip:
    """What the file says it is, or why nobody looks any further. Never raises."""
    if not data:
        return Skip("empty")
    if len(data) > limits.bytes_max:
        return Skip("too_many_bytes")
    head = header(data)
    if head is None:
        return Skip("not_a_picture")
    if head.kind == "cut off":
        return Skip("broken")
    return Skip("too_many_scans") if head.scans > limits.scans_max else head
