"""Compiles all that pictures need, so that nobody waits for it later: signatures, the index, comparing."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import cv2
import numpy as np

from agoranomos.engine.pictures.barcodes import qr_codes
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature, signature


def warm_up() -> float:
    """Goes the whole way once, from a file to a match; the seconds that it took. What is compiled is kept on disk."""
    begun = perf_counter()
    spots = np.random.default_rng(1).integers(0, 256, (24, 32), np.uint8)
    grey: Any = cv2.resize(spots, (320, 240), interpolation=cv2.INTER_CUBIC)
    encoded, file = cv2.imencode(".png", grey)
    assert encoded, "a picture can be written as PNG"
    data = file.tobytes()
    found = signature(data)
    assert isinstance(found, Signature), "a picture full of spots has marks"
    index = Index.build([("known", found)]).added([("also", found)])
    assert index.search(found), "a picture is found again"
    qr_codes(grey)
    return perf_counter() - begun
