"""How much memory a process has used, and giving back what Arrow's pool keeps."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pyarrow as pa

_STATUS = Path("/proc/self/status")


def peak_bytes() -> int:
    """The largest resident memory of this process, in bytes.

    From /proc where there is one: getrusage counts what the parent held at the fork as well.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024  # kilobytes elsewhere


def release() -> None:
    """Hands freed memory of Arrow's pool back to the system."""
    pa.default_memory_pool().release_unused()
