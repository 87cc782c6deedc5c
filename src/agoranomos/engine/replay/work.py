"""What the first half of a replay is given, and what it leaves for the second."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from agoranomos.engine.replay.sorting import RUN_BYTES_MAX
from agoranomos.engine.scan.sources import Source

REPEATS: Final = "repeats.npy"


class Taken(msgspec.Struct, frozen=True):
    """What came of it: counts, and the sorted runs."""

    lines: int
    events: int
    rejected: int
    runs: tuple[str, ...]


class Work(msgspec.Struct, frozen=True):
    """What is to be read, the folder for what comes of it, the file for the rejects."""

    sources: tuple[Source, ...]
    folder: str
    rejects: str
    run_bytes_max: int = RUN_BYTES_MAX


def repeated(work: Work) -> NDArray[np.bool_]:
    """By the number of each event: whether a repeat of it comes earlier."""
    marks: NDArray[np.bool_] = np.load(Path(work.folder) / REPEATS)
    return marks
