"""What the rooms of the sellers desk keep of a person where tokens take the place of what was said."""

from __future__ import annotations

from pathlib import Path

from agoranomos.engine.pictures.words import Tesseract
from agoranomos.intake.noting import Notings
from agoranomos.sellers.identity.inspecting import Inspector
from agoranomos.sellers.identity.photos.eyes import Eyes
from agoranomos.sellers.identity.seen import ROOM as IDENTITY
from agoranomos.sellers.links import noting as links


def photo_eyes(pictures_root: Path | None) -> Eyes:
    """Eyes for photos under `pictures_root`; None: they are not looked at."""
    return Eyes(pictures_root, Tesseract())


def notings(eyes: Eyes) -> Notings:
    """See `intake.noting`."""
    return {"seller.applied": {IDENTITY: Inspector(eyes).note, links.ROOM: links.note}}
