"""Whether two photos are one picture."""

from __future__ import annotations

from typing import Final

from agoranomos.sellers.identity.photos.measuring import turned
from agoranomos.sellers.identity.photos.model import Photo, bits_between

BITS_MAX: Final = 70
"""Of 576: the most in which copies of one photo differ; other photos of one layout are 97 and more apart."""
BITS: Final = 576


def telling(photo: Photo) -> bool:
    """Whether the print says something: that of an empty picture is the same for all empty pictures."""
    return bool(photo.print) and 0.1 < int(photo.print, 16).bit_count() / BITS < 0.9


def bits_of(one: str, other: str) -> int:
    """In how many bits two prints differ, mirrored or upside down if that is closer."""
    return min(bits_between(one, each) for each in (other, *turned(other)))


def same_photo(one: Photo, other: Photo) -> bool:
    """Whether both were read and show one picture."""
    if one.state != "read" or other.state != "read":
        return False
    if one.content == other.content:
        return True
    return telling(one) and telling(other) and bits_of(one.print, other.print) <= BITS_MAX
