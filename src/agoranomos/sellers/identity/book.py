"""Photos of earlier applications: which of them is in this one, too? A port, with a memory for histories.

A part of a print is 32 of its 576 bits. Copies of a photo differ in up to 70 bits, mostly in fewer than 20; those that
agree in no part of eighteen are not found (of copies that differ in 20 bits, 1 in 1,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.sellers.identity.facts import Used
from agoranomos.sellers.identity.photos.matching import BITS_MAX, bits_of, telling
from agoranomos.sellers.identity.photos.measuring import turned
from agoranomos.sellers.identity.photos.model import Photo, Role
from agoranomos.sellers.identity.seen import Seen

PART_DIGITS: Final = 8
USED_MAX: Final = 20
"""Others that are told of: a picture that a hundred share is not made clearer by the rest."""


class Kept(msgspec.Struct, frozen=True):
    """A photo of an application, with whose it was said to be (tokens)."""

    application_id: str
    role: Role
    seller_id: str
    name: str
    number: str
    content: str
    print: str
    phash: str

    def is_own(self, other: Kept) -> bool:
        """Whether `other` is of the same person: the same seller, or the same name and number."""
        return self.seller_id == other.seller_id or (self.name == other.name and self.number == other.number)


class PhotoBook(Protocol):
    """Photos that were met before."""

    def like(self, photos: Sequence[Kept]) -> Iterable[Kept]:
        """Photos of other applications that may be one of `photos`: all that are, and some that are not."""

    def keep(self, photos: Sequence[Kept]) -> None:
        """From now on these are known; of one application and role the latest."""


def kept_of(event: Event, seen: Seen) -> list[Kept]:
    """The photos of an application, by which it could be known again."""
    data = event.data
    found = []
    for role, photo in sorted(seen.photos.items()):
        if photo.content or photo.phash:
            found.append(
                Kept(
                    application_id=data["application_id"],
                    role=role,
                    seller_id=data["seller_id"],
                    name=data["legal_name"],
                    number=data["id_number"],
                    content=photo.content,
                    print=photo.print if telling(photo) else "",
                    phash=_telling_hash(photo),
                )
            )
    return found


def met(book: PhotoBook, photos: Sequence[Kept]) -> tuple[Used, ...]:
    """Where `photos` were met in applications of others, the closest first."""
    found: dict[tuple[Role, str, Role], Used] = {}
    for known in book.like(photos):
        for photo in photos:
            used = None if known.is_own(photo) else compared(photo, known)
            if used is not None:
                found[photo.role, known.application_id, known.role] = used
    order = sorted(found.values(), key=lambda used: (used.by_hash, not used.identical, used.bits, used.application_id))
    return tuple(order[:USED_MAX])


def compared(photo: Kept, known: Kept) -> Used | None:
    """Where `known` is the same picture as `photo`; None when it is another."""
    about = {"role": photo.role, "application_id": known.application_id, "seller_id": known.seller_id}
    if photo.content and photo.content == known.content:
        return Used(**about, other_role=known.role, identical=True)  # type: ignore[arg-type] # a role
    if photo.print and known.print:
        bits = bits_of(photo.print, known.print)
        return None if bits > BITS_MAX else Used(**about, other_role=known.role, bits=bits)  # type: ignore[arg-type]
    if photo.phash and photo.phash == known.phash:
        return Used(**about, other_role=known.role, by_hash=True)  # type: ignore[arg-type]
    return None


def parts(print_: str, *, all_ways: bool = False) -> list[int]:
    """The parts of a print, each with its place, as numbers of 40 bits; `all_ways`: also mirrored and upside down."""
    if not print_:
        return []
    ways = (print_, *turned(print_)) if all_ways else (print_,)
    return [
        place << 32 | int(each[start : start + PART_DIGITS], 16)
        for each in ways
        for place, start in enumerate(range(0, len(each), PART_DIGITS))
    ]


def _telling_hash(photo: Photo) -> str:
    """A hash that only empty pictures have says nothing."""
    return photo.phash if photo.phash and 8 <= int(photo.phash, 16).bit_count() <= 56 else ""


class MemoryBook:
    """Photos in the memory of this process."""

    def __init__(self) -> None:
        self._photos: dict[tuple[str, Role], Kept] = {}
        self._by: dict[str | int, list[tuple[str, Role]]] = {}

    def like(self, photos: Sequence[Kept]) -> Iterable[Kept]:
        """See `PhotoBook`."""
        keys = dict.fromkeys(place for photo in photos for key in _asked(photo) for place in self._by.get(key, ()))
        return [self._photos[key] for key in keys]

    def keep(self, photos: Sequence[Kept]) -> None:
        """See `PhotoBook`."""
        for photo in photos:
            place = (photo.application_id, photo.role)
            self._forget(place)
            self._photos[place] = photo
            for key in _keys(photo):
                self._by.setdefault(key, []).append(place)

    def _forget(self, place: tuple[str, Role]) -> None:
        before = self._photos.pop(place, None)
        for key in _keys(before) if before else ():
            self._by[key].remove(place)

    def state(self) -> bytes:
        """All photos."""
        return msgspec.msgpack.encode(list(self._photos.values()))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._photos, self._by = {}, {}
        self.keep(msgspec.msgpack.decode(state, type=list[Kept]))


def _keys(photo: Kept) -> list[str | int]:
    return [*(each for each in (photo.content, photo.phash) if each), *parts(photo.print)]


def _asked(photo: Kept) -> list[str | int]:
    return [*(each for each in (photo.content, photo.phash) if each), *parts(photo.print, all_ways=True)]
