"""The signature of a picture: up to 160 marks, places that are found again with what they look like."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import cv2
import msgspec
import numpy as np

from agoranomos.engine.pictures import codes, patches, spots
from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.decoding import Grey, decode, halved

VERSION: Final = 2
"""Raised when the same file may give another signature: kept signatures and indexes are made anew."""
AREA: Final = 36_000
"""Pixels to which every picture is brought, whatever its shape: 164 x 219 for 3:4."""
DECODED: Final = 160_000
"""Pixels that are decoded at least, where a picture has them. A signature needs fewer, but QR codes are read in the
same pixels (one of a sixth of the width), and JPEG at twice the scale costs a sixth more, decoded again as much."""
SPOTS: Final = 128
MARKS_MAX: Final = 160
_ENLARGED_MAX: Final = 2.0
_SIDE_MIN: Final = 16
_OCTAVES_MAX: Final = 5
_LEAST: Final = 0.8
"""Grey levels by which a spot stands out at least."""
_FOUND_MAX: Final = 6_000
_RANKED: Final = 1_000
_CELLS: Final = 4
_ROWS_AT_A_TIME: Final = 12
"""Times 128 times 128 multiplications: below the 262,144 from which OpenBLAS takes several threads."""
_FIRST_BLUR: Final = 1.65
"""Chosen by recall: 1.5 and 1.8 find fewer of the edits (docs/quality/pictures.md)."""
_REACH: Final = 3.0
"""Sigmas on either side at which a Gaussian is cut off; OpenCV's own choice of four takes half as long again."""


def _blur(step: int) -> tuple[tuple[int, int], float]:
    """The window and the sigma that lead from one layer of a stack to the next."""
    sigma = spots.SIGMA * float(np.sqrt(2 ** (2 * step / spots.STEPS) - 2 ** (2 * (step - 1) / spots.STEPS)))
    side = 2 * round(_REACH * sigma) + 1
    return (side, side), sigma


_BLURS: Final = tuple(_blur(step) for step in range(1, spots.STEPS + 3))

Words = np.ndarray[tuple[int, int], np.dtype[np.uint64]]
Places = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Signature(msgspec.Struct, frozen=True, eq=False):
    """`size`: width and height, after bringing to one area. Of each mark, strongest first: `words` its code,
    `doubts` the bits that may well be the other way, `places` x, y, sigma (pixels) and angle (radians),
    `flags` whether it was mirrored to its normal form."""

    size: tuple[int, int]
    words: Words
    doubts: Words
    places: Places
    flags: Flags

    def __len__(self) -> int:
        return len(self.words)

    def packed(self) -> bytes:
        """The signature for a file or table: 40 bytes a mark."""
        kept = rounded(self.places)
        head = np.array([VERSION, len(self), *self.size], np.uint16)
        flags = np.zeros(len(self), np.uint8)
        flags[:] = self.flags
        return b"".join(part.tobytes() for part in (head, self.words, self.doubts, kept, flags))

    @staticmethod
    def unpacked(data: bytes) -> Signature | None:
        """The signature from `packed` bytes; None when they are of another version or damaged."""
        if len(data) < 8:
            return None
        version, count, width, height = np.frombuffer(data, np.uint16, 4).tolist()
        if version != VERSION or len(data) != 8 + 41 * count:
            return None
        words = np.frombuffer(data, np.uint64, 2 * count, 8).reshape(count, 2)
        doubts = np.frombuffer(data, np.uint64, 2 * count, 8 + 16 * count).reshape(count, 2)
        kept = np.frombuffer(data, np.uint16, 4 * count, 8 + 32 * count).reshape(count, 4)
        flags = np.frombuffer(data, np.uint8, count, 8 + 40 * count).astype(np.bool_)
        return Signature((width, height), words, doubts, unrounded(kept), flags)


_POSITION: Final = 16.0
_SIGMA_STEPS: Final = 512.0
_ANGLE_STEPS: Final = 65536 / (2 * np.pi)


