"""A photo without metadata, whatever kind of file it is; what cannot be done is said with a reason.

What goes: EXIF with place, time, camera and owner; XMP, IPTC, comments and texts; thumbnails and further pictures;
colour profiles, which name devices; times, resolutions; whatever follows the picture, or hides behind it. What stays is
the picture to the byte, and how it is turned. Nothing is decoded, but for the data of PNG, which is unpacked within
bounds to see where it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agoranomos.engine.pictures.bounds import Limits, Skip, opened
from agoranomos.engine.pictures.stripping import gif, heif, jpeg, png, webp
from agoranomos.engine.pictures.stripping.parts import Broken, Removed, Stripped

_LIMITS: Final = Limits()
_KINDS: Final[dict[str, Callable[[bytes, Removed], bytes]]] = {
    "jpeg": jpeg.strip,
    "png": png.strip,
    "webp": webp.strip,
    "gif": gif.strip,
    "heic": heif.strip,
}
KINDS: Final = tuple(_KINDS)
"""Kinds of files that are stripped; HEIC stands for AVIF as well."""


def strip(data: bytes, limits: Limits = _LIMITS) -> Stripped | Skip:
    """The photo in `data` without metadata, or why not: a code of `bounds.REASONS`. The same bytes give the same."""
    head = opened(data, limits)
    if isinstance(head, Skip):
        return head
    if head.kind not in _KINDS:
        return Skip("kind_not_read")
    if head.width * head.height > max(limits.jpeg_pixels_max, limits.pixels_max):
        return Skip("too_large")
    removed = Removed()
    try:
        return Stripped(_KINDS[head.kind](data, removed), head.kind, removed.names)
    except Broken:
        return Skip("broken")
