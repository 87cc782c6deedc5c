"""Compiles all that pictures need, so that nobody waits for it later: signatures, the index, comparing."""

from __future__ import annotations

from time import perf_counter

import cv2
import numpy as np

from agoranomos.engine.pictures.barcodes import barcodes
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature, signature


def warm_up() -> float:
    """Goes the whole way once, from a file to a match; the seconds that it took. What is compiled is kept on disk."""
    begun = perf_counter()
    grey = np.random.default_rng(1).integers(0, 256, (24, 32), np.uint8)
    encoded, file = cv2.imencode(".png", cv2.resize(grey, (320, 240), interpolation=cv2.INTER_CUBIC))
    assert encoded, "a picture can be written as PNG"
    data = file.tobytes()
    found = signature(data)
    assert isinstance(found, Signature), "a picture full of spots has marks"
    index = Index.build([("known", found)]).added([("also", found)])
    assert index.search(found), "a picture is found again"
    barcodes(data, every=False)
    return perf_counter() - begun
