"""Days of many moments at once: see `kernel.calendar`."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from agoranomos.kernel.calendar import OFFSET


def days_of(micros: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The days of moments in microseconds since 1970 (UTC)."""
    shifted: npt.NDArray[np.int64] = (micros + OFFSET // timedelta(microseconds=1)) // 86_400_000_000
    return shifted
