"""What the codes of findings and reasons are called among people."""

from __future__ import annotations

from functools import cache

from agoranomos.engine.detectors import discover
from agoranomos.goods.listings import detectors
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.listings.model import Concern

_FUSED = {
    Concern.COUNTERFEIT: "all signs of a fake together",
    Concern.DIVERSION: "all signs of leading buyers away together",
    Concern.PROHIBITED: "all signs of restricted goods together",
}


@cache
def code_names() -> dict[str, str]:
    """The plain name of every code of the scan."""
    named = {detector.code: detector.name for detector in discover(detectors)}
    return named | {FUSED_CODES[concern]: name for concern, name in _FUSED.items()}
