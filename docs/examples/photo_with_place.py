"""Writes `photo.jpg`: a photo of sixteen grey pixels a side with the place where it was taken, as a telephone makes it.

python docs/examples/photo_with_place.py
"""

from __future__ import annotations

import cv2
import numpy as np

PLACE = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0 31 14 N 121 28 E"


def main() -> None:
    """Puts a segment with a place before the picture."""
    _, encoded = cv2.imencode(".jpg", np.full((16, 16), 128, np.uint8))
    plain = encoded.tobytes()
    segment = b"\xff\xe1" + (len(PLACE) + 2).to_bytes(2, "big") + PLACE
    with open("photo.jpg", "wb") as file:  # noqa: PTH123 - an example of few lines
        file.write(plain[:2] + segment + plain[2:])


main()