def rounded(places: Places) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Places as uint16: position to a sixteenth of a pixel, sigma to 0.2 %, angle to a hundredth of a degree."""
    out = np.empty(places.shape, np.uint16)
    out[:, :2] = np.clip(np.rint((places[:, :2] + 1) * _POSITION), 0, 65535)
    out[:, 2] = np.rint(places[:, 2] * _SIGMA_STEPS)
    out[:, 3] = np.rint(np.mod(places[:, 3], 2 * np.pi) * _ANGLE_STEPS).astype(np.int64) & 0xFFFF
    return out


def unrounded(kept: np.ndarray[Any, np.dtype[np.uint16]]) -> Places:
    """Places from their rounded form."""
    out = kept.astype(np.float32)
    out[:, :2] = out[:, :2] / np.float32(_POSITION) - 1
    out[:, 2] /= np.float32(_SIGMA_STEPS)
    out[:, 3] /= np.float32(_ANGLE_STEPS)
    return out


def content_hash(data: bytes | memoryview) -> bytes:
    """32 bytes that stand for the content. SHA-256: whoever uploads can choose a collision of a faster, plain hash,
    and would have a fake judged as the harmless picture that it shares the hash with."""
    return hashlib.sha256(data).digest()


def signature(data: bytes, limits: Limits | None = None) -> Signature | Skip:
    """The signature of the picture in `data`, or why there is none. Same bytes, same signature."""
    grey = decode(data, DECODED, limits or Limits())
    return grey if isinstance(grey, Skip) else signature_of(grey)


def signature_of(grey: Grey) -> Signature | Skip:
    """The signature of a grey picture, decoded to `DECODED` pixels or more."""
    small = _brought_to_size(grey)
    if small is None:
        return Skip("too_small")
    height, width = small.shape
    size = (width, height)
    base: Any = cv2.GaussianBlur(small.astype(np.float32), (0, 0), _FIRST_BLUR)
    stacks: list[Any] = []
    found = np.empty((_FOUND_MAX, spots.SPOT), np.float32)
    count = 0
    while min(base.shape) >= _SIDE_MIN and len(stacks) < _OCTAVES_MAX:
        stack = _stack(base)
        count = spots.find_spots(stack, len(stacks), _LEAST, found, count)
        stacks.append(stack)
        base = np.ascontiguousarray(stack[spots.STEPS, ::2, ::2])
    order = np.argsort(-found[:count, 3], kind="stable")[:_RANKED]
    chosen = found[spots.spread(found, order, *size, _CELLS, SPOTS)]
    return _described(size, stacks, chosen)


def _brought_to_size(grey: Grey) -> Grey | None:
    """The picture with `AREA` pixels; None when it is too small. Halved by exact means of four while that leaves
    enough, which is cheap, then by means of areas."""
    grey = halved(grey, AREA)
    height, width = grey.shape
    zoom = min(_ENLARGED_MAX, (AREA / (height * width)) ** 0.5)
    size = (round(width * zoom), round(height * zoom))
    if min(size) < _SIDE_MIN:
        return None
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)  # type: ignore[return-value]


def _stack(base: Any) -> Any:
    stack = np.empty((len(_BLURS) + 1, *base.shape), np.float32)
    stack[0] = base
    for step, (window, sigma) in enumerate(_BLURS):
        cv2.GaussianBlur(stack[step], window, sigma, dst=stack[step + 1])
    return stack


def _projected(numbers: Any) -> Any:
    """`numbers` (n x 128) by the basis, a few rows at a time: OpenBLAS multiplies so little on one thread. All at once
    it would wake its others, which then wait for work by spinning, on cores that other processes need.
    """
    out = np.empty_like(numbers)
    for begin in range(0, len(numbers), _ROWS_AT_A_TIME):
        part = slice(begin, begin + _ROWS_AT_A_TIME)
        np.matmul(numbers[part], patches.BASIS.T, out=out[part])
    return out


def _described(size: tuple[int, int], stacks: list[Any], chosen: Any) -> Signature:
    places = np.empty((MARKS_MAX, 4), np.float32)
    numbers = np.empty((MARKS_MAX, patches.NUMBERS), np.float32)
    origin = np.empty(MARKS_MAX, np.int32)
    count = 0
    for octave, stack in enumerate(stacks):
        count = patches.describe(stack, chosen, octave, places, numbers, origin, count)
    # Strongest first, as the spots were chosen, so that the first marks of a picture are its best.
    order = np.argsort(origin[:count], kind="stable")
    words = np.empty((count, 2), np.uint64)
    doubts = np.empty((count, 2), np.uint64)
    flags = np.empty(count, np.bool_)
    codes.encode(_projected(numbers[order]), words, doubts, flags)
    return Signature(size, words, doubts, unrounded(rounded(places[order])), flags)
