"""Who is judged: the kernel, and beside it PDQ (as python-threatexchange uses it) and imagehash."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from PIL import Image

from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.matching import compared
from agoranomos.engine.pictures.signature import Signature, signature


class Contender(Protocol):
    """Gives each pair of known and asked picture a score; the line is drawn by the judge."""

    name: str

    def scores(self, known: Sequence[bytes], asked: Sequence[bytes]) -> Any:
        """float32 (asked, known), larger is surer."""
        ...


class Kernel:
    """Every asked picture compared in full with every known one: the wrong matches of all pairs are seen."""

    name = "agoranomos, every pair"

    def scores(self, known: Sequence[bytes], asked: Sequence[bytes]) -> Any:
        """Probabilities; 0 where nothing is told."""
        signatures = [_made(each) for each in known]
        out = np.zeros((len(asked), len(known)), np.float32)
        for row, data in enumerate(asked):
            own = _made(data)
            for column, other in enumerate(signatures):
                match = compared(own, other)
                out[row, column] = match.score if match else 0
        return out


class Searched:
    """The same through the index, as it is used: what the index does not propose is not compared."""

    name = "agoranomos, by the index"

    def scores(self, known: Sequence[bytes], asked: Sequence[bytes]) -> Any:
        """Probabilities; 0 where nothing is told."""
        index = Index.build((str(k), _made(each)) for k, each in enumerate(known))
        out = np.zeros((len(asked), len(known)), np.float32)
        for row, data in enumerate(asked):
            for match in index.search(_made(data)):
                out[row, int(match.name)] = match.score
        return out


def _made(data: bytes) -> Signature:
    found = signature(data)
    assert not isinstance(found, Skip), found
    return found


def _apart(known: Any, asked: Any) -> Any:
    """Minus the bits between hashes (n, bytes)."""
    words = np.bitwise_count(asked[:, None, :] ^ known[None]).sum(2, dtype=np.int32)
    return -words.astype(np.float32)


class Pdq:
    """256 bits (pdqhash)."""

    name = "PDQ"

    def scores(self, known: Sequence[bytes], asked: Sequence[bytes]) -> Any:
        """Minus the bits by which the hashes differ."""
        import pdqhash

        def hashed(data: bytes) -> Any:
            picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            return np.packbits(pdqhash.compute(picture)[0])

        return _apart(np.stack([hashed(each) for each in known]), np.stack([hashed(each) for each in asked]))


class ImageHash:
    """64 bits (imagehash.phash)."""

    name = "imagehash pHash"

    def scores(self, known: Sequence[bytes], asked: Sequence[bytes]) -> Any:
        """Minus the bits by which the hashes differ."""
        import imagehash

        def hashed(data: bytes) -> Any:
            return np.packbits(imagehash.phash(Image.open(io.BytesIO(data))).hash.ravel())

        return _apart(np.stack([hashed(each) for each in known]), np.stack([hashed(each) for each in asked]))


ALL: tuple[Contender, ...] = (Kernel(), Searched(), Pdq(), ImageHash())
