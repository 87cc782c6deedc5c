"""Looks at the photos of an application: finds the file, reads it in the guarded process, and measures.

Files come from strangers. They are read within bounds, decoded by a child that may die of them, and a photo that cannot
be read is a photo of which it is said why.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.decoding import Grey
from agoranomos.engine.pictures.files import read_bounded
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.headers import header
from agoranomos.engine.pictures.words import Reader
from agoranomos.sellers.identity.photos import editing, measuring
from agoranomos.sellers.identity.photos.model import Photo

LIMITS: Final = Limits(bytes_max=12 << 20)
"""A telephone takes photos of up to about ten million bytes."""
_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|//|data:)", re.IGNORECASE)
_HASH: Final = re.compile(r"phash:([0-9a-f]{16})", re.IGNORECASE)
_CARD_WIDTH: Final = 1_200
"""Print on a card is read best when its characters are about thirty pixels high."""

Digest = Callable[[bytes], str]
"""A keyed hash, in hex: who has the picture can be asked whether it is the same, nobody else."""


class Seen(NamedTuple):
    """What is kept of a photo, and the picture while it is looked at (None: it was not read)."""

    photo: Photo
    grey: Grey | None


class Eyes:
    """Reads photos under `root`; `reader` reads text where it is there. Share one: it holds a process."""

    def __init__(self, root: Path | None, reader: Reader | None = None) -> None:
        self._root = None if root is None else os.path.realpath(root)
        self._reader = reader if reader is not None and reader.why_not() is None else None
        self._guard: Guard | None = None
        self._turn = threading.Lock()

    @property
    def reads_text(self) -> bool:
        """Whether text can be read on this machine."""
        return self._reader is not None

    def look(self, given: str | None, digest: Digest) -> Seen:
        """The photo that an event names. Never raises for what it names, or for what the file holds."""
        if not given or not given.strip():
            return Seen(Photo(state="missing"), None)
        if found := _HASH.fullmatch(given.strip()):
            return Seen(Photo(state="hash_only", phash=found[1].lower()), None)
        path = self._placed(given)
        if isinstance(path, str):
            lost = path in {"not_there", "outside"}
            return Seen(Photo(state="unread" if lost else "not_looked_at", why=path), None)
        data = read_bounded(path, LIMITS.bytes_max)
        grey = data if isinstance(data, Skip) else self._grey(data)
        if isinstance(data, Skip) or isinstance(grey, Skip):
            assert isinstance(grey, Skip), "what was not read was not decoded"
            return Seen(Photo(state="unread", why=grey.reason), None)
        return Seen(_measured(data, grey, digest), grey)

    def bytes_of(self, given: str, bytes_max: int) -> bytes | None:
        """The file that an event names, as it is; None when there is none within bounds."""
        path = self._placed(given)
        data = None if isinstance(path, str) else read_bounded(path, bytes_max)
        return data if isinstance(data, bytes) else None

    def text_in(self, grey: Grey) -> str | None:
        """The text in a photo; None when no text can be read here, or it took too long."""
        return self._reader.read(_upright(grey)) if self._reader else None

    def close(self) -> None:
        """Ends the process that reads files."""
        with self._turn:
            if self._guard is not None:
                self._guard.__exit__(None, None, None)
                self._guard = None

    def _grey(self, data: bytes) -> Grey | Skip:
        with self._turn:  # the process answers one question at a time
            if self._guard is None:
                self._guard = Guard(LIMITS)
            return next(iter(self._guard.greys([data])))

    def _placed(self, given: str) -> Path | str:
        if _ADDRESS.match(given):
            return "url"
        if self._root is None:
            return "no_root"
        try:
            real = os.path.realpath(os.path.join(self._root, given))  # noqa: PTH118 - as the system joins
            there = "\0" not in given and os.path.lexists(real)
        except (OSError, ValueError):
            return "not_there"
        if os.path.commonpath((self._root, real)) != self._root:
            return "outside"
        return Path(real) if there else "not_there"


def _measured(data: bytes, grey: Grey, digest: Digest) -> Photo:
    head = header(data)
    assert head is not None, "what was decoded has a header"
    dark, bright = measuring.exposure(grey)
    whole = head.kind == "jpeg" and sorted(grey.shape) == sorted((head.width, head.height))
    return Photo(
        state="read",
        side_min=min(head.width, head.height),
        sharpness=measuring.sharpness(grey),
        dark=dark,
        bright=bright,
        levels=editing.levels(grey) if whole else 0.0,  # a picture made smaller has lost what they rest on
        copied=editing.copied(grey),
        content=digest(data),
        print=measuring.print_of(grey),
        phash=measuring.phash_of(grey),
    )


def _upright(grey: Grey) -> Grey:
    import cv2  # noqa: PLC0415 - takes a tenth of a second, and only readers of text need it here

    if grey.shape[1] >= _CARD_WIDTH:
        return grey
    scale = _CARD_WIDTH / grey.shape[1]
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]
