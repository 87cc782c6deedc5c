"""Photos of made cards: one layout, and on it a face and letters that differ; no real document."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, np.dtype[np.uint8]]
_HEIGHT, _WIDTH = 540, 856


def card(seed: int) -> Picture:
    """The card of one person, as a flatbed scanner sees it."""
    draw = np.random.default_rng(seed)
    picture = _paper().copy()
    cv2.rectangle(picture, (570, 60), (800, 380), int(draw.integers(180, 235)), -1)
    middle = (680 + int(draw.integers(-8, 8)), 200 + int(draw.integers(-8, 8)))
    axes = (int(draw.integers(65, 85)), int(draw.integers(90, 110)))
    cv2.ellipse(picture, middle, axes, 0, 0, 360, int(draw.integers(120, 190)), -1)
    hair = (int(draw.integers(75, 95)), int(draw.integers(40, 70)))
    cv2.ellipse(picture, (680, 130), hair, 0, 180, 360, int(draw.integers(10, 60)), -1)
    cv2.rectangle(picture, (590, 330), (780, 380), int(draw.integers(20, 200)), -1)
    for row, length in enumerate((4, 6, 10, 12, 9)):
        text = "".join(draw.choice(list("ABCDEFGHJKLMNPQRSTUVWXYZ"), size=length))
        cv2.putText(picture, text, (60, 90 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 40, 2)
    number = "".join(draw.choice(list("0123456789"), size=18))
    cv2.putText(picture, number, (180, 480), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 30, 3)
    return picture


def held(picture: Picture, seed: int) -> Picture:
    """The card on a table, taken by hand: turned a little, unevenly lit, with noise."""
    draw = np.random.default_rng(seed + 99)
    height, width = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = corners + np.array([222, 180]) + draw.normal(0, 25, (4, 2))
    table = np.full((900, 1300), int(draw.integers(60, 200)), np.uint8)
    into = cv2.getPerspectiveTransform(corners, there.astype(np.float32))
    seen = cv2.warpPerspective(picture, into, (1300, 900), table, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(1 - 0.2 * draw.random(), 1 + 0.1 * draw.random(), 1300)[None, :]
    return _grey(seen * light + draw.normal(0, 3, seen.shape))


def jpeg(picture: Picture, quality: int = 85) -> bytes:
    """The picture as a file."""
    done, stream = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return stream.tobytes()


def opened(data: bytes) -> Picture:
    """A file as a picture."""
    found: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return found  # type: ignore[no-any-return]


def copies(picture: Picture) -> dict[str, Picture]:
    """What happens to a photo that is used again."""
    height, width = picture.shape
    patched = picture.copy()
    cv2.rectangle(patched, (width // 3, int(height * 0.7)), (width // 3 + 120, int(height * 0.7) + 40), 200, -1)
    half: Any = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return {
        "saved at quality 50": opened(jpeg(picture, 50)),
        "saved at quality 30": opened(jpeg(picture, 30)),
        "half the size": half,
        "brighter": _grey(picture * 1.1 + 10),
        "a part painted over": patched,
        "mirrored": np.ascontiguousarray(picture[:, ::-1]),
        "upside down": np.ascontiguousarray(picture[::-1, ::-1]),
    }


def cropped(picture: Picture, share: float) -> Picture:
    """The picture without that share at each side."""
    rows, columns = round(picture.shape[0] * share), round(picture.shape[1] * share)
    return np.ascontiguousarray(picture[rows:-rows, columns:-columns])


def spliced(picture: Picture, other: Picture) -> Picture:
    """A part of another photo, that was compressed otherwise, pasted in."""
    into = opened(jpeg(picture, 60)).copy()
    part = opened(jpeg(other, 98))
    into[500:640, 400:800] = part[500:640, 400:800]
    return into


def cloned(picture: Picture) -> Picture:
    """A part of the photo copied over another part of it."""
    into = picture.copy()
    into[560:680, 240:480] = into[300:420, 240:480]
    return into


def _paper() -> Picture:
    noise = np.random.default_rng(0).normal(215, 12, (_HEIGHT, _WIDTH)).astype(np.float32)
    waves = 10 * np.sin(np.linspace(0, 60, _WIDTH))[None, :]
    return _grey(cv2.GaussianBlur(noise, (0, 0), 6) + waves)


def _grey(values: Any) -> Picture:
    clipped: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return clipped
