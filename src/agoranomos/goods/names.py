"""What the codes of findings and reasons about goods are called among people."""

from __future__ import annotations

from functools import cache

from agoranomos.engine.detectors import discover
from agoranomos.goods.listings import detectors as of_words
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.model import Concern
from agoranomos.goods.pictures import detectors as of_pictures
from agoranomos.goods.pictures.model import SKIPPED

_FUSED = {
    Concern.COUNTERFEIT: "all signs of a fake together",
    Concern.DIVERSION: "all signs of leading buyers away together",
    Concern.BORROWED: "all signs of borrowed pictures together",
    Concern.PROHIBITED: "all signs of restricted goods together",
}


@cache
def code_names() -> dict[str, str]:
    """The plain name of every code of the scan."""
    named = {detector.code: detector.name for package in (of_words, of_pictures) for detector in discover(package)}
    return named | {FUSED_CODES[concern]: name for concern, name in _FUSED.items()}


def skip_names() -> dict[str, str]:
    """Why pictures were not looked at, by code."""
    return dict(SKIPPED)
